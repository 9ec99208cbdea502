"""What people read of restores, in English."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "section.restores": "Restores",
    "restores.target.original": "over the original",
    "restores.target.database": "into the database {name}",
    "restores.safety": "what was there before is kept as {id}",
    "trigger.command": "by command on the server",
    "trigger.playbook": "by playbook",
    "trigger.timer": "by timer",
    "column.restored": "What was restored",
    "column.target": "Where to",
    "sheet.restores": "Restores",
    "column.trigger": "By",
    "column.safety_id": "Kept from before",
    "column.parts": "Parts",
}
