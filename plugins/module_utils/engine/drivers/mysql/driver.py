"""MariaDB and MySQL: ties client, dump, census and throwaway server to the contract of drivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from ...errors import SourceUnreadable
from ...flow.process import Shell
from ...record.census import Census
from ...record.finding import Finding
from ...record.source import DatabaseSource, Source
from ..base import Examined, Reading, Sink, Snapshot, Target
from .client import DUMPERS, Access, Version, explained, find_program, open_access, read_version
from .locks import TABLE_WAIT_S
from .restore import DumpReading, examine_target, open_sink
from .rights import find_missing_rights, may_read_accounts
from .scratch import open_instance
from .session import Session, end_connections, open_session
from .snapshot import DatabaseSnapshot, Tool, View


class MysqlDriver:
    """See drivers/base.py."""

    name = "mysql"

    @contextmanager
    def open_snapshot(self, source: Source, shell: Shell, place: Path) -> Iterator[Snapshot]:
        """See Driver. Whatever the server began for us ends with the block, also when our own time is over."""
        base = require_database(source)
        tool = find_tool(shell)
        with open_access(base, place) as access, ExitStack() as stack:
            with explained(base, TABLE_WAIT_S):
                main = stack.enter_context(open_session(access, shell, lock_wait_s=TABLE_WAIT_S))
                server = read_version(main.send("SELECT VERSION()")[0][0])
                require_rights(base, access, shell, main, server)
                view = View(base, access, shell, place, main, tool, server, stack.enter_context(ExitStack()))
                ids = [main.connection_id]
                try:
                    snapshot = DatabaseSnapshot(view)
                    ids = snapshot.connection_ids
                    yield snapshot
                except BaseException:
                    end_connections(access, shell.environment, ids)
                    raise


    def open_reading(self, expected: Census) -> Reading:
        """See Driver."""
        return DumpReading(expected)

    def open_scratch(
        self, source: Source, expected: Census, shell: Shell, place: Path
    ) -> AbstractContextManager[Target]:
        """See Driver. The target is an Instance; a template of the server is kept beside `place`."""
        return open_instance(require_database(source), expected, shell, place)

    def open_restore(self, source: Source, target: Target, shell: Shell) -> AbstractContextManager[Sink]:
        """See Driver. A target that is no throwaway server gets the dump as a file."""
        return open_sink(require_database(source), target, shell)

    def examine(
        self, source: Source, target: Target, expected: Census, asides: Mapping[str, Path], shell: Shell, place: Path
    ) -> Examined:
        """See Driver. Accounts are not brought back: they belong to a whole server."""
        return examine_target(require_database(source), target, expected, shell)


def require_database(source: Source) -> DatabaseSource:
    """The source, which the registry only hands to us when it is a database."""
    if not isinstance(source, DatabaseSource):
        raise SourceUnreadable.refused(source.address, "it is no database")
    return source


def find_tool(shell: Shell) -> Tool:
    """The dump program and its version; raises ToolMissing."""
    program = find_program(shell, DUMPERS)
    return Tool(program, read_version(shell.run([program, "--version"]).stdout.decode("utf-8", "replace")))


def require_rights(source: DatabaseSource, access: Access, shell: Shell, main: Session, server: Version) -> None:
    """Raises SourceUnreadable where the account would not see all of the database, or of its accounts."""
    missing = find_missing_rights(main, source.name, server)
    if source.credentials:
        with open_session(access, shell) as session:
            if not may_read_accounts(session):
                missing.append("SELECT ON mysql.* (or credentials: false)")
    if missing:
        raise SourceUnreadable.too_few_rights(source.address, missing)
