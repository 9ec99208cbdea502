# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of the evidence folder, from a module's options to its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from .door import Answer, Request
from .engine.books.evidence import EvidenceFolder
from .engine.cards import publish_cards
from .engine.deliver import find_failures
from .engine.errors import BackupError, ConfigurationError, ToolMissing
from .engine.publish import publish_report
from .engine.record.people import read_people
from .engine.record.register import LANGUAGES, OFFICE_KEYS, Register, Server, read_register
from .engine.record.report import ApplicationRow, Period, Report
from .engine.record.wire import parse_time
from .engine.remember import FOLDER, Effort, Memory
from .engine.renderers.registry import RENDERERS
from .engine.report import make_named_period, make_recent_period, make_report, tell_undelivered
from .engine.station import utc_now
from .typesetting import require_library, typeset_pdf


def make_evidence_report(request: Request) -> tuple[Report, Effort]:
    """The report that the options ask for, and what the index spared it.

    Outside check mode the register is kept first, if it has changed.
    """
    register, now = read_register(list(request["register"])), utc_now()
    folder = EvidenceFolder(Path(request["evidence"]), register)
    if not request.is_check_mode:
        folder.save_register(now)
    office = _find_office(request, register)
    period, people = _read_period(request, now), read_people(request["people"])
    # What check mode must not write, the index, it does without.
    memory = None if request.is_check_mode else Memory(Path(request["evidence"]) / FOLDER, folder.catalogue)
    recall = memory.recall if memory else None
    sop = office.get("sop_number", "")
    report = make_report(folder, period, now, office, sop, request["limit"], people, recall)
    report = tell_undelivered(report, find_failures(Path(request["evidence"])))
    if memory:
        memory.conclude()
    return report, memory.effort if memory else Effort()


def _find_office(request: Request, register: Register) -> Mapping[str, str]:
    given = request["office"]
    if given is None:
        return next((server.office for server in register.servers if server.office), {})
    unknown = sorted({*given} - {*OFFICE_KEYS})
    if unknown:
        raise ConfigurationError.has_problems(
            [f"office: {key} is not known; known: {', '.join(OFFICE_KEYS)}" for key in unknown]
        )
    return {key: str(value) for key, value in given.items()}


def _read_period(request: Request, now: datetime) -> Period:
    if request["period"]:
        return make_named_period(request["period"], now, request["zone"])
    recent = make_recent_period(now, request["hours"], request["zone"])
    if request["began"] is None:
        return recent
    try:
        period = replace(recent, began=parse_time(request["began"]), ended=parse_time(request["ended"]))
    except ValueError as error:
        raise ConfigurationError.has_problems(["began, ended: write times such as 2026-11-22T20:01:00Z"]) from error
    if period.began >= period.ended:
        raise ConfigurationError.has_problems(["ended: is not after began; give the end of the period"])
    return period


def publish_evidence_report(request: Request, report: Report) -> dict[str, str]:
    """Writes the files; format -> path."""
    servers = read_register(list(request["register"])).servers
    language = request["language"] or next((server.language for server in servers), Server("", ()).language)
    formats = [name for name in request["formats"] if find_missing(name) is None]
    root = Path(request["evidence"])
    published = publish_report(report, root, formats, language, typeset_pdf, _read_languages(request))
    publish_cards(report, EvidenceFolder(root, Register(servers)), root, language)
    return {name: str(path) for name, path in published.items()}


def _read_languages(request: Request) -> Mapping[str, str]:
    languages = dict(request["languages"] or {})
    problems = [f"languages: {name} is not a format" for name in sorted({*languages} - {*RENDERERS})]
    problems += [
        f"languages: {name}: cannot be {code!r}; use one of: {', '.join(LANGUAGES)}"
        for name, code in sorted(languages.items())
        if code not in LANGUAGES
    ]
    if problems:
        raise ConfigurationError.has_problems(problems)
    return languages


def find_missing(name: str) -> BackupError | None:
    """Why this format cannot be written here; None where it can."""
    if name != "pdf":
        return None
    try:
        require_library()
    except ToolMissing as error:
        return error
    return None


def make_answer(request: Request, report: Report, effort: Effort, paths: Mapping[str, str]) -> Answer:
    """What the module returns."""
    data = report.to_data()
    limit = request["limit"]
    unwell = [row for row in report.rows if row.needs_somebody and (limit is None or row.server in limit)]
    values: dict[str, Any] = {
        "id": report.id,
        "summary": data["summary"],
        "rows": data["applications"],
        "unwell": [_describe_unwell(row) for row in unwell],
        "report": data,
        "index": {**vars(effort), "seconds": round(effort.seconds, 3)},
    }
    if not request.is_check_mode:
        values.update(paths=dict(paths), latest=str(Path(request["evidence"]) / "reports" / "latest"))
    failure = next(filter(None, map(find_missing, request["formats"])), None)
    return Answer(values, changed=not request.is_check_mode, failure=failure)


def _describe_unwell(row: ApplicationRow) -> dict[str, str]:
    status = "damaged" if row.is_damaged else row.status
    slug, message, hint = (row.reason.slug, row.reason.message, row.reason.hint) if row.reason else ("", "", "")
    reason = f": {message}" if message else ""
    return {
        "server": row.server,
        "application": row.application,
        "status": status,
        "slug": slug,
        "message": message,
        "hint": hint,
        "told": f"{row.server}/{row.application} is {status}{reason}",
    }
