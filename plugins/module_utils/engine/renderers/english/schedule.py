"""The schedule in English."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "schedule.title": "Backup schedule",
    "schedule.subtitle": "Databases and applications",
    "schedule.made": "Made {made}; times in {zone}",
    "schedule.zone": "Time zone",
    "schedule.id": "Schedule number",
    "schedule.server": "Server",
    "schedule.category": "Category",
    "schedule.moment": "Begins",
    "schedule.expected": "Expected",
    "schedule.applications": "Applications",
    "schedule.next": "Next",
    "schedule.clock": ":",
    "schedule.every.daily": "every day at {clock}",
    "schedule.every.weekly": "every {day} at {clock}",
    "schedule.every.monthly": "on day {day} of every month at {clock}",
    "schedule.event": "{category} backup of {server}",
    "schedule.picture": "This week",
    "schedule.entries": "All servers",
    "schedule.notes": "Notes",
    "schedule.load": "at most {count} servers at once",
    "schedule.summary": "{applications} applications on {servers} servers; {count} beginnings",
    "schedule.quiet": "Days without backups: {days}",
    "schedule.retired": "Left the register, what is stored stays: {names}",
    "weekday.1": "Monday",
    "weekday.2": "Tuesday",
    "weekday.3": "Wednesday",
    "weekday.4": "Thursday",
    "weekday.5": "Friday",
    "weekday.6": "Saturday",
    "weekday.7": "Sunday",
    "finding.window_overfull": "{needed} minutes of backups do not fit into a window of {window} minutes",
    "finding.window_overfull.hint": "Widen the window, or move applications to another category or server.",
    "finding.servers_at_once": "Up to {peak} servers work at once; for {minutes} minutes that is more than allowed",
    "finding.servers_at_once.hint": "Widen the window, move a category to other hours, or raise at_once.",
    "finding.schedule_drift": "The schedule that is installed is not the one that was accepted",
    "finding.schedule_drift.hint": "Run the playbook schedule for this server; find out who changed it.",
}
