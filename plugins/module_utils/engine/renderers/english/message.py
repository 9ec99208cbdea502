"""What a message says in English."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "message.bad": "Backup: {bad} of {all} need somebody",
    "message.good": "Backup: all {all} are well",
    "message.more": "and {count} more",
}
