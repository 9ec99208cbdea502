"""What failed and nothing has mended since: the runs and the checks that are worth another attempt, and no others."""

from __future__ import annotations

from collections.abc import Sequence

from .record import level as levels
from .record.application import Application
from .record.receipt import CHECK, RUN, Receipt
from .rules.proof import find_level
from .selection import stored_runs
from .station import Station

FAILED_ONLY = "failed"
"""The word of `--runs` for it."""


def find_failed_runs(station: Station, applications: Sequence[Application]) -> list[tuple[Application, Receipt]]:
    """Applications whose newest run failed, or was found damaged since, each with the receipt that says so."""
    found = []
    for application in applications:
        failed = _find_failed_run(station, application)
        found += [(application, failed)] if failed else []
    return found


def _find_failed_run(station: Station, application: Application) -> Receipt | None:
    run = _find_newest_run(station, application)
    if run is None or not run.has_succeeded:
        return run
    checks = _find_checks(station, application, run)
    return checks[-1] if find_level(run, checks)[0] == levels.DAMAGED else None


def find_failed_checks(
    station: Station, applications: Sequence[Application]
) -> list[tuple[Application, Receipt, Receipt]]:
    """(application, run, check) where the newest check of the newest run came to no result, for reasons of its own."""
    found = []
    for application in applications:
        for run in [run for run in stored_runs(station, application.name) if not run.is_safety][-1:]:
            checks = _find_checks(station, application, run)
            if checks and not checks[-1].has_succeeded and find_level(run, checks)[0] != levels.DAMAGED:
                found.append((application, run, checks[-1]))
    return found


def _find_newest_run(station: Station, application: Application) -> Receipt | None:
    runs = [run for run in station.catalogue.receipts(application.name, (RUN,)) if not run.is_safety]
    return runs[-1] if runs else None


def _find_checks(station: Station, application: Application, run: Receipt) -> list[Receipt]:
    return [check for check in station.catalogue.receipts(application.name, (CHECK,)) if check.run_id == run.id]
