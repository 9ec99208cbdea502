"""The list of reports that were published, as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..language import Language
from .markup import Markup, fill, join
from .page import wrap_page
from .tables import render_outcome, render_table

LINK = '<a href="reports/{id}/{file}">{text}</a>'
MAIN = '<main><h1>{title}</h1><p class="soft">{office}</p><section>{table}</section></main>'


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


def render_past(reports: Sequence[PastReport], office: str, language: str) -> bytes:
    """The page, in the order given; its links are relative to the folder above `reports/`."""
    chosen = Language(language)
    title = chosen.word("document.past")
    columns = ("column.report", "headline.attention", "headline.succeeded", "headline.compared", "document.format")
    table = render_table(columns, (_describe(report, chosen) for report in reports), chosen)
    return wrap_page(title, fill(MAIN, title=title, office=office, table=table), chosen)


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
