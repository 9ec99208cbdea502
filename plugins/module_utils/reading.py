# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receipts that are read for Ansible: those of one server, or those of all servers in the evidence folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from .door import Answer, Request
from .engine.books.catalogue import Catalogue
from .engine.books.evidence import EvidenceFolder
from .engine.errors import ConfigurationError, RecordRefused
from .engine.record.register import Register
from .engine.record.wire import format_time, parse_time, read_json

ID_TIME = "%Y%m%dT%H%M%SZ"
SERVER_ITSELF = ""
OVERLAP = timedelta(days=7)
"""A receipt may be written after later ones: that of an interrupted run is, at the next start."""


def read_station(request: Request) -> Answer:
    """The receipts of the server that the options describe."""
    return Answer(_choose(request, [request.open_station().catalogue]))


def read_evidence(request: Request) -> Answer:
    """The receipts of the evidence folder, and what is known of each server."""
    folder = EvidenceFolder(Path(request["evidence"]), Register(()))
    catalogues = {server: folder.catalogue(server) for server in folder.servers()}
    newest = {server: _find_newest(catalogue) for server, catalogue in catalogues.items()}
    since = {server: moment - OVERLAP for server, moment in newest.items() if moment}
    known = {
        server: [identity for _, identity in _list_ids(catalogues[server]) if identity >= f"{moment:{ID_TIME}}"]
        for server, moment in since.items()
    }
    told = {"since": {server: format_time(moment) for server, moment in since.items()}, "known": known}
    return Answer({**_choose(request, list(catalogues.values())), **told})


def _list_ids(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """(application, id) of every receipt; the application is empty for the server itself."""
    for application in (*catalogue.applications(), SERVER_ITSELF):
        for identity in catalogue.ids(application):
            yield application, identity


def _find_newest(catalogue: Catalogue) -> datetime | None:
    newest = max((identity for _, identity in _list_ids(catalogue)), default=None)
    return datetime.strptime(newest.partition("-")[0], ID_TIME).replace(tzinfo=timezone.utc) if newest else None


def _choose(request: Request, catalogues: list[Catalogue]) -> dict[str, Any]:
    """The receipts that the options ask for, oldest first, and what could not be read."""
    found = sorted(
        (identity, application, position)
        for position, catalogue in enumerate(catalogues)
        for application, identity in _list_ids(catalogue)
        if _is_wanted(request, application, identity)
    )
    documents = [
        (application, catalogues[position].read(application, identity)) for identity, application, position in found
    ]
    documents = [one for one in documents if _is_of_kind(one[1], request["kinds"])]
    shown = documents[max(0, len(documents) - request["limit"]) :]
    if request["exact"]:
        told: dict[str, Any] = {
            "documents": [{"application": name, "text": data.decode("ascii", "replace")} for name, data in shown]
        }
    else:
        told = {"receipts": [receipt for receipt in (_read(data) for _, data in shown) if receipt]}
    problems = [told for catalogue in catalogues for told in _find_problems(catalogue)]
    return {**told, "omitted": len(documents) - len(shown), "problems": problems}


def _is_wanted(request: Request, application: str, identity: str) -> bool:
    if identity in request["known"] or identity < _read_since(request["since"]):
        return False
    return request["application"] in (None, application)


def _is_of_kind(data: bytes, kinds: list[str]) -> bool:
    return not kinds or _read(data).get("kind") in kinds


def _read(data: bytes) -> dict[str, Any]:
    """The JSON object; empty for what is none, which is told among the problems."""
    try:
        return read_json(data, "a receipt")
    except RecordRefused:
        return {}


def _find_problems(catalogue: Catalogue) -> Iterator[str]:
    for application in catalogue.applications():
        yield from (f"{application}: {problem}" for problem in catalogue.problems(application))


def _read_since(text: str | None) -> str:
    """The beginning of the first id that counts."""
    if text is None:
        return ""
    try:
        return f"{parse_time(text):{ID_TIME}}"
    except ValueError as error:
        raise ConfigurationError.has_problems([f"since: cannot be {text!r}; write 2026-11-22T20:01:00Z"]) from error
