"""Quiet days: nothing begins on them, and the time between two backups is counted without them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timezone, tzinfo
from functools import lru_cache

from .moment import DAY
from .wire import hash_value
from .zone import open_zone

KEY_DIGITS = 16


@dataclass(frozen=True)
class Quiet:
    """Days as the clocks of the zone have them. In a zone that is not known here no day is quiet."""

    zone: str = "UTC"
    days: tuple[date, ...] = ()

    @property
    def key(self) -> str:
        """Tells it apart from others; empty where no day is quiet."""
        return _make_key(self)

    def holds(self, moment: datetime) -> bool:
        """Whether that moment lies on a quiet day."""
        zone = open_zone(self.zone)
        return zone is not None and moment.astimezone(zone).date() in self.days

    def put_off(self, since: datetime, until: datetime) -> datetime:
        """`until`, later by each quiet day that begins before it, and by what is left of one that `since` lies on."""
        for begins, ends in self._follow(since) if self.days else ():
            if begins > until:
                break
            until += ends - begins
        return until

    def measure_s(self, since: datetime, until: datetime) -> float:
        """Seconds from `since` to `until`, without quiet days and what is left of one that `since` lies on.

        It is the reverse of `put_off`: what is put off by that many days is as far away as it was before.
        """
        elapsed = until - since
        for begins, ends in self._follow(since) if self.days else ():
            if begins >= until:
                break
            elapsed -= min(ends, until) - begins
        return elapsed.total_seconds()

    def _follow(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """When the quiet days after `since` begin and end, the first not before it; in order, aware UTC."""
        begins, ends = _find_bounds(self)
        first = bisect_right(ends, since)
        left = begins[first:]
        return zip([*(max(begin, since) for begin in left[:1]), *left[1:]], ends[first:])


@lru_cache(maxsize=64)
def _make_key(quiet: Quiet) -> str:
    days = [day.isoformat() for day in sorted({*quiet.days})]
    return hash_value([quiet.zone, days])[:KEY_DIGITS] if days else ""


@lru_cache(maxsize=64)
def _find_bounds(quiet: Quiet) -> tuple[list[datetime], list[datetime]]:
    """When the quiet days begin, and when they end: of a whole city they are the same for every application."""
    zone = open_zone(quiet.zone)
    days = sorted({*quiet.days} - {date.min, date.max}) if zone else []
    return [_find_midnight(day, zone) for day in days], [_find_midnight(day + DAY, zone) for day in days]


def _find_midnight(day: date, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(timezone.utc)


LOUD = Quiet()
"""Where every day is as any other."""
