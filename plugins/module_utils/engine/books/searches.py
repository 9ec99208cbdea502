"""What searches found, server by server, and the priority lists that people accepted."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..errors import NotRecorded, RecordRefused
from ..flow.files import make_private_folder, open_stored, write_beside
from ..record.discovered import Discovered, read_discovered
from ..record.priority import Acceptance, PriorityList, read_priorities
from ..record.register import SERVER_PATTERN
from ..record.search import Search
from ..record.wire import hash_bytes, hash_value, read_json, write_json

SEARCHES = "searches"
REGISTER = "register"
KEPT_LOOKS = 60
"""So many different states of a server are kept."""

SIZE_LIMIT_BYTES = 16 * 1024 * 1024
VERSION_FORMAT = "%Y%m%dT%H%M%SZ"

_LOOK = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}\.json")
_ACCEPTED = re.compile(r"accepted-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}\.json")
_PASSING: Mapping[str, tuple[str, ...]] = {
    "containers": ("addresses", "is_running"),
    "databases": ("clients", "size_bytes", "tables", "writes", "writes_since", "written"),
    "sqlite_files": ("size_bytes", "written"),
    "units": ("is_active",),
}
"""What changes from one look to the next without anything being there that was not."""

_PASSING_LISTS = ("at", "cron", "listeners", "trees")


class Searches:
    """`<root>/searches/<server>/<UTC>-<hash>.json` for each state of a server, and `<root>/register/accepted-…`.

    Raises NotRecorded for faults of the disk, RecordRefused for what is not as it was written.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep_look(self, look: Discovered) -> bool:
        """Keeps what was found; whether anything is there now that was not there before, or the other way round.

        The same state seen again takes the place of its former self: a record of when it was seen last.
        """
        folder = self._root / SEARCHES / look.server
        state = hash_value(_drop_passing(look.to_data()))[:8]
        names = _list_names(folder, _LOOK)
        is_known = bool(names) and names[-1].endswith(f"-{state}.json")
        name = names[-1] if is_known else f"{look.at.astimezone(timezone.utc):{VERSION_FORMAT}}-{state}.json"
        _write(folder / name, write_json(look.to_data()))
        for old in names[: max(0, len(names) + (not is_known) - KEPT_LOOKS)]:
            (folder / old).unlink(missing_ok=True)
        return not is_known

    def accept(self, listed: PriorityList, by: str, now: datetime) -> bool:
        """Keeps a list as accepted by a person; whether it differs from the one accepted before."""
        before = self.read_accepted()
        if before is not None and (before.entries, before.finds) == (listed.entries, listed.finds):
            return False
        accepted = PriorityList(listed.entries, listed.finds, Acceptance(by, now), listed.changes, listed.proposals)
        data = write_json(accepted.to_data())
        stamp = f"{now.astimezone(timezone.utc):{VERSION_FORMAT}}"
        _write(self._root / REGISTER / f"accepted-{stamp}-{hash_bytes(data)[:8]}.json", data)
        return True

    def read_accepted(self) -> PriorityList | None:
        """The last accepted list."""
        names = _list_names(self._root / REGISTER, _ACCEPTED)
        if not names:
            return None
        path = self._root / REGISTER / names[-1]
        return read_priorities(_read(path), str(path))

    def read_search(self) -> Search:
        """The newest looks, those before them, and the accepted list. A look that cannot be read is none."""
        looks: dict[str, Discovered] = {}
        earlier: dict[str, Discovered] = {}
        for server in _list_names(self._root / SEARCHES, re.compile(SERVER_PATTERN)):
            for look in self._newest_looks(server):
                place = earlier if server in looks else looks
                place.setdefault(server, look)
        return Search(looks, earlier, self.read_accepted())

    def _newest_looks(self, server: str) -> Iterator[Discovered]:
        folder = self._root / SEARCHES / server
        for name in reversed(_list_names(folder, _LOOK)[-2:]):
            try:
                look = read_discovered(_read(folder / name), name)
            except RecordRefused:
                continue
            if look.server == server:
                yield look


def write_listing(root: Path, name: str, data: bytes) -> bool:
    """Writes one form of the priority list below `root`; whether it differs from what was there."""
    path = root / name
    try:
        is_same = path.is_file() and path.read_bytes() == data
    except OSError as error:
        raise NotRecorded.unreadable(str(path), error.strerror or str(error)) from error
    if not is_same:
        _write(path, data)
    return not is_same


def _drop_passing(data: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in data.items() if key not in _PASSING_LISTS}
    for key, fields in _PASSING.items():
        kept[key] = [{name: item[name] for name in item if name not in fields} for item in data.get(key, [])]
    return kept


def _write(path: Path, data: bytes) -> None:
    try:
        make_private_folder(path.parent)
        write_beside(path, data)
    except OSError as error:
        raise NotRecorded.unwritable(str(path), error.strerror or str(error)) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        with open_stored(path) as stream:
            return read_json(stream.read(SIZE_LIMIT_BYTES + 1), str(path), SIZE_LIMIT_BYTES)
    except OSError as error:
        raise NotRecorded.unreadable(str(path), error.strerror or str(error)) from error


def _list_names(folder: Path, pattern: re.Pattern[str]) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if pattern.fullmatch(name))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise NotRecorded.unreadable(str(folder), error.strerror or str(error)) from error
