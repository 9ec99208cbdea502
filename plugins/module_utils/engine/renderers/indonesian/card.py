"""The recovery card in Indonesian."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "card.title": "Kartu pemulihan: {application}",
    "card.run": "Backup baik terbaru",
    "card.folder": "Letaknya",
    "card.size": "Besarnya",
    "card.sizes": "{stored} tersimpan, {raw} setelah dipulihkan",
    "card.level": "Tingkat pembuktian",
    "card.proved": "Terakhir dipulihkan dan dibandingkan",
    "card.time": "Lama pemulihan yang terukur",
    "card.warning": "Diketik dengan tangan, sebagai root, pada server ini atau server baru;"
    " cukup dengan perkakas baku. Setiap perintah berhenti bila tujuannya masih ada: pindahkan dahulu. "
    "Dengan perintah kami cukup satu baris, dengan backup pengaman sebelumnya dan pembandingan "
    "sesudahnya: diskominfo-backup restore.",
    "card.first": "Pertama: isi simpanan masih sama dengan yang ditulis",
    "card.with_accounts": "Akun basis data pulih beserta kata sandinya. Akun yang masih ada tidak"
    " diubah; keluhan perintahnya bukan kesalahan. Setelah itu jalankan aplikasi dan periksa.",
    "card.last": "Setelah itu jalankan aplikasi dan periksa.",
    "card.without_accounts": "Akun basis data tidak ada dalam backup ini: buat dan beri hak kembali "
    "bila aplikasi memerlukannya. Setelah itu jalankan aplikasi dan periksa.",
}
