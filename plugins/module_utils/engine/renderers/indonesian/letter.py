"""The official letter in Indonesian, as an office writes it."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "letter.number": "Nomor:",
    "letter.part.introduction": "A. Pendahuluan",
    "letter.part.activities": "B. Kegiatan yang Dilaksanakan",
    "letter.part.results": "C. Hasil yang Dicapai",
    "letter.part.conclusion": "D. Kesimpulan",
    "letter.introduction": "Sesuai dengan SOP Backup Database dan Aplikasi, bersama ini disampaikan laporan hasil "
    "backup database dan source code atas {all} aplikasi yang terdaftar dalam list prioritas aplikasi untuk periode "
    "tersebut di atas. Rincian setiap aplikasi, hasil pengecekan, dan hasil perbaikan tercantum dalam lampiran.",
    "letter.runs": "{count} pelaksanaan",
    "letter.checks": "{count} pengecekan",
    "letter.more": "dan {count} aplikasi lagi; selengkapnya tercantum dalam Lampiran 1.",
    "letter.damaged": "Di antaranya {count} simpanan ditemukan rusak pada saat pengecekan.",
    "letter.closing.bad": "Penyebab dan tindakan atas setiap kegagalan tercantum dalam Lampiran 3. Demikian laporan "
    "ini dibuat untuk dipergunakan sebagaimana mestinya.",
    "letter.closing.good": "Demikian laporan ini dibuat untuk dipergunakan sebagaimana mestinya.",
    "letter.made": "Dibuat oleh,",
    "letter.checked": "Diperiksa oleh,",
    "letter.verified": "Diverifikasi oleh,",
    "letter.received": "Diterima oleh,",
    "letter.annex": "Lampiran {number}",
    "letter.attached": "Data laporan ini dalam bentuk yang dapat dibaca program",
    "letter.section.notes": "Catatan",
    "letter.findings.none": "Nihil: tidak ada catatan.",
    "column.done": "Pelaksanaan",
    "column.finding": "Catatan",
    "column.remedy": "Tindakan",
    "note.by": "{name}, {moment}",
    "note.until": "berlaku sampai {until}",
    "kind.note_check": "pengecekan",
    "kind.note_repair": "perbaikan",
    "kind.note_shrunk": "ukuran turun",
    "column.name": "Nama",
    "column.position": "Jabatan",
    "column.until": "Berlaku sampai",
    "section.people": "Pelaksana",
    "column.role": "Peran",
    "column.rank": "Pangkat dan NIP",
    "role.operator": "membuat laporan",
    "role.analyst": "mengecek",
    "role.verifier": "memverifikasi",
    "role.head": "menerima",
}
