"""What a message says in Indonesian."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "message.bad": "Backup: {bad} dari {all} perlu tindakan",
    "message.good": "Backup: semua {all} aplikasi baik",
    "message.more": "dan {count} lagi",
}
