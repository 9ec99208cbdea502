"""Which channels there are, and what all of them have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ..record.fields import Fields, Problems
from .base import REDACTIONS, Channel
from .mail import read_mail
from .ntfy import read_ntfy
from .ping import read_ping
from .telegram import read_telegram
from .webhook import read_webhook

CHANNELS: Mapping[str, Callable[[Fields, float], Channel]] = {
    "mail": read_mail,
    "ntfy": read_ntfy,
    "ping": read_ping,
    "telegram": read_telegram,
    "webhook": read_webhook,
}
"""Word in the settings -> reader of its settings."""

TIMEOUT_S = 30.0
NAME_PATTERN = r"[a-z0-9][a-z0-9_-]{0,63}"


class Route(NamedTuple):
    """A channel by its name, and how much it is told."""

    name: str
    channel: Channel
    redaction: str


def read_routes(settings: Iterable[Any]) -> list[Route]:
    """Every channel of the settings; ConfigurationError with all that is wrong in any of them."""
    problems = Problems()
    routes = []
    for number, value in enumerate(settings, 1):
        fields = Fields(value, f"delivery {number}", problems)
        kind = fields.text("channel", None, example="mail")
        name = fields.text("name", kind, NAME_PATTERN, "mail-head-of-division")
        fields.subject = f"delivery {name or number}"
        redaction = fields.choice("redaction", REDACTIONS, "names" if kind in ("ntfy", "telegram") else "none")
        timeout_s = fields.duration("timeout", TIMEOUT_S)
        if kind in CHANNELS:
            routes.append(Route(name, CHANNELS[kind](fields, timeout_s), redaction))
            fields.finish()
        elif kind:
            fields.complain("channel", f"cannot be {kind!r}", f"use one of: {', '.join(CHANNELS)}")
    names = [route.name for route in routes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add(f"delivery {name}", "name", "stands twice", "give each its own name")
    problems.raise_if_any()
    return routes
