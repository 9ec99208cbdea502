"""One application on the page: a line that tells all that matters, and below it what the line rests on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ...record.finding import Finding
from ...record.report import FAILED, MISSED, PENDING, RETIRED, SUCCEEDED, UNREACHABLE, ApplicationRow, PartRow
from ..language import DAMAGED, SYMBOLS, UNKNOWN, Language, shorten
from ..svg import draw_ladder
from .markup import NOTHING, Markup, fill, fill_each, join
from .pictures import render_block, render_pictures

TONES: Mapping[str, str] = {
    FAILED: "bad",
    DAMAGED: "bad",
    UNREACHABLE: "warn",
    MISSED: "warn",
    PENDING: "idle",
    RETIRED: "idle",
    SUCCEEDED: "good",
}

NAME_CHARACTERS = 120
SENTENCE_CHARACTERS = 240

COLUMNS = (
    ("column.status", ""),
    ("column.application", ""),
    ("column.when", ""),
    ("column.duration", "number less"),
    ("column.size", "number"),
    ("column.level", ""),
    ("column.last_good", "wide"),
    ("column.last_compared", ""),
    ("column.next_run", "less"),
)

HEAD = '<div class="line columns" aria-hidden="true">{cells}<span></span></div>'
HEAD_CELL = '<span class="{kind}">{label}</span>'
ROW = '<details class="row row-{tone}" id="{anchor}"><summary class="line">{cells}{why}</summary>{more}</details>'
STATE = '<span class="state"><span class="pill is-{tone}"><b aria-hidden="true">{symbol}</b> {word}</span></span>'
WHO = '<span class="who"><span class="title">{title}</span><br><span class="sub">{sub}</span></span>'
CELL = '<span class="{kind}"><span class="label">{label}</span> {value}</span>'
TWO_LINES = '<span class="two">{first}<br><span class="sub">{second}</span></span>'
EVIDENCE = '<span class="evidence ladder-{tone}">{ladder}<span>{word}</span></span>'
FOLD = '<span class="fold" aria-hidden="true"></span>'
WHY = '<span class="why"><b>{sentence}.</b> {detail}<span class="remedy">{label}: {remedy}</span></span>'
DETAIL = '<span class="soft{kind}">{detail}</span>'

MORE = '<div class="more">{findings}<div class="both">{pictures}{facts}</div>{parts}{warnings}</div>'
LIST = "<ul>{points}</ul>"
POINT = "<li>{value}</li>"
FINDING = '<li><span class="finding-{severity}">{sentence}.</span> {remedy}</li>'
FACTS = '<dl class="facts">{pairs}</dl>'
FACT = "<dt>{name}</dt><dd>{value}</dd>"
PARTS = """<div class="scroll"><table class="stack"><thead><tr><th>{part}</th><th>{level}</th>\
<th class="number">{size}</th><th>{contents}</th></tr></thead><tbody>{rows}</tbody></table></div>"""
PART = """<tr><td data-label="{part}"><b>{name}</b> <span class="soft">{kind}</span><br>\
<span class="mono soft">{path}</span></td><td data-label="{level}">{reached}</td>\
<td class="number" data-label="{size}">{bytes}</td><td data-label="{contents}">{counted}</td></tr>"""


def render_head(language: Language) -> Markup:
    """The line of column titles, which only a wide screen shows."""
    cells = (fill(HEAD_CELL, kind=Markup(kind), label=language.word(key)) for key, kind in COLUMNS)
    return fill(HEAD, cells=join(cells))


def render_row(row: ApplicationRow, language: Language, zone: str, moment: datetime, is_full: bool = True) -> Markup:
    """One application; without `is_full` there is nothing to unfold."""
    status = language.status_of(row)
    more = _render_more(row, language, zone, moment) if is_full else NOTHING
    cells = (_render_state(status, language), _render_who(row, language), *_render_cells(row, language, zone))
    anchor = f"{row.server}/{row.application}"
    why = _render_why(row, language, zone)
    return fill(ROW, tone=TONES[status], anchor=anchor, cells=join((*cells, Markup(FOLD))), why=why, more=more)


def _render_state(status: str, language: Language) -> Markup:
    return fill(STATE, tone=TONES[status], symbol=SYMBOLS[status], word=language.word(f"status.{status}"))


def _render_who(row: ApplicationRow, language: Language) -> Markup:
    owner = shorten(row.owner, NAME_CHARACTERS)
    known = (f"{row.server}/{row.application}", language.word(f"category.{row.category}", ""), owner)
    title = shorten(row.title or row.application, NAME_CHARACTERS)
    return fill(WHO, title=title, sub=" · ".join(filter(None, known)))


def _render_cells(row: ApplicationRow, language: Language, zone: str) -> list[Markup]:
    when = (language.moment(row.began, zone, form) for form in ("date", "time"))
    size = fill(TWO_LINES, first=language.size(row.size_bytes), second=language.change(row.size_change))
    values = (
        fill(TWO_LINES, first=next(when), second=next(when)) if row.began else UNKNOWN,
        language.duration(row.duration_s),
        size,
        _render_level(row.level, language),
        language.say("row.ago", age=language.age(row.last_good_age_s)) if row.last_good else language.word("row.never"),
        _tell_compared(row, language, zone),
        language.moment(row.next_run, zone, "short"),
    )
    return [
        fill(CELL, kind=Markup(kind), label=language.word(key), value=value)
        for (key, kind), value in zip(COLUMNS[2:], values)
    ]


def _tell_compared(row: ApplicationRow, language: Language, zone: str) -> str:
    return language.moment(row.last_compared, zone, "short") if row.last_compared else language.word("row.never")


def _render_level(level: str, language: Language) -> Markup:
    tone = "bad" if level == DAMAGED else "idle" if level in ("none", "written") else "good"
    word = language.word(f"level.{level}")
    return fill(EVIDENCE, tone=tone, ladder=Markup(draw_ladder(level)), word=word)


def _render_why(row: ApplicationRow, language: Language, zone: str) -> Markup:
    told = language.explain_row(row, zone)
    if told is None:
        return NOTHING
    kind = Markup("" if row.status == MISSED else " mono")
    detail = fill(DETAIL, kind=kind, detail=told.detail) if told.detail else NOTHING
    sentence = shorten(told.sentence, SENTENCE_CHARACTERS)
    return fill(WHY, sentence=sentence, detail=detail, label=language.word("row.remedy"), remedy=told.remedy)


def _render_more(row: ApplicationRow, language: Language, zone: str, moment: datetime) -> Markup:
    return fill(
        MORE,
        findings=_render_findings(row.findings, language),
        pictures=render_pictures(row, language, zone, moment),
        facts=fill(FACTS, pairs=join(_render_facts(row, language, zone))),
        parts=_render_parts(row.parts, language),
        warnings=_render_warnings(row, language),
    )


def render_finding(finding: Finding, language: Language) -> Markup:
    """One finding as a point of a list."""
    told = language.explain_finding(finding)
    return fill(FINDING, severity=finding.severity, sentence=told.sentence, remedy=told.remedy)


def _render_findings(findings: tuple[Finding, ...], language: Language) -> Markup:
    points = join(render_finding(finding, language) for finding in findings)
    return render_block(language.word("row.findings"), fill(LIST, points=points) if points else NOTHING)


def _render_facts(row: ApplicationRow, language: Language, zone: str) -> list[Markup]:
    counts = {"succeeded": row.succeeded_runs, "failed": row.failed_runs, "missed": row.missed_runs}
    copies = {"copies": row.copies, "elsewhere": row.copies_elsewhere}
    facts = (
        ("row.runs", language.say("row.runs.counts", **counts)),
        ("column.last_good", language.moment(row.last_good, zone)),
        ("column.last_compared", language.moment(row.last_compared, zone) if row.last_compared else ""),
        ("row.restore", language.duration(row.restore_s) if row.restore_s is not None else ""),
        ("row.copies", language.say("row.copies.counts", **copies) if row.copies else ""),
        ("row.places", ", ".join(row.places)),
        ("row.consecutive", language.number(row.consecutive_failures) if row.consecutive_failures else ""),
        ("row.due", language.moment(row.due, zone) if row.due else ""),
        ("row.as_of", language.moment(row.as_of, zone) if row.as_of else ""),
    )
    return [fill(FACT, name=language.word(key), value=value) for key, value in facts if value]


def _render_parts(parts: tuple[PartRow, ...], language: Language) -> Markup:
    if not parts:
        return NOTHING
    keys = {"part": "column.part", "level": "column.level", "size": "column.size", "contents": "column.contents"}
    labels = {name: language.word(key) for name, key in keys.items()}
    return fill(PARTS, rows=join(_render_part(part, language, labels) for part in parts), **labels)


def _render_part(part: PartRow, language: Language, labels: Mapping[str, str]) -> Markup:
    contents = [language.counted(part.counted), *part.notes]
    return fill(
        PART,
        name=part.name,
        kind=language.word(f"kind.{part.kind}", part.kind),
        path=part.path,
        reached=_render_level(part.level, language) if not part.failure else language.explain(part.failure).sentence,
        bytes=language.size(part.size_bytes) if part.size_bytes else UNKNOWN,
        counted=join(fill("{value}<br>", value=line) for line in filter(None, contents)),
        **labels,
    )


def _render_warnings(row: ApplicationRow, language: Language) -> Markup:
    hidden = row.warning_count - len(row.warnings)
    more = (language.say("row.more", count=hidden),) if hidden > 0 else ()
    points = fill_each(POINT, (*row.warnings, *more))
    return render_block(language.word("row.warnings"), fill(LIST, points=points) if points else NOTHING)
