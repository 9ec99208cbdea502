"""Writes a report into the evidence folder: every format at once or none, then `latest` and the list of all reports."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .books.shelf import shelve
from .errors import NotRecorded, RecordRefused, ToolMissing
from .flow.files import make_private_folder, write_beside
from .flow.lock import hold
from .record.finding import RED
from .record.receipt import FAILURE_TEXT_LIMIT
from .record.report import RETIRED, SUCCEEDED, ApplicationRow, Report
from .record.wire import format_time, parse_time, read_json, write_json, write_line
from .record.zone import ZONE_OFFSETS_H
from .renderers.html.past import PastReport, Place, render_past
from .renderers.json import render_json
from .renderers.language import Language
from .renderers.registry import RENDERERS, Renderer, find_renderer

LOCK_WAIT_S = 60.0
LISTED_REPORTS = 4000
"""So many of the newest reports stand in the list, ten years of one a day; the folders of all others stay."""

SUMMARY = "summary.json"
LISTED_UNWELL = 50
PLACES = ".places.json"
PLACES_LIMIT_BYTES = 64 * 1024 * 1024


Typeset = Callable[[bytes, bytes, datetime], bytes]
"""Source of a letter, what is attached to it as report.json, its date -> a PDF."""


def publish_report(
    report: Report,
    folder: Path,
    formats: Sequence[str],
    language: str,
    typeset: Typeset | None = None,
    languages: Mapping[str, str] = MappingProxyType({}),
) -> Mapping[str, Path]:
    """Writes `folder/reports/<id>/report.<suffix>` for each format; format -> path.

    A format that `languages` names is in the language that stands there.

    The report's folder appears by one rename with all its files, `folder/reports/latest` then points at it, and
    `folder/index.html` lists it. Raises ConfigurationError for an unknown format, Busy while another process
    publishes there, NotRecorded when the folder cannot be written, ToolMissing for a format that is typeset where
    `typeset` is not given.
    """
    renderers = {name: find_renderer(name) for name in formats}
    for name, renderer in renderers.items():
        _require_typesetter(name, renderer, typeset)
    reports = folder / "reports"
    try:
        make_private_folder(reports)
        with hold(reports / ".lock", "the folder of reports", LOCK_WAIT_S):
            files = (
                (f"report.{one.suffix}", render_document(report, one, languages.get(name, language), typeset))
                for name, one in renderers.items()
            )
            shelve(reports, report.id, chain(files, [(SUMMARY, write_json(_summarise(report, language)))]))
            last, places = _keep_places(reports, report)
            office = report.office.get("name", "")
            page = render_past(list(_list_reports(reports)), office, language, places, last)
            write_beside(folder / "index.html", page)
    except OSError as error:
        raise NotRecorded.unwritable(str(folder), error.strerror or str(error)) from error
    return {name: reports / report.id / f"report.{renderer.suffix}" for name, renderer in renderers.items()}


def render_document(report: Report, renderer: Renderer, language: str, typeset: Typeset | None = None) -> bytes:
    """The bytes of one file; ToolMissing for one that is typeset, where `typeset` is not given."""
    _require_typesetter(renderer.suffix, renderer, typeset)
    rendered = renderer.render(report, language)
    if typeset is None or not renderer.is_source:
        return rendered
    return typeset(rendered, render_json(report), report.generated)


def _require_typesetter(name: str, renderer: Renderer, typeset: Typeset | None) -> None:
    if typeset is None and renderer.is_source:
        raise ToolMissing.no_library("typst", f"the format {name}")


def _summarise(report: Report, language: str) -> dict[str, Any]:
    """What the list of reports and a message tell, so that neither need read whole reports."""
    return {
        "id": report.id,
        "generated": format_time(report.generated),
        "zone": report.period.zone,
        "applications": report.summary.applications,
        "succeeded": sum(row.status == SUCCEEDED and not row.is_damaged for row in report.rows),
        "compared": report.summary.compared,
        "attention": sum(row.needs_somebody for row in report.rows),
        "language": language,
        "office": report.office.get("name", ""),
        "unwell": [_describe_unwell(row) for row in report.rows if row.needs_somebody][:LISTED_UNWELL],
        "alarms": _list_alarms(report, language),
    }


def _list_alarms(report: Report, language: str) -> list[dict[str, str]]:
    """What is red about servers: a timer that begins nothing costs no backup yet, and will."""
    red, chosen = [finding for finding in report.findings if finding.severity == RED], Language(language)
    return [
        {"subject": finding.subject, "sentence": chosen.explain_finding(finding).sentence}
        for finding in red[:LISTED_UNWELL]
    ]


def _describe_unwell(row: ApplicationRow) -> dict[str, str]:
    status = "damaged" if row.is_damaged else row.status
    message = row.reason.message[:FAILURE_TEXT_LIMIT] if row.reason else ""
    return {"server": row.server, "application": row.application, "status": status, "message": message}


def _keep_places(reports: Path, report: Report) -> tuple[date, list[Place]]:
    """The applications and their year, out of the report whose period ends last: this one, or one before it."""
    ended = format_time(min(report.period.ended, report.generated))
    with suppress(OSError, RecordRefused, KeyError, TypeError, ValueError):
        told = read_json((reports / PLACES).read_bytes(), PLACES, PLACES_LIMIT_BYTES)
        if str(told["ended"]) > ended:
            return date.fromisoformat(told["last"]), [Place(*row) for row in told["places"]]
    zone = timezone(timedelta(hours=ZONE_OFFSETS_H[report.period.zone]))
    last = (min(report.period.ended, report.generated) - timedelta(seconds=1)).astimezone(zone).date()
    places = [_describe_place(row) for row in report.rows if row.status != RETIRED]
    data = {"ended": ended, "last": last.isoformat(), "places": [[*vars(place).values()] for place in places]}
    write_beside(reports / PLACES, write_line(data), is_durable=False)
    return last, places


def _describe_place(row: ApplicationRow) -> Place:
    status = "damaged" if row.is_damaged else row.status
    return Place(row.server, row.application, row.title, row.owner, status, not row.needs_somebody, row.days)


def _list_reports(reports: Path) -> Iterator[PastReport]:
    """The newest reports first; `latest` and what is hidden are none."""
    names = (entry.name for entry in os.scandir(reports) if entry.is_dir(follow_symlinks=False))
    for name in sorted(filter(lambda name: not name.startswith("."), names), reverse=True)[:LISTED_REPORTS]:
        yield _describe_past(reports / name)


def _describe_past(folder: Path) -> PastReport:
    suffixes = [f"report.{renderer.suffix}" for renderer in RENDERERS.values()]
    files = tuple(name for name in suffixes if (folder / name).is_file())
    with suppress(OSError, RecordRefused, KeyError, TypeError, ValueError):
        told = read_json((folder / SUMMARY).read_bytes(), str(folder))
        numbers = {name: int(told[name]) for name in ("applications", "succeeded", "compared", "attention")}
        return PastReport(folder.name, files, parse_time(told["generated"]), str(told["zone"]), **numbers)
    return PastReport(folder.name, files)
