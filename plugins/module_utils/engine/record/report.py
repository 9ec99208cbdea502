"""The report as data: everything that a renderer may know, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from . import level as levels
from .census import Difference
from .find import Find
from .finding import Finding
from .history import History, HistoryPoint
from .note import Note
from .people import Person
from .receipt import Failure
from .wire import format_time

REPORT_SCHEMA = "diskominfo.backup/report/1"

SUCCEEDED = "succeeded"
FAILED = "failed"
MISSED = "missed"
UNREACHABLE = "unreachable"
PENDING = "pending"
RETIRED = "retired"
STATUSES: tuple[str, ...] = (FAILED, UNREACHABLE, MISSED, PENDING, SUCCEEDED, RETIRED)
"""In the order of a report: what needs somebody comes first."""

BAD_STATUSES: tuple[str, ...] = (FAILED, UNREACHABLE, MISSED)

RETRIED = "retried"
RAN_AGAIN = "ran_again"
CHECKED_AGAIN = "checked_again"
NO_ACTION = "none"
ACTIONS: tuple[str, ...] = (RETRIED, RAN_AGAIN, CHECKED_AGAIN, NO_ACTION)
"""What was done about a failure: a retry of that very run, a later run, a later check, nothing so far."""

REPAIRED = "repaired"
OPEN = "open"
RESULTS: tuple[str, ...] = (REPAIRED, OPEN)


@dataclass(frozen=True)
class Period:
    """From `began` up to, but without, `ended`; aware UTC. `zone` names the office's time zone for people."""

    began: datetime
    ended: datetime
    zone: str = "Asia/Jakarta"


@dataclass(frozen=True)
class ApplicationRow:
    """One application in the period. Ages and durations in seconds, sizes in bytes, fractions of 1, None: unknown.

    `status` is that of the last run that was due, `level` how far that run is proved: `damaged` tells that a later
    check found it wanting. `as_of` is when the newest receipt behind the row ended. `size_change` is against the
    median of the seven runs before. `due` is by when the next run must have begun, or the row is missed. `last_good`
    is when the newest run that succeeded, is still stored and is not damaged began. `copies` counts places that hold
    that run, `copies_elsewhere` those that are not on the disk of the source, `places` their paths. `check_interval_s`
    is how often it should be compared, None for never. Of `warning_count` warnings the first
    few are in `warnings`. `days` has a letter of DAYS for each of the last SHOWN_DAYS days up to that in which the
    period ends, from the first that has a run.
    """

    application: str
    title: str
    owner: str
    server: str
    category: str
    status: str
    reason: Failure | None = None
    as_of: datetime | None = None
    began: datetime | None = None
    ended: datetime | None = None
    duration_s: float | None = None
    size_bytes: int | None = None
    size_change: float | None = None
    level: str = levels.NONE
    comparison: str = "none"
    last_good: datetime | None = None
    last_good_age_s: float | None = None
    last_compared: datetime | None = None
    check_interval_s: float | None = None
    restore_s: float | None = None
    next_run: datetime | None = None
    due: datetime | None = None
    succeeded_runs: int = 0
    failed_runs: int = 0
    missed_runs: int = 0
    consecutive_failures: int = 0
    copies: int = 0
    copies_elsewhere: int = 0
    places: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    warning_count: int = 0
    parts: tuple[PartRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    history: History = field(default_factory=History)
    days: str = ""

    @property
    def is_damaged(self) -> bool:
        """Whether a registered application's last run was found wanting after it had succeeded."""
        return self.level == levels.DAMAGED and self.status != RETIRED

    @property
    def needs_somebody(self) -> bool:
        """Whether a person has to act: failed, unreachable, missed or damaged."""
        return self.status in BAD_STATUSES or self.is_damaged


@dataclass(frozen=True)
class PartRow:
    """One database or source tree of the row's last run. `counted` says in numbers what was in it."""

    kind: str
    engine: str
    name: str
    path: str
    status: str
    size_bytes: int
    level: str
    failure: Failure | None = None
    counted: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckEntry:
    """A line of the Laporan Hasil Pengecekan: what was checked, what was expected, what was found.

    `expected` and `found` are counts over all parts (tables, rows, files …), empty where the check did not come to
    counting. Of `difference_count` differences the first few are in `differences`.
    """

    application: str
    server: str
    run_id: str
    began: datetime
    duration_s: float
    status: str
    level: str
    comparison: str
    expected: Mapping[str, int]
    found: Mapping[str, int]
    differences: tuple[Difference, ...] = ()
    difference_count: int = 0
    failure: Failure | None = None


@dataclass(frozen=True)
class RepairEntry:
    """A line of the Laporan Hasil Perbaikan: what failed, why, what was done about it and what came of it.

    `action` is one of ACTIONS, `result` one of RESULTS; `repaired_at` is None while it is open.
    """

    application: str
    server: str
    failed_at: datetime
    cause: Failure
    action: str
    repaired_at: datetime | None
    result: str


@dataclass(frozen=True)
class RestoreEntry:
    """One restore: which run came back, where to, by which door (`trigger`), and how long it took.

    `target` is a folder, `original`, or `database NAME`; `safety_id` the run that holds what was there before. `level`
    tells whether what came back was compared, `parts` what it was.
    """

    application: str
    server: str
    run_id: str
    began: datetime
    duration_s: float
    status: str
    trigger: str
    target: str
    safety_id: str
    level: str
    parts: tuple[str, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True)
class Summary:
    """The counts over all rows.

    `succeeded` counts by status, so it includes the `damaged`: rows whose stored run was found wanting since.
    `compared` and `unchecked` share out the other succeeded ones. `unclaimed` counts what
    exists and is in no backup, None where nobody has searched. `bytes` is what the succeeded rows' runs stored.
    """

    applications: int = 0
    succeeded: int = 0
    failed: int = 0
    missed: int = 0
    unreachable: int = 0
    pending: int = 0
    retired: int = 0
    unchecked: int = 0
    compared: int = 0
    damaged: int = 0
    unclaimed: int | None = None
    bytes: int = 0


@dataclass(frozen=True)
class Step:
    """One row of the procedure with its norm and, where it could be measured, the minutes that it took."""

    row: int
    norm_minutes: int
    actual_minutes: float | None = None


@dataclass(frozen=True)
class Report:
    """See docs/report.md. `rows` are in the order of STATUSES, the damaged after the failed, then by server and
    application. `as_of` is the newest receipt that went in. `unclaimed` is what a search of the servers found that is
    not as the register says, None where nobody has searched. `people` are the roles of the procedure, `notes` what
    people added in the period, and acknowledgements that reach into it."""

    id: str
    period: Period
    generated: datetime
    as_of: datetime | None
    office: Mapping[str, str]
    sop: str
    summary: Summary
    rows: tuple[ApplicationRow, ...]
    checks: tuple[CheckEntry, ...] = ()
    repairs: tuple[RepairEntry, ...] = ()
    restores: tuple[RestoreEntry, ...] = ()
    unclaimed: tuple[Find, ...] | None = None
    steps: tuple[Step, ...] = ()
    signatures: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    people: tuple[Person, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def has_failed(self) -> bool:
        """Whether any application needs somebody; also an empty register."""
        return self.summary.applications == 0 or any(row.needs_somebody for row in self.rows)

    def to_data(self) -> dict[str, Any]:
        """The JSON object of docs/schemas/report.schema.json: every field of every row, null where unknown."""
        return {**self.head_to_data(), "applications": [write_value(row) for row in self.rows]}

    def head_to_data(self) -> dict[str, Any]:
        """The same object without `applications`, for who writes those one at a time."""
        data = {key: write_value(value) for key, value in vars(self).items() if key != "rows"}
        return {"schema": REPORT_SCHEMA, **data}


def write_value(value: Any) -> Any:
    """A value of this file as JSON knows it: times as texts, floats with four decimals, records as objects."""
    kind = type(value)
    if kind is float:
        return round(value, 4)
    if kind is datetime:
        return format_time(value)
    if kind is HistoryPoint:
        return {"began": format_time(value.began), "status": value.status, "size_bytes": value.size_bytes}
    if kind is tuple or kind is History:
        return [write_value(item) for item in value]
    if kind is dict:
        return {key: write_value(item) for key, item in value.items()}
    if hasattr(kind, "__dataclass_fields__"):
        return {key: write_value(item) for key, item in vars(value).items()}
    return value
