"""The report as OpenMetrics, within what the textfile collector of node_exporter takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Optional

from ..record.level import DAMAGED, LADDER
from ..record.report import STATUSES, ApplicationRow, Report
from .language import clean, shorten

PREFIX = "diskominfo_backup_"
LABEL_CHARACTERS = 300

Reader = Callable[[ApplicationRow], Optional[float]]


def _tell_time(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _rank(row: ApplicationRow) -> float:
    return -1 if row.level == DAMAGED else LADDER.index(row.level) if row.level in LADDER else 0


APPLICATION_GAUGES: Mapping[str, tuple[str, Reader]] = {
    "needs_attention": ("1 when a person has to act, else 0", lambda row: float(row.needs_somebody)),
    "evidence_level": ("0 none, 1 written, 2 intact, 3 readable, 4 restored, 5 compared, -1 damaged", _rank),
    "last_run_timestamp_seconds": ("When the last run began", lambda row: _tell_time(row.began)),
    "last_good_timestamp_seconds": (
        "When the newest good stored run began",
        lambda row: _tell_time(row.last_good),
    ),
    "last_compared_timestamp_seconds": (
        "When a restored run was last found equal to its source",
        lambda row: _tell_time(row.last_compared),
    ),
    "next_due_timestamp_seconds": ("By when the next run must begin", lambda row: _tell_time(row.due)),
    "run_duration_seconds": ("How long the last run took", lambda row: row.duration_s),
    "restore_duration_seconds": ("How long the last test restore took", lambda row: row.restore_s),
    "stored_bytes": ("What the last run stored", lambda row: row.size_bytes),
    "size_change_ratio": ("Against the median of the seven runs before", lambda row: row.size_change),
    "consecutive_failures": ("Failed runs in a row", lambda row: row.consecutive_failures),
    "copies": ("Places that hold the newest good run", lambda row: row.copies),
    "copies_elsewhere": ("Those not on the disk of the source", lambda row: row.copies_elsewhere),
    "findings": ("Findings about the application", lambda row: len(row.findings)),
}
"""Name -> help and how a row is read; None leaves the sample out."""


def render_metrics(report: Report, _language: str = "") -> bytes:
    """Every application's numbers, then those of the whole report. Names and labels are the same in every language."""
    lines = [*_tell_statuses(report)]
    for name, (explanation, read) in APPLICATION_GAUGES.items():
        samples = [(_label(row), read(row)) for row in report.rows]
        lines += _tell_family(name, explanation, samples)
    lines += _tell_findings(report)
    summary = report.summary
    whole: Mapping[str, tuple[str, float | None]] = {
        "report_timestamp_seconds": ("When the report was made", report.generated.timestamp()),
        "registered_applications": ("Applications of the register", summary.applications),
        "unclaimed": ("Databases and sites that no application claims", summary.unclaimed),
        "checks": ("Checks in the period", len(report.checks)),
        "open_repairs": ("Failures that nothing has repaired yet", sum(not it.repaired_at for it in report.repairs)),
    }
    for name, (explanation, value) in whole.items():
        lines += _tell_family(name, explanation, [("", value)])
    return ("\n".join([*lines, "# EOF"]) + "\n").encode("utf-8")


def _tell_statuses(report: Report) -> list[str]:
    samples = [(_label(row, status=status), float(row.status == status)) for row in report.rows for status in STATUSES]
    return _tell_family("status", "1 for the status of the last due run, 0 for every other", samples)


def _tell_findings(report: Report) -> list[str]:
    """What was found about servers, such as a timer that is not as it was accepted, counted by its name."""
    counts = Counter((finding.slug, finding.severity) for finding in report.findings)
    samples = [
        (_write_labels({"slug": slug, "severity": severity}), float(counts[slug, severity]))
        for slug, severity in sorted(counts)
    ]
    return _tell_family("server_findings", "Findings about servers, by what was found", samples)


def _tell_family(name: str, explanation: str, samples: Iterable[tuple[str, float | None]]) -> list[str]:
    known = [f"{PREFIX}{name}{labels} {_tell_number(value)}" for labels, value in samples if value is not None]
    return [f"# HELP {PREFIX}{name} {explanation}", f"# TYPE {PREFIX}{name} gauge", *known] if known else []


def _tell_number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.4f}"


def _label(row: ApplicationRow, **more: str) -> str:
    return _write_labels({"server": row.server, "application": row.application, "category": row.category, **more})


def _write_labels(values: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in values.items()) + "}"


def _escape(text: str) -> str:
    return clean(shorten(text, LABEL_CHARACTERS)).replace("\\", "\\\\").replace('"', '\\"')
