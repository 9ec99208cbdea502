"""Time zones: clocks of an office, and the minutes of its day that some day does not have, or has twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ZONE_PATTERN = r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}"

ZONE_OFFSETS_H: Mapping[str, int] = {
    "Asia/Jakarta": 7,
    "Asia/Pontianak": 7,
    "Asia/Makassar": 8,
    "Asia/Jayapura": 9,
    "UTC": 0,
}
"""Time zones that are known without a database, in hours east of UTC; none of them has summer time."""

FIRST_YEAR, LAST_YEAR = 2025, 2045
"""Changes of the clock are looked for in these years."""


@cache
def open_zone(name: str) -> tzinfo | None:
    """The zone of that name, None where it is not known here. Indonesia's own zones need no database."""
    if name in ZONE_OFFSETS_H:
        return timezone(timedelta(hours=ZONE_OFFSETS_H[name]), name)
    try:
        return ZoneInfo(name) if re.fullmatch(ZONE_PATTERN, name) else None
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return None


def offset_minutes(zone: tzinfo, moment: datetime) -> int:
    """How far the clocks of the zone are ahead of UTC at that moment."""
    return int((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds() // 60)


@cache
def find_changes(zone: tzinfo) -> tuple[tuple[datetime, int, int], ...]:
    """(aware UTC, minutes ahead of UTC before it, and from it on) of each change of the clocks in the known years."""
    if isinstance(zone, timezone):
        return ()
    found = []
    day, end = datetime(FIRST_YEAR, 1, 1, tzinfo=timezone.utc), datetime(LAST_YEAR, 1, 1, tzinfo=timezone.utc)
    before = offset_minutes(zone, day)
    while day < end:
        following = day + timedelta(days=1)
        after = offset_minutes(zone, following)
        if after != before:
            minutes = range(1, 24 * 60 + 1)
            first = next(n for n in minutes if offset_minutes(zone, day + timedelta(minutes=n)) != before)
            found.append((day + timedelta(minutes=first), before, after))
        day, before = following, after
    return tuple(found)


@cache
def find_unsteady(zone: tzinfo) -> frozenset[int]:
    """The minutes of the day that are skipped or repeated when the clocks of the zone change: nothing begins there."""
    unsteady: set[int] = set()
    for moment, before, after in find_changes(zone):
        at = moment.hour * 60 + moment.minute
        unsteady.update(minute % (24 * 60) for minute in range(at + min(before, after), at + max(before, after)))
    return frozenset(unsteady)
