"""What is installed on a server, held against what was accepted for it: every difference is a finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..record.finding import RED, YELLOW, Finding
from ..record.installed import (
    CRON,
    LOADED,
    NOT_FOUND,
    SYSTEMD,
    Installed,
    InstalledTimer,
    make_command,
    name_unit,
)
from ..record.register import Server
from ..record.schedule import Entry, Schedule
from ..record.wire import format_time, hash_value
from .timetable import plan_timetable

REASON_CHARACTERS = 300
SLUGS: tuple[str, ...] = (
    "schedule_absent",
    "schedule_unplanned",
    "schedule_off",
    "schedule_drift",
    "config_drift",
    "schedule_unknown",
)
"""Every slug that a comparison can answer with."""

SHOWN = 12
"""So many findings about one server are told one by one; a server that lies must not flood the report."""

RUN_SCHEDULE = "run the playbook schedule for this server, first with --check --diff to see what differs"


@dataclass(frozen=True)
class Standing:
    """What is known of one server: its part of the register, its accepted schedule (None: none was planned since it
    was registered), and what it says is installed (None: nothing came home). What came home before `since` is old.
    `is_asked` False: a report that leaves it out holds no silence against it."""

    server: Server
    accepted: Schedule | None
    installed: Installed | None
    since: datetime
    is_asked: bool = True


def judge_installed(standing: Standing) -> tuple[Finding, ...]:
    """Every difference between paper and server, what stops backups first."""
    found = sorted(_judge(standing), key=lambda finding: finding.severity != RED)
    if len(found) <= SHOWN:
        return tuple(found)
    name, more = standing.server.name, len(found) - SHOWN
    message = f"{name}: {more} more differences"
    rest = Finding("schedule_drift", found[SHOWN].severity, name, message, RUN_SCHEDULE, {"count": more})
    return (*found[:SHOWN], rest)


def _judge(standing: Standing) -> Iterator[Finding]:
    name, installed, accepted = standing.server.name, standing.installed, standing.accepted
    if accepted is None:
        yield _tell_unplanned(name, "registered, and in no schedule that was accepted")
    else:
        for application in standing.server.applications:
            if accepted.entry_of(application.name) is None:
                subject = f"{name}/{application.name}"
                yield _tell_unplanned(subject, "registered, and in no entry of the accepted schedule")
    if standing.is_asked and (installed is None or installed.at < standing.since):
        seen = f"was seen last at {format_time(installed.at)}" if installed else "has never been seen"
        yield _tell_unknown(name, f"what is installed {seen}")
    if installed is None:
        return
    for each in installed.unread:
        yield _tell_unknown(f"{name}: {each.subject[:REASON_CHARACTERS]}", each.reason[:REASON_CHARACTERS])
    if accepted is None:
        return
    if installed.is_empty:
        yield Finding("schedule_absent", RED, name, f"{name}: no schedule is installed", RUN_SCHEDULE)
        return
    yield from _judge_configuration(standing.server, accepted, installed)
    yield from _judge_timers(name, accepted, installed)
    yield from _judge_cron(standing.server, accepted, installed)


def _tell_unplanned(subject: str, reason: str) -> Finding:
    hint = "run the playbook schedule: it plans for all servers"
    return Finding("schedule_unplanned", RED, subject, f"{subject}: {reason}", hint)


def _tell_unknown(subject: str, reason: str) -> Finding:
    hint = "see why the server was not read: it must be reachable, and read as root; then write the report again"
    return Finding("schedule_unknown", YELLOW, subject, f"{subject}: {reason}", hint)


def _tell_off(subject: str, reason: str) -> Finding:
    return Finding("schedule_off", RED, subject, f"{subject} {reason}: nothing is begun by it", RUN_SCHEDULE)


def _tell_drift(subject: str, reason: str) -> Finding:
    hint = f"{RUN_SCHEDULE}; find out who changed it"
    return Finding("schedule_drift", YELLOW, subject, f"{subject} is not as accepted: {reason}", hint)


def _judge_configuration(server: Server, accepted: Schedule, installed: Installed) -> Iterator[Finding]:
    subject = f"{server.name}: config.json"
    if installed.config_problem:
        yield _tell_off(subject, f"cannot be used ({installed.config_problem[:REASON_CHARACTERS]})")
    elif installed.config_hash:
        if installed.config_hash != server.config_hash:
            message = f"{subject} is not what the register says"
            hint = f"{RUN_SCHEDULE}; where the register did not change, find out who changed the file"
            yield Finding("config_drift", YELLOW, subject, message, hint)
        if installed.schedule_hash != hash_value(accepted.to_data()):
            yield _tell_drift(subject, "it holds another schedule")
    elif not installed.unread:
        yield _tell_off(subject, "is not there")


def _judge_timers(name: str, accepted: Schedule, installed: Installed) -> Iterator[Finding]:
    timers = {timer.unit: timer for timer in installed.timers}
    is_known = installed.manager == SYSTEMD and (installed.timers or not installed.unread)
    unread = {each.subject for each in installed.unread}
    for entry in accepted.entries if is_known else ():
        unit = name_unit(entry.name)
        if unit in unread:
            continue
        fault = _find_fault(timers.get(unit))
        if fault:
            yield _tell_off(f"{name}: {unit}", fault)
        else:
            for reason in _list_differences(entry, accepted, timers[unit]):
                yield _tell_drift(f"{name}: {unit}", reason)
    wanted = {name_unit(entry.name) for entry in accepted.entries}
    for unit, timer in timers.items():
        if unit not in wanted and timer.state != NOT_FOUND:
            yield _tell_drift(f"{name}: {unit[:REASON_CHARACTERS]}", "no entry of the schedule has this name")


def _find_fault(timer: InstalledTimer | None) -> str:
    """Why a timer begins nothing; empty where it does."""
    if timer is None or timer.state == NOT_FOUND:
        return "is not installed"
    if timer.state != LOADED:
        return f"is {timer.state[:REASON_CHARACTERS]}"
    if timer.service_state != LOADED:
        return f"has a service that is {timer.service_state[:REASON_CHARACTERS] or 'unknown'}"
    missing = [*([] if timer.is_enabled else ["not enabled"]), *([] if timer.is_active else ["stopped"])]
    return f"is {' and '.join(missing)}" if missing else ""


def _list_differences(entry: Entry, accepted: Schedule, timer: InstalledTimer) -> Iterator[str]:
    if {*timer.on_calendar} != {*accepted.on_calendar(entry)}:
        yield f"it begins at {', '.join(timer.on_calendar)[:REASON_CHARACTERS] or 'no time'}"
    if timer.begins != name_unit(entry.name, "service") or timer.command != make_command(f"--entry {entry.name}"):
        yield f"it starts {timer.command[:REASON_CHARACTERS] or 'nothing'} by {timer.begins[:REASON_CHARACTERS]}"
    if not timer.is_persistent:
        yield "what was missed while the server was off is not made up for"
    if timer.is_unread:
        yield "its files were changed, and systemd has not read them yet"


def _judge_cron(server: Server, accepted: Schedule, installed: Installed) -> Iterator[Finding]:
    subject = f"{server.name}: cron"
    if installed.manager != CRON:
        if installed.lines:
            yield _tell_drift(subject, "it begins backups beside the timers")
        return
    if any(each.subject.endswith("/cron.d/diskominfo-backup") for each in installed.unread):
        return
    wanted = (f"{plan_timetable(server, accepted).cron_minutes} * * * *", "@reboot")
    if not installed.lines:
        yield _tell_off(subject, "has no lines")
    elif not installed.is_cron_running:
        yield _tell_off(subject, "is not running")
    elif sorted(line.when for line in installed.lines) != sorted(wanted):
        times = ", ".join(line.when for line in installed.lines)[:REASON_CHARACTERS]
        yield _tell_drift(subject, f"it wakes the command at {times}")
    elif any(line.command != make_command("--due") for line in installed.lines):
        yield _tell_drift(subject, "it starts something else")
