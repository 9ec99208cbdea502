"""What one server's timers are: when each category begins there, and which folders its service must reach."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from ..record.calendar import Calendar, Moment
from ..record.policy import INTERVAL_S
from ..record.register import Server
from ..record.source import FILE_ENGINES

WEEKDAY_WORDS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Entry:
    """One category of one server: its applications, its systemd calendar expression, and the same for cron.

    Where there is no systemd, a line that wakes every quarter of an hour asks `date +<clock_format>` in the zone and
    goes on when the answer is `clock_value`: Debian's cron knows no zones.
    """

    category: str
    applications: tuple[str, ...]
    on_calendar: str
    cron_minutes: str
    clock_format: str
    clock_value: str


@dataclass(frozen=True)
class Timetable:
    """The schedule of one server. `delay_s` is the server's own part of the spread, the same every night."""

    server: str
    zone: str
    entries: tuple[Entry, ...]
    spread_s: int
    delay_s: int
    writable: tuple[str, ...]
    engines: tuple[str, ...]
    reaches_network: bool
    becomes_others: bool
    password_files: tuple[str, ...]

    def to_data(self) -> dict[str, Any]:
        """Plain lists and mappings."""
        return asdict(self)


def plan_timetable(server: Server, calendar: Calendar) -> Timetable:
    """The timers of `server`, a category without applications has none.

    `writable` are the folders of file databases: reading one in WAL mode writes beside it. `engines` are those whose
    programs the server needs, `password_files` the files that the register names. A database of a `host` is reached
    over the network; a socket asks the system who calls, so that a client becomes the user that the database knows.
    """
    databases = [database for application in server.applications for database in application.databases]
    by_category = {
        category: tuple(item.name for item in server.applications if item.category == category)
        for category in INTERVAL_S
    }
    return Timetable(
        server=server.name,
        zone=calendar.zone,
        entries=tuple(
            _plan_entry(category, names, calendar.moments[category], calendar.zone)
            for category, names in by_category.items()
            if names
        ),
        spread_s=calendar.spread_s,
        delay_s=zlib.crc32(server.name.encode()) % (calendar.spread_s + 1),
        writable=tuple(sorted({str(PurePosixPath(item.path).parent) for item in databases if item.path})),
        engines=tuple(sorted({item.engine for item in databases})),
        reaches_network=any(item.host for item in databases),
        becomes_others=any(item.engine not in FILE_ENGINES and not item.host for item in databases),
        password_files=tuple(sorted({item.password_file for item in databases if item.password_file})),
    )


def _plan_entry(category: str, applications: tuple[str, ...], moment: Moment, zone: str) -> Entry:
    weekday = f"{WEEKDAY_WORDS[moment.weekday - 1]} " if moment.weekday else ""
    day = f"{moment.day:02d}" if moment.day else "*"
    first = moment.minute_of_day % 15
    formats: Mapping[str, str] = {
        "%H:%M": moment.clock,
        "%u": str(moment.weekday or ""),
        "%d": day if moment.day else "",
    }
    asked = {form: value for form, value in formats.items() if value}
    return Entry(
        category=category,
        applications=applications,
        on_calendar=f"{weekday}*-*-{day} {moment.clock}:00 {zone}",
        cron_minutes=f"{first}-59/15",
        clock_format=" ".join(asked),
        clock_value=" ".join(asked.values()),
    )
