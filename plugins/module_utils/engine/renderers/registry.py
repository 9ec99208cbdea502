"""Every format that a report can be written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..errors import ConfigurationError
from ..record.plan import Plan
from ..record.report import Report
from .csv import render_csv, render_csv_semicolon
from .html.page import render_html
from .html.schedule import render_schedule_html
from .json import render_json
from .junit import render_junit
from .markdown import render_markdown
from .metrics import render_metrics
from .schedule.calendar import render_calendar
from .schedule.csv import render_schedule_csv
from .schedule.text import render_schedule
from .standing import render_standing
from .text import render_plain
from .typeset.letter import render_typst
from .xlsx import render_xlsx


@dataclass(frozen=True)
class Renderer:
    """`render(report, language)` gives the bytes of a file with the ending `suffix`.

    With `is_source` they are source that is typeset first, by a library that the engine does not know.
    """

    render: Callable[[Report, str], bytes]
    suffix: str
    media_type: str
    is_source: bool = False


RENDERERS: Mapping[str, Renderer] = {
    "csv": Renderer(render_csv, "csv", "text/csv; charset=utf-8"),
    "csv_semicolon": Renderer(render_csv_semicolon, "semicolon.csv", "text/csv; charset=utf-8"),
    "html": Renderer(render_html, "html", "text/html; charset=utf-8"),
    "json": Renderer(render_json, "json", "application/json"),
    "junit": Renderer(render_junit, "junit.xml", "application/xml"),
    "markdown": Renderer(render_markdown, "md", "text/markdown; charset=utf-8"),
    "metrics": Renderer(render_metrics, "prom", "text/plain; version=0.0.4; charset=utf-8"),
    "pdf": Renderer(render_typst, "pdf", "application/pdf", is_source=True),
    "status": Renderer(render_standing, "status.txt", "text/plain; charset=utf-8"),
    "txt": Renderer(render_plain, "txt", "text/plain; charset=utf-8"),
    "xlsx": Renderer(render_xlsx, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def find_renderer(name: str) -> Renderer:
    """The renderer of a format; ConfigurationError lists those that are known."""
    if name not in RENDERERS:
        raise ConfigurationError.has_problems([f"format: {name!r} is not known; use one of: {', '.join(RENDERERS)}"])
    return RENDERERS[name]


@dataclass(frozen=True)
class ScheduleRenderer:
    """`render(plan, language)` gives the bytes of a file with the ending `suffix`."""

    render: Callable[[Plan, str], bytes]
    suffix: str
    media_type: str


SCHEDULE_RENDERERS: Mapping[str, ScheduleRenderer] = {
    "csv": ScheduleRenderer(render_schedule_csv, "csv", "text/csv; charset=utf-8"),
    "html": ScheduleRenderer(render_schedule_html, "html", "text/html; charset=utf-8"),
    "ics": ScheduleRenderer(render_calendar, "ics", "text/calendar; charset=utf-8"),
    "txt": ScheduleRenderer(render_schedule, "txt", "text/plain; charset=utf-8"),
}
"""Every format that a schedule can be written in; schedule.json, the plan itself, is always written."""


def find_schedule_renderer(name: str) -> ScheduleRenderer:
    """The renderer of a format; ConfigurationError lists those that are known."""
    if name not in SCHEDULE_RENDERERS:
        known = ", ".join(SCHEDULE_RENDERERS)
        raise ConfigurationError.has_problems([f"format: {name!r} is not known; use one of: json, {known}"])
    return SCHEDULE_RENDERERS[name]
