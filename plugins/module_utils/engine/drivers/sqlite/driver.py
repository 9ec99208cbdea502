"""SQLite databases: copied page by page from one read transaction, counted in it and in the copy."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from ...errors import BackupError, DumpFailed, RestoreFailed
from ...flow.pipeline import Digest, relay
from ...flow.process import Shell
from ...record.census import SHOWN_DIFFERENCES, Census, Difference, compare_censuses
from ...record.finding import RED, Finding
from ...record.source import Source
from ..base import Dumped, Examined, Goal, Landing, Scratch, Stored, Target
from .census import take_census
from .connection import READ_ONLY, UNSHARED, View, connect, open_view, probe_view
from .landing import SqliteLanding
from .recount import Recount
from .stream import DatabaseReading, DatabaseSink, Shape

STEP_BYTES = 16 * 1024 * 1024
SHOWN_CHARACTERS = 200


class DatabaseSnapshot:
    """One read transaction of one database: see base.Snapshot."""

    suffix = "sqlite"

    def __init__(self, view: View, source: Source, shell: Shell, place: Path) -> None:
        self._view = view
        self._source = source
        self._shell = shell
        self._copy = place / "copy.sqlite"
        self._page_bytes = int(view.connection.execute("PRAGMA page_size").fetchone()[0])
        self.expected_bytes = int(view.connection.execute("PRAGMA page_count").fetchone()[0]) * self._page_bytes
        self.scratch_bytes = self.expected_bytes
        self._counted = Census()
        self._digest = Digest()
        self._shape = Shape()
        self._recount: Recount | None = None
        self._descriptor = -1

    def open_stream(self) -> int:
        """Counts and copies within the transaction, lets go of the database, and begins to count the copy."""
        connection = self._view.connection
        self._counted = take_census(connection)
        self._copy_pages(connection)
        connection.execute("ROLLBACK")
        self._shell.require_time()
        self._recount = Recount(self._copy, self._shell)
        self._descriptor = os.open(self._copy, os.O_RDONLY | os.O_CLOEXEC)
        return self._descriptor

    def _copy_pages(self, connection: sqlite3.Connection) -> None:
        """The copy needs no journal: it is thrown away if anything happens."""
        self._copy.touch(mode=0o600)
        with connect(str(self._copy), "mode=rw", self._shell) as copy:
            copy.execute("PRAGMA journal_mode=OFF")
            copy.execute("PRAGMA synchronous=OFF")
            pages = max(1, STEP_BYTES // self._page_bytes)
            connection.backup(copy, pages=pages, progress=lambda *_unused: self._shell.require_time())

    def take(self, chunk: memoryview) -> None:
        """Every raw byte in passing."""
        self._digest.take(chunk)
        self._shape.take(chunk)

    def has_seen_enough(self) -> bool:
        """See Snapshot: never, every byte is hashed."""
        return False

    def finish(self) -> Dumped:
        """Raises DumpFailed when other bytes passed than a whole database has, or the copy holds something else."""
        if self._shape.find_fault() or not self._recount:
            raise DumpFailed.has_no_end(self._source.label)
        differences = compare_censuses(self._counted, self._recount.conclude(), with_content=False)
        if differences:
            raise DumpFailed.differs(self._source.label, differences[0].what)
        return Dumped(f"sqlite {sqlite3.sqlite_version}", notes=self._view.notes)

    def close(self) -> None:
        """Closes the stream if it is open, and lets the count of the copy end."""
        if self._recount:
            self._recount.await_end()
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def census(self) -> Census:
        """What was counted; its digest is the sha256 of the raw stream."""
        return replace(self._counted, digest=self._digest.hexadecimal)

    def asides(self) -> Mapping[str, Path]:
        """Nothing lies beside a database."""
        return {}


class SqliteDriver:
    """SQLite database files: see base.Driver."""

    name = "sqlite"

    def probe(self, source: Source, shell: Shell) -> Sequence[Finding]:
        """Whether the database can be opened and read now."""
        try:
            probe_view(source.path, shell)
        except BackupError as error:
            return [Finding(error.slug, RED, source.label, error.message, error.hint)]
        return []

    @contextmanager
    def open_snapshot(self, source: Source, shell: Shell, place: Path) -> Iterator[DatabaseSnapshot]:
        """See base.Driver. Writers of a database that is not in WAL mode wait until `open_stream` has returned."""
        with ExitStack() as stack:
            view = stack.enter_context(open_view(source.path, shell, place))
            snapshot = DatabaseSnapshot(view, source, shell, place)
            stack.callback(snapshot.close)
            yield snapshot

    def open_reading(self, expected: Census) -> DatabaseReading:  # noqa: ARG002 - the header says what to expect
        """See base.Driver."""
        return DatabaseReading()

    def open_scratch(
        self,
        source: Source,  # noqa: ARG002 - a folder is a folder
        expected: Census,  # noqa: ARG002
        shell: Shell,  # noqa: ARG002
        place: Path,
    ) -> AbstractContextManager[Target]:
        """See base.Driver: a private folder."""
        return Scratch.open_folder(place)

    def open_landing(
        self,
        source: Source,
        goal: Goal,
        stored: Stored,  # noqa: ARG002 - a folder is a folder
        shell: Shell,  # noqa: ARG002
        place: Path,  # noqa: ARG002 - it is made beside its own place
    ) -> AbstractContextManager[Landing]:
        """See base.Driver."""
        return SqliteLanding.open(source, goal)

    @contextmanager
    def open_restore(self, source: Source, target: Target, shell: Shell) -> Iterator[DatabaseSink]:  # noqa: ARG002
        """Into a new file of the source's name, readable by its owner alone."""
        sink = DatabaseSink(target.path / source.label)
        try:
            yield sink
        finally:
            sink.close()

    def examine(
        self,
        source: Source,
        target: Target,
        expected: Census,
        asides: Mapping[str, Path],  # noqa: ARG002 - nothing lies beside a database
        shell: Shell,
        place: Path,  # noqa: ARG002 - nothing is unpacked
    ) -> Examined:
        """Hashes the restored file, lets SQLite check it, and counts it."""
        path = target.path / source.label
        digest = _hash_file(path, shell)
        found, faults = _look_inside(path, shell)
        found = replace(found, digest=digest)
        differences = [*faults, *compare_censuses(expected, found, with_content=True)]
        return Examined(found, differences[:SHOWN_DIFFERENCES], len(differences), "content")


def _hash_file(path: Path, shell: Shell) -> str:
    digest = Digest()
    try:
        with open(path, "rb", buffering=0) as stream:
            relay(stream.fileno(), [digest.take, lambda _unused: shell.require_time()])
    except OSError as error:
        raise RestoreFailed.ended(path.name, error.strerror or str(error)) from error
    return digest.hexadecimal


def _look_inside(path: Path, shell: Shell) -> tuple[Census, list[Difference]]:
    """The census and what SQLite's own check complains of; the file may come from an enemy."""
    try:
        with connect(str(path), f"{READ_ONLY}&{UNSHARED}", shell) as connection:
            for setting in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON"):
                connection.execute(f"PRAGMA {setting}")
            lines = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({SHOWN_DIFFERENCES})")]
            faults = [_complain(line) for line in lines if line != "ok"]
            return take_census(connection), faults
    except sqlite3.Error as error:
        shell.require_time()
        return Census(), [_complain(str(error))]


def _complain(text: str) -> Difference:
    return Difference("integrity", "ok", text[:SHOWN_CHARACTERS])


DRIVER = SqliteDriver()
