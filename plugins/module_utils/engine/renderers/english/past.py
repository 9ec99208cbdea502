"""What the page over all reports says in English."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "past.reports": "Reports by date",
    "past.year": "A year of every application",
    "past.days": "The last twelve months, a square a day",
    "past.find": "Search applications, servers, owners, dates",
    "past.day.succeeded": "succeeded",
    "past.day.compared": "succeeded and compared",
    "past.day.failed": "failed",
    "past.day.damaged": "damaged",
    "past.day.none": "no run",
    "past.told": "{good} days succeeded, {bad} failed or were damaged, {none} without a run",
    "past.month": "{month} {year}",
}
