"""Every format that a report can be written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..errors import ConfigurationError
from ..record.report import Report
from .html.page import render_html
from .json import render_json
from .text import render_plain


@dataclass(frozen=True)
class Renderer:
    """`render(report, language)` gives the bytes of a file with the ending `suffix`."""

    render: Callable[[Report, str], bytes]
    suffix: str
    media_type: str


RENDERERS: Mapping[str, Renderer] = {
    "html": Renderer(render_html, "html", "text/html; charset=utf-8"),
    "json": Renderer(render_json, "json", "application/json"),
    "txt": Renderer(render_plain, "txt", "text/plain; charset=utf-8"),
}


def find_renderer(name: str) -> Renderer:
    """The renderer of a format; ConfigurationError lists those that are known."""
    if name not in RENDERERS:
        raise ConfigurationError.has_problems([f"format: {name!r} is not known; use one of: {', '.join(RENDERERS)}"])
    return RENDERERS[name]
