"""Source trees: archived by GNU tar, listed and hashed from tar's own stream in passing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from ...errors import BackupError, RestoreFailed, SourceMissing, SourceUnreadable, StoredDamaged
from ...flow.pipeline import Digest, relay
from ...flow.process import Shell
from ...record.census import Census
from ...record.finding import RED, Finding
from ...record.source import Source, TreeSource
from ..base import Examined, Goal, Landing, Scratch, Stored, Target
from .archive import read_version, resolve_root
from .headers import MalformedArchive
from .landing import TreeLanding
from .manifest import SUFFIX, Differences, Manifest, compare_manifests
from .scan import Scanner
from .snapshot import TreeSnapshot
from .unpack import TreeSink

SUBJECT = "archive"


class TreeReading:
    """Whether a stored stream is the whole archive that was made, by its manifest: see base.Reading."""

    def __init__(self, expected: Census) -> None:
        self._expected = expected
        self._manifest = Manifest(limit_bytes=expected.counts.get("bytes", 0))
        self._scanner = Scanner(self._manifest)

    def take(self, chunk: memoryview) -> None:
        """The next raw bytes. Raises StoredDamaged for what was never written here."""
        try:
            self._scanner.take(chunk)
        except MalformedArchive as error:
            raise StoredDamaged.unreadable(SUBJECT, str(error)) from error

    def finish(self) -> None:
        """Raises StoredDamaged for an archive that was cut, or holds anything else than was archived."""
        try:
            self._scanner.finish()
        except MalformedArchive as error:
            raise StoredDamaged.unreadable(SUBJECT, str(error)) from error
        counts, digest = self._manifest.conclude()
        if counts != self._expected.counts:
            raise StoredDamaged.unreadable(SUBJECT, f"it holds {counts}, not {dict(self._expected.counts)}")
        if digest != self._expected.digest:
            raise StoredDamaged.unreadable(SUBJECT, "its files are not those that were archived")


class TreeDriver:
    """Folders with everything below them: see base.Driver."""

    name = "tree"

    def probe(self, source: Source, shell: Shell) -> Sequence[Finding]:
        """Whether the folder can be listed and holds anything, and tar is there."""
        try:
            read_version(shell)
            _require_entries(source.path)
        except BackupError as error:
            return [Finding(error.slug, RED, source.label, error.message, error.hint)]
        return []

    @contextmanager
    def open_snapshot(self, source: Source, shell: Shell, place: Path) -> Iterator[TreeSnapshot]:
        """See base.Driver. Nothing is held still: a file that changes while it is read is named in a warning."""
        exclude = source.exclude if isinstance(source, TreeSource) else ()
        with closing(TreeSnapshot(source.path, exclude, read_version(shell), shell, place)) as snapshot:
            yield snapshot

    def open_reading(self, expected: Census) -> TreeReading:
        """See base.Driver."""
        return TreeReading(expected)

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
        return TreeLanding.open(source, goal)

    @contextmanager
    def open_restore(self, source: Source, target: Target, shell: Shell) -> Iterator[TreeSink]:
        """Into a new folder of the source's name."""
        with closing(TreeSink(target.path / source.label, shell)) as sink:
            yield sink

    def examine(
        self, source: Source, target: Target, expected: Census, asides: Mapping[str, Path], shell: Shell, place: Path
    ) -> Examined:
        """Archives the restored folder to nowhere, and compares its manifest line by line with the stored one."""
        differences = Differences()
        stored = asides.get(SUFFIX)
        if stored is None:
            raise StoredDamaged.missing(SUFFIX)
        _compare_aside(stored, expected, differences)
        snapshot = TreeSnapshot(str(target.path / source.label), (), "tar", shell, place)
        with closing(snapshot):
            try:
                relay(snapshot.open_stream(), [snapshot.take], shell.require_time)
                snapshot.finish()
            except (SourceMissing, SourceUnreadable) as error:
                raise RestoreFailed.ended(source.label, error.message) from error
        compare_manifests(stored, snapshot.manifest, os.geteuid() == 0, differences)
        return Examined(snapshot.census(), differences.shown, differences.count, "content")


def _require_entries(path: str) -> None:
    try:
        with os.scandir(resolve_root(path).path) as entries:
            if not any(entries):
                raise SourceMissing.is_empty(path)
    except OSError as error:
        raise SourceUnreadable.refused(path, error.strerror or str(error)) from error


def _compare_aside(stored: Path, expected: Census, differences: Differences) -> None:
    """The stored manifest must be the one whose digest the census holds, or it proves nothing."""
    digest = Digest()
    with open(stored, "rb", buffering=0) as stream:
        relay(stream.fileno(), [digest.take])
    if digest.hexadecimal != expected.digest:
        differences.add("manifest", expected.digest, digest.hexadecimal)


DRIVER = TreeDriver()
