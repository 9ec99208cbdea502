"""One act at a time for each application (flock), a few at a time for the server, and what an interrupted act left."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import Busy, NotRecorded
from .files import fsync_folder

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
POLL_S = 0.05


def read_boot_id() -> str:
    """The kernel's id of this boot; empty where it gives none."""
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""


@dataclass
class Held:
    """A lock that is held. `left` is the note of a holder that died with it, None when the last one ended well."""

    left: Mapping[str, Any] | None
    _descriptor: int = field(repr=False)
    _path: Path = field(repr=False)

    def note(self, content: Mapping[str, Any]) -> None:
        """Writes down, durably, what is being done, for whoever finds the lock if this process dies."""
        self._replace((json.dumps(dict(content), sort_keys=True) + "\n").encode("ascii"))
        with self._explained():
            os.fsync(self._descriptor)
            _keep_name(self._path, self._descriptor)

    def clear(self) -> None:
        """What was noted is done, and durably recorded: should the note be back after a fault of the power, whoever
        finds it finds the record too."""
        self._replace(b"")

    def _replace(self, content: bytes) -> None:
        """Written over the old, then cut: whoever dies in between leaves a first line that can be read."""
        with self._explained():
            if os.pwrite(self._descriptor, content, 0) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.ftruncate(self._descriptor, len(content))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise NotRecorded.unwritable(str(self._path), error.strerror or str(error)) from error


_KEPT: set[tuple[str, int]] = set()
"""Lock files by path and inode number whose names this process brought to the disk. They are never removed."""


def _keep_name(path: Path, descriptor: int) -> None:
    """Makes the name of a lock file durable, and with it those of all that lie there by now: once is enough."""
    if (str(path), os.fstat(descriptor).st_ino) not in _KEPT:
        with os.scandir(path.parent) as entries:
            names = {(str(path.parent / entry.name), entry.inode()) for entry in entries}
        fsync_folder(path.parent)
        _KEPT.update(names)


@contextmanager
def hold(path: Path, subject: str, wait_s: float, on_poll: Callable[[], None] = lambda: None) -> Iterator[Held]:
    """Holds the lock file `path`; raises Busy after `wait_s`, with what the holder noted; NotRecorded for the disk.

    `on_poll` is called while waiting and may raise. The note stays as it is when the block ends: whoever wrote one
    clears it once its record is written, so that a fault in between is found by the next holder.
    """
    with ExitStack() as opened:
        descriptor = _open_lock(path, opened)
        _acquire([descriptor], subject, wait_s, on_poll)
        yield Held(_read_note(descriptor), descriptor, path)


@contextmanager
def hold_slot(
    folder: Path, slots: Sequence[int], wait_s: float, on_poll: Callable[[], None] = lambda: None
) -> Iterator[int]:
    """Holds one of the server's `slots`; its number. Raises as `hold` does."""
    with ExitStack() as opened:
        descriptors = [_open_lock(folder / f"slot-{number}.lock", opened) for number in slots]
        yield slots[_acquire(descriptors, "this server", wait_s, on_poll)]


def _open_lock(path: Path, opened: ExitStack) -> int:
    """Not inherited by processes, and unlocked by name: a copy of the descriptor on its way into one would hold it."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise NotRecorded.unwritable(str(path), error.strerror or str(error)) from error
    opened.callback(os.close, descriptor)
    opened.callback(fcntl.flock, descriptor, fcntl.LOCK_UN)
    return descriptor


def _acquire(descriptors: list[int], subject: str, wait_s: float, on_poll: Callable[[], None]) -> int:
    deadline = time.monotonic() + wait_s
    while True:
        for number, descriptor in enumerate(descriptors):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return number
            except BlockingIOError:
                continue
        if time.monotonic() >= deadline:
            raise Busy.since(subject, _tell_holder(_read_note(descriptors[0])))
        on_poll()
        time.sleep(POLL_S)


def _read_note(descriptor: int) -> Mapping[str, Any] | None:
    content = os.pread(descriptor, 65536, 0)
    if not content:
        return None
    try:
        note = json.loads(content.partition(b"\n")[0])
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}


def _tell_holder(note: Mapping[str, Any] | None) -> str:
    if not note:
        return "another process holds it"
    return f"{note.get('kind', 'work')} since {note.get('began', 'a while')} (process {note.get('pid', 'unknown')})"
