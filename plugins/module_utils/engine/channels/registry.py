"""Which channels there are, and what all of them have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..errors import ConfigurationError
from ..record.fields import Fields, Problems, Unresolved
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
    """A channel by its name, how much it is told, and for how long a delivery as a whole is waited for."""

    name: str
    channel: Channel
    redaction: str
    timeout_s: float


class Judged(NamedTuple):
    """What became of the settings of one channel: a route, or why they are none, a sentence for each problem."""

    name: str
    route: Route | None
    problems: Sequence[str]


def judge_routes(settings: Iterable[Any], notify: Notify = notify_nobody) -> list[Judged]:
    """Every channel of the settings. `notify` is for those that need a library. No problem repeats a value: who mixes
    up two keys would have a secret told."""
    judged: list[Judged] = []
    for number, value in enumerate(settings, 1):
        name, problems = _find_name(value, number), Problems()
        route = _read_route(value, name, problems, notify)
        if any(name == other.name for other in judged):
            problems.add(f"delivery {name}", "name", "stands twice", "give each its own name")
            name = f"{name}-{number}"
        judged.append(Judged(name, None if problems.found else route, problems.found))
    return judged


def _find_name(value: Any, number: int) -> str:
    """What was given, if it can be a name; the word of the channel, if there is such a channel; its number."""
    given = value if isinstance(value, Mapping) else {}
    name, kind = given.get("name"), given.get("channel")
    if isinstance(name, str) and re.fullmatch(NAME_PATTERN, name):
        return str(name)
    return str(kind) if isinstance(kind, str) and kind in CHANNELS else str(number)


def _read_route(value: Any, name: str, problems: Problems, notify: Notify) -> Route | None:
    """None where there is a problem that leaves nothing to read: while a value is not there, none is judged."""
    subject, unresolved = f"delivery {name}", dict(_find_unresolved(value))
    for key, reason in unresolved.items():
        problems.add(subject, key, f"cannot be resolved: {reason}", "correct it, or what it refers to")
    if unresolved:
        return None
    fields = Fields(value, subject, problems, tells_values=False)
    kind = fields.text("channel", None, example="mail")
    fields.text("name", name, NAME_PATTERN, "mail-head-of-division")
    redaction = fields.choice("redaction", REDACTIONS, "names" if kind in CHATS else "none")
    timeout_s = fields.duration("timeout", TIMEOUT_S)
    if kind not in CHANNELS:
        if kind:
            fields.complain("channel", "is not known", f"use one of: {', '.join(CHANNELS)}")
        return None
    channel = CHANNELS[kind](fields, timeout_s)
    fields.finish()
    if isinstance(channel, Apprise):
        channel = replace(channel, notify=notify)
    return Route(name, channel, redaction, timeout_s)


def _find_unresolved(value: Any) -> Iterable[tuple[str, str]]:
    if isinstance(value, Unresolved):
        yield "configuration", value.reason
    elif isinstance(value, Mapping):
        yield from ((str(key), item.reason) for key, item in value.items() if isinstance(item, Unresolved))


def read_routes(settings: Iterable[Any], notify: Notify = notify_nobody) -> list[Route]:
    """Every channel of the settings; ConfigurationError with all that is wrong in any of them."""
    judged = judge_routes(settings, notify)
    problems = [problem for one in judged for problem in one.problems]
    if problems:
        raise ConfigurationError.has_problems(problems)
    return [one.route for one in judged if one.route]
