"""Which channels there are, and what all of them have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..errors import ConfigurationError
from ..record.fields import Fields, Problems
from .apprise import Apprise, read_apprise
from .base import REDACTIONS, Channel, Notify, notify_nobody
from .mail import read_mail
from .ntfy import read_ntfy
from .ping import read_ping
from .telegram import read_telegram
from .webhook import read_webhook

CHANNELS: Mapping[str, Callable[[Fields, float], Channel]] = {
    "apprise": read_apprise,
    "mail": read_mail,
    "ntfy": read_ntfy,
    "ping": read_ping,
    "telegram": read_telegram,
    "webhook": read_webhook,
}
"""Word in the settings -> reader of its settings."""

CHATS = ("apprise", "ntfy", "telegram")
"""They are told no reasons unless the office says so."""

TIMEOUT_S = 30.0
NAME_PATTERN = r"[a-z0-9][a-z0-9_-]{0,63}"


class Route(NamedTuple):
    """A channel by its name, and how much it is told."""

    name: str
    channel: Channel
    redaction: str


class Judged(NamedTuple):
    """What became of the settings of one channel: a route, or why they are none, a sentence for each problem."""

    name: str
    route: Route | None
    problems: Sequence[str]


def judge_routes(settings: Iterable[Any], notify: Notify = notify_nobody) -> list[Judged]:
    """Every channel of the settings. `notify` is for those that need a library."""
    judged: list[Judged] = []
    for number, value in enumerate(settings, 1):
        problems = Problems()
        route = _read_route(Fields(value, f"delivery {number}", problems), number, problems, notify)
        name = route.name if route else str(number)
        if any(name == other.name for other in judged):
            problems.add(f"delivery {name}", "name", "stands twice", "give each its own name")
            name = f"{name}-{number}"
        judged.append(Judged(name, None if problems.found else route, problems.found))
    return judged


def _read_route(fields: Fields, number: int, problems: Problems, notify: Notify) -> Route | None:
    kind = fields.text("channel", None, example="mail")
    name = fields.text("name", kind, NAME_PATTERN, "mail-head-of-division")
    fields.subject = f"delivery {name or number}"
    redaction = fields.choice("redaction", REDACTIONS, "names" if kind in CHATS else "none")
    timeout_s = fields.duration("timeout", TIMEOUT_S)
    if kind not in CHANNELS:
        if kind:
            problems.add(fields.subject, "channel", f"cannot be {kind!r}", f"use one of: {', '.join(CHANNELS)}")
        return None
    channel = CHANNELS[kind](fields, timeout_s)
    fields.finish()
    return Route(name, replace(channel, notify=notify) if isinstance(channel, Apprise) else channel, redaction)


def read_routes(settings: Iterable[Any], notify: Notify = notify_nobody) -> list[Route]:
    """Every channel of the settings; ConfigurationError with all that is wrong in any of them."""
    judged = judge_routes(settings, notify)
    problems = [problem for one in judged for problem in one.problems]
    if problems:
        raise ConfigurationError.has_problems(problems)
    return [one.route for one in judged if one.route]
