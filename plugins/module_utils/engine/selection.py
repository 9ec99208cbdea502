"""Which applications and which runs are meant by the words of a command line, a playbook or a timer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from .errors import ConfigurationError, RunNotFound, UnknownApplication
from .record import level as levels
from .record.application import Application, make_stand_in
from .record.policy import CATEGORIES
from .record.receipt import CHECK, RUN, Receipt
from .rules.proof import find_level
from .rules.schedule import checks_due
from .station import Station

LATEST = "latest"
PROVED = "proved"
DUE = "due"
ALL = "all"


def pick_applications(station: Station, names: Sequence[str] = (), category: str = "") -> list[Application]:
    """The registered applications of these names (none: all) and of this category (empty: any), in register order."""
    registered = station.server.applications
    unknown = sorted({*names} - {application.name for application in registered})
    if unknown:
        raise UnknownApplication.not_registered(unknown, [application.name for application in registered])
    if category and category not in CATEGORIES:
        raise ConfigurationError.has_problems(
            [f"category: cannot be {category!r}; use one of: {', '.join(CATEGORIES)}"]
        )
    wanted = CATEGORIES.get(category, "")
    return [
        application
        for application in registered
        if (not names or application.name in names) and wanted in ("", application.category)
    ]


def find_application(station: Station, name: str) -> Application:
    """A registered application, or a retired one of which runs are stored still; UnknownApplication otherwise."""
    application = station.server.find(name)
    if application is None and name in station.store.applications():
        return make_stand_in(name)
    return application or pick_applications(station, [name])[0]


def stored_runs(station: Station, application: str) -> list[Receipt]:
    """The receipts of the runs that the store holds, oldest first."""
    held = {*station.store.runs(application)}
    ids = [identity for identity in station.catalogue.ids(application) if identity in held]
    return list(station.catalogue.receipts(application, (RUN,), ids))


def pick_run(station: Station, application: str, wanted: str = LATEST) -> Receipt:
    """The run of an id, the `latest`, the latest that was `proved` (restored and compared), or the latest that had
    begun by a date such as `2026-11-22` (its end) or `2026-11-22T20:00`; RunNotFound.

    A date without `Z` or an offset is one of this server's clock. What a restore replaced is found by its id only.
    """
    runs = stored_runs(station, application)
    moment = read_moment(wanted)
    if wanted in (LATEST, PROVED) or moment:
        runs = [run for run in runs if not run.is_safety]
    if moment:
        runs = [run for run in runs if run.began <= moment]
    elif wanted == PROVED:
        proved = levels_of_runs(station, application, runs)
        runs = [run for run in runs if levels.is_at_least(proved[run.id], levels.COMPARED)]
    elif wanted != LATEST:
        runs = [run for run in runs if run.id == wanted]
    if not runs:
        raise RunNotFound.absent(application, wanted)
    return runs[-1]


def read_moment(text: str) -> datetime | None:
    """The time that a date or a date and time mean; None for any other word."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?", text):
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        problem = f"run: cannot be {text!r}; write 2026-11-22 or 2026-11-22T20:00"
        raise ConfigurationError.has_problems([problem]) from error
    if len(text) == len("2026-11-22"):
        moment += timedelta(days=1)
    return moment.astimezone(timezone.utc)


def levels_of_runs(station: Station, application: str, runs: Sequence[Receipt]) -> dict[str, str]:
    """run id -> evidence level, of the stored runs that are given."""
    checks = list(station.catalogue.receipts(application, (CHECK,)))
    return {run.id: find_level(run, checks)[0] for run in runs}


def pick_checks(
    station: Station, applications: Sequence[Application], which: str, depth: str
) -> list[tuple[Application, Receipt, str]]:
    """What to check and how deep. `which`: `due` by each application's policy (the depth follows from it), `latest`,
    `all`, or a run id."""
    chosen: list[tuple[Application, Receipt, str]] = []
    for application in applications:
        if which == DUE:
            chosen += _pick_due(station, application)
        elif which == ALL:
            chosen += [(application, run, depth) for run in stored_runs(station, application.name)]
        elif which == LATEST:
            planned = [run for run in stored_runs(station, application.name) if not run.is_safety]
            chosen += [(application, run, depth) for run in planned[-1:]]
        else:
            chosen.append((application, pick_run(station, application.name, which), depth))
    return chosen


def _pick_due(station: Station, application: Application) -> list[tuple[Application, Receipt, str]]:
    runs = [run for run in stored_runs(station, application.name) if not run.is_safety]
    checks = list(station.catalogue.receipts(application.name, (CHECK,)))
    by_id = {run.id: run for run in runs}
    due = checks_due(application, runs, checks, station.clock())
    return [(application, by_id[run_id], depth) for run_id, depth in due]
