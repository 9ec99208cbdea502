"""All reports that were published, by date, and a year of every application: the page that the evidence begins with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from ...record.report import PENDING
from ..language import UNKNOWN, Language
from ..svg import define_grid, draw_year
from .markup import NOTHING, Markup, fill, join, show
from .page import wrap_page
from .pictures import render_day_key, tell_year
from .tables import render_outcome, render_section, render_table

LINK = '<a href="reports/{id}/{file}">{text}</a>'
MAIN = '{grid}<main><h1>{title}</h1><p class="soft">{office}</p>{find}{sections}</main>'
FIND = """<form class="find" id="find" hidden role="search"><input type="search" aria-label="{label}" \
placeholder="{label}" autocomplete="off"></form>"""
MONTH = '<details class="month"{open}><summary>{name} <span class="soft">({count})</span></summary>{table}</details>'
PLACE = '<b>{title}</b><br><span class="sub">{name} @ {server}{owner}</span>'
TOLD = '<div class="places">{key}{table}</div>'

SCRIPT = """
(function(){
var form=document.getElementById("find"),input=form.querySelector("input");
var rows=[].slice.call(document.querySelectorAll("tbody tr"));
var texts=rows.map(function(row){return row.textContent.toLowerCase()});
var months=[].slice.call(document.querySelectorAll("details.month"));
var open=months.map(function(month){return month.open});
function find(){
var words=input.value.toLowerCase().split(/\\s+/);
rows.forEach(function(row,number){row.hidden=!words.every(function(word){return texts[number].indexOf(word)>=0})});
months.forEach(function(month,number){month.open=input.value?true:open[number]});
}
form.hidden=false;
form.addEventListener("submit",function(event){event.preventDefault()});
input.addEventListener("input",find);
find();
})();
"""
"""Search: a convenience. Everything stands on the page without it."""


@dataclass(frozen=True)
class PastReport:
    """What the list tells of one report. `files` are their names below `reports/<id>/`; `attention` counts rows that
    need somebody; everything but the id and the files is None where the report's summary cannot be read."""

    id: str
    files: tuple[str, ...]
    generated: datetime | None = None
    zone: str = "UTC"
    applications: int | None = None
    succeeded: int | None = None
    compared: int | None = None
    attention: int | None = None


@dataclass(frozen=True)
class Place:
    """An application as the newest report tells of it. `is_good`: nobody has to act; `days` as in record/report.py."""

    server: str
    application: str
    title: str
    owner: str
    status: str
    is_good: bool
    days: str


def render_past(
    reports: Sequence[PastReport], office: str, language: str, places: Sequence[Place] = (), last: date | None = None
) -> bytes:
    """The page; reports and applications in the order given, `last` is the last of the days. Its links are relative to
    the folder above `reports/`, so it works wherever that folder is taken."""
    chosen = Language(language)
    title = chosen.word("document.past")
    sections = [render_section("reports", chosen.word("past.reports"), _render_months(reports, chosen))]
    if places and last:
        year = _render_places(places, last, chosen)
        sections.insert(0, render_section("applications", chosen.word("past.year"), year))
    find = fill(FIND, label=chosen.word("past.find"))
    grid = Markup(define_grid())
    page = fill(MAIN, grid=grid, title=title, office=office, find=find, sections=join(sections))
    return wrap_page(title, page, chosen, SCRIPT)


def _render_places(places: Iterable[Place], last: date, language: Language) -> Markup:
    columns = ("column.application", "column.result", "past.days")
    table = render_table(columns, (_describe_place(place, last, language) for place in places), language)
    return fill(TOLD, key=render_day_key(language), table=table)


def _describe_place(place: Place, last: date, language: Language) -> tuple[object, ...]:
    owner = f" · {place.owner}" if place.owner else ""
    word = language.word(f"status.{place.status}")
    label = tell_year(place.days, language)
    return (
        fill(PLACE, title=place.title, name=place.application, server=place.server, owner=owner),
        word if place.status == PENDING else render_outcome(place.is_good, word),
        Markup(draw_year(place.days, last, show(label))) if place.days else UNKNOWN,
    )


def _render_months(reports: Sequence[PastReport], language: Language) -> Markup:
    """The reports of each month, the first given one open."""
    months: list[Markup] = []
    for key, group in groupby(reports, lambda report: report.id[:6]):
        held = list(group)
        name = language.month(int(key[:4]), int(key[4:])) if key.isdigit() and len(key) == 6 else key
        is_open = NOTHING if months else Markup(" open")
        table = _render_reports(held, language)
        months.append(fill(MONTH, open=is_open, name=name, count=language.number(len(held)), table=table))
    return join(months)


def _render_reports(reports: Sequence[PastReport], language: Language) -> Markup:
    columns = ("column.report", "headline.attention", "headline.succeeded", "headline.compared", "document.format")
    return render_table(columns, (_describe(report, language) for report in reports), language)


def _describe(report: PastReport, language: Language) -> tuple[object, ...]:
    name = language.moment(report.generated, report.zone) if report.generated else report.id
    links = [fill(LINK, id=report.id, file=file, text=file) for file in report.files]
    first = fill(LINK, id=report.id, file=report.files[0], text=name) if report.files else name
    attention = report.attention
    return (
        first,
        "" if attention is None else render_outcome(attention == 0, language.number(attention)),
        _tell_share(report.succeeded, report.applications, language),
        _tell_share(report.compared, report.applications, language),
        join(Markup(f"{link} ") for link in links),
    )


def _tell_share(part: int | None, whole: int | None, language: Language) -> str:
    return "" if part is None or whole is None else f"{language.number(part)} / {language.number(whole)}"
