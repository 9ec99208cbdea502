"""What a search of the servers found, in Indonesian."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "find.new": "baru ditemukan, belum masuk backup; usulan nama: {application}",
    "find.unclaimed": "belum masuk backup; usulan nama: {application}",
    "find.changed": "belum masuk backup, padahal dipakai {application}: tambahkan ke entrinya",
    "find.dangling": "disebut dalam konfigurasi {application}, tetapi tidak ada",
    "find.gone": "tidak ada lagi; sebelumnya milik {application}",
    "find.unknown": "tidak dapat dipastikan: {reason}",
    "find.ignored": "sengaja tidak dibackup: {reason}",
    "find.registered": "milik {application}",
    "find.reason.never_searched": "servernya belum pernah diperiksa",
    "find.reason.searched_long_ago": "servernya tidak diperiksa dalam periode ini",
    "find.reason.strange_host": "berada di host yang bukan server dalam inventaris",
    "find.reason.unread_instance": "daftar database di sana tidak dapat dibaca",
    "state.new": "baru",
    "state.unclaimed": "belum terdaftar",
    "state.changed": "berubah",
    "state.dangling": "menggantung",
    "state.gone": "hilang",
    "state.unknown": "tidak diketahui",
    "state.ignored": "diabaikan",
    "state.registered": "terdaftar",
    "column.find": "Temuan",
    "column.state": "Keadaan",
    "column.told": "Artinya",
}
