"""The restores of the period, as a section of the page."""

from __future__ import annotations

from ...record.receipt import SUCCEEDED
from ...record.report import Report, RestoreEntry
from ..language import Language
from .markup import NOTHING, Markup, fill, join
from .tables import BELOW, NAMED, TIGHT, render_outcome, render_section, render_table

COLUMNS = ("column.restored", "column.when_short", "column.target", "column.result")


def render_restores(report: Report, language: Language) -> Markup:
    """A line for each restore; nothing at all where there was none."""
    if not report.restores:
        return NOTHING
    rows = (_describe_restore(entry, language, report.period.zone) for entry in report.restores)
    return render_section("restores", language.word("section.restores"), render_table(COLUMNS, rows, language))


def _describe_restore(entry: RestoreEntry, language: Language, zone: str) -> tuple[object, ...]:
    took = language.say("check.in", duration=language.duration(entry.duration_s))
    named = fill(NAMED, application=entry.application, server=entry.server, run_id=entry.run_id)
    parts = fill(BELOW, value=", ".join(entry.parts)) if entry.parts else NOTHING
    door = fill(BELOW, value=language.word(f"trigger.{entry.trigger}"))
    kept = fill(BELOW, value=language.say("restores.safety", id=entry.safety_id)) if entry.safety_id else NOTHING
    is_good = entry.status == SUCCEEDED
    word = language.word(f"level.{entry.level}" if is_good else "status.failed")
    reason = [language.explain(entry.failure).sentence] if entry.failure else []
    return (
        join((named, parts)),
        join((fill(TIGHT, value=language.moment(entry.began, zone, "short")), fill(BELOW, value=took))),
        join((fill("{value}", value=language.tell_target(entry.target)), door, kept)),
        render_outcome(is_good, word, reason),
    )
