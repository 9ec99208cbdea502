"""Backs a source up and restores it again by its driver alone, as the verbs do."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.base import (
    Driver,
    Dumped,
    Examined,
    Target,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.pipeline import relay, write_to
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Census
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import Source


@dataclass(frozen=True)
class Backup:
    """What one dump left: its stream as a file, and all that the driver said of it."""

    source: Source
    stream: Path
    dumped: Dumped
    census: Census
    asides: Mapping[str, Path]


def back_up(driver: Driver, source: Source, folder: Path, shell: Shell) -> Backup:
    """Dumps the source into a new folder below `folder`."""
    place = Path(tempfile.mkdtemp(prefix="backup-", dir=folder))
    with driver.open_snapshot(source, shell, place) as snapshot, (place / "stream").open("xb") as stored:
        relay(snapshot.open_stream(), [snapshot.take, write_to(stored.fileno())], shell.require_time)
        dumped = snapshot.finish()
        return Backup(source, place / "stream", dumped, snapshot.census(), dict(snapshot.asides()))


def read(driver: Driver, backup: Backup, content: bytes, step: int = 1 << 20) -> None:
    """Looks at `content` as if it were the stored stream."""
    reading = driver.open_reading(backup.census)
    for start in range(0, len(content), step):
        reading.take(memoryview(content)[start : start + step])
    reading.finish()


@contextmanager
def restored(driver: Driver, backup: Backup, shell: Shell, place: Path) -> Iterator[Target]:
    """A throwaway target that was filled from the backup."""
    room = Path(tempfile.mkdtemp(prefix="r", dir=place))
    with driver.open_scratch(backup.source, backup.census, shell, room) as target:
        fill(driver, backup, target, shell)
        yield target


def fill(driver: Driver, backup: Backup, target: Target, shell: Shell) -> None:
    """The whole stream into the target."""
    with driver.open_restore(backup.source, target, shell) as sink:
        with backup.stream.open("rb") as stream:
            relay(stream.fileno(), [sink.take])
        sink.finish()


def prove(driver: Driver, backup: Backup, shell: Shell, place: Path) -> Examined:
    """Restores into a throwaway target and compares."""
    with restored(driver, backup, shell, place) as target:
        return driver.examine(backup.source, target, backup.census, backup.asides, shell, place)
