"""Sheets and columns of the lists in English."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "sheet.applications": "Applications",
    "sheet.checks": "Checks",
    "sheet.repairs": "Repairs",
    "sheet.unclaimed": "Unclaimed",
    "sheet.findings": "Notes",
    "sheet.steps": "Time taken",
    "column.server": "Server",
    "column.title": "Title",
    "column.owner": "Owner",
    "column.detail": "What the machine said",
    "column.ended": "Ended",
    "column.last_good_age_s": "Age of the last good backup",
    "column.succeeded_runs": "Succeeded in the period",
    "column.failed_runs": "Failed in the period",
    "column.missed_runs": "Missed in the period",
    "column.copies_elsewhere": "Copies off the disk of the source",
    "column.comparison": "Compared by",
    "column.difference_count": "Differences",
    "column.differences": "The first differences",
    "column.repaired_at": "Repaired at",
    "column.subject": "About",
    "column.severity": "Severity",
    "column.row": "Row",
    "severity.red": "red",
    "severity.yellow": "yellow",
    "comparison.none": "not compared",
}
