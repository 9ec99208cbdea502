"""Sheets and columns of the lists in Indonesian."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "sheet.applications": "Aplikasi",
    "sheet.checks": "Pengecekan",
    "sheet.repairs": "Perbaikan",
    "sheet.unclaimed": "Belum terdaftar",
    "sheet.findings": "Catatan",
    "sheet.steps": "Waktu pelaksanaan",
    "column.server": "Server",
    "column.title": "Nama aplikasi",
    "column.owner": "OPD / unit pemilik",
    "column.detail": "Pesan dari server",
    "column.ended": "Selesai",
    "column.last_good_age_s": "Umur backup baik terakhir",
    "column.succeeded_runs": "Berhasil dalam periode",
    "column.failed_runs": "Gagal dalam periode",
    "column.missed_runs": "Terlewat dalam periode",
    "column.copies_elsewhere": "Salinan di luar disk sumber",
    "column.comparison": "Dibandingkan menurut",
    "column.difference_count": "Perbedaan",
    "column.differences": "Perbedaan pertama",
    "column.repaired_at": "Waktu diperbaiki",
    "column.subject": "Tentang",
    "column.severity": "Tingkat",
    "column.row": "Baris SOP",
    "severity.red": "merah",
    "severity.yellow": "kuning",
    "comparison.none": "tidak dibandingkan",
}
