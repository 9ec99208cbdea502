"""The schedules of all servers: each begins where the night has most room, so that a window is filled evenly."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from itertools import accumulate
from statistics import median

from ..record.calendar import Calendar
from ..record.finding import YELLOW, Finding
from ..record.moment import DAY_MINUTES, Moment, parse_moment
from ..record.policy import INTERVAL_S
from ..record.register import Server
from ..record.schedule import Entry, Schedule
from ..record.zone import find_unsteady, offset_minutes, open_zone

UNKNOWN_S = 600.0
"""What an application is thought to take while nothing was ever measured."""

OVERFULL = "window_overfull"
CROWDED = "servers_at_once"

Durations = Mapping[tuple[str, str], float]
"""(server, application) -> how many seconds its last backup took, with its checks."""


@dataclass(frozen=True)
class Spread:
    """What was planned: server -> schedule; `load` is how many servers work in each minute of the fullest night, by
    the minute of the day in UTC; `findings` tell where a window is too small."""

    schedules: Mapping[str, Schedule]
    load: Sequence[int]
    findings: tuple[Finding, ...] = ()


@dataclass
class _Job:
    """One entry on its way to its moment: how many minutes it takes, and when it may begin."""

    server: str
    calendar: Calendar
    entry: Entry
    minutes: int


@dataclass
class _Night:
    """How many servers work in each minute, and until when each is busy."""

    load: list[int] = field(default_factory=lambda: [0] * DAY_MINUTES)
    busy: dict[str, int] = field(default_factory=dict)

    def add(self, job: _Job, begins: int) -> None:
        """`begins` in minutes of the day, UTC."""
        for minute in range(begins, begins + min(job.minutes, DAY_MINUTES)):
            self.load[minute % DAY_MINUTES] += 1

    def find_room(self, first: int, delays: Sequence[int], minutes: int) -> int:
        """The delay after `first` at which the least is done in the minutes that follow; the earliest of several."""
        turned = self.load[first % DAY_MINUTES :] + self.load[: first % DAY_MINUTES]
        done = [0, *accumulate(turned * 3)]
        low, high = delays[0], delays[-1] + 1
        length = min(minutes, DAY_MINUTES)
        sums = list(map(operator.sub, done[low + length : high + length], done[low:high]))
        return min(delays, key=lambda delay: sums[delay - low])


def plan_schedules(
    servers: Sequence[Server], durations: Durations, accepted: Mapping[str, Schedule], now: datetime
) -> Spread:
    """A moment for everything that is registered; the same input gives the same plan.

    Whoever has a moment in the `accepted` schedules that the calendar still allows keeps it: a plan that changes every
    time is none. `now` tells how far the clocks of a zone are ahead of those of other zones.
    """
    usual_s = median(durations.values()) if durations else UNKNOWN_S
    night, planned = _Night(), {server.name: list[Entry]() for server in servers}
    findings: list[Finding] = []
    jobs = [job for server in servers for job in _list_jobs(server, durations, usual_s)]
    for category in INTERVAL_S:
        free = []
        for job in (each for each in jobs if each.entry.category == category):
            kept = _find_kept(job, accepted.get(job.server))
            if kept is None:
                free.append(job)
            else:
                planned[job.server].append(_settle(job, kept, night, now))
        for job in sorted(free, key=lambda each: (-each.minutes, each.server)):
            planned[job.server].append(_settle(job, _choose(job, night, now), night, now))
    for server in servers:
        findings += _judge_server(server, planned[server.name])
    findings += _judge_night(servers, night)
    schedules = {
        server.name: Schedule(server.calendar.zone, tuple(planned[server.name]), server.calendar.quiet)
        for server in servers
        if planned[server.name]
    }
    return Spread(schedules, night.load, tuple(findings))


def _list_jobs(server: Server, durations: Durations, usual_s: float) -> Iterator[_Job]:
    """One for the applications of a category that begin together, and one for each that has a moment of its own."""
    for category in INTERVAL_S:
        together = []
        for application in server.applications:
            if application.category == category:
                alone = parse_moment(category, application.begin) if application.begin else None
                if alone:
                    name = f"{category}-{application.name}"
                    yield _make_job(server, name, category, [application.name], alone, durations, usual_s)
                else:
                    together.append(application.name)
        if together:
            moment = server.calendar.moments[category]
            yield _make_job(server, category, category, together, moment, durations, usual_s)


def _make_job(
    server: Server,
    name: str,
    category: str,
    applications: Sequence[str],
    moment: Moment,
    durations: Durations,
    usual_s: float,
) -> _Job:
    expected_s = sum(durations.get((server.name, application), usual_s) for application in applications)
    entry = Entry(name, category, tuple(applications), moment, round(expected_s))
    return _Job(server.name, server.calendar, entry, max(1, -int(-expected_s // 60)))


def _find_kept(job: _Job, accepted: Schedule | None) -> Moment | None:
    """The moment of an application that has its own, or the accepted one as long as the calendar allows it."""
    if job.entry.name != job.entry.category:
        return job.entry.begins
    entry = accepted.find(job.entry.name) if accepted and accepted.zone == job.calendar.zone else None
    if entry is None:
        return None
    first = job.entry.begins
    delay = (entry.begins.minute_of_day - first.minute_of_day) % DAY_MINUTES
    return entry.begins if delay in _list_delays(job) and entry.begins == first.shift(delay) else None


def _list_delays(job: _Job) -> list[int]:
    """By how many minutes the job may be late: never at a minute that some day lacks or has twice."""
    zone, first = open_zone(job.calendar.zone), job.entry.begins.minute_of_day
    unsteady = find_unsteady(zone) if zone else frozenset()
    delays = job.calendar.delays(job.entry.category)
    return [delay for delay in delays if (first + delay) % DAY_MINUTES not in unsteady]


def _choose(job: _Job, night: _Night, now: datetime) -> Moment:
    """Where there is most room: within the window to its end if it can be, and after the server's own earlier work."""
    first = job.entry.begins
    delays, place = _list_delays(job), job.calendar.window.place(first.minute_of_day)
    within = [delay for delay in delays if place + delay + job.minutes <= job.calendar.window.width]
    begins = _in_utc(first, job.calendar.zone, now)
    own_work = (night.busy.get(job.server, begins) - begins) % DAY_MINUTES
    after = [delay for delay in within if own_work > DAY_MINUTES // 2 or delay >= own_work]
    return first.shift(night.find_room(begins, after or within or delays[:1], job.minutes))


def _settle(job: _Job, moment: Moment, night: _Night, now: datetime) -> Entry:
    begins = _in_utc(moment, job.calendar.zone, now)
    night.add(job, begins)
    if job.entry.name == job.entry.category:
        night.busy[job.server] = begins + job.minutes
    return replace(job.entry, begins=moment)


def _in_utc(moment: Moment, zone_name: str, now: datetime) -> int:
    zone: tzinfo | None = open_zone(zone_name)
    return (moment.minute_of_day - (offset_minutes(zone, now) if zone else 0)) % DAY_MINUTES


def _judge_server(server: Server, entries: Sequence[Entry]) -> Iterator[Finding]:
    """Does what begins together on one server end within the window, and all of it on the fullest night?"""
    window = server.calendar.window
    needed = sum(entry.expected_s for entry in entries if entry.name == entry.category) / 60
    is_late = any(
        window.place(entry.begins.minute_of_day) + entry.expected_s / 60 > window.width
        for entry in entries
        if entry.name == entry.category
    )
    if is_late or needed > window.width:
        message = f"{server.name}: {needed:.0f} minutes of backups in a window of {window.width} minutes"
        hint = "widen the window, move applications to another category or server, or exclude what need not be kept"
        numbers = {"needed_minutes": round(needed), "window_minutes": window.width}
        yield Finding(OVERFULL, YELLOW, server.name, message, hint, numbers)


def _judge_night(servers: Sequence[Server], night: _Night) -> Iterator[Finding]:
    """Do more servers work at once than the office wants?"""
    at_once = min((server.calendar.at_once for server in servers if server.calendar.at_once), default=0)
    peak = max(night.load)
    if at_once and peak > at_once:
        minutes = sum(count > at_once for count in night.load)
        message = f"up to {peak} servers work at once on the fullest night, more than {at_once} for {minutes} minutes"
        hint = "widen the window, spread the categories over other hours, or allow more at_once"
        yield Finding(CROWDED, YELLOW, "backup_calendar", message, hint, {"peak": peak, "minutes": minutes})
