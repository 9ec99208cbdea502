"""The evidence folder: every server's receipts and the versions of the register; and the same view of one server."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..errors import NotRecorded, RecordRefused
from ..flow.files import make_private_folder, open_stored, write_beside
from ..record.installed import Installed
from ..record.note import Note
from ..record.receipt import CONTACT, Receipt
from ..record.register import SERVER_PATTERN, Register, Server
from ..record.schedule import Schedule
from ..record.search import NOT_SEARCHED, Search
from ..record.wire import hash_bytes, read_json, write_json
from .catalogue import Catalogue
from .installations import Installations
from .notes import NoteFolder
from .plans import find_accepted
from .searches import Searches

RECEIPTS = "receipts"
REGISTER = "register"
REGISTER_LIMIT_BYTES = 64 * 1024 * 1024
VERSION_FORMAT = "%Y%m%dT%H%M%SZ"

_VERSION = re.compile(r"([0-9]{8}T[0-9]{6}Z)-[0-9a-f]{8}\.json")


class EvidenceFolder:
    """`<root>/receipts/<server>/…` and `<root>/register/<UTC>-<hash>.json`; implements record/evidence.py's Evidence.

    Raises NotRecorded for faults of the disk.
    """

    def __init__(self, root: Path, register: Register) -> None:
        self._root = root
        self._register = register
        self._since: dict[tuple[str, str], datetime] | None = None
        self._schedules: Mapping[str, Schedule] | None = None

    @property
    def register(self) -> Register:
        """The register that this folder is looked at with."""
        return self._register

    def catalogue(self, server: str) -> Catalogue:
        """The receipts of one server; RecordRefused for a name that no server can have."""
        if not re.fullmatch(SERVER_PATTERN, server):
            raise RecordRefused.malformed("a server", f"it cannot be named {server!r}")
        return Catalogue(self._root / RECEIPTS / server, server)

    def servers(self) -> list[str]:
        """Every server that has receipts here, in order."""
        return [name for name in _list_names(self._root / RECEIPTS) if re.fullmatch(SERVER_PATTERN, name)]

    def add_receipt(self, server: str, application: str, data: bytes) -> bool:
        """Keeps a receipt as it came; False when it was here already. Raises RecordRefused as Catalogue.add_bytes."""
        catalogue = self.catalogue(server)
        try:
            make_private_folder(self._root / RECEIPTS)
        except OSError as error:
            raise NotRecorded.unwritable(str(self._root), error.strerror or str(error)) from error
        return catalogue.add_bytes(data, application)

    def receipts(self, server: str, application: str, breaks: list[str]) -> Iterator[Receipt]:
        """See Evidence."""
        return self.catalogue(server).follow(application, breaks)

    def contacts(self, server: str) -> Iterator[Receipt]:
        """See Evidence."""
        return self.catalogue(server).receipts("", (CONTACT,))

    def unregistered(self) -> Iterator[tuple[str, str]]:
        """See Evidence."""
        listed = {server.name: [one.name for one in server.applications] for server in self._register.servers}
        for server in self.servers():
            for application in self.catalogue(server).applications(listed.get(server, ())):
                yield server, application

    def notes(self, refused: list[str]) -> Iterator[Note]:
        """See Evidence."""
        return NoteFolder(self._root).read(refused)

    def save_register(self, now: datetime) -> bool:
        """Keeps the register as a dated version, if it differs from the newest one; whether it did."""
        data = write_json(self._register.to_data())
        versions = self._versions()
        if versions and self._read_version(versions[-1]) == data:
            return False
        name = f"{now.astimezone(timezone.utc).strftime(VERSION_FORMAT)}-{hash_bytes(data)[:8]}.json"
        try:
            make_private_folder(self._root / REGISTER)
            write_beside(self._root / REGISTER / name, data)
        except OSError as error:
            raise NotRecorded.unwritable(str(self._root / REGISTER / name), error.strerror or str(error)) from error
        self._since = None
        return True

    def registered_since(self, server: str, application: str) -> datetime | None:
        """See Evidence: the beginning of the unbroken line of versions that hold it, up to the newest."""
        if self._since is None:
            self._since = self._trace_versions()
        return self._since.get((server, application))

    def schedule(self, server: str) -> Schedule | None:
        """See Evidence; of a plan that cannot be read nothing is known."""
        if self._schedules is None:
            plan = find_accepted(self._root)
            self._schedules = plan.schedules if plan else {}
        return self._schedules.get(server)

    def installed(self) -> Mapping[str, Installed]:
        """See Evidence; what cannot be read is not known."""
        return Installations(self._root).read_all()

    def search(self) -> Search:
        """See Evidence."""
        return Searches(self._root).read_search()

    def _trace_versions(self) -> dict[tuple[str, str], datetime]:
        since: dict[tuple[str, str], datetime] = {}
        for name in self._versions():
            moment = datetime.strptime(name.partition("-")[0], VERSION_FORMAT).replace(tzinfo=timezone.utc)
            held = _name_applications(self._read_version(name), name)
            since = since if held is None else {key: since.get(key, moment) for key in held}
        return since

    def _versions(self) -> list[str]:
        return [name for name in _list_names(self._root / REGISTER) if _VERSION.fullmatch(name)]

    def _read_version(self, name: str) -> bytes:
        path = self._root / REGISTER / name
        try:
            with open_stored(path) as stream:
                return stream.read(REGISTER_LIMIT_BYTES + 1)
        except OSError as error:
            raise NotRecorded.unreadable(str(path), error.strerror or str(error)) from error


class ServerEvidence:
    """One server's own records, below its state folder; implements record/evidence.py's Evidence."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._catalogue = Catalogue(Path(server.state) / RECEIPTS, server.name)

    @property
    def register(self) -> Register:
        """A register of this one server."""
        return Register((self._server,))

    def catalogue(self, _server: str) -> Catalogue:
        """The receipts of this server."""
        return self._catalogue

    def receipts(self, server: str, application: str, breaks: list[str]) -> Iterable[Receipt]:
        """See Evidence; nothing is known of other servers."""
        return self._catalogue.follow(application, breaks) if server == self._server.name else ()

    def contacts(self, server: str) -> Iterable[Receipt]:
        """See Evidence; a server does not fail to reach itself."""
        return self._catalogue.receipts("", (CONTACT,)) if server == self._server.name else ()

    def unregistered(self) -> Iterable[tuple[str, str]]:
        """See Evidence."""
        listed = [application.name for application in self._server.applications]
        return [(self._server.name, application) for application in self._catalogue.applications(listed)]

    def notes(self, refused: list[str]) -> Iterable[Note]:  # noqa: ARG002
        """See Evidence; notes are kept where all receipts come together."""
        return ()

    def registered_since(self, server: str, application: str) -> datetime | None:  # noqa: ARG002
        """Nobody notes it here."""
        return None

    def schedule(self, server: str) -> Schedule | None:
        """See Evidence: what its configuration holds."""
        return self._server.schedule if server == self._server.name else None

    def installed(self) -> None:
        """A server does not judge its own timers: who stopped them would stop the judge."""

    def search(self) -> Search:
        """A server does not search itself for its own report."""
        return NOT_SEARCHED


def _list_names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise NotRecorded.unreadable(str(folder), error.strerror or str(error)) from error


def _name_applications(data: bytes, name: str) -> set[tuple[str, str]] | None:
    """(server, application) of a version; None for one that cannot be read."""
    try:
        servers = read_json(data, name, REGISTER_LIMIT_BYTES).get("servers")
    except RecordRefused:
        return None
    return {
        (str(server.get("server")), str(application.get("name")))
        for server in _mappings(servers)
        for application in _mappings(server.get("applications"))
    }


def _mappings(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
