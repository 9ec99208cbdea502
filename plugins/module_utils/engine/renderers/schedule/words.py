"""A schedule in words: what one entry is, told the same in every form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ...record.plan import Plan
from ...record.schedule import Entry, Schedule
from ..language import ZONE_NAMES, Language, clean


class Line(NamedTuple):
    """One entry of one server, and when it begins next after the plan was made."""

    server: str
    schedule: Schedule
    entry: Entry
    titles: tuple[str, ...]
    next: datetime | None


def list_lines(plan: Plan) -> Iterator[Line]:
    """Every entry, server by server in the order of the register."""
    for server, schedule in plan.schedules.items():
        titles = plan.titles.get(server, {})
        for entry in schedule.entries:
            named = tuple(clean(titles.get(name, "") or name) for name in entry.applications)
            yield Line(server, schedule, entry, named, schedule.next_of(entry, plan.made))


def tell_moment(entry: Entry, language: Language) -> str:
    """`setiap Minggu pukul 00.30`."""
    begins = entry.begins
    clock = begins.clock.replace(":", language.word("schedule.clock"))
    day = language.word(f"weekday.{begins.weekday}", str(begins.day))
    return language.say(f"schedule.every.{entry.category}", day=day, clock=clock)


def tell_zone(zone: str) -> str:
    """`Asia/Jakarta (WIB)`."""
    return f"{zone} ({ZONE_NAMES[zone]})" if zone in ZONE_NAMES else zone
