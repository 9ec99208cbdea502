"""What the page over all reports says in Indonesian."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "past.reports": "Laporan menurut tanggal",
    "past.year": "Setahun setiap aplikasi",
    "past.days": "Dua belas bulan terakhir, satu kotak satu hari",
    "past.find": "Cari aplikasi, server, unit pemilik, tanggal",
    "past.day.succeeded": "berhasil",
    "past.day.compared": "berhasil dan dibandingkan",
    "past.day.failed": "gagal",
    "past.day.damaged": "rusak",
    "past.day.none": "tanpa backup",
    "past.told": "{good} hari berhasil, {bad} hari gagal atau rusak, {none} hari tanpa backup",
    "past.month": "{month} {year}",
}
