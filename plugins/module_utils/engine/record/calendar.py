"""When each category is backed up: `backup_calendar`, read as the office writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .fields import Fields, format_duration
from .moment import DAY_MINUTES, LAST_DAY, Moment, parse_moment
from .policy import DAILY, INTERVAL_S, MONTHLY, RETRY_AFTER_S, RETRY_TIMES, WEEKLY
from .zone import ZONE_PATTERN, find_unsteady, open_zone

WINDOW = "22:00-05:00"
ZONE = "Asia/Jakarta"
MOST_QUIET_DAYS = 366
RETRIES_LIMIT = 5
MOMENTS: Mapping[str, str] = {DAILY: "22:30", WEEKLY: "sun 00:30", MONTHLY: "1 02:30"}
"""Category -> when it begins unless the office says otherwise, as an office writes it."""

_MOMENTS = {category: parse_moment(category, text) or Moment(0) for category, text in MOMENTS.items()}
_WINDOW = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_QUIET = re.compile(rf"({_DATE})(?:\.\.({_DATE}))?")


@dataclass(frozen=True)
class Window:
    """When backups may begin: from this minute of the day on, for so many minutes."""

    opens: int
    width: int

    @property
    def text(self) -> str:
        """`22:00-05:00`."""
        return f"{Moment(self.opens).clock}-{Moment((self.opens + self.width) % DAY_MINUTES).clock}"

    def place(self, minute_of_day: int) -> int:
        """How many minutes after its opening that minute of the day comes."""
        return (minute_of_day - self.opens) % DAY_MINUTES


@dataclass(frozen=True)
class Retry:
    """What a timer does about an application that failed: so many more attempts, each so much later."""

    times: int = RETRY_TIMES
    after_s: float = RETRY_AFTER_S


@dataclass(frozen=True)
class Calendar:
    """`moments`: category -> when its first server begins. The others follow up to `spread_s` seconds later (None: up
    to the end of the window), `at_once` of them at the same time (0: as many as it takes). Nothing begins on days that
    are `quiet`."""

    moments: Mapping[str, Moment] = field(default_factory=lambda: dict(_MOMENTS))
    zone: str = ZONE
    window: Window = Window(22 * 60, 7 * 60)
    spread_s: int | None = None
    quiet: tuple[date, ...] = ()
    at_once: int = 0
    retry: Retry = Retry()

    def delays(self, category: str) -> range:
        """By how many minutes a server may begin after the first of its category."""
        moment = self.moments[category]
        left = self.window.width - self.window.place(moment.minute_of_day)
        if moment.day == LAST_DAY:
            # The next day is not in every month.
            left = min(left, DAY_MINUTES - 1 - moment.minute_of_day)
        return range((left if self.spread_s is None else min(left, self.spread_s // 60)) + 1)

    def to_data(self) -> dict[str, Any]:
        """The mapping that `read_calendar` reads back to an equal calendar."""
        spread = {} if self.spread_s is None else {"spread": format_duration(self.spread_s)}
        return {
            **{category: moment.text for category, moment in self.moments.items()},
            **spread,
            "zone": self.zone,
            "window": self.window.text,
            "quiet": [day.isoformat() for day in self.quiet],
            "at_once": self.at_once,
            "retry": {"times": self.retry.times, "after": format_duration(self.retry.after_s)},
        }


def read_calendar(fields: Fields) -> Calendar:
    """The calendar out of a mapping; problems are gathered, so look at them before using the result.

    Every beginning must lie in the window, what the office granted for backups, and at a minute that every day has.
    """
    zone = fields.text("zone", ZONE, ZONE_PATTERN, ZONE)
    if open_zone(zone) is None:
        fields.complain("zone", f"{zone!r} is not known on this machine", f"correct it, install tzdata, or take {ZONE}")
        zone = ZONE
    calendar = Calendar(
        moments={category: _read_moment(fields, category, zone) for category in INTERVAL_S},
        zone=zone,
        window=_read_window(fields),
        spread_s=_read_spread(fields),
        quiet=tuple(sorted({*_read_quiet(fields)})),
        at_once=fields.whole("at_once", 0, 0, 100_000),
        retry=_read_retry(fields.within("retry")),
    )
    fields.finish()
    for category, moment in calendar.moments.items():
        late = calendar.window.place(moment.minute_of_day) + (calendar.spread_s or 0) / 60
        if late > calendar.window.width:
            complaint = f"begins outside the window at {moment.clock}, or within the spread after it"
            fields.complain(category, complaint, "move it, widen the window, or shorten the spread")
    return calendar


def _read_moment(fields: Fields, category: str, zone: str) -> Moment:
    text = fields.text(category, MOMENTS[category])
    return judge_moment(fields, category, category, text, zone) or _MOMENTS[category]


def judge_moment(fields: Fields, key: str, category: str, text: str, zone: str) -> Moment | None:
    """The moment that a field holds for a category; None and a problem when it cannot be kept in the zone."""
    moment, clocks, example = parse_moment(category, text), open_zone(zone), f'for example {key}: "{MOMENTS[category]}"'
    if moment is None and any(parse_moment(other, text) for other in MOMENTS):
        fields.complain(key, f"{text!r} is no {category} moment", example)
    elif moment is None:
        fields.complain(key, f"cannot be {text!r}", example)
    elif clocks and moment.minute_of_day in find_unsteady(clocks):
        complaint = f"{moment.clock} is skipped or comes twice when the clocks of {zone} change"
        fields.complain(key, complaint, "choose a time that every night has exactly once")
        return None
    return moment


def _read_window(fields: Fields) -> Window:
    text = fields.text("window", WINDOW)
    match = _WINDOW.fullmatch(text)
    if match is None:
        fields.complain("window", f"cannot be {text!r}", f'for example window: "{WINDOW}"')
        return Window(0, DAY_MINUTES)
    opens, closes = (int(match[at]) * 60 + int(match[at + 1]) for at in (1, 3))
    return Window(opens, (closes - opens) % DAY_MINUTES or DAY_MINUTES)


def _read_spread(fields: Fields) -> int | None:
    given = fields.duration("spread", 0.0)
    return max(1, int(given)) if given else None


def _read_quiet(fields: Fields) -> Iterator[date]:
    """Single days and ranges such as `2026-12-24..2026-12-26`, both ends included."""
    for text in fields.texts("quiet"):
        days = _parse_days(text)
        if not 0 < len(days) <= MOST_QUIET_DAYS:
            fields.complain("quiet", f"cannot be {text!r}", "for example 2026-12-25, or 2026-12-24..2026-12-26")
        yield from map(date.fromordinal, days[:MOST_QUIET_DAYS])


def _parse_days(text: str) -> range:
    """The ordinals of the days; empty for what is no day."""
    match = _QUIET.fullmatch(text)
    if match is None:
        return range(0)
    try:
        first, last = (date.fromisoformat(day) for day in (match[1], match[2] or match[1]))
    except ValueError:
        return range(0)
    return range(first.toordinal(), last.toordinal() + 1)


def _read_retry(fields: Fields) -> Retry:
    retry = Retry(fields.whole("times", RETRY_TIMES, 0, RETRIES_LIMIT), fields.duration("after", RETRY_AFTER_S))
    fields.finish()
    return retry
