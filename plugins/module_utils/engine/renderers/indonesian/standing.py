"""How each application stands over all time, in Indonesian."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "section.standing": "Keadaan backup sepanjang waktu",
    "standing.application_server": "Aplikasi",
    "standing.last_good": "Backup baik / batas",
    "standing.last_compared": "Cocok / batas",
    "standing.failures": "Gagal beruntun",
    "standing.copies": "{copies} ({elsewhere} di disk lain)",
    "standing.copies_head": "Salinan (3-2-1)",
    "standing.restore": "Lama pemulihan",
    "standing.limit": "{age} / {limit}",
    "standing.rule": "3-2-1: tiga salinan termasuk sumbernya, di dua disk, satu di antaranya bukan disk "
    "sumber. Umur dihitung sampai akhir periode; batasnya menurut kategori dan jadwal pengecekan.",
    "standing.kept": "terpenuhi",
    "standing.not_kept": "belum terpenuhi",
    "row.places": "Tempat salinan",
    "section.notes": "Catatan petugas",
}
