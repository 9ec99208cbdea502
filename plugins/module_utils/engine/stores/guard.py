"""Tells a store from an empty mount point, from another store and from a folder that is none.

A store carries a marker file with an id. The server remembers that id, and whether a file system was mounted there,
below its own state: what is in the store alone could not tell that the store is missing.
"""

from __future__ import annotations

import fcntl
import os
import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..errors import NotRecorded, RecordRefused, StoreUnavailable
from ..flow.files import is_mount, make_private_folder, open_folder, open_stored, sweep_beside, write_beside
from ..record.wire import format_time, read_json, write_json

MARKER = ".diskominfo-backup-store"
STORE_SCHEMA = "diskominfo.backup/store/1"
ID_PATTERN = r"[0-9a-f]{32}"
SIZE_LIMIT_BYTES = 4096

# A new file system has the one; a process that was killed while it began this store left the other.
_VACANT = re.compile(r"lost\+found|" + re.escape(f".{MARKER}.") + r"[0-9a-f]+\.tmp")


@dataclass(frozen=True)
class Memory:
    """What the server remembers of a store. `device` is its st_dev; it changes with a boot and proves nothing."""

    path: str
    id: str
    is_mount: bool
    device: int

    def to_data(self) -> dict[str, Any]:
        """As it is written."""
        return {"schema": STORE_SCHEMA, **vars(self)}


def examine_store(path: Path, memory: Path) -> str:
    """The id of the store at `path`; empty where a new one may be begun. Changes nothing.

    `memory` is the server's file about it. Raises StoreUnavailable for whatever is not the store it was.
    """
    remembered = _read_id(memory)
    if remembered.get("is_mount") and not is_mount(path):
        raise StoreUnavailable.is_unmounted(str(path))
    identity = str(_read_id(path / MARKER).get("id", ""))
    if not identity and remembered:
        raise StoreUnavailable.not_a_store(str(path))
    if not identity and not _is_vacant(path):
        raise StoreUnavailable.has_foreign_files(str(path))
    if remembered and remembered["id"] != identity:
        raise StoreUnavailable.is_another(str(path))
    return identity


def require_writable(path: Path) -> None:
    """Raises StoreUnavailable when this user could not write at `path`, or make it where it does not exist."""
    place = next(place for place in (path, *path.parents) if os.path.lexists(place))
    if not os.access(place, os.W_OK | os.X_OK):
        raise StoreUnavailable.unusable(str(path), f"{place} is not a folder that this user can write in")


def admit_store(path: Path, memory: Path) -> None:
    """Proves that the store is the one it was, or begins it; then remembers it.

    Raises StoreUnavailable, NotRecorded when it cannot be remembered, and OSError when it cannot be begun. Several
    threads and processes may come at once: one of them begins the store.
    """
    try:
        make_private_folder(memory.parent)
    except OSError as error:
        raise NotRecorded.unwritable(str(memory.parent), error.strerror or str(error)) from error
    with open_folder(memory.parent) as folder:
        fcntl.flock(folder, fcntl.LOCK_EX)
        identity = examine_store(path, memory)
        make_private_folder(path)
        _remember(path, memory, identity or _begin(path))


def _begin(path: Path) -> str:
    """The marker first: a store without a memory is adopted, a memory without its store would be refused for ever."""
    identity = uuid.uuid4().hex
    made = format_time(datetime.now(timezone.utc))
    write_beside(path / MARKER, write_json({"schema": STORE_SCHEMA, "id": identity, "made": made}))
    sweep_beside(path)
    return identity


def _remember(path: Path, memory: Path, identity: str) -> None:
    data = write_json(Memory(str(path), identity, is_mount(path), os.stat(path).st_dev).to_data())
    try:
        if not memory.exists() or memory.read_bytes() != data:
            write_beside(memory, data)
    except OSError as error:
        raise NotRecorded.unwritable(str(memory), error.strerror or str(error)) from error


def _read_id(path: Path) -> dict[str, Any]:
    """What a marker or a memory says; empty where there is none."""
    try:
        with open_stored(path) as stream:
            data = read_json(stream.read(SIZE_LIMIT_BYTES + 1), path.name, SIZE_LIMIT_BYTES)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StoreUnavailable.unusable(str(path), error.strerror or str(error)) from error
    except RecordRefused as error:
        raise StoreUnavailable.unusable(str(path), error.message) from error
    if data.get("schema") != STORE_SCHEMA or not re.fullmatch(ID_PATTERN, str(data.get("id", ""))):
        raise StoreUnavailable.unusable(str(path), "it does not say which store it belongs to")
    return data


def _is_vacant(path: Path) -> bool:
    try:
        return all(_VACANT.fullmatch(name) for name in os.listdir(path))
    except FileNotFoundError:
        return True
