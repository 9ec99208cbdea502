"""The report as an official letter in Typst: one page for the head of division, the whole of it as annexes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from ...record.people import ANALYST, HEAD, OPERATOR, POSITIONS, VERIFIER, Person
from ...record.report import SUCCEEDED, Report
from ..language import CLOCKS, DAMAGED, UNKNOWN, Language, shorten
from .annex import render_annexes, tell_status
from .markup import Code, array, call, literal
from .template import ANNEX_PAGE, PREAMBLE, TEMPLATE

SHOWN_FAILURES = 6
"""So many rows that need somebody stand in the letter; all of them stand in the annex."""

NAME_CHARACTERS = 44
REASON_CHARACTERS = 88
LINE_CHARACTERS = 120
BACKUP_ROW, CHECK_ROW = 4, 5
MINUTE_S = 60

SIGNS = (
    (OPERATOR, "letter.made"),
    (ANALYST, "letter.checked"),
    (VERIFIER, "letter.verified"),
    (HEAD, "letter.received"),
)


def render_typst(report: Report, language: str) -> bytes:
    """Typst source; compiling it needs the input `report`, the text of report.json, which is attached to the PDF."""
    chosen = Language(language)
    pieces = [
        _render_preamble(report, chosen),
        TEMPLATE,
        "#one-page[",
        *_render_head(report, chosen),
        *_render_introduction(report, chosen),
        *_render_activities(report, chosen),
        *_render_results(report, chosen),
        *_render_conclusion(report, chosen),
        _render_signatures(report, chosen),
        "]",
        ANNEX_PAGE,
        *render_annexes(report, chosen),
    ]
    return ("\n".join(pieces) + "\n").encode("utf-8")


def _render_preamble(report: Report, language: Language) -> str:
    title, office = language.word("document.title"), report.office.get("name", "")
    moment = report.generated.astimezone(CLOCKS.get(report.period.zone, CLOCKS["UTC"]))
    return PREAMBLE.format(
        title=literal(f"{title} {report.id}"),
        author=literal(office or title),
        date=_tell_date(moment),
        code=language.code,
        footer=literal(f"{language.word('document.id')} {report.id}"),
        attached=literal(language.word("letter.attached")),
    )


def _tell_date(moment: datetime) -> str:
    day = f"year: {moment.year}, month: {moment.month}, day: {moment.day}"
    return f"{day}, hour: {moment.hour}, minute: {moment.minute}, second: {moment.second}"


def _line(text: str) -> str:
    return shorten(text, LINE_CHARACTERS)


def _render_head(report: Report, language: Language) -> list[Code]:
    office, zone = report.office, report.period.zone
    telephone = office.get("telephone")
    contact = (f"{language.word('document.telephone')} {telephone}" if telephone else "", office.get("email", ""))
    address = ", ".join(filter(None, (office.get("address"), office.get("city"))))
    began, ended = language.moment(report.period.began, zone), language.moment(report.period.ended, zone)
    facts = (
        (language.word("document.period"), language.say("document.between", began=began, ended=ended)),
        (language.word("document.generated"), language.moment(report.generated, zone)),
        (language.word("document.procedure"), _line(report.sop) or UNKNOWN),
        (language.word("document.id"), report.id),
    )
    letterhead = (office.get("parent", ""), office.get("name", ""), address, " · ".join(filter(None, contact)))
    title, subtitle = language.word("document.title"), language.word("document.subtitle")
    return [
        call("letterhead", *map(_line, letterhead)),
        call("headline", title, subtitle, language.word("letter.number")),
        call("facts", array(array(pair) for pair in facts)),
    ]


def _render_introduction(report: Report, language: Language) -> list[Code]:
    text = language.say("letter.introduction", all=language.number(report.summary.applications))
    return [call("part", language.word("letter.part.introduction")), Code(f"#{literal(text)}")]


def _render_activities(report: Report, language: Language) -> list[Code]:
    """Rows 4 and 5 of the procedure with the time they took against their norm."""
    runs = sum(row.succeeded_runs + row.failed_runs for row in report.rows)
    done = {BACKUP_ROW: ("letter.runs", runs), CHECK_ROW: ("letter.checks", len(report.checks))}
    rows = []
    for step in report.steps:
        if step.row in done:
            key, count = done[step.row]
            minutes = step.actual_minutes
            taken = language.word("step.unknown") if minutes is None else language.duration(minutes * MINUTE_S)
            is_over = minutes is not None and minutes > step.norm_minutes
            actual = array(("bad", f"{taken} ({language.word('step.over')})")) if is_over else taken
            norm = language.duration(step.norm_minutes * MINUTE_S)
            counted = language.say(key, count=language.number(count))
            rows.append(array((language.word(f"step.{step.row}"), counted, norm, actual)))
    head = [language.word(key) for key in ("column.step", "column.done", "column.norm", "column.actual")]
    widths = Code("(1fr, auto, auto, auto)")
    table = call("listing", widths, Code("()"), array(head), array(rows), size=Code("9pt"))
    return [call("part", language.word("letter.part.activities")), table]


def _render_results(report: Report, language: Language) -> list[Code]:
    summary = report.summary
    bad = [row for row in report.rows if row.needs_somebody]
    good = sum(row.status == SUCCEEDED and not row.is_damaged for row in report.rows)
    everything = language.say("headline.of", all=language.number(summary.applications))
    figures = (
        ("bad" if bad else "none", len(bad), "headline.attention", everything),
        ("good", good, "headline.succeeded", language.say("headline.stored", bytes=language.size(summary.bytes))),
        ("good", summary.compared, "headline.compared", language.say("headline.unchecked", count=summary.unchecked)),
        ("none", summary.applications, "headline.applications", _tell_unclaimed(report, language)),
    )
    told = [(tone, language.number(count), language.word(key), sub) for tone, count, key, sub in figures]
    lines = [
        call("part", language.word("letter.part.results")),
        call("figures", array(array(figure) for figure in told)),
    ]
    return lines + (_render_failures(report, language) if bad else [])


def _tell_unclaimed(report: Report, language: Language) -> str:
    if report.unclaimed is None:
        return language.word("unclaimed.count_unknown")
    return language.say("unclaimed.count", count=language.number(report.summary.unclaimed or 0))


def _render_failures(report: Report, language: Language) -> list[Code]:
    bad = [row for row in report.rows if row.needs_somebody]
    rows = []
    for row in bad[:SHOWN_FAILURES]:
        told = language.explain_row(row, report.period.zone)
        name = shorten(f"{row.title or row.application} ({row.application} @ {row.server})", NAME_CHARACTERS * 2)
        last = language.moment(row.last_good, report.period.zone, "date") if row.last_good else ""
        reason = shorten(told.sentence if told else "", REASON_CHARACTERS)
        rows.append(array((tell_status(row, language), name, reason, last or language.word("row.never"))))
    head = [language.word(f"column.{key}") for key in ("status", "application", "reason", "last_good")]
    table = call("listing", Code("(auto, 1fr, 1.2fr, auto)"), Code("()"), array(head), array(rows), size=Code("8.5pt"))
    hidden = len(bad) - SHOWN_FAILURES
    more = [Code(f"#{literal(language.say('letter.more', count=language.number(hidden)))}")] if hidden > 0 else []
    return [table, *more]


def _render_conclusion(report: Report, language: Language) -> list[Code]:
    counts = Counter(language.status_of(row) for row in report.rows)
    bad = sum(row.needs_somebody for row in report.rows)
    names = {"all": language.number(report.summary.applications), "count": language.number(bad)}
    if not report.summary.applications:
        tone, told = "bad", language.word("verdict.empty")
    elif bad:
        tone, told = "bad", language.say("verdict.bad", **names)
    elif counts["pending"]:
        tone, told = "none", language.say("verdict.pending", **{**names, "count": language.number(counts["pending"])})
    else:
        tone, told = "good", language.say("verdict.good", **names)
    damaged = f" {language.say('letter.damaged', count=counts[DAMAGED])}" if counts[DAMAGED] else ""
    closing = language.word("letter.closing.bad" if tone == "bad" else "letter.closing.good")
    return [
        call("part", language.word("letter.part.conclusion")),
        call("verdict", tone, f"{told}.{damaged}"),
        Code(f"#{literal(closing)}"),
    ]


def _render_signatures(report: Report, language: Language) -> Code:
    known = {person.role: person for person in report.people}
    people = [_describe_signer(known.get(role, Person(role, POSITIONS[role])), key, language) for role, key in SIGNS]
    day = language.moment(report.generated, report.period.zone, "day")
    city = shorten(report.office.get("city", ""), NAME_CHARACTERS)
    return call("signatures", ", ".join(filter(None, (city, day))), array(people))


def _describe_signer(person: Person, key: str, language: Language) -> Code:
    nip = f"NIP {person.nip}" if person.nip else "NIP"
    texts = (
        language.word(key),
        *(shorten(text, NAME_CHARACTERS) for text in (person.position, person.name, person.rank)),
    )
    return array((*texts, nip))
