"""The accepted plan: the schedules of all servers at one time, with what people want to know beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from .fields import Fields, Problems
from .finding import Finding
from .moment import DAY
from .report import write_value
from .schedule import Entry, Schedule, read_schedule
from .wire import format_time, parse_time

PLAN_SCHEMA = "diskominfo.backup/schedule/1"


class Beginning(NamedTuple):
    """One entry of one server at one time."""

    at: datetime
    server: str
    entry: Entry


@dataclass(frozen=True)
class Plan:
    """`schedules` by server, in the order of the register; `titles` by server and application. `retired` are pairs of a
    server and an application that left the register: nothing begins them, and their backups stay."""

    id: str
    made: datetime
    office: Mapping[str, str]
    schedules: Mapping[str, Schedule]
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    retired: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def zone(self) -> str:
        """The zone of the office: that of most of its servers."""
        zones = [schedule.zone for schedule in self.schedules.values()]
        return max(zones, key=zones.count, default="Asia/Jakarta")

    def is_as(self, other: Plan | None) -> bool:
        """Whether both say the same to servers and people, but for what was measured."""
        return other is not None and _find_essence(self) == _find_essence(other)

    def begin_after(self, moment: datetime, days: int) -> Iterator[Beginning]:
        """Everything that begins in so many days after a moment; server by server, entry by entry."""
        for server, schedule in self.schedules.items():
            for entry in schedule.entries:
                at = schedule.next_of(entry, moment)
                while at is not None and at <= moment + days * DAY:
                    yield Beginning(at, server, entry)
                    at = schedule.next_of(entry, at)

    def to_data(self) -> dict[str, Any]:
        """The JSON object of docs/schemas/schedule.schema.json."""
        return {
            "schema": PLAN_SCHEMA,
            "id": self.id,
            "made": format_time(self.made),
            "office": dict(self.office),
            "servers": [
                {**_write_schedule(schedule), "server": name, "titles": dict(self.titles.get(name, {}))}
                for name, schedule in self.schedules.items()
            ],
            "retired": [{"server": server, "application": application} for server, application in self.retired],
            "findings": [write_value(finding) for finding in self.findings],
        }


def _find_essence(plan: Plan) -> Any:
    schedules = {name: schedule.to_data() for name, schedule in plan.schedules.items()}
    titles = {name: dict(titles) for name, titles in plan.titles.items()}
    return schedules, titles, dict(plan.office), sorted(plan.retired)


def _write_schedule(schedule: Schedule) -> dict[str, Any]:
    entries = [{**entry.to_data(), "expected_s": entry.expected_s} for entry in schedule.entries]
    return {**schedule.to_data(), "entries": entries}


def read_plan(data: Mapping[str, Any]) -> Plan:
    """The plan out of its JSON object; ConfigurationError for what is none. Findings are not read back."""
    problems = Problems()
    fields = Fields(data, "schedule", problems)
    fields.text("schema", None, PLAN_SCHEMA.replace(".", r"\."), PLAN_SCHEMA)
    plan = Plan(
        id=fields.text("id"),
        made=parse_time(fields.text("made", None, r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z") or "1970-01-01T00:00:00Z"),
        office=_read_texts(fields.raw("office")),
        schedules={},
        retired=tuple((each.text("server"), each.text("application")) for each in fields.each("retired")),
    )
    fields.raw("findings")
    schedules: dict[str, Schedule] = {}
    titles: dict[str, Mapping[str, str]] = {}
    for each in fields.each("servers"):
        name = each.text("server", None)
        titles[name] = _read_texts(each.raw("titles"))
        schedules[name] = read_schedule(each)
    fields.finish()
    problems.raise_if_any()
    return replace(plan, schedules=schedules, titles=titles)


def _read_texts(value: Any) -> dict[str, str]:
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, Mapping) else {}
