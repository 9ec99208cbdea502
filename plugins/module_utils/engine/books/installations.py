"""What was seen installed on each server last: `installed/<server>/seen.json` in the evidence folder."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..errors import NotRecorded, RecordRefused
from ..flow.files import make_private_folder, open_stored, write_beside
from ..record.installed import Installed, read_installed
from ..record.register import SERVER_PATTERN
from ..record.wire import SIZE_LIMIT_BYTES, read_json, write_json

INSTALLED = "installed"
FILE = "seen.json"


class Installations:
    """One record for each server, replaced whenever the server was looked at. Raises NotRecorded for faults of the
    disk."""

    def __init__(self, root: Path) -> None:
        self._folder = root / INSTALLED

    def differs(self, seen: Installed) -> bool:
        """Whether it is not what was seen before, whenever that was. RecordRefused for a name that no server can
        have."""
        if not re.fullmatch(SERVER_PATTERN, seen.server):
            raise RecordRefused.malformed("a server", f"it cannot be named {seen.server!r}")
        before = self._read(seen.server)
        return before is None or replace(before, at=seen.at) != seen

    def keep(self, seen: Installed) -> bool:
        """Keeps what was seen; whether it differs from what was seen before. RecordRefused as above."""
        is_new, path = self.differs(seen), self._folder / seen.server / FILE
        try:
            make_private_folder(path.parent)
            write_beside(path, write_json(seen.to_data()))
        except OSError as error:
            raise NotRecorded.unwritable(str(path), error.strerror or str(error)) from error
        return is_new

    def read_all(self) -> Mapping[str, Installed]:
        """Server -> what was seen last. A record that is none, or cannot be read, is left out: of that server nothing
        is known, and it takes no other with it."""
        try:
            names = sorted(os.listdir(self._folder))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise NotRecorded.unreadable(str(self._folder), error.strerror or str(error)) from error
        found = {name: self._read(name) for name in names}
        return {server: seen for server, seen in found.items() if seen is not None}

    def _read(self, server: str) -> Installed | None:
        path = self._folder / server / FILE
        try:
            with open_stored(path) as stream:
                data = stream.read(SIZE_LIMIT_BYTES + 1)
            seen = read_installed(read_json(data, str(path)), str(path))
        except (OSError, RecordRefused):
            return None
        return seen if seen.server == server else None
