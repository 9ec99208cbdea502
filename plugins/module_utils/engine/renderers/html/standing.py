"""How each application stands over all time, and what people added, as sections of the page."""

from __future__ import annotations

from ...record.report import ApplicationRow, Report
from ..language import UNKNOWN, Language
from ..standing import COLUMNS, Standing, list_standing, tell_age, tell_copies
from .markup import NOTHING, Markup, fill, join
from .tables import BELOW, EMPTY, render_section, render_table

NOTES = '<ul class="notes">{points}</ul>'
NOTE = '<li><b>{about}</b> {text}<br><span class="sub">{said}</span></li>'
NAMED = '<b>{application}</b> <span class="soft">@ {server}</span>'
MARKED = '<span class="pill is-{tone}"><b aria-hidden="true">{symbol}</b> {word}</span>'
RULE = '<p class="soft sub rule">{text}</p>'


def render_standing(report: Report, language: Language) -> Markup:
    """A row for each registered application; what is late or kept in too few places is marked."""
    rows = [_describe(row, standing, language) for row, standing in list_standing(report)]
    if not rows:
        return fill(EMPTY, text=language.word("verdict.empty.hint"))
    return join((render_table(COLUMNS, rows, language), fill(RULE, text=language.word("standing.rule"))))


def _describe(row: ApplicationRow, standing: Standing, language: Language) -> tuple[object, ...]:
    good = tell_age(standing.good_age_s, standing.good_limit_s, language)
    compared = tell_age(standing.compared_age_s, standing.compared_limit_s, language)
    kept = language.word("standing.kept" if standing.is_well_copied else "standing.not_kept")
    failures = language.number(row.consecutive_failures)
    tone, symbol = ("good", "✓") if standing.is_well_copied else ("warn", "!")
    copies = fill(BELOW, value=tell_copies(standing, language))
    return (
        fill(NAMED, application=row.application, server=row.server),
        fill(MARKED, tone="bad", symbol="✗", word=good) if standing.is_good_late else good,
        fill(MARKED, tone="warn", symbol="!", word=compared) if standing.is_compared_late else compared,
        fill(MARKED, tone="bad", symbol="✗", word=failures) if row.consecutive_failures else failures,
        join((fill(MARKED, tone=tone, symbol=symbol, word=kept), copies)),
        language.duration(row.restore_s) if row.restore_s is not None else UNKNOWN,
    )


def render_people(report: Report, language: Language) -> Markup:
    """Who makes, checks, verifies and receives the report; nothing at all where nobody is named."""
    if not any(person.name for person in report.people):
        return NOTHING
    columns = ("column.role", "column.position", "column.name", "column.rank")
    rows = [
        (
            language.word(f"role.{person.role}"),
            person.position,
            person.name or UNKNOWN,
            " · ".join(filter(None, (person.rank, f"NIP {person.nip}" if person.nip else ""))) or UNKNOWN,
        )
        for person in report.people
    ]
    return render_section("people", language.word("section.people"), render_table(columns, rows, language))


def render_notes(report: Report, language: Language, about: str) -> Markup:
    """What people added about something, with their names; nothing at all where nobody did."""
    notes = [language.tell_note(note, report.period.zone) for note in report.notes if note.about == about]
    points = join(fill(NOTE, about=subject, text=text, said=said) for subject, text, said in notes)
    return fill(NOTES, points=points) if notes else NOTHING
