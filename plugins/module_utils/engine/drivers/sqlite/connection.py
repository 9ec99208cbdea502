"""How a SQLite database is opened so that nothing of its application changes, in whatever state it was left."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ...errors import BackupError, SourceDamaged, SourceLocked, SourceMissing, SourceUnreadable, StoreFull
from ...flow.process import Shell

MAGIC = b"SQLite format 3\0"
WAIT_LIMIT_S = 60.0
POLL_S = 0.05
COPY_STEP_BYTES = 16 * 1024 * 1024

READ_ONLY = "mode=ro"
READ_WRITE = "mode=rw"
UNSHARED = "immutable=1"
"""For a file that nobody else knows: no locks, no files beside it."""

_WAL_VERSIONS = b"\2\2"
_LOCK_BYTES = (0x40000000, 512)
"""Start and length of what SQLite locks in the database file (sqlite.org/fileformat2.html, "the lock-byte page")."""


@dataclass(frozen=True)
class View:
    """A connection within one read transaction; `notes` tell what was special about opening it."""

    connection: sqlite3.Connection
    notes: tuple[str, ...] = ()


class _Valve:
    """Lets another thread interrupt a connection for as long as it is open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._is_open = True

    def interrupt(self) -> None:
        """What runs in the connection ends with an error; nothing happens when it is closed."""
        with self._lock:
            if self._is_open:
                self._connection.interrupt()

    def close(self) -> None:
        """Closes the connection."""
        with self._lock:
            self._is_open = False
            self._connection.close()


@contextmanager
def connect(path: str, options: str, shell: Shell) -> Iterator[sqlite3.Connection]:
    """A connection by URI, so that a missing file is never made; its statements are interrupted when the shell ends.

    Any character may be in `path`. Raises sqlite3.Error: see `explain_errors`.
    """
    uri = f"file:{quote(os.fsencode(path))}?{options}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=0)
    valve = _Valve(connection)
    shell.on_end(valve.interrupt)
    try:
        connection.text_factory = _decode
        yield connection
    finally:
        valve.close()


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


@contextmanager
def explain_errors(path: str, shell: Shell) -> Iterator[None]:
    """Turns what SQLite raises into what errors.py knows; what ended the shell goes before all else."""
    try:
        yield
    except sqlite3.Error as error:
        shell.require_time()
        raise _name_error(path, error) from error


def _name_error(path: str, error: sqlite3.Error) -> BackupError:
    """By its text: the codes are known to Python 3.11 and newer only."""
    text = str(error)
    if "disk is full" in text:
        return StoreFull.ended("the scratch folder of the store")
    if isinstance(error, sqlite3.OperationalError):
        return SourceUnreadable.refused(path, text)
    return SourceDamaged.reported(path, text)


@contextmanager
def open_view(path: str, shell: Shell, place: Path) -> Iterator[View]:
    """A read transaction on the database, without a change to its folder or its content.

    A database that is not in WAL mode, or that is and has both its files beside it, is opened for reading only: closing
    it then leaves those as they are. An idle one in WAL mode is opened for writing, because only then the two files
    that opening makes vanish again. What a crash left is rolled back in a copy in `place`.
    Raises SourceMissing, SourceLocked, SourceUnreadable, SourceDamaged.
    """
    real = os.path.realpath(path)
    with explain_errors(path, shell), ExitStack() as stack:
        connection = _enter_source(stack, real, shell)
        notes: tuple[str, ...] = ()
        if connection is None:
            notes = ("a crash had left a journal beside it, which was applied in a private copy",)
            copy = _copy_locked(real, place, shell)
            connection = stack.enter_context(connect(str(copy), READ_WRITE, shell))
            _begin(connection, path, shell)
        yield View(connection, notes)


def probe_view(path: str, shell: Shell) -> None:
    """Whether `open_view` would do, without copying anything. Raises as it does."""
    real = os.path.realpath(path)
    with explain_errors(path, shell), ExitStack() as stack:
        if _enter_source(stack, real, shell) is None and not _may_write(real):
            raise SourceUnreadable.left_by_crash(path)


def _enter_source(stack: ExitStack, path: str, shell: Shell) -> sqlite3.Connection | None:
    """A connection to the source that has begun to read; None when a journal must be applied first."""
    options = _choose_options(path)
    if not options:
        return None
    with ExitStack() as attempt:
        connection = attempt.enter_context(connect(path, options, shell))
        if not _begin(connection, path, shell):
            return None
        stack.push(attempt.pop_all())
    return connection


def _choose_options(path: str) -> str:
    """How to open the file at a real path; empty when only half of the files of WAL mode lie beside it."""
    header = _read_header(path)
    if header[18:20] != _WAL_VERSIONS:
        return READ_ONLY
    count = sum(os.path.exists(path + suffix) for suffix in ("-wal", "-shm"))
    if count == 0 and not all(map(_may_write, (path, os.path.dirname(path)))):
        raise SourceUnreadable.needs_writing(path)
    return (READ_WRITE, "", READ_ONLY)[count]


def _read_header(path: str) -> bytes:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise SourceMissing.no_path(path)
        with open(path, "rb", buffering=0) as stream:
            header = stream.read(100)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceMissing.no_path(path) from error
    except OSError as error:
        raise _refuse(path, error) from error
    if not header:
        raise SourceDamaged.reported(path, "it is empty")
    if not header.startswith(MAGIC):
        raise SourceDamaged.reported(path, "it is no SQLite database, or an encrypted one")
    return header


def _may_write(path: str) -> bool:
    return os.access(path, os.W_OK, effective_ids=True)


def _refuse(path: str, error: OSError) -> SourceUnreadable:
    return SourceUnreadable.refused(path, error.strerror or str(error))


def _begin(connection: sqlite3.Connection, path: str, shell: Shell) -> bool:
    """Begins to read, waiting while another process holds the database; False when a journal must be applied first."""
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("BEGIN")

    def attempt() -> bool:
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                return False
            raise
        return True

    try:
        _wait_until(attempt, path, shell)
    except sqlite3.OperationalError as error:
        if "readonly" in str(error):
            return False
        raise
    return True


def _wait_until(attempt: Callable[[], bool], path: str, shell: Shell) -> None:
    """Attempts until it is true, WAIT_LIMIT_S at most, and ends before the shell does, so that the lock is named."""
    began = time.monotonic()
    deadline = began + min(WAIT_LIMIT_S, shell.time_left_s * 0.9)
    while not attempt():
        shell.require_time()
        if time.monotonic() >= deadline:
            raise SourceLocked.waited(path, time.monotonic() - began)
        time.sleep(POLL_S)


def _copy_locked(path: str, place: Path, shell: Shell) -> Path:
    """A copy of the database and its journals, taken while SQLite's own locks keep every other process out."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise SourceUnreadable.left_by_crash(path) from error
    try:
        _wait_until(lambda: _lock(descriptor), path, shell)
        copy = place / "recovered.sqlite"
        _copy(descriptor, copy, shell)
        for suffix in ("-wal", "-journal"):
            if os.path.exists(path + suffix):
                with open(path + suffix, "rb", buffering=0) as journal:
                    _copy(journal.fileno(), Path(f"{copy}{suffix}"), shell)
    except OSError as error:
        is_full = error.errno == errno.ENOSPC
        raise StoreFull.ended(str(place)) if is_full else _refuse(path, error) from error
    finally:
        os.close(descriptor)
    return copy


def _lock(descriptor: int) -> bool:
    """Locks the whole range, which no connection may have in part; closing the descriptor unlocks it."""
    start, length = _LOCK_BYTES
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
    except BlockingIOError:
        return False
    return True


def _copy(source: int, target: Path, shell: Shell) -> None:
    with open(target, "xb", buffering=0) as stream:
        offset = 0
        while True:
            count = os.sendfile(stream.fileno(), source, offset, COPY_STEP_BYTES)
            if count == 0:
                return
            offset += count
            shell.require_time()
