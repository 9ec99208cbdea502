"""Quiet days: nothing begins on them, and the time between two backups is counted without them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timezone, tzinfo

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
        days = [day.isoformat() for day in sorted({*self.days})]
        return hash_value([self.zone, days])[:KEY_DIGITS] if days else ""

    def holds(self, moment: datetime) -> bool:
        """Whether that moment lies on a quiet day."""
        zone = open_zone(self.zone)
        return zone is not None and moment.astimezone(zone).date() in self.days

    def put_off(self, since: datetime, until: datetime) -> datetime:
        """`until`, later by each quiet day that comes after the day of `since` and begins before it."""
        for begins, ends in self._follow(since):
            if begins > until:
                break
            until += ends - begins
        return until

    def measure_s(self, since: datetime, until: datetime) -> float:
        """Seconds from `since` to `until`, without the quiet days after the day of `since`.

        It is the reverse of `put_off`: what is put off by that many days is as far away as it was before.
        """
        elapsed = until - since
        for begins, ends in self._follow(since):
            if begins >= until:
                break
            elapsed -= min(ends, until) - begins
        return elapsed.total_seconds()

    def _follow(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """When the quiet days after the day of `since` begin and end; in order, aware UTC."""
        zone = open_zone(self.zone)
        for day in sorted({*self.days}) if zone else ():
            if since.astimezone(zone).date() < day < date.max:
                yield _find_midnight(day, zone), _find_midnight(day + DAY, zone)


def _find_midnight(day: date, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(timezone.utc)


LOUD = Quiet()
"""Where every day is as any other."""
