"""The lists of a report as columns and values: what CSV and spreadsheets have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Union

from ..record.report import ApplicationRow, CheckEntry, RepairEntry, Report, RestoreEntry, Step
from .language import Language, clean, shorten

Value = Union[str, int, float, datetime, None]

TEXT, WHOLE, BYTES, FRACTION, SECONDS, TIME = "text", "whole", "bytes", "fraction", "seconds", "time"
SHOWN_CHARACTERS = 2000


@dataclass(frozen=True)
class Column:
    """`name` is that of report.json, `title` a key of the catalogue, `kind` says what `read` gives."""

    name: str
    title: str
    kind: str
    read: Callable[[Any], Value]
    width: int = 14


@dataclass(frozen=True)
class Sheet:
    """One list: its key in the catalogue, its columns and the records that they read."""

    title: str
    columns: Sequence[Column]
    records: Sequence[Any]


def show_text(text: str) -> str:
    """A text from a server in one cell: one line that steers nothing and is not too long."""
    return clean(shorten(text, SHOWN_CHARACTERS))


def _take(name: str, title: str, kind: str = TEXT, width: int = 14) -> Column:
    return Column(name, title, kind, lambda record: getattr(record, name), width)


def _say(title: str, language: Language, width: int = 14) -> Column:
    """A column whose words stand in the catalogue; a word that it lacks stays as it is."""
    name = title.rpartition(".")[2]

    def read(record: Any) -> str:
        word = str(getattr(record, name))
        return language.word(f"{name}.{word}", word)

    return Column(name, title, TEXT, read, width)


RUN_COLUMNS: tuple[Column, ...] = (
    _take("began", "column.when", TIME, 18),
    _take("ended", "column.ended", TIME, 18),
    _take("duration_s", "column.duration", SECONDS, 10),
    _take("size_bytes", "column.size", BYTES),
    _take("size_change", "column.change", FRACTION, 10),
)
PAST_COLUMNS: tuple[Column, ...] = (
    _take("last_good", "column.last_good", TIME, 20),
    _take("last_good_age_s", "column.last_good_age_s", SECONDS, 18),
    _take("last_compared", "column.last_compared", TIME, 20),
    _take("restore_s", "row.restore", SECONDS, 18),
    _take("next_run", "column.next_run", TIME, 18),
    _take("due", "row.due", TIME, 22),
    _take("succeeded_runs", "column.succeeded_runs", WHOLE),
    _take("failed_runs", "column.failed_runs", WHOLE),
    _take("missed_runs", "column.missed_runs", WHOLE),
    _take("consecutive_failures", "row.consecutive", WHOLE, 18),
    _take("copies", "row.copies", WHOLE, 10),
    _take("copies_elsewhere", "column.copies_elsewhere", WHOLE, 20),
    _take("warning_count", "row.warnings", WHOLE, 12),
)


def _read_reason(name: str) -> Callable[[ApplicationRow], str]:
    return lambda row: str(getattr(row.reason, name)) if row.reason else ""


MACHINE_COLUMNS: tuple[Column, ...] = (
    *(_take(name, "") for name in ("status", "application", "title", "owner", "server", "category")),
    *(Column(f"reason_{name}", "", TEXT, _read_reason(name)) for name in ("slug", "message", "hint")),
    _take("as_of", "", TIME),
    *RUN_COLUMNS,
    *(_take(name, "") for name in ("level", "comparison")),
    *PAST_COLUMNS,
)
"""A row of the report for programs, in their words."""


def list_sheets(report: Report, language: Language) -> list[Sheet]:
    """Every list of the report for people, what needs somebody first."""
    zone = report.period.zone
    return [
        Sheet("sheet.applications", _application_columns(language, zone), report.rows),
        Sheet("sheet.checks", _check_columns(language), report.checks),
        Sheet("sheet.repairs", _repair_columns(language), report.repairs),
        Sheet("sheet.restores", _restore_columns(language), report.restores),
        Sheet("sheet.unclaimed", _find_columns(language), report.unclaimed or ()),
        Sheet("sheet.findings", _finding_columns(language), list_findings(report)),
        Sheet("section.notes", _note_columns(language), report.notes),
        Sheet("sheet.steps", _step_columns(language), report.steps),
    ]


def list_findings(report: Report) -> list[tuple[str, Any]]:
    """Every finding with whom it is about: `server` or `server/application`."""
    found: list[tuple[str, Any]] = [(finding.subject, finding) for finding in report.findings]
    for row in report.rows:
        found += [(f"{row.server}/{row.application}", finding) for finding in row.findings]
    return found


def _application_columns(language: Language, zone: str) -> tuple[Column, ...]:
    def say_status(row: ApplicationRow) -> str:
        return language.word(f"status.{language.status_of(row)}")

    def explain(row: ApplicationRow) -> tuple[str, str, str]:
        told = language.explain_row(row, zone)
        return (told.sentence, told.detail, told.remedy) if told else ("", "", "")

    return (
        Column("status", "column.status", TEXT, say_status),
        _take("application", "column.application", width=20),
        _take("server", "column.server", width=20),
        _take("title", "column.title", width=36),
        _take("owner", "column.owner", width=26),
        _say("column.category", language, 11),
        Column("reason", "column.reason", TEXT, lambda row: explain(row)[0], 40),
        Column("detail", "column.detail", TEXT, lambda row: explain(row)[1], 40),
        Column("remedy", "row.remedy", TEXT, lambda row: explain(row)[2], 40),
        *RUN_COLUMNS,
        _say("column.level", language),
        *PAST_COLUMNS,
    )


def _check_columns(language: Language) -> tuple[Column, ...]:
    def tell_differences(entry: CheckEntry) -> str:
        return "; ".join(language.say("row.difference", **each.to_data()) for each in entry.differences)

    def tell_reason(entry: CheckEntry) -> str:
        return language.explain(entry.failure).sentence if entry.failure else ""

    return (
        _take("application", "column.application", width=20),
        _take("server", "column.server", width=20),
        _take("run_id", "column.checked", width=28),
        _take("began", "column.when_short", TIME, 18),
        _take("duration_s", "column.duration", SECONDS, 10),
        _say("column.status", language),
        _say("column.level", language),
        _say("column.comparison", language),
        Column("expected", "column.expected", TEXT, lambda entry: language.counted(entry.expected), 40),
        Column("found", "column.found", TEXT, lambda entry: language.counted(entry.found), 40),
        _take("difference_count", "column.difference_count", WHOLE),
        Column("differences", "column.differences", TEXT, tell_differences, 50),
        Column("reason", "column.reason", TEXT, tell_reason, 40),
    )


def _repair_columns(language: Language) -> tuple[Column, ...]:
    def tell_cause(entry: RepairEntry) -> str:
        return language.explain_cause(entry.cause).sentence

    return (
        _take("application", "column.application", width=20),
        _take("server", "column.server", width=20),
        _take("failed_at", "column.failed_at", TIME, 18),
        Column("cause", "column.cause", TEXT, tell_cause, 40),
        Column("detail", "column.detail", TEXT, lambda entry: language.explain_cause(entry.cause).detail, 40),
        _say("column.action", language, 30),
        _say("column.result", language, 20),
        _take("repaired_at", "column.repaired_at", TIME, 18),
    )


def _restore_columns(language: Language) -> tuple[Column, ...]:
    def tell_reason(entry: RestoreEntry) -> str:
        return language.explain(entry.failure).sentence if entry.failure else ""

    return (
        _take("application", "column.application", width=20),
        _take("server", "column.server", width=20),
        _take("run_id", "column.restored", width=28),
        Column("parts", "column.parts", TEXT, lambda entry: ", ".join(entry.parts), 30),
        _take("began", "column.when_short", TIME, 18),
        _take("duration_s", "column.duration", SECONDS, 10),
        Column("target", "column.target", TEXT, lambda entry: language.tell_target(entry.target), 36),
        Column("trigger", "column.trigger", TEXT, lambda entry: language.word(f"trigger.{entry.trigger}"), 26),
        _take("safety_id", "column.safety_id", width=28),
        _say("column.status", language),
        _say("column.level", language),
        Column("reason", "column.reason", TEXT, tell_reason, 40),
    )


def _finding_columns(language: Language) -> tuple[Column, ...]:
    return (
        Column("subject", "column.subject", TEXT, lambda found: found[0], 30),
        Column("severity", "column.severity", TEXT, lambda found: language.word(f"severity.{found[1].severity}"), 12),
        Column("finding", "row.findings", TEXT, lambda found: language.explain_finding(found[1]).sentence, 50),
        Column("remedy", "row.remedy", TEXT, lambda found: language.explain_finding(found[1]).remedy, 60),
    )


def _find_columns(language: Language) -> tuple[Column, ...]:
    return (
        _take("server", "column.server", width=20),
        _take("key", "column.find", width=40),
        _say("column.state", language, 16),
        Column("told", "column.told", TEXT, language.explain_find, 60),
        _take("application", "column.application", width=30),
        _take("file", "column.detail", width=40),
    )


def _note_columns(language: Language) -> tuple[Column, ...]:
    return (
        _take("application", "column.application", width=20),
        _take("server", "column.server", width=20),
        Column("about", "column.subject", TEXT, lambda note: language.word(f"kind.note_{note.about}"), 22),
        _take("text", "row.findings", width=60),
        _take("name", "column.name", width=26),
        _take("position", "column.position", width=36),
        _take("at", "column.when_short", TIME, 18),
        _take("until", "column.until", TIME, 18),
    )


def _step_columns(language: Language) -> tuple[Column, ...]:
    def tell_minutes(step: Step) -> float | None:
        return None if step.actual_minutes is None else step.actual_minutes * 60

    return (
        _take("row", "column.row", WHOLE, 8),
        Column("step", "column.step", TEXT, lambda step: language.word(f"step.{step.row}"), 48),
        Column("norm_minutes", "column.norm", SECONDS, lambda step: step.norm_minutes * 60.0),
        Column("actual_minutes", "column.actual", SECONDS, tell_minutes),
    )


def read_values(sheet: Sheet) -> Iterable[list[Value]]:
    """The values of each record, texts ready to be shown."""
    for record in sheet.records:
        values = [column.read(record) for column in sheet.columns]
        yield [show_text(value) if isinstance(value, str) else value for value in values]
