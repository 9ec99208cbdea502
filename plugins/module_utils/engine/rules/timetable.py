"""What one server's timers are, from its schedule, and which folders and rights their services need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from ..record.moment import Moment
from ..record.register import Server
from ..record.schedule import Schedule
from ..record.source import FILE_ENGINES

WAKE_MINUTES = 15
"""Clocks of all zones differ by whole quarters of an hour: the minute of an entry is found in these steps."""


@dataclass(frozen=True)
class Unit:
    """One timer with its service: its name, its applications, and the calendar expressions of systemd."""

    name: str
    category: str
    applications: tuple[str, ...]
    on_calendar: tuple[str, ...]


@dataclass(frozen=True)
class Timetable:
    """What the role installs on one server. `cron_minutes` are the minutes of each hour at which cron has to ask the
    command whether anything is due: Debian's cron knows no zones. `entries` are the same for systemd."""

    server: str
    zone: str
    entries: tuple[Unit, ...]
    cron_minutes: str
    schedule: dict[str, Any]
    writable: tuple[str, ...]
    engines: tuple[str, ...]
    reaches_network: bool
    becomes_others: bool
    password_files: tuple[str, ...]

    def to_data(self) -> dict[str, Any]:
        """Plain lists and mappings."""
        return asdict(self)


def plan_timetable(server: Server, schedule: Schedule) -> Timetable:
    """The units of `server` for its schedule.

    `writable` are the folders of file databases: reading one in WAL mode writes beside it. `engines` are those whose
    programs the server needs, `password_files` the files that the register names. A database of a `host` is reached
    over the network; a socket asks the system who calls, so that a client becomes the user that the database knows.
    """
    databases = [database for application in server.applications for database in application.databases]
    return Timetable(
        server=server.name,
        zone=schedule.zone,
        entries=tuple(
            Unit(entry.name, entry.category, entry.applications, schedule.on_calendar(entry))
            for entry in schedule.entries
        ),
        cron_minutes=_find_minutes(entry.begins for entry in schedule.entries),
        schedule=schedule.to_data(),
        writable=tuple(sorted({str(PurePosixPath(item.path).parent) for item in databases if item.path})),
        engines=tuple(sorted({item.engine for item in databases})),
        reaches_network=any(item.host for item in databases),
        becomes_others=any(item.engine not in FILE_ENGINES and not item.host for item in databases),
        password_files=tuple(sorted({item.password_file for item in databases if item.password_file})),
    )


def _find_minutes(moments: Iterable[Moment]) -> str:
    """`7,22,37,52`: wherever the zone's clocks stand, the minute of every entry is among them."""
    firsts = {moment.minute_of_day % WAKE_MINUTES for moment in moments}
    return ",".join(str(minute) for minute in range(60) if minute % WAKE_MINUTES in firsts)
