"""Ties the parts to the contract of a driver, for PostgreSQL 13 to 17."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from ...errors import BackupError
from ...flow.container import open_image, reach
from ...flow.process import Shell
from ...record.census import Census
from ...record.finding import RED, Finding
from ...record.source import DatabaseSource, Source
from ..base import Examined, Goal, Landing, Reading, Sink, Snapshot, Stored, Target
from .client import Programs, ProgramsInside, open_address, user_inside
from .comparison import examine_cluster
from .dump import PostgresqlSnapshot
from .landing import Live, LiveSink, PostgresqlLanding, examine_live, open_landing
from .probe import probe_database, tell
from .reading import ArchiveReading
from .restore import ARCHIVE, ClusterSink, FileSink, open_sink
from .scratch import TEMPLATES, Cluster, open_cluster
from .session import Access

LOCK_WAIT_S = 60.0
NAME = "diskominfo-backup"


@dataclass
class PostgresqlDriver:
    """See drivers/base.py. `templates` is where a prepared cluster is kept between checks."""

    name: str = "postgresql"
    programs: Programs = field(default_factory=Programs)
    templates: Path = TEMPLATES
    lock_wait_s: float = LOCK_WAIT_S

    def probe(self, source: Source, shell: Shell) -> Sequence[Finding]:
        """See Driver."""
        try:
            inside, programs = self._enter(cast(DatabaseSource, source), shell)
            with self._open_access(cast(DatabaseSource, source), programs) as access:
                return probe_database(access, source.label, programs, inside)
        except BackupError as error:
            shell.require_time()
            return [tell(error, RED, source.label)]

    @contextmanager
    def open_snapshot(self, source: Source, shell: Shell, place: Path) -> Iterator[Snapshot]:
        """See Driver."""
        inside, programs = self._enter(cast(DatabaseSource, source), shell)
        with self._open_access(cast(DatabaseSource, source), programs) as access:
            snapshot = PostgresqlSnapshot(cast(DatabaseSource, source), access, programs, inside, place)
            try:
                yield snapshot
            finally:
                snapshot.close()

    def open_reading(self, expected: Census) -> Reading:
        """See Driver."""
        return ArchiveReading(expected)

    @contextmanager
    def open_scratch(self, source: Source, expected: Census, shell: Shell, place: Path) -> Iterator[Target]:
        """See Driver: a running server in a cell; the source itself is never asked."""
        with open_image(cast(DatabaseSource, source).container, shell, place) as inside:
            programs = ProgramsInside(shell=inside) if inside.isolation else self.programs
            with open_cluster(expected, programs, self.templates, inside, place) as cluster:
                yield cluster

    @contextmanager
    def open_landing(self, source: Source, goal: Goal, stored: Stored, shell: Shell, place: Path) -> Iterator[Landing]:
        """See Driver."""
        database = cast(DatabaseSource, source)
        inside, programs = self._enter(database, shell)
        landing = PostgresqlLanding(database.name, goal, stored, programs, inside)
        with self._open_access(database, programs) as access, open_landing(landing, access, place) as opened:
            yield opened

    @contextmanager
    def open_restore(self, source: Source, target: Target, shell: Shell) -> Iterator[Sink]:
        """See Driver. Into a folder that is no throwaway server the archive comes as a file for pg_restore."""
        if isinstance(target, Cluster):
            sink: FileSink = ClusterSink(target, source.label, shell)
        elif isinstance(target, Live):
            sink = LiveSink(target, source.label, self._enter(cast(DatabaseSource, source), shell)[0])
        else:
            sink = FileSink(target.path / ARCHIVE)
        with open_sink(sink):
            yield sink

    def examine(
        self, source: Source, target: Target, expected: Census, asides: Mapping[str, Path], shell: Shell, place: Path
    ) -> Examined:
        """See Driver. An archive in a folder is proved in a throwaway server of its own; accounts are not tried."""
        del asides
        if isinstance(target, Cluster):
            return examine_cluster(target, expected, source.label, shell)
        if isinstance(target, Live):
            return examine_live(target, expected, self._enter(cast(DatabaseSource, source), shell)[0])
        with self.open_scratch(source, expected, shell, place) as scratch:
            cluster = cast(Cluster, scratch)
            with open_sink(ClusterSink(cluster, source.label, shell)) as sink:
                _feed(target.path / ARCHIVE, sink)
            return examine_cluster(cluster, expected, source.label, shell)

    def _enter(self, source: DatabaseSource, shell: Shell) -> tuple[Shell, Programs]:
        """What reaches and finds the programs that speak with a source's server."""
        inside = reach(source.container, shell, user_inside(source))
        return inside, ProgramsInside(shell=inside) if source.container else self.programs

    @contextmanager
    def _open_access(self, source: DatabaseSource, programs: Programs | None = None) -> Iterator[Access]:
        psql = (programs or self.programs).newest("psql")
        # contextmanager ends the inner context whatever ends the block.
        # pylint: disable-next=contextmanager-generator-missing-cleanup
        with open_address(source, f"{NAME} {secrets.token_hex(8)}") as address:
            yield Access(address, psql, source.address, self.lock_wait_s)


def _feed(path: Path, sink: Sink) -> None:
    with path.open("rb") as stream:
        for chunk in iter(lambda: stream.read(1 << 20), b""):
            sink.take(memoryview(chunk))
    sink.finish()


DRIVER = PostgresqlDriver()
"""Of programs and templates in their usual places."""
