"""What a timer has to begin now: an entry of the schedule, or, where cron wakes us, whatever was not begun in time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from .errors import ConfigurationError, NotRecorded
from .flow.files import make_private_folder
from .record.application import Application
from .record.receipt import RUN, Receipt
from .record.schedule import Entry, Schedule
from .station import Station

STAMPS = "schedule"
"""Folder below the state: a file for each entry, whose time is when it was begun last."""

POLL_S = 1.0
NOT_RETRIED = ("interrupted",)
"""Who ended it does not want it again."""


def pick_entry(station: Station, name: str) -> list[Application]:
    """The applications of one entry; none on a quiet day. Raises ConfigurationError for a name that is none."""
    schedule = _find_schedule(station)
    entry = schedule.find(name)
    if entry is None:
        known = ", ".join(each.name for each in schedule.entries)
        raise ConfigurationError.has_problems([f"entry: {name!r} is not in the schedule; there are: {known}"])
    return [] if schedule.rest.holds(station.clock()) else _find_applications(station, [entry])


def pick_due(station: Station, installed: datetime) -> list[Application]:
    """The applications of every entry whose moment came since it was begun last; from then on they count as begun.

    What never began is counted from `installed` on, when the schedule was: a new one is no reason to back up in the
    middle of the day. A time in the future is that of a clock that was wrong, and is not believed. On a quiet day
    nothing is due; what is due then comes the day after.
    """
    schedule, now = _find_schedule(station), station.clock()
    if schedule.rest.holds(now):
        return []
    due = [
        entry
        for entry in schedule.entries
        if _take(station.state / STAMPS / entry.name, entry, schedule, installed, now)
    ]
    return _find_applications(station, due)


def _find_schedule(station: Station) -> Schedule:
    if station.server.schedule is None:
        raise ConfigurationError.has_problems(["schedule: there is none; install one with the playbook schedule"])
    return station.server.schedule


def _find_applications(station: Station, entries: Sequence[Entry]) -> list[Application]:
    names = {name for entry in entries for name in entry.applications}
    return [application for application in station.server.applications if application.name in names]


def _take(stamp: Path, entry: Entry, schedule: Schedule, installed: datetime, now: datetime) -> bool:
    """Whether the entry is due; then, and when nothing is known of it, its stamp is set."""
    try:
        begun = _read_stamp(stamp)
        known = [moment for moment in (begun, installed) if moment is not None and moment <= now]
        came = schedule.last_of(entry, now)
        is_due = bool(known) and came is not None and came > max(known)
        if is_due or not known:
            make_private_folder(stamp.parent)
            stamp.touch(0o600)
            os.utime(stamp, (now.timestamp(), now.timestamp()))
    except OSError as error:
        raise NotRecorded.unwritable(str(stamp), error.strerror or str(error)) from error
    return is_due


def _read_stamp(stamp: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(stamp.stat().st_mtime, timezone.utc)
    except FileNotFoundError:
        return None


def retry_failed(
    station: Station, receipts: Sequence[Receipt], work: Callable[[Application, str], Receipt]
) -> list[Receipt]:
    """Tries again what failed, as often and as late as the office's calendar says; the receipts of these attempts.

    `work(application, id of the attempt before)` is one attempt. An end by a signal ends the waiting too.
    """
    retry, attempts = station.server.calendar.retry, []
    failed = [receipt for receipt in receipts if _is_worth_it(receipt)]
    for _unused in range(retry.times):
        if not failed or not _wait(station, retry.after_s):
            break
        made = []
        for receipt in failed:
            application = station.server.find(receipt.application)
            if application:
                made.append(work(application, receipt.id))
        attempts += made
        failed = [receipt for receipt in made if _is_worth_it(receipt)]
    return attempts


def _is_worth_it(receipt: Receipt) -> bool:
    return receipt.kind == RUN and receipt.failure is not None and receipt.failure.slug not in NOT_RETRIED


def _wait(station: Station, seconds: float) -> bool:
    """Whether the time went by without anybody ending the work."""
    deadline = time.monotonic() + seconds
    while station.supervisor.ended_by is None and time.monotonic() < deadline:
        time.sleep(min(POLL_S, max(0.0, deadline - time.monotonic())))
    return station.supervisor.ended_by is None
