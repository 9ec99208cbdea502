"""The official letter in English; the names that the procedure gives its roles stay as they are."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "letter.number": "Number:",
    "letter.part.introduction": "A. Introduction",
    "letter.part.activities": "B. Activities",
    "letter.part.results": "C. Results",
    "letter.part.conclusion": "D. Conclusion",
    "letter.introduction": "In accordance with the procedure Backup Database dan Aplikasi, this is the report on the "
    "backup of databases and source code of the {all} applications of the accepted priority list in the period named "
    "above. Every application, the checks and the repairs are listed in the annexes.",
    "letter.runs": "{count} runs",
    "letter.checks": "{count} checks",
    "letter.more": "and {count} more applications; all of them are listed in Annex 1.",
    "letter.damaged": "Stored backups that a check found damaged: {count}.",
    "letter.closing.bad": "Cause and action for each failure are listed in Annex 3. This report is made to be used "
    "as is due.",
    "letter.closing.good": "This report is made to be used as is due.",
    "letter.made": "Made by,",
    "letter.checked": "Checked by,",
    "letter.verified": "Verified by,",
    "letter.received": "Received by,",
    "letter.annex": "Annex {number}",
    "letter.attached": "The data of this report, for programs",
    "letter.section.notes": "Notes",
    "letter.findings.none": "None.",
    "column.done": "Done",
    "column.finding": "Note",
    "column.remedy": "Remedy",
    "note.by": "{name}, {moment}",
    "note.until": "holds until {until}",
    "kind.note_check": "checks",
    "kind.note_repair": "repairs",
    "kind.note_shrunk": "loss of size",
    "column.name": "Name",
    "column.position": "Position",
    "column.until": "Holds until",
    "section.people": "Who does what",
    "column.role": "Role",
    "column.rank": "Rank and number",
    "role.operator": "makes the report",
    "role.analyst": "checks",
    "role.verifier": "verifies",
    "role.head": "receives",
}
