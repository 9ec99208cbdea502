"""What was noticed about an application or a server, in English."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "finding.damaged_run": "What is stored of the last run is damaged",
    "finding.damaged_run.hint": "Run a new backup at once, check it, and examine the disk of the store.",
    "finding.never_good": "There is not one good backup",
    "finding.never_good.hint": "Set right what the reason names, then run the backup.",
    "finding.stale": "The newest good backup is {age} old",
    "finding.stale.hint": "Set right what the reason names, then run the backup.",
    "finding.broken_chain": "Its records were altered or are not complete",
    "finding.broken_chain.hint": "Compare the evidence with the receipts on the server; find out who may write there.",
    "finding.failing": "Failed {count} times in a row",
    "finding.failing.hint": "What fails every time does not mend itself: follow the remedy.",
    "finding.shrunk": "{change} smaller than usual",
    "finding.shrunk.hint": "See that nothing was deleted or left unmounted before older runs are pruned.",
    "finding.shrunk_acknowledged": "{change} smaller than usual, as a person has acknowledged",
    "finding.shrunk_acknowledged.hint": "See the note, and that it is what was meant.",
    "finding.part_dropped": "{count} parts of the last run are not in the register any more",
    "finding.part_dropped.hint": "See whether that was meant; put them back into the register if not.",
    "finding.damaged_older_run": "Earlier stored runs that are damaged: {count}",
    "finding.damaged_older_run.hint": "Examine the disk of the store; do not rely on those runs.",
    "finding.never_proved": "Never restored and compared",
    "finding.never_proved.hint": "Run diskominfo-backup check; if it cannot restore here, its receipt says why.",
    "finding.unproved": "Restored and compared last {age} ago",
    "finding.unproved.hint": "Run diskominfo-backup check; if it cannot restore here, its receipt says why.",
    "finding.grown": "{change} larger than usual",
    "finding.grown.hint": "See whether a log, a cache or a copy of a backup came along; exclude it in the register.",
    "finding.unchanged": "Its databases have not changed by a byte for {age}",
    "finding.unchanged.hint": "See whether the application still uses the database that is registered.",
    "finding.chain_restarted": "The chain of its receipts began anew",
    "finding.chain_restarted.hint": "Right after a server was rebuilt; otherwise find out who removed its records.",
    "finding.future_receipts": "Receipts dated in the future, which are not counted: {count}",
    "finding.future_receipts.hint": "Set the clock of the server (timedatectl).",
    "finding.same_disk": "Every copy lies on the disk of the source",
    "finding.same_disk.hint": "Keep a copy on another disk or server: one broken disk takes both.",
    "finding.low_room": "{free} left in the store is not enough for several rounds ({round} each)",
    "finding.low_room.hint": "Enlarge the store, or keep fewer runs of the largest applications.",
    "finding.note_refused": "A note cannot be read and is not used",
    "finding.note_refused.hint": "See who wrote it: notes/ of the evidence folder.",
}
