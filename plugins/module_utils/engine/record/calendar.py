"""When each category is backed up: `backup_calendar`, read as the office writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .fields import Fields, Problems
from .policy import DAILY, MONTHLY, WEEKLY

WEEKDAYS: Mapping[str, int] = {
    **{name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 1)},
    **{name: number for number, name in enumerate(("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu"), 1)},
    "ahad": 7,
    "jum'at": 5,
}
"""Word of a day, English or Indonesian -> its number, Monday being 1 (ISO 8601)."""

LAST_DAY = 28
"""The last day that every month has."""

DAY_MINUTES = 24 * 60
WINDOW = "22:00-05:00"
ZONE = "Asia/Jakarta"
SPREAD_S = 1800.0
ZONE_PATTERN = r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}"

_TIME = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_WINDOW = re.compile(f"{_TIME}-{_TIME}")
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    DAILY: (re.compile(f"(){_TIME}"), "22:30"),
    WEEKLY: (re.compile(rf"([a-z']+) {_TIME}"), "sun 00:30"),
    MONTHLY: (re.compile(rf"([0-9]{{1,2}}) {_TIME}"), "1 02:30"),
}
"""Category -> how its moment is written, and its default."""


@dataclass(frozen=True)
class Moment:
    """A time of day, on every day, on one day of the week (1 is Monday) or on one day of the month; 0: any."""

    minute_of_day: int
    weekday: int = 0
    day: int = 0

    @property
    def clock(self) -> str:
        """The time of day as people write it, `22:30`."""
        return f"{self.minute_of_day // 60:02d}:{self.minute_of_day % 60:02d}"


@dataclass(frozen=True)
class Calendar:
    """`moments` by category, in the zone of that name. Each server begins up to `spread_s` seconds later."""

    moments: Mapping[str, Moment]
    zone: str
    spread_s: int


def read_calendar(value: Any) -> Calendar:
    """The calendar out of `backup_calendar`; ConfigurationError with all its problems.

    Every beginning, the spread included, must lie in the window: what the office granted for backups.
    """
    problems = Problems()
    fields = Fields(value, "backup_calendar", problems)
    moments = {category: _read_moment(fields, category) for category in _FORMS}
    opens, width = _read_window(fields)
    calendar = Calendar(
        moments,
        fields.text("zone", ZONE, ZONE_PATTERN, ZONE),
        int(fields.duration("spread", SPREAD_S)),
    )
    fields.finish()
    for category, moment in moments.items():
        late = (moment.minute_of_day - opens) % DAY_MINUTES + calendar.spread_s / 60
        if late > width:
            complaint = f"begins outside the window at {moment.clock}, or within the spread after it"
            fields.complain(category, complaint, "move it, widen the window, or shorten the spread")
    problems.raise_if_any()
    return calendar


def _read_moment(fields: Fields, category: str) -> Moment:
    form, default = _FORMS[category]
    text = fields.text(category, default).lower()
    moment = _parse_moment(form, text, category)
    if moment is None:
        fields.complain(category, f"cannot be {text!r}", f'for example {category}: "{default}"')
        moment = _parse_moment(form, default, category)
    return moment or Moment(0)


def _parse_moment(form: re.Pattern[str], text: str, category: str) -> Moment | None:
    match = form.fullmatch(text)
    if match is None:
        return None
    minute = int(match[2]) * 60 + int(match[3])
    if category == WEEKLY:
        return Moment(minute, weekday=WEEKDAYS[match[1]]) if match[1] in WEEKDAYS else None
    if category == MONTHLY:
        return Moment(minute, day=int(match[1])) if 1 <= int(match[1]) <= LAST_DAY else None
    return Moment(minute)


def _read_window(fields: Fields) -> tuple[int, int]:
    """(minute of the day when it opens, its width in minutes)."""
    text = fields.text("window", WINDOW)
    match = _WINDOW.fullmatch(text)
    if match is None:
        fields.complain("window", f"cannot be {text!r}", f'for example window: "{WINDOW}"')
        return 0, DAY_MINUTES
    opens, closes = (int(match[at]) * 60 + int(match[at + 1]) for at in (1, 3))
    return opens, (closes - opens) % DAY_MINUTES or DAY_MINUTES
