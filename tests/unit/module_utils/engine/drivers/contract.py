"""What every driver must do, whatever it reads: a driver's own test supplies a small real source and inherits this."""

from __future__ import annotations

import hashlib
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.base import (
    Driver,
    Dumped,
    Examined,
    NewPlace,
    Scratch,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    BackupError,
    DumpFailed,
    RestoreFailed,
    SourceMissing,
    StoredDamaged,
    TimeLimitReached,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.pipeline import relay, write_to
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.application import Source
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Census

TIME_IS_UP = TimeLimitReached.after(1)


@dataclass(frozen=True)
class Taken:
    """What one dump left: the raw stream as a file, and all that the driver said of it."""

    stream: Path
    dumped: Dumped
    census: Census
    asides: Mapping[str, Path]


def take_snapshot(driver: Driver, source: Source, folder: Path, shell: Shell) -> Taken:
    """Dumps the source into files below `folder`, which is made."""
    place = folder / "place"
    place.mkdir(parents=True)
    with driver.open_snapshot(source, shell, place) as snapshot, open(folder / "stream", "xb") as stored:
        relay(snapshot.open_stream(), [snapshot.take, write_to(stored.fileno())])
        dumped = snapshot.finish()
        return Taken(folder / "stream", dumped, snapshot.census(), dict(snapshot.asides()))


def read_stream(driver: Driver, taken: Taken, content: bytes, step: int = 1 << 20) -> None:
    """Looks at `content` as if it were the stored stream."""
    reading = driver.open_reading(taken.census)
    for start in range(0, len(content), step):
        reading.take(memoryview(content)[start : start + step])
    reading.finish()


def restore_stream(driver: Driver, source: Source, content: bytes, target: Path, shell: Shell) -> None:
    """Fills a folder, which is made, from `content`."""
    with driver.open_restore(source, NewPlace.prove(target), shell) as sink:
        sink.take(memoryview(content))
        sink.finish()


def examine_target(driver: Driver, source: Source, taken: Taken, target: Path, shell: Shell) -> Examined:
    """Compares what lies in `target` with what was taken."""
    place = target.parent / f"{target.name}-examined"
    place.mkdir()
    return driver.examine(source, Scratch(target), taken.census, taken.asides, shell, place)


def list_folder(folder: Path) -> dict[str, tuple[int, str]]:
    """Every file below a folder: size and content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            found[os.fsencode(path.relative_to(folder)).hex()] = (len(content), hashlib.sha256(content).hexdigest())
    return found


def count_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


class DriverContract(ABC):
    """Every test of this class runs against the driver of the class that inherits it."""

    driver: Driver

    @abstractmethod
    def make_source(self, folder: Path, name: str = "app") -> Source:
        """A small sound source below `folder`, with something of everything its kind can hold."""

    @abstractmethod
    def change_source(self, source: Source) -> None:
        """Changes a little of its content, in a way that no count shows."""

    @abstractmethod
    def alter_restored(self, source: Source, target: Path) -> str:
        """Changes what was restored into `target`; a word that the difference must name."""

    def find_end(self, content: bytes) -> int:
        """Where the last byte of a stream lies that it cannot do without."""
        return len(content)

    @pytest.fixture
    def shell(self) -> Iterator[Shell]:
        with Shell(60) as shell:
            yield shell

    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        """The application's folder."""
        home = tmp_path / "home"
        home.mkdir()
        return home

    @pytest.fixture
    def source(self, home: Path) -> Source:
        return self.make_source(home)

    @pytest.fixture
    def taken(self, source: Source, tmp_path: Path, shell: Shell) -> Taken:
        return take_snapshot(self.driver, source, tmp_path / "taken", shell)

    def test_what_was_streamed_comes_back_without_a_difference(
        self, source: Source, taken: Taken, tmp_path: Path, shell: Shell
    ) -> None:
        read_stream(self.driver, taken, taken.stream.read_bytes())
        restore_stream(self.driver, source, taken.stream.read_bytes(), tmp_path / "target", shell)

        examined = examine_target(self.driver, source, taken, tmp_path / "target", shell)

        assert list(examined.differences) == []
        assert examined.difference_count == 0
        assert examined.comparison in ("rows", "content")
        assert examined.found == taken.census
        assert [entry.name for entry in (tmp_path / "target").iterdir()] == [source.label]

    def test_the_census_counts_something_and_fits_a_receipt(self, taken: Taken) -> None:
        counted = [*taken.census.rows.values(), *taken.census.counts.values()]
        assert sum(counted) > 0
        assert len(taken.census.digest) == 64
        assert json.loads(json.dumps(taken.census.to_data())) == taken.census.to_data()
        assert taken.dumped.tool

    def test_the_source_stays_as_it_was(self, home: Path, tmp_path: Path, shell: Shell) -> None:
        source = self.make_source(home)
        before = list_folder(home)

        self.driver.probe(source, shell)
        take_snapshot(self.driver, source, tmp_path / "taken", shell)

        assert list_folder(home) == before

    def test_the_same_content_gives_the_same_census(self, source: Source, taken: Taken, tmp_path: Path) -> None:
        with Shell(60) as shell:
            again = take_snapshot(self.driver, source, tmp_path / "again", shell)
        assert again.census == taken.census

    def test_a_change_that_no_count_shows_changes_the_digest(
        self, source: Source, taken: Taken, tmp_path: Path, shell: Shell
    ) -> None:
        self.change_source(source)
        changed = take_snapshot(self.driver, source, tmp_path / "changed", shell)
        assert changed.census.digest != taken.census.digest
        assert (changed.census.rows, changed.census.counts) == (taken.census.rows, taken.census.counts)

    def test_a_sound_source_has_no_findings(self, source: Source, shell: Shell) -> None:
        assert list(self.driver.probe(source, shell)) == []

    def test_a_missing_source_fails_and_nothing_is_created(
        self, source: Source, home: Path, tmp_path: Path, shell: Shell
    ) -> None:
        os.rename(source.path, tmp_path / "elsewhere")
        before = sorted(home.rglob("*"))

        (finding,) = self.driver.probe(source, shell)
        with pytest.raises(SourceMissing) as caught:
            take_snapshot(self.driver, source, tmp_path / "taken", shell)

        assert (finding.slug, finding.severity, finding.subject) == ("source_missing", "red", source.label)
        assert source.path in caught.value.message
        assert caught.value.hint
        assert sorted(home.rglob("*")) == before

    def test_a_source_below_a_file_is_missing(self, source: Source, tmp_path: Path, shell: Shell) -> None:
        (tmp_path / "file").write_bytes(b"")
        lost = type(source)(**{**vars(source), "path": str(tmp_path / "file" / "app")})
        with pytest.raises(SourceMissing):
            take_snapshot(self.driver, lost, tmp_path / "taken", shell)

    @pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.99])
    def test_a_stream_that_was_cut_is_noticed(
        self, source: Source, taken: Taken, tmp_path: Path, shell: Shell, kept: float
    ) -> None:
        whole = taken.stream.read_bytes()
        cut = whole[: int(self.find_end(whole) * kept)]
        self._assert_noticed(source, taken, cut, tmp_path / "target", shell)

    def test_a_missing_last_block_is_noticed(self, source: Source, taken: Taken, tmp_path: Path, shell: Shell) -> None:
        self._assert_noticed(source, taken, taken.stream.read_bytes()[:-1], tmp_path / "target", shell)

    @pytest.mark.parametrize("content", [b"", b"\0" * 10240, b"x" * 10240, b"<html>error 500</html>" * 100])
    def test_what_is_no_such_stream_is_noticed(
        self, source: Source, taken: Taken, tmp_path: Path, shell: Shell, content: bytes
    ) -> None:
        self._assert_noticed(source, taken, content, tmp_path / "target", shell)

    def _assert_noticed(self, source: Source, taken: Taken, content: bytes, target: Path, shell: Shell) -> None:
        with pytest.raises(StoredDamaged):
            read_stream(self.driver, taken, content)
        with pytest.raises(RestoreFailed):
            restore_stream(self.driver, source, content, target, shell)

    def test_a_dump_of_which_a_part_never_passed_fails(self, source: Source, tmp_path: Path, shell: Shell) -> None:
        with self.driver.open_snapshot(source, shell, tmp_path) as snapshot:
            os.read(snapshot.open_stream(), 100)
            with pytest.raises(DumpFailed):
                snapshot.finish()

    def test_bytes_may_come_in_any_portions(self, source: Source, taken: Taken, tmp_path: Path, shell: Shell) -> None:
        content = taken.stream.read_bytes()
        read_stream(self.driver, taken, content, step=997)
        (tmp_path / "place").mkdir()
        with self.driver.open_snapshot(source, shell, tmp_path / "place") as snapshot:
            stream = snapshot.open_stream()
            while chunk := os.read(stream, 313):
                snapshot.take(memoryview(chunk))
            snapshot.finish()
            assert snapshot.census() == taken.census

    def test_an_altered_restore_is_different(self, source: Source, taken: Taken, tmp_path: Path, shell: Shell) -> None:
        restore_stream(self.driver, source, taken.stream.read_bytes(), tmp_path / "target", shell)
        named = self.alter_restored(source, tmp_path / "target")

        examined = examine_target(self.driver, source, taken, tmp_path / "target", shell)

        assert examined.difference_count == len(examined.differences) > 0
        assert any(named in difference.what for difference in examined.differences), examined.differences

    def test_the_stream_of_another_source_is_different(
        self, source: Source, taken: Taken, tmp_path: Path, shell: Shell
    ) -> None:
        (tmp_path / "other").mkdir()
        other = self.make_source(tmp_path / "other")
        self.change_source(other)
        swapped = take_snapshot(self.driver, other, tmp_path / "swapped", shell)
        restore_stream(self.driver, source, swapped.stream.read_bytes(), tmp_path / "target", shell)

        examined = examine_target(self.driver, source, taken, tmp_path / "target", shell)

        assert examined.difference_count > 0

    def test_nothing_is_restored_over_what_is_there(
        self, source: Source, taken: Taken, tmp_path: Path, shell: Shell
    ) -> None:
        target = tmp_path / "target"
        target.mkdir()
        (target / source.label).write_bytes(b"precious")
        with pytest.raises(RestoreFailed), self.driver.open_restore(source, Scratch(target), shell) as sink:
            sink.take(memoryview(taken.stream.read_bytes()))
        assert (target / source.label).read_bytes() == b"precious"

    def test_what_was_never_restored_cannot_be_examined(
        self, source: Source, taken: Taken, tmp_path: Path, shell: Shell
    ) -> None:
        (tmp_path / "target").mkdir()
        with pytest.raises(BackupError):
            examine_target(self.driver, source, taken, tmp_path / "target", shell)

    @pytest.mark.parametrize(
        "name",
        [
            "with space",
            "a?b=c&d#e%41",
            "'; DROP TABLE x; --",
            '"quoted"',
            "-rf",
            "line\nbreak",
            "naskah-é-文",
            "n\udcff\udcfe",
        ],
    )
    def test_names_are_only_names(self, home: Path, tmp_path: Path, shell: Shell, name: str) -> None:
        source = self.make_source(home, name)
        assert source.label == name
        taken = take_snapshot(self.driver, source, tmp_path / "taken", shell)
        restore_stream(self.driver, source, taken.stream.read_bytes(), tmp_path / "target", shell)
        assert examine_target(self.driver, source, taken, tmp_path / "target", shell).difference_count == 0
        assert os.listdir(os.fsencode(tmp_path / "target")) == [os.fsencode(name)]

    def test_the_time_limit_ends_a_dump_before_it_begins(self, source: Source, tmp_path: Path, shell: Shell) -> None:
        shell.end(TIME_IS_UP)
        with pytest.raises(TimeLimitReached):
            take_snapshot(self.driver, source, tmp_path / "taken", shell)

    def test_the_time_limit_ends_a_dump_that_has_begun(self, source: Source, tmp_path: Path, shell: Shell) -> None:
        with self.driver.open_snapshot(source, shell, tmp_path) as snapshot:
            shell.end(TIME_IS_UP)
            with pytest.raises(TimeLimitReached):
                relay(snapshot.open_stream(), [snapshot.take], shell.require_time)
        assert all(trace.status != 0 for trace in shell.traces if "--create" in trace.argv)

    def test_the_time_limit_ends_an_examination(
        self, source: Source, taken: Taken, tmp_path: Path, shell: Shell
    ) -> None:
        restore_stream(self.driver, source, taken.stream.read_bytes(), tmp_path / "target", shell)
        with Shell(60) as ended:
            ended.end(TIME_IS_UP)
            with pytest.raises(TimeLimitReached):
                examine_target(self.driver, source, taken, tmp_path / "target", ended)

    def test_an_abandoned_dump_or_restore_leaves_no_process_and_no_open_file(
        self, source: Source, taken: Taken, tmp_path: Path
    ) -> None:
        before = count_descriptors()
        for number in range(3):
            (tmp_path / f"place{number}").mkdir()
            (tmp_path / f"target{number}").mkdir()
            with Shell(60) as shell:
                with self.driver.open_snapshot(source, shell, tmp_path / f"place{number}") as snapshot:
                    os.read(snapshot.open_stream(), 100)
                with self.driver.open_restore(source, Scratch(tmp_path / f"target{number}"), shell) as sink:
                    sink.take(memoryview(taken.stream.read_bytes()[:512]))
        assert count_descriptors() == before
