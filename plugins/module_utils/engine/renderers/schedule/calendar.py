"""The schedule as iCalendar (RFC 5545), for the calendar programs of an office: a repeating event for each entry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timezone, tzinfo

from ...record.moment import WEEKDAY_WORDS
from ...record.plan import Plan
from ...record.policy import DAILY, MONTHLY, WEEKLY
from ...record.schedule import Schedule
from ...record.zone import find_changes, offset_minutes, open_zone
from ..language import Language
from .words import Line, list_lines

LINE_BYTES = 74
SHORTEST_S = 300
"""An event that takes less is hardly seen in a calendar."""

STAMP = "%Y%m%dT%H%M%S"
BASE = datetime(1970, 1, 1, tzinfo=timezone.utc)


def render_calendar(plan: Plan, language: str) -> bytes:
    """Lines end with CRLF and are folded; times are those of the zone, whose changes of the clock stand beside."""
    chosen = Language(language)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//diskominfo.backup//schedule//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escape(chosen.word('schedule.title'))}",
        f"X-WR-TIMEZONE:{plan.zone}",
    ]
    for name in dict.fromkeys(schedule.zone for schedule in plan.schedules.values()):
        lines += _describe_zone(name)
    for line in list_lines(plan):
        lines += _describe_event(line, plan, chosen)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line)).encode("utf-8")


def _describe_zone(name: str) -> Iterator[str]:
    zone = open_zone(name)
    if zone is None:
        return
    yield from ("BEGIN:VTIMEZONE", f"TZID:{name}")
    changes = find_changes(zone)
    first = changes[0][1] if changes else offset_minutes(zone, BASE)
    yield from _describe_change("STANDARD", "19700101T000000", first, first)
    lowest = min((min(before, after) for _unused, before, after in changes), default=first)
    for moment, before, after in changes:
        local = datetime.fromtimestamp(moment.timestamp() + before * 60, timezone.utc)
        kind = "STANDARD" if after == lowest else "DAYLIGHT"
        yield from _describe_change(kind, local.strftime(STAMP), before, after)
    yield "END:VTIMEZONE"


def _describe_change(kind: str, began: str, before: int, after: int) -> Iterator[str]:
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{began}"
    yield f"TZOFFSETFROM:{_write_offset(before)}"
    yield f"TZOFFSETTO:{_write_offset(after)}"
    yield f"END:{kind}"


def _write_offset(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}{rest:02d}"


def _describe_event(line: Line, plan: Plan, language: Language) -> Iterator[str]:
    """The rule, without the quiet days on which it would fall, and with the days that those put off."""
    entry, schedule = line.entry, line.schedule
    zone = open_zone(schedule.zone)
    first = Schedule(schedule.zone, (entry,)).next_of(entry, plan.made)
    if zone is None or first is None:
        return
    days = [day for day in schedule.quiet if day >= first.astimezone(zone).date()]
    put_off = [date.fromisoformat(told.split()[0]) for told in schedule.on_calendar(entry)[1:]]
    summary = language.say("schedule.event", category=language.word(f"category.{entry.category}"), server=line.server)
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.name}.{line.server}@diskominfo.backup"
    yield f"DTSTAMP:{plan.made.strftime(STAMP)}Z"
    yield f"DTSTART;TZID={schedule.zone}:{_write_local(first, zone)}"
    yield f"DURATION:PT{max(SHORTEST_S, entry.expected_s) // 60}M"
    yield f"RRULE:{_write_rule(line)}"
    yield from _list_dates("EXDATE", line, [day for day in days if entry.begins.falls_on(day)])
    yield from _list_dates("RDATE", line, [day for day in put_off if day >= first.astimezone(zone).date()])
    yield f"SUMMARY:{_escape(summary)}"
    yield f"DESCRIPTION:{_escape(', '.join(line.titles))}"
    yield f"CATEGORIES:{_escape(language.word(f'category.{entry.category}'))}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _write_rule(line: Line) -> str:
    begins = line.entry.begins
    rules = {
        DAILY: "FREQ=DAILY",
        WEEKLY: f"FREQ=WEEKLY;BYDAY={WEEKDAY_WORDS[begins.weekday - 1][:2].upper()}",
        MONTHLY: f"FREQ=MONTHLY;BYMONTHDAY={begins.day}",
    }
    return rules[line.entry.category]


def _list_dates(name: str, line: Line, days: list[date]) -> Iterator[str]:
    clock = line.entry.begins.clock.replace(":", "") + "00"
    for day in days:
        yield f"{name};TZID={line.schedule.zone}:{day:%Y%m%d}T{clock}"


def _write_local(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime(STAMP)


def _escape(text: str) -> str:
    """RFC 5545, section 3.3.11."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _fold(line: str) -> Iterator[str]:
    """RFC 5545, section 3.1: at most 75 octets; the rest goes on behind a space. No character is cut."""
    current = ""
    for character in line:
        if len((current + character).encode("utf-8")) > LINE_BYTES:
            yield current
            current = " "
        current += character
    yield current
