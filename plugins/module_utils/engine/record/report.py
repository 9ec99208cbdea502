"""The report as data: everything that a renderer may know, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from . import level as levels
from .finding import Finding
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


@dataclass(frozen=True)
class Period:
    """From `began` up to, but without, `ended`; aware UTC. `zone` names the office's time zone for people."""

    began: datetime
    ended: datetime
    zone: str = "Asia/Jakarta"


@dataclass(frozen=True)
class HistoryPoint:
    """One run in an application's past, for the small pictures: when, how it ended, how large (bytes)."""

    began: datetime
    status: str
    size_bytes: int


@dataclass(frozen=True)
class ApplicationRow:
    """One application in the period. Ages and durations in seconds, sizes in bytes, fractions of 1, None: unknown.

    `size_change` is against the median of the seven runs before. `due` is when the last run should have been at the
    latest. `is_damaged` tells that a later check found the last run wanting. `copies` counts places that hold the
    run, `copies_elsewhere` those that are not on the disk of the source.
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
    restore_s: float | None = None
    next_run: datetime | None = None
    due: datetime | None = None
    succeeded_runs: int = 0
    failed_runs: int = 0
    missed_runs: int = 0
    consecutive_failures: int = 0
    copies: int = 0
    copies_elsewhere: int = 0
    warnings: tuple[str, ...] = ()
    parts: tuple[PartRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    history: tuple[HistoryPoint, ...] = ()


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
    counted: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckEntry:
    """A line of the Laporan Hasil Pengecekan: what was checked, what was expected, what was found."""

    application: str
    server: str
    run_id: str
    began: datetime
    duration_s: float
    status: str
    level: str
    comparison: str
    expected: str
    found: str
    differences: tuple[str, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True)
class RepairEntry:
    """A line of the Laporan Hasil Perbaikan: what failed, why, what was done about it and what came of it."""

    application: str
    server: str
    failed_at: datetime
    cause: Failure
    action: str
    repaired_at: datetime | None
    result: str


@dataclass(frozen=True)
class Summary:
    """The counts over all rows; `bytes` is what the succeeded rows' runs stored, `unchecked` are succeeded below
    compared, `damaged` are rows whose stored run was found wanting."""

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
    unclaimed: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Step:
    """One row of the procedure with its norm and, where it could be measured, the minutes that it took."""

    row: int
    norm_minutes: int
    actual_minutes: float | None = None


@dataclass(frozen=True)
class Report:
    """See docs/report.md. `rows` are in the order of STATUSES, then by server and application."""

    id: str
    period: Period
    generated: datetime
    as_of: datetime | None
    office: dict[str, str]
    sop: str
    summary: Summary
    rows: tuple[ApplicationRow, ...]
    checks: tuple[CheckEntry, ...] = ()
    repairs: tuple[RepairEntry, ...] = ()
    unclaimed: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    signatures: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def has_failed(self) -> bool:
        """Whether any application needs somebody: failed, unreachable, missed or damaged; also an empty register."""
        summary = self.summary
        return summary.applications == 0 or summary.damaged > 0 or any(row.status in BAD_STATUSES for row in self.rows)

    def to_data(self) -> dict[str, Any]:
        """The JSON object of docs/schemas/report.schema.json: every field of every row, null where unknown."""
        data = _to_plain(self)
        data["schema"] = REPORT_SCHEMA
        data["applications"] = data.pop("rows")
        return dict(data)


def _to_plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, (list, tuple)):
        return [_to_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _to_plain(item) for key, item in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {key: _to_plain(item) for key, item in vars(value).items()}
    return round(value, 4) if isinstance(value, float) else value
