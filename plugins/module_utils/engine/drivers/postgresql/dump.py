"""One consistent view of a database: pg_dump streams it while a session counts in the same snapshot."""

from __future__ import annotations

import fcntl
import struct
import termios
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from ...errors import BackupError, DumpFailed, SourceLocked
from ...flow.pipes import READ, make_wait, widen_pipe
from ...flow.process import Process, Shell
from ...record.census import Census
from ...record.source import DatabaseSource
from ..base import Dumped
from .accounts import LEFT_OUT, SUFFIX, write_accounts
from .census import (
    add_values,
    estimate_bytes,
    find_missing,
    freeze_view,
    read_bootstrap,
    read_dumped_values,
    read_major,
    take_census,
)
from .client import Programs, quote_literal
from .contents import Contents, HeadReader, Malformed
from .session import Access, Session, StatementFailed

PATIENCE_S = 30.0
"""How long a view is opened anew because something in it was dropped before it could be locked."""

QUEUE_WAIT_S = 5
"""How long pg_dump waits for a lock that our session holds already: only a queue of others can be in its way."""

CLEANUP_LIMIT_S = 10.0
CLEANUP_NAME = "diskominfo-backup-cleanup"
PAUSE_S = 0.05
LONGEST_PAUSE_S = 0.5
VANISHED = ("42P01", "3F000", "XX000")
"""SQLSTATE of a table or schema that is not there, and of a catalogue entry that vanished while it was read."""

WARNING = b"pg_dump: warning: "


class View:
    """A session that sees one moment, has locked every table, and lends its snapshot to pg_dump."""

    def __init__(self, access: Access, shell: Shell) -> None:
        self._stack = ExitStack()
        self.session, self.snapshot = self._open(access, shell)

    def _open(self, access: Access, shell: Shell) -> tuple[Session, str]:
        for _unused in _take_turns():
            session = self._stack.enter_context(access.open_session(shell))
            try:
                return session, freeze_view(session)
            except StatementFailed as error:
                self.close()
                if error.code not in VANISHED:
                    raise
        raise SourceLocked(f"{access.subject}: its tables changed faster than they could be locked", "run it again")

    def close(self) -> None:
        """Gives the locks back. May be called again."""
        self._stack.close()

    def kill(self) -> None:
        """Ends the conversation at once; called while another thread may be in the midst of it."""
        self.session.kill()


class PostgresqlSnapshot:
    """The view of one database, as drivers/base.py describes it. `close` ends all of it."""

    suffix = "dump"
    scratch_bytes = 0

    def __init__(self, source: DatabaseSource, access: Access, programs: Programs, shell: Shell, place: Path) -> None:
        self._source = source
        self._access = access
        self._shell = shell
        self._place = place
        self._head = HeadReader()
        self._warnings: list[str] = []
        self._asides: dict[str, Path] = {}
        self._notes: tuple[str, ...] = ()
        self._census: Census | None = None
        self._fault: BaseException | None = None
        self._counter = threading.Thread(target=self._count, daemon=True)
        self._process: Process | None = None
        self._is_whole = False
        self._view = View(access, shell)
        self.expected_bytes = estimate_bytes(self._view.session)
        self._major = read_major(self._view.session)
        self._program = programs.for_server("pg_dump", self._major)

    def open_stream(self) -> int:
        """See Snapshot. The first byte comes when pg_dump has read and locked all; then the count begins."""
        process = self._start()
        for _unused in _take_turns():
            if _has_begun(process, self._shell) or not _lost_race(process):
                break
            process.close_pipes()
            self._view.close()
            self._view = View(self._access, self._shell)
            process = self._start()
        if not _has_begun(process, self._shell):
            self._blame(process)
        widen_pipe(process.stdout)
        self._process = process
        self._counter.start()
        return process.stdout

    def _blame(self, process: Process) -> None:
        self._require_success(process)
        raise DumpFailed.is_short(self._access.subject, 0)

    def _require_success(self, process: Process) -> None:
        """The first complaint tells the cause; what follows it are its consequences."""
        trace = process.wait()
        self._shell.require_time()
        if trace.status != 0:
            told = [line for line in trace.stderr_tail.splitlines() if "error: " in line] or [trace.stderr_tail]
            raise DumpFailed.process_ended("pg_dump", trace.status, told[0])

    def _start(self) -> Process:
        argv = [self._program, "-w", "-Fc", "-Z0", f"--snapshot={self._view.snapshot}"]
        argv += [f"--lock-wait-timeout={QUEUE_WAIT_S}s", "-d", self._access.address.conninfo()]
        address = self._access.address
        return self._shell.start(address.wrap(argv), secrets=address.secrets, taker=self._take_line)

    def _take_line(self, line: bytes) -> None:
        if line.startswith(WARNING):
            self._warnings.append(line[len(WARNING) :].decode("utf-8", "replace"))

    def _count(self) -> None:
        """The thread beside the stream."""
        session = self._view.session
        try:
            census = take_census(session, read_bootstrap(session))
            if self._source.credentials:
                path, self._notes = write_accounts(session, list(census.objects["role"]), self._place)
                self._asides[SUFFIX] = path
            else:
                self._notes = (LEFT_OUT,)
            self._census = census
        except BaseException as fault:  # pylint: disable=broad-exception-caught
            self._fault = fault

    def take(self, chunk: memoryview) -> None:
        """See Snapshot."""
        try:
            self._head.take(chunk)
        except Malformed as error:
            raise DumpFailed(f"{self._access.subject}: pg_dump wrote no archive: {error}", "see its words") from error

    def has_seen_enough(self) -> bool:
        """See Snapshot: the table of contents comes first, and whether data are whole is told by the exit status."""
        return self._head.contents is not None

    def finish(self) -> Dumped:
        """See Snapshot."""
        self._require_success(self._require_process())
        self._counter.join()
        if self._fault is not None:
            raise self._fault
        contents = self._read_contents()
        self._census = self._complete(contents)
        self._is_whole = True
        version = contents.server_version
        return Dumped(f"pg_dump {contents.dump_version}", f"PostgreSQL {version}", self._notes, tuple(self._warnings))

    def _require_process(self) -> Process:
        if self._process is None:
            raise DumpFailed.has_no_end(self._access.subject)
        return self._process

    def _read_contents(self) -> Contents:
        try:
            return self._head.finish()[0]
        except Malformed as error:
            raise DumpFailed(f"{self._access.subject}: the dump is not whole: {error}", "see its words") from error

    def _complete(self, contents: Contents) -> Census:
        """The census with what only the dump knows; all that was counted must be in its table of contents."""
        census = add_values(self.census(), read_dumped_values(contents))
        missing = find_missing(contents, census)
        if missing:
            raise DumpFailed.differs(self._access.subject, f"{missing[0]} is missing ({len(missing)} in all)")
        return census

    def census(self) -> Census:
        """See Snapshot."""
        if self._census is None:
            raise DumpFailed.has_no_end(self._access.subject)
        return self._census

    def asides(self) -> Mapping[str, Path]:
        """See Snapshot: the accounts as SQL, where they are wanted."""
        return dict(self._asides)

    def close(self) -> None:
        """Ends the session and the dump, on the server too where they were in the midst of something."""
        if self._is_whole:
            self._view.close()
            return
        self._stop()
        end_backends(self._access, self._shell)

    def _stop(self) -> None:
        self._view.kill()
        if self._process is not None:
            self._process.kill()
            self._process.close_pipes()
            self._counter.join()
        with suppress(BackupError):
            self._view.close()


def _take_turns() -> Iterator[None]:
    """As many turns as begin within PATIENCE_S, but one at least; a server in trouble is asked ever more seldom."""
    limit, pause_s = time.monotonic() + PATIENCE_S, PAUSE_S
    yield
    while time.monotonic() < limit:
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        yield


def _has_begun(process: Process, shell: Shell) -> bool:
    """Waits for the first byte, which stays in the pipe; False where the process ends without one."""
    make_wait(process.stdout, READ, shell.require_time)()
    count = bytearray(struct.calcsize("i"))
    fcntl.ioctl(process.stdout, termios.FIONREAD, count)
    return any(count)


def _lost_race(process: Process) -> bool:
    """Whether the server refused a question of pg_dump: most often something has vanished since our session saw it."""
    said = process.wait().stderr_tail
    return "query failed" in said or "with OID" in said


def end_backends(access: Access, shell: Shell) -> None:
    """Has the server end whatever still works for us: it would not notice that nobody waits for the answer.

    In a shell of its own, because the other one may be over. A server that is gone has ended them itself.
    """
    own = f"application_name = {quote_literal(access.address.parameters['application_name'])}"
    with ExitStack() as stack:
        stack.enter_context(suppress(BackupError))
        last = stack.enter_context(shell.anew(CLEANUP_LIMIT_S))
        session = stack.enter_context(access.open_session(last, application_name=CLEANUP_NAME))
        while session.query(f"SELECT to_json(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {own}"):
            time.sleep(PAUSE_S)
