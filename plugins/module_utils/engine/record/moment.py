"""A moment that comes again every day, week or month: how it is written, and on which days it comes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from .policy import DAILY, MONTHLY, WEEKLY

WEEKDAY_WORDS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS: Mapping[str, int] = {
    **{name: number for number, name in enumerate(WEEKDAY_WORDS, 1)},
    **{name: number for number, name in enumerate(("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu"), 1)},
    "ahad": 7,
    "jum'at": 5,
}
"""Word of a day, English or Indonesian -> its number, Monday being 1 (ISO 8601)."""

LAST_DAY = 28
"""The last day that every month has."""

DAY_MINUTES = 24 * 60
DAY = timedelta(days=1)
LONGEST_WAIT_DAYS = 31 + LAST_DAY + 366
"""No moment is further away than this, however many days are quiet."""

_TIME = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_FORMS: Mapping[str, re.Pattern[str]] = {
    DAILY: re.compile(f"(){_TIME}"),
    WEEKLY: re.compile(rf"([a-z']+) {_TIME}"),
    MONTHLY: re.compile(rf"([0-9]{{1,2}}) {_TIME}"),
}


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

    @property
    def text(self) -> str:
        """What `parse_moment` reads back: `22:30`, `sun 00:30`, `1 02:30`."""
        day = WEEKDAY_WORDS[self.weekday - 1] if self.weekday else str(self.day) if self.day else ""
        return f"{day} {self.clock}".strip()

    def falls_on(self, day: date) -> bool:
        """Whether it is meant to come on that day."""
        return self.weekday in (0, day.isoweekday()) and self.day in (0, day.day)

    def comes_on(self, day: date, quiet: Collection[date]) -> bool:
        """Whether it comes on that day: never on a quiet one, whose moment comes on the first day after it instead."""
        if day in quiet:
            return False
        meant = day
        while not self.falls_on(meant):
            meant -= DAY
            if meant not in quiet:
                return False
        return True

    def shift(self, minutes: int) -> Moment:
        """So many minutes later, which may be on the day after; less than a day."""
        days, minute = divmod(self.minute_of_day + minutes, DAY_MINUTES)
        weekday = (self.weekday - 1 + days) % 7 + 1 if self.weekday else 0
        return Moment(minute, weekday, self.day + days if self.day else 0)


def parse_moment(category: str, text: str) -> Moment | None:
    """The moment as an office writes it for a category; None when it cannot be meant."""
    match = _FORMS[category].fullmatch(text.lower())
    if match is None:
        return None
    minute = int(match[2]) * 60 + int(match[3])
    if category == WEEKLY:
        return Moment(minute, weekday=WEEKDAYS[match[1]]) if match[1] in WEEKDAYS else None
    if category == MONTHLY:
        return Moment(minute, day=int(match[1])) if 1 <= int(match[1]) <= LAST_DAY else None
    return Moment(minute)


def find_next(moment: Moment, zone: tzinfo, quiet: Collection[date], after: datetime) -> datetime | None:
    """When it comes first after `after`; aware UTC. None when no day of the coming year is left for it."""
    first = after.astimezone(zone).date()
    days = (first + number * DAY for number in range(LONGEST_WAIT_DAYS))
    return next((at for at in _come(moment, zone, quiet, days) if at > after), None)


def find_last(moment: Moment, zone: tzinfo, quiet: Collection[date], until: datetime) -> datetime | None:
    """When it came last, `until` included; aware UTC."""
    first = until.astimezone(zone).date()
    days = (first - number * DAY for number in range(LONGEST_WAIT_DAYS))
    return next((at for at in _come(moment, zone, quiet, days) if at <= until), None)


def _come(moment: Moment, zone: tzinfo, quiet: Collection[date], days: Iterator[date]) -> Iterator[datetime]:
    clock = time(moment.minute_of_day // 60, moment.minute_of_day % 60)
    for day in days:
        if moment.comes_on(day, quiet):
            yield datetime.combine(day, clock, zone).astimezone(timezone.utc)
