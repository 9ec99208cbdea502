"""The report as one HTML file that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from ...record.note import CHECK, REPAIR, SHRUNK
from ...record.report import FAILED, MISSED, PENDING, RETIRED, SUCCEEDED, UNREACHABLE, Report
from ..language import DAMAGED, Language
from ..svg import define_grid, define_ladders
from .markup import NOTHING, Markup, fill, join
from .pictures import render_day_key
from .restores import render_restores
from .row import render_head, render_row
from .standing import render_notes, render_people, render_standing
from .style import STYLE
from .tables import (
    render_checks,
    render_legend,
    render_repairs,
    render_section,
    render_server_findings,
    render_steps,
    render_unclaimed,
)

FULL_ROWS = 1000
"""So many rows can be unfolded, failures first; what lies behind the others is in report.json."""

PAGE = """<!doctype html>
<html lang="{code}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'{scripts}">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{content}
{script}</body>
</html>
"""
MAIN = "{ladders}<main>{letterhead}{top}{verdict}{tiles}{sections}{footer}</main>"
LETTERHEAD = """<header class="letterhead"><div class="parent">{parent}</div><div class="name">{name}</div>\
<div class="sub">{address}</div><div class="sub">{contact}</div></header>"""
TOP = (
    """<div class="top"><div><h1>{title}</h1><p class="soft">{subtitle}</p></div><dl class="facts">{facts}</dl></div>"""
)
FACT = "<dt>{name}</dt><dd>{value}</dd>"
VERDICT = '<div class="verdict verdict-{tone}">{symbol} {sentence}<p class="sub">{more}</p></div>'
TILES = '<div class="tiles">{tiles}</div>'
TILE = """<div class="tile tile-{tone}"><div class="figure">{figure}</div><div class="label">{label}</div>\
<div class="sub">{sub}</div></div>"""
ROWS = '<div class="rows">{head}{rows}</div>'
FOOTER = "<footer>{title} · {name} {id}</footer>"


def wrap_page(title: str, content: Markup, language: Language, script: str = "") -> bytes:
    """A whole document around `content`. A browser runs `script`, by its hash, and no other."""
    allowed, element = "", NOTHING
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
        allowed, element = f"; script-src 'sha256-{digest}'", Markup(f"<script>{script}</script>")
    values = {"code": language.code, "title": title, "style": Markup(STYLE), "scripts": Markup(allowed)}
    return fill(PAGE, **values, content=content, script=element).encode("utf-8")


def render_html(report: Report, language: str) -> bytes:
    """The report as a page; `language` is id or en."""
    chosen = Language(language)
    title = chosen.word("document.title")
    name = report.office.get("name", "")
    content = fill(
        MAIN,
        ladders=Markup(define_ladders() + define_grid()),
        letterhead=render_letterhead(report.office, chosen),
        top=fill(TOP, title=title, subtitle=chosen.word("document.subtitle"), facts=_render_facts(report, chosen)),
        verdict=_render_verdict(report, chosen),
        tiles=_render_tiles(report, chosen),
        sections=_render_sections(report, chosen),
        footer=fill(FOOTER, title=name or title, name=chosen.word("document.id"), id=report.id),
    )
    return wrap_page(f"{title} · {chosen.moment(report.generated, report.period.zone)}", content, chosen)


def render_letterhead(office: Mapping[str, str], language: Language) -> Markup:
    """The office above its document; nothing for one without a name."""
    if not office.get("name"):
        return NOTHING
    telephone = office.get("telephone")
    contact = (f"{language.word('document.telephone')} {telephone}" if telephone else "", office.get("email", ""))
    return fill(
        LETTERHEAD,
        parent=office.get("parent", ""),
        name=office["name"],
        address=", ".join(filter(None, (office.get("address"), office.get("city")))),
        contact=" · ".join(filter(None, contact)),
    )


def _render_facts(report: Report, language: Language) -> Markup:
    zone = report.period.zone
    began, ended = language.moment(report.period.began, zone), language.moment(report.period.ended, zone)
    facts = (
        ("document.period", language.say("document.between", began=began, ended=ended)),
        ("document.generated", language.moment(report.generated, zone)),
        ("document.as_of", language.moment(report.as_of, zone)),
        ("document.procedure", report.sop),
        ("document.id", report.id),
    )
    return join(fill(FACT, name=language.word(key), value=value) for key, value in facts if value)


def _render_verdict(report: Report, language: Language) -> Markup:
    summary = report.summary
    bad = sum(row.needs_somebody for row in report.rows)
    names = {"all": language.number(summary.applications)}
    if not summary.applications:
        told, tone, symbol, more = language.word("verdict.empty"), "bad", "✗", language.word("verdict.empty.hint")
    elif bad:
        told, tone, symbol = language.say("verdict.bad", count=language.number(bad), **names), "bad", "✗"
        more = _tell_counts(report, language, (FAILED, DAMAGED, UNREACHABLE, MISSED))
    elif summary.pending:
        told = language.say("verdict.pending", count=language.number(summary.pending), **names)
        tone, symbol, more = "idle", "…", ""
    else:
        told, tone, symbol, more = language.say("verdict.good", **names), "good", "✓", ""
    return fill(VERDICT, tone=tone, symbol=symbol, sentence=told, more=more)


def _tell_counts(report: Report, language: Language, names: Sequence[str]) -> str:
    """`1 gagal · 2 terlewat`: the rows of these names, those there are."""
    counts = Counter(language.status_of(row) for row in report.rows)
    told = (f"{language.number(counts[name])} {language.word('status.' + name)}" for name in names if counts[name])
    return " · ".join(told)


def _render_tiles(report: Report, language: Language) -> Markup:
    summary = report.summary
    bad = sum(row.needs_somebody for row in report.rows)
    good = sum(language.status_of(row) == SUCCEEDED for row in report.rows)
    stored = language.say("headline.stored", bytes=language.size(summary.bytes))
    everything = language.say("headline.of", all=language.number(summary.applications))
    unchecked = language.say("headline.unchecked", count=language.number(summary.unchecked))
    others = _tell_counts(report, language, (PENDING, RETIRED))
    tiles = (
        ("bad" if bad else "none", bad, "headline.attention", everything),
        ("good" if good else "none", good, "headline.succeeded", stored),
        ("good" if summary.compared else "none", summary.compared, "headline.compared", unchecked),
        ("none", summary.applications, "headline.applications", others),
    )
    return fill(
        TILES,
        tiles=join(
            fill(TILE, tone=tone, figure=language.number(figure), label=language.word(key), sub=sub)
            for tone, figure, key, sub in tiles
        ),
    )


def _render_sections(report: Report, language: Language) -> Markup:
    legend = join((render_legend(language), render_day_key(language)))
    return join(
        (
            render_section("applications", language.word("section.applications"), _render_rows(report, language)),
            render_server_findings(report, language),
            _render_acknowledgements(report, language),
            render_section("checks", language.word("section.checks"), _render_record(report, language, CHECK)),
            render_section("repairs", language.word("section.repairs"), _render_record(report, language, REPAIR)),
            render_restores(report, language),
            render_section("standing", language.word("section.standing"), render_standing(report, language)),
            render_section("unclaimed", language.word("section.unclaimed"), render_unclaimed(report, language)),
            render_section("steps", language.word("section.steps"), render_steps(report, language)),
            render_people(report, language),
            render_section("legend", language.word("section.legend"), legend),
        )
    )


def _render_record(report: Report, language: Language, about: str) -> Markup:
    """One of the two records of the procedure, and what people added to it."""
    table = render_checks(report, language) if about == CHECK else render_repairs(report, language)
    return join((table, render_notes(report, language, about)))


def _render_acknowledgements(report: Report, language: Language) -> Markup:
    notes = render_notes(report, language, SHRUNK)
    return render_section("acknowledged", language.word("section.notes"), notes) if notes else NOTHING


def _render_rows(report: Report, language: Language) -> Markup:
    zone, moment = report.period.zone, min(report.generated, report.period.ended)
    rows = (
        render_row(row, language, zone, moment, is_full=position < FULL_ROWS)
        for position, row in enumerate(report.rows)
    )
    return fill(ROWS, head=render_head(language), rows=join(rows))
