"""The schedule of one server as it is agreed upon, carried in its config.json: who is backed up when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from .calendar import judge_moment
from .fields import Fields
from .moment import DAY, WEEKDAY_WORDS, Moment, find_last, find_next
from .policy import CATEGORIES, DAILY
from .quiet import Quiet
from .zone import ZONE_PATTERN, open_zone

ENTRY_PATTERN = r"[a-z0-9][a-z0-9_-]{0,80}"


@dataclass(frozen=True)
class Entry:
    """What one timer begins: applications of one category that begin together.

    `name` is the category, or category and application where that has a moment of its own. `expected_s` is how long
    they take together as far as was measured; it is no part of what is installed.
    """

    name: str
    category: str
    applications: tuple[str, ...]
    begins: Moment
    expected_s: int = 0

    def to_data(self) -> dict[str, Any]:
        """As config.json holds it."""
        names = {"name": self.name, "category": self.category, "applications": list(self.applications)}
        return {**names, "begins": self.begins.text}


@dataclass(frozen=True)
class Schedule:
    """The entries of one server, in the zone of that name."""

    zone: str
    entries: tuple[Entry, ...]
    quiet: tuple[date, ...] = ()

    def find(self, name: str) -> Entry | None:
        """The entry of that name."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def entry_of(self, application: str) -> Entry | None:
        """The entry that begins this application."""
        return next((entry for entry in self.entries if application in entry.applications), None)

    def next_of(self, entry: Entry, after: datetime) -> datetime | None:
        """When the entry begins first after `after`; aware UTC."""
        zone = open_zone(self.zone)
        return find_next(entry.begins, zone, self.quiet, after) if zone else None

    def last_of(self, entry: Entry, until: datetime) -> datetime | None:
        """When the entry ought to have begun last; aware UTC."""
        zone = open_zone(self.zone)
        return find_last(entry.begins, zone, self.quiet, until) if zone else None

    @property
    def rest(self) -> Quiet:
        """The days on which nothing begins."""
        return Quiet(self.zone, self.quiet)

    def on_calendar(self, entry: Entry) -> tuple[str, ...]:
        """The calendar expressions of systemd for the entry (systemd.time(7)): the rule, and the dates that quiet days
        put off. On a quiet day itself the runner begins nothing."""
        begins = entry.begins
        weekday = f"{WEEKDAY_WORDS[begins.weekday - 1].capitalize()} " if begins.weekday else ""
        rule = f"{weekday}*-*-{f'{begins.day:02d}' if begins.day else '*'}"
        put_off = {_find_loud(day, self.quiet) for day in self.quiet if begins.falls_on(day)}
        dates = sorted(day.isoformat() for day in put_off if not begins.falls_on(day))
        return tuple(f"{when} {begins.clock}:00 {self.zone}" for when in (rule, *dates))

    def to_data(self) -> dict[str, Any]:
        """The mapping that `read_schedule` reads back to an equal schedule, but for what is expected."""
        entries = [entry.to_data() for entry in self.entries]
        return {"zone": self.zone, "quiet": [day.isoformat() for day in self.quiet], "entries": entries}


def _find_loud(day: date, quiet: tuple[date, ...]) -> date:
    while day in quiet:
        day += DAY
    return day


def read_schedule(fields: Fields) -> Schedule:
    """A schedule out of a mapping; problems are gathered."""
    zone = fields.text("zone", None, ZONE_PATTERN, "Asia/Jakarta")
    entries = tuple(filter(None, [_read_entry(each, zone) for each in fields.each("entries")]))
    days = []
    for text in fields.texts("quiet"):
        try:
            days.append(date.fromisoformat(text))
        except ValueError:
            fields.complain("quiet", f"cannot be {text!r}", "for example 2026-12-25")
    fields.finish()
    return Schedule(zone, entries, tuple(days))


def _read_entry(fields: Fields, zone: str) -> Entry | None:
    category = fields.choice("category", CATEGORIES, DAILY)
    name = fields.text("name", None, ENTRY_PATTERN, category)
    applications = fields.texts("applications")
    moment = judge_moment(fields, "begins", category, fields.text("begins", None, example="22:30"), zone)
    expected_s = fields.whole("expected_s", 0)
    fields.finish()
    return Entry(name, category, applications, moment, expected_s) if moment else None
