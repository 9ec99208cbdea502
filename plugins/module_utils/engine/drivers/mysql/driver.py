"""MariaDB and MySQL: ties client, dump, census and throwaway server to the contract of drivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...errors import BackupError, SourceUnreadable
from ...flow.container import open_image, reach
from ...flow.process import Shell
from ...record.census import Census
from ...record.finding import RED, Finding
from ...record.source import DatabaseSource, Source
from ..base import Examined, Goal, Landing, Reading, Sink, Snapshot, Stored, Target
from .client import explained, open_access
from .dump import find_tool
from .landing import Live, open_landing
from .locks import TABLE_WAIT_S
from .probe import probe_database, read_server_version, refuse_system_schema, require_rights
from .restore import DumpReading, examine_target, open_sink
from .rights import read_grants
from .scratch import TEMPLATES, Instance, open_instance
from .session import end_connections, open_session
from .snapshot import DatabaseSnapshot, View


@dataclass(frozen=True)
class MysqlDriver:
    """See drivers/base.py. `templates` is where a prepared data folder is kept between checks.

    `table_wait_s` is how long a table that somebody has locked is waited for.
    """

    name = "mysql"
    templates: Path = TEMPLATES
    table_wait_s: int = TABLE_WAIT_S

    def probe(self, source: Source, shell: Shell) -> Sequence[Finding]:
        """See Driver."""
        base = require_database(source)
        try:
            return list(probe_database(base, reach(base.container, shell), self.table_wait_s))
        except BackupError as error:
            return [Finding(error.slug, RED, source.label, error.message, error.hint)]

    @contextmanager
    def open_snapshot(self, source: Source, shell: Shell, place: Path) -> Iterator[Snapshot]:
        """See Driver. Whatever the server began for us ends with the block, also when our own time is over."""
        base = require_database(source)
        refuse_system_schema(base)
        shell = reach(base.container, shell)
        tool = find_tool(shell)
        with open_access(base, place) as access, explained(base, self.table_wait_s), ExitStack() as stack:
            main = stack.enter_context(open_session(access, shell, lock_wait_s=self.table_wait_s))
            server = read_server_version(main)
            grants = read_grants(main)
            require_rights(base, grants, server)
            opened = stack.enter_context(ExitStack())
            view = View(base, access, shell, place, main, tool, server, grants, self.table_wait_s, opened)
            try:
                yield DatabaseSnapshot(view)
            except BaseException:
                end_connections(access, shell, view.connection_ids)
                raise

    def open_reading(self, expected: Census) -> Reading:
        """See Driver."""
        return DumpReading(expected)

    @contextmanager
    def open_scratch(self, source: Source, expected: Census, shell: Shell, place: Path) -> Iterator[Target]:
        """See Driver. The target is an Instance."""
        base = require_database(source)
        with ExitStack() as stack:
            inside = stack.enter_context(open_image(base.container, shell, place))
            yield stack.enter_context(open_instance(base, expected, self.templates, inside, place))

    def open_landing(
        self, source: Source, goal: Goal, stored: Stored, shell: Shell, place: Path
    ) -> AbstractContextManager[Landing]:
        """See Driver."""
        base = require_database(source)
        return open_landing(base, goal, stored, reach(base.container, shell), place)

    def open_restore(self, source: Source, target: Target, shell: Shell) -> AbstractContextManager[Sink]:
        """See Driver. A target that is no throwaway server gets the dump as a file."""
        base = require_database(source)
        return open_sink(base, target, _find_shell(base, target, shell))

    def examine(
        self,
        source: Source,
        target: Target,
        expected: Census,
        asides: Mapping[str, Path],  # noqa: ARG002 - accounts stay beside
        shell: Shell,
        place: Path,  # noqa: ARG002 - the throwaway server has one
    ) -> Examined:
        """See Driver. Accounts are not brought back: they belong to a whole server."""
        base = require_database(source)
        return examine_target(base, target, expected, _find_shell(base, target, shell))


def _find_shell(source: DatabaseSource, target: Target, shell: Shell) -> Shell:
    """The shell that finds the programs of the target."""
    if isinstance(target, Live):
        return reach(source.container, shell)
    return target.shell if isinstance(target, Instance) and target.shell else shell


def require_database(source: Source) -> DatabaseSource:
    """The source, which the registry only hands to us when it is a database."""
    if not isinstance(source, DatabaseSource):
        raise SourceUnreadable.refused(source.address, "it is no database")
    return source


DRIVER = MysqlDriver()
"""With templates in their usual place."""
