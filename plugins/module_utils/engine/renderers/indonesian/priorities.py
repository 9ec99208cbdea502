"""The priority list in Indonesian."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "priority.server": "Server",
    "priority.name": "Nama",
    "priority.title": "Judul",
    "priority.owner": "Unit pemilik",
    "priority.category": "Kategori",
    "priority.state": "Keadaan",
    "priority.reasons": "Alasan",
    "priority.contents": "Database dan folder",
    "priority.state.registered": "terdaftar",
    "priority.state.proposed": "usulan",
    "priority.reason.written": "databasenya terus ditulisi",
    "priority.reason.changing": "berkasnya berubah",
    "priority.reason.public": "layanan publik",
    "priority.reason.large": "lebih dari 10 GB",
    "priority.reason.quiet": "tidak ada perubahan",
    "priority.reason.unclassified": "tidak dapat digolongkan oleh mesin",
    "priority.reason.chosen": "menurut daftar aplikasi",
    "priority.intro": "Usulan isi daftar aplikasi: pindahkan yang sesuai ke berkas yang disebut di atasnya.",
    "priority.nothing": "Tidak ada usulan: semua yang ditemukan sudah terdaftar.",
    "priority.never_accepted": 'Belum ada daftar yang disetujui. Untuk menyetujui daftar ini: -e accept="nama pejabat"',
    "priority.accepted": "Dibandingkan dengan daftar yang disetujui {by} pada {at}:",
    "priority.no_change": "tidak ada perbedaan",
    "priority.change.added": "baru, {after}",
    "priority.change.removed": "tidak ada lagi, sebelumnya {before}",
    "priority.change.category": "kategori {after}, sebelumnya {before}",
    "priority.change.content": "bertambah {after}; berkurang {before}",
    "priority.flag": "— PERLU DIPERIKSA",
    "priority.fill": "isi unit pemilik",
    "priority.sum": "{registered} terdaftar, {proposed} usulan",
}
