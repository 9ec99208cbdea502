"""Brings one stored part back: every byte is held against its hash on the way, and what came is counted again."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from .act import Act
from .drivers.base import Driver, Examined, Target
from .drivers.registry import DRIVERS
from .errors import DumpFailed, RestoreFailed, StoredDamaged, StoreFull
from .flow.compression import find_decompression
from .flow.files import free_bytes, open_new
from .flow.pipeline import Digest, Taker, pump, relay
from .record.census import Census
from .record.receipt import Part, Receipt, StoredFile
from .record.source import FILE_ENGINES, TREE, DatabaseSource, Source, TreeSource, read_container

NO_ROOM_BYTES = 1 << 20
"""With less than this free, a restore that failed says nothing of what was to be restored."""


def find_source(part: Part) -> Source:
    """The source that a part of a receipt was made from."""
    if part.engine == TREE:
        return TreeSource(part.path)
    if part.engine in FILE_ENGINES:
        return DatabaseSource(part.engine, path=part.path)
    return DatabaseSource(part.engine, name=part.name, container=read_container(part.path))


@dataclass(frozen=True)
class Retrieval:
    """One part of a run on its way back. Raises StoredDamaged for what is not as it was stored, RestoreFailed for
    what does not come back, and whatever ended the act."""

    act: Act
    run: Receipt
    part: Part

    @property
    def driver(self) -> Driver:
        """The driver that made the part."""
        return DRIVERS[self.part.engine]

    @property
    def source(self) -> Source:
        """What the part was made from: as it is registered where its place is still the same."""
        known = {source.address: source for source in self.act.application.databases}
        return known.get(self.part.path) or find_source(self.part)

    @property
    def file(self) -> StoredFile:
        """The artifact."""
        if self.part.file is None:
            raise StoredDamaged.missing(self.part.name)
        return self.part.file

    @property
    def census(self) -> Census:
        """What was in the source."""
        if self.part.census is None:
            raise StoredDamaged.unreadable(self.part.name, "its receipt holds no census")
        return self.part.census

    def read(self) -> None:
        """Reads the artifact to its end: its hash holds, and its structure is complete."""
        reading = self.driver.open_reading(self.census)
        self._draw(self.file, reading.take, self._tell_progress())
        reading.finish()

    def open_scratch(self, place: Path) -> AbstractContextManager[Target]:
        """A throwaway target below `place`, gone when the block ends; ToolMissing where none can be had."""
        return self.driver.open_scratch(self.source, self.census, self.act.shell, place)

    def restore(self, target: Target) -> None:
        """Fills `target` from the artifact, whose hash holds. A disk without room is no fault of what is stored:
        StoreFull."""
        free = free_bytes(target.path)
        if free < self.part.raw_bytes:
            raise StoreFull.needs(str(target.path), self.part.raw_bytes, free)
        try:
            with self.driver.open_restore(self.source, target, self.act.shell) as sink:
                self._draw(self.file, sink.take, self._tell_progress())
                sink.finish()
        except (OSError, RestoreFailed) as error:
            if free_bytes(target.path) < NO_ROOM_BYTES:
                raise StoreFull.ended(str(target.path)) from error
            raise

    def examine(self, target: Target, place: Path) -> Examined:
        """Counts what was restored and compares it with the source's census; `place` takes scratch files."""
        asides = self.bring_asides(place)
        room = place / "examined"
        room.mkdir(mode=0o700)
        return self.driver.examine(self.source, target, self.census, asides, self.act.shell, room)

    def bring_asides(self, place: Path) -> dict[str, Path]:
        """Decompresses the files that lie beside the artifact: suffix -> file."""
        found = {}
        stem = self.file.name.rsplit(".", 2)[0]
        for stored in self.part.asides:
            suffix = stored.name[len(stem) + 1 :].rpartition(".")[0]
            found[suffix] = place / suffix
            with open_new(found[suffix]) as copy:
                self._draw(stored, lambda chunk, copy=copy: copy.write(chunk) and None)  # type: ignore[misc]
        return found

    def _tell_progress(self) -> Taker:
        count = self.act.tell_progress(self.part.name, self.part.raw_bytes)
        return lambda chunk: count(len(chunk))

    def _draw(self, stored: StoredFile, *takers: Taker) -> None:
        """The raw bytes of a stored file to the takers; they turn out to be those that were stored, or it raises.

        A filter that said no to bytes whose hash holds was given a damaged file; one that was killed says nothing.
        """
        store, run, digest = self.act.station.store, self.run, Digest()
        with store.get(run.application, run.id, stored.name) as stream:
            try:
                pump(stream.fileno(), [find_decompression(stored.name)], self.act.shell, [digest.take], takers)
            except (DumpFailed, RestoreFailed, StoredDamaged) as error:
                relay(stream.fileno(), [digest.take])
                _require_hash(stored, digest)
                if isinstance(error, DumpFailed) and self.act.shell.traces[-1].status > 0:
                    raise StoredDamaged.unreadable(stored.name, error.message) from error
                raise
        _require_hash(stored, digest)


def _require_hash(stored: StoredFile, digest: Digest) -> None:
    if (digest.size_bytes, digest.hexadecimal) != (stored.size_bytes, stored.sha256):
        raise StoredDamaged.hash_differs(stored.name)
