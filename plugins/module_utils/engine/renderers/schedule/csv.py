"""The schedule as CSV for programs: one line an application, the same in every language."""

from __future__ import annotations

import csv
import io

from ...record.plan import Plan
from ...record.wire import format_time
from .words import list_lines

COLUMNS = ("server", "application", "title", "category", "entry", "begins", "zone", "expected_s", "next")
FORMULA_SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a text for a formula, also as the wide characters of East Asia."""


def render_schedule_csv(plan: Plan, _language: str = "") -> bytes:
    """Times UTC; `expected_s` is that of the whole entry, whose applications begin together."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in list_lines(plan):
        entry, following = line.entry, format_time(line.next) if line.next else ""
        for name, title in zip(entry.applications, line.titles):
            shown = f"'{title}" if title.lstrip().startswith(FORMULA_SIGNS) else title
            begins = (entry.category, entry.name, entry.begins.text, line.schedule.zone, entry.expected_s, following)
            writer.writerow((line.server, name, shown, *begins))
    return lines.getvalue().encode("utf-8")
