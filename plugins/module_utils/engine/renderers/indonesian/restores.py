"""What people read of restores, in Indonesian."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "section.restores": "Pemulihan data",
    "restores.target.original": "ke tempat semula",
    "restores.target.database": "ke database {name}",
    "restores.safety": "isi sebelumnya disimpan sebagai {id}",
    "trigger.command": "dengan perintah di server",
    "trigger.playbook": "dengan playbook",
    "trigger.timer": "oleh timer",
    "column.restored": "Yang dipulihkan",
    "column.target": "Dipulihkan ke",
    "sheet.restores": "Pemulihan",
    "column.trigger": "Cara",
    "column.safety_id": "Cadangan isi sebelumnya",
    "column.parts": "Bagian",
}
