"""One consistent view of a database: the dump, the counts beside it, and the definitions before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import DumpFailed
from ...flow.pipes import widen_pipe
from ...flow.process import Process, Shell
from ...record.census import LOCKED, NO_CONSISTENCY, SNAPSHOT, Census
from ...record.source import DatabaseSource
from ..base import Dumped
from .accounts import ASIDE, write_accounts
from .census import Count, Definitions, find_orphans, read_definitions, read_sequences
from .client import Access, Version, explained
from .dump import SUFFIX, Beginning, Ends, RowCounter, Tool, build_dump_argv, conclude_dump
from .locks import LOCK_WAIT_S, Standstill, lock_tables
from .rights import may_read_accounts
from .session import Session, open_session

FROM_STREAM = "rows and sequences were counted in the dump's own stream"


@dataclass(frozen=True)
class View:
    """What a snapshot works with: `main` is a session that outlives it, `stack` closes what it opens."""

    source: DatabaseSource
    access: Access
    shell: Shell
    place: Path
    main: Session
    tool: Tool
    server: Version
    grants: Sequence[str]
    table_wait_s: int
    stack: ExitStack
    _ids: list[int] = field(default_factory=list)

    @property
    def connection_ids(self) -> list[int]:
        """What the server calls the connections that were opened for the snapshot, the oldest first."""
        return [self.main.connection_id, *self._ids]

    def note_connection(self, number: int) -> None:
        """One more that must end with the snapshot."""
        self._ids.append(number)

    def open_session(self, lock_wait_s: int) -> Session:
        """A further connection."""
        session = self.stack.enter_context(open_session(self.access, self.shell, lock_wait_s=lock_wait_s))
        self.note_connection(session.connection_id)
        return session


class DatabaseSnapshot:
    """See drivers/base.py."""

    suffix = SUFFIX
    scratch_bytes = 0

    def __init__(self, view: View) -> None:
        self._view = view
        self.definitions: Definitions = read_definitions(view.main)
        self.expected_bytes = self.definitions.data_bytes
        self._standstill = Standstill(view.access, view.shell)
        self._beginning, self._ends, self._counter = Beginning(), Ends(), RowCounter()
        self._is_exact = False
        self._consistency = SNAPSHOT
        self._notes: list[str] = []
        self._warnings: list[str] = []
        self._sequences: dict[str, str] = {}
        self._census = Census()

    def open_stream(self) -> int:
        """See Snapshot. Between the standstill and the dump's first table nothing is committed on the server."""
        with explained(self._view.source, self._view.table_wait_s):
            self._lock_fixed_tables()
            self._view.stack.callback(self._standstill.release)
            refusal = self._standstill.begin(self._view.server, self._view.note_connection)
            if refusal:
                self._notes.append(f"{FROM_STREAM}: no lock for an exact count ({refusal})")
            self._process = self._begin_views()
            return self._process.stdout

    def _begin_views(self) -> Process:
        """The viewer's view and the dump's, in this order."""
        viewer = self._view.open_session(self._view.table_wait_s)
        viewer.send("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        self._sequences = read_sequences(viewer, self.definitions.sequences)
        process = self._start_dump()
        with_history = self.definitions.versioned if self._view.tool.has_history else ()
        self._count = Count(viewer, sorted(self.definitions.engines), with_history, process.kill)
        self._view.stack.callback(self._count.stop)
        self._count.start()
        return process

    def _lock_fixed_tables(self) -> None:
        tables = self.definitions.fixed_tables
        if not tables:
            return
        holder = self._view.open_session(LOCK_WAIT_S)
        refusal = lock_tables(holder, tables)
        self._consistency = NO_CONSISTENCY if refusal else LOCKED
        if refusal:
            names = ", ".join(tables)
            self._warnings.append(
                f"tables without snapshots may have changed while they were read: {names} ({refusal})"
            )

    def _start_dump(self) -> Process:
        argv = build_dump_argv(self._view.tool, self._view.access, bool(self.definitions.versioned))
        process = self._view.shell.start(argv, secrets=self._view.access.secrets)
        self._view.stack.callback(process.close_pipes)
        self._view.stack.callback(process.kill)
        widen_pipe(process.stdout)
        return process

    def take(self, chunk: memoryview) -> None:
        """See Snapshot. The standstill ends with the first table; without one, every row is counted in passing."""
        self._ends.take(chunk)
        if not self._beginning.has_snapshot and self._beginning.take(chunk):
            self._is_exact = self._standstill.release()
        if not self._is_exact or self._consistency == NO_CONSISTENCY:
            self._counter.take(chunk)

    def has_seen_enough(self) -> bool:
        """See Snapshot: never, the trailer comes last."""
        return False

    def finish(self) -> Dumped:
        """See Snapshot."""
        trace = self._process.wait()
        self._view.shell.require_time()
        with explained(self._view.source, self._view.table_wait_s):
            self._count.require_no_fault()
        conclude_dump(trace, self._ends, self._view.source.address)
        self._is_exact = self._standstill.release() or self._is_exact
        with explained(self._view.source, self._view.table_wait_s):
            rows = self._find_rows()
            changed = self.definitions.find_change(read_definitions(self._view.main))
            if changed:
                raise DumpFailed.differs(self._view.source.address, f"{changed} changed meanwhile")
            self._census = self.definitions.make_census(rows, self._sequences, self._consistency)
            self._warn()
        return Dumped(self._view.tool.name, self._view.server.text, tuple(self._notes), tuple(self._warnings))

    def _find_rows(self) -> Mapping[str, int]:
        """The viewer's counts where they are of the dump's own moment, else those of the stream."""
        counted = self._count.result()
        if self._is_exact and self._consistency != NO_CONSISTENCY:
            return counted
        missing = sorted(set(self.definitions.engines) - set(self._counter.rows))
        if missing:
            raise DumpFailed.differs(self._view.source.address, f"table {missing[0]} is not in the dump")
        self._sequences = self._counter.sequences
        uncounted = sorted(self._counter.uncounted)
        if uncounted:
            self._consistency = NO_CONSISTENCY
            names = ", ".join(uncounted)
            self._warnings.append(
                f"counted beside the dump, not in its moment, so a check may find differences: {names}"
            )
        rows = self._counter.rows
        return {name: counted[name] if name in uncounted else rows[name] for name in self.definitions.engines}

    def _warn(self) -> None:
        if self.definitions.versioned and not self._view.tool.has_history:
            names = ", ".join(self.definitions.versioned)
            self._warnings.append(f"this client dumps no history of versioned tables: {names}")
        if may_read_accounts(self._view.grants):
            orphans = find_orphans(self._view.main, self.definitions)
            self._warnings += [f"it runs as an account that does not exist: {orphan}" for orphan in orphans]
        else:
            self._notes.append("whether the accounts exist that views and code run as could not be seen")

    def census(self) -> Census:
        """See Snapshot."""
        return self._census

    def asides(self) -> Mapping[str, Path]:
        """See Snapshot."""
        if not self._view.source.credentials:
            return {}
        with explained(self._view.source, self._view.table_wait_s):
            return {ASIDE: write_accounts(self._view.main, self._view.server, self._view.place)}
