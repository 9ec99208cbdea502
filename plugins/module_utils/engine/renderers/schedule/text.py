"""The schedule as a table for terminals and for `schedule.txt`."""

from __future__ import annotations

from collections.abc import Sequence

from ...record.plan import Plan
from ..language import Language, clean
from .words import list_lines, tell_moment, tell_zone

GAP = "  "


def render_schedule(plan: Plan, language: str) -> bytes:
    """The table, then what does not fit and what has left the register."""
    chosen = Language(language)
    columns = ("server", "category", "moment", "expected", "applications")
    rows = [tuple(chosen.word(f"schedule.{column}") for column in columns)]
    for line in list_lines(plan):
        category = chosen.word(f"category.{line.entry.category}")
        expected = chosen.clock(line.entry.expected_s)
        names = ", ".join(line.entry.applications)
        rows.append((line.server, category, tell_moment(line.entry, chosen), expected, names))
    made = chosen.moment(plan.made, plan.zone)
    lines = [
        *filter(None, (clean(plan.office.get("name", "")),)),
        chosen.word("schedule.title"),
        chosen.say("schedule.made", made=made, zone=tell_zone(plan.zone)),
        "",
        *_draw_table(rows),
        "",
        *_tell_notes(plan, chosen),
    ]
    return ("\n".join(lines).rstrip() + "\n").encode("utf-8")


def _draw_table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    widths[-1] = 0
    drawn = [GAP.join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows]
    return [drawn[0], GAP.join("-" * (width or 12) for width in widths), *drawn[1:]]


def _tell_notes(plan: Plan, language: Language) -> list[str]:
    notes = []
    for finding in plan.findings:
        told = language.explain_finding(finding)
        notes += [f"! {clean(finding.subject)}: {told.sentence}", f"  -> {told.remedy}"]
    quiet = sorted({day for schedule in plan.schedules.values() for day in schedule.quiet})
    if quiet:
        notes.append(language.say("schedule.quiet", days=", ".join(day.isoformat() for day in quiet)))
    if plan.retired:
        names = ", ".join(f"{server}/{application}" for server, application in plan.retired)
        notes.append(clean(language.say("schedule.retired", names=names)))
    return notes
