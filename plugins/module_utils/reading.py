# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receipts that are read for Ansible: those of one server, or those of all servers in the evidence folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from .door import Answer, Request
from .engine.books.catalogue import Catalogue
from .engine.books.evidence import EvidenceFolder
from .engine.errors import ConfigurationError, RecordRefused
from .engine.installed import look_at_installed
from .engine.record.register import Register
from .engine.record.wire import format_time, parse_time, read_json

ID_TIME = "%Y%m%dT%H%M%SZ"
SERVER_ITSELF = ""
OVERLAP = timedelta(days=7)
"""A receipt may be written after later ones: that of an interrupted run is, at the next start."""


class Place(NamedTuple):
    """Where a receipt lies: its id, whose it is, and the server that has it."""

    id: str
    application: str
    server: str


def read_station(request: Request) -> Answer:
    """The receipts of the server that the options describe."""
    station = request.open_station()
    told = _choose(request, {station.server.name: station.catalogue})
    if request["installed"]:
        config = Path(request["config_path"])
        seen = look_at_installed(station.server.name, request.supervisor, station.clock(), config)
        told["installed"] = seen.to_data()
    return Answer(told)


def read_evidence(request: Request) -> Answer:
    """The receipts of the evidence folder, and how far it reaches for each server."""
    folder = EvidenceFolder(Path(request["evidence"]), Register(()))
    catalogues = {server: folder.catalogue(server) for server in folder.servers()}
    since, known = {}, {}
    for server, catalogue in catalogues.items():
        identities = sorted(place.id for place in _list_places(server, catalogue))
        if identities:
            moment = _find_moment(identities[-1]) - OVERLAP
            since[server] = format_time(moment)
            known[server] = [identity for identity in identities if identity >= moment.strftime(ID_TIME)]
    return Answer({**_choose(request, catalogues), "since": since, "known": known})


def _list_places(server: str, catalogue: Catalogue) -> list[Place]:
    applications = (*catalogue.applications(), SERVER_ITSELF)
    return [Place(identity, name, server) for name in applications for identity in catalogue.ids(name)]


def _find_moment(identity: str) -> datetime:
    return datetime.strptime(identity.partition("-")[0], ID_TIME).replace(tzinfo=timezone.utc)


@dataclass
class _Choice:
    """What is found, newest first, until there is one more than the limit."""

    kinds: list[str]
    limit: int
    chosen: list[tuple[Place, bytes, dict[str, Any]]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    has_more: bool = False

    def take(self, places: Iterable[Place], catalogues: Mapping[str, Catalogue]) -> None:
        """Reads no more receipts than are asked for."""
        for place in places:
            data = catalogues[place.server].read(place.application, place.id)
            try:
                receipt = read_json(data, f"{place.server}/{place.application}/{place.id}")
            except RecordRefused as error:
                self.problems.append(error.message)
                continue
            if self.kinds and receipt.get("kind") not in self.kinds:
                continue
            if len(self.chosen) == self.limit:
                self.has_more = True
                return
            self.chosen.append((place, data, receipt))


def _choose(request: Request, catalogues: Mapping[str, Catalogue]) -> dict[str, Any]:
    """The receipts that the options ask for, oldest first, and what could not be read."""
    least, known = _read_since(request["since"]), {*request["known"]}
    places = [place for server, catalogue in catalogues.items() for place in _list_places(server, catalogue)]
    wanted = [
        place
        for place in places
        if place.id >= least and place.id not in known and request["application"] in (None, place.application)
    ]
    choice = _Choice(request["kinds"], request["limit"])
    choice.take(sorted(wanted, reverse=True), catalogues)
    told: dict[str, Any] = {"has_more": choice.has_more, "problems": choice.problems}
    found = reversed(choice.chosen)
    if request["exact"]:
        texts = ((place.application, data.decode("ascii", "replace")) for place, data, receipt in found)
        return {**told, "documents": [{"application": application, "text": text} for application, text in texts]}
    return {**told, "receipts": [receipt for place, data, receipt in found]}


def _read_since(text: str | None) -> str:
    """The beginning of the first id that counts."""
    if text is None:
        return ""
    try:
        return parse_time(text).strftime(ID_TIME)
    except ValueError as error:
        raise ConfigurationError.has_problems([f"since: cannot be {text!r}; write 2026-11-22T20:01:00Z"]) from error
