"""The contract of a driver: one consistent view of a source that can be streamed and counted, and the way back."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar, Union

from ..errors import TargetRefused
from ..flow.exchange import Exchange
from ..flow.process import Shell
from ..record.census import Census, Difference
from ..record.finding import Finding
from ..record.source import Source

Each = TypeVar("Each", bound="ExchangeLanding")


@dataclass(frozen=True)
class Dumped:
    """What a stream turned out to be once it ended well. `warnings` are losses that are none: see each driver."""

    tool: str
    server_version: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Snapshot(Protocol):
    """One consistent view of a source, valid until the block of `open_snapshot` ends."""

    suffix: str
    """Ending of the artifact before compression: `sqlite`, `tar`."""

    expected_bytes: int
    """A guess of the raw size, for the room needed and for progress; 0 when nothing is known."""

    scratch_bytes: int
    """What `open_stream` writes into `place`, which lies in the store, before the first byte comes."""

    def open_stream(self) -> int:
        """Starts the dump; a readable descriptor of the raw bytes, closed by `finish`. To be called once."""

    def take(self, chunk: memoryview) -> None:
        """Is shown every raw byte in passing, in order, before it is stored, until it has seen enough."""

    def has_seen_enough(self) -> bool:
        """Whether `take` has no use for the bytes that follow: they may be stored without being shown to it."""

    def finish(self) -> Dumped:
        """After the last byte: every exit status, the trailer, the smallest size. Raises what was wrong."""

    def census(self) -> Census:
        """What is in the source in this same view. To be called after `finish`."""

    def asides(self) -> Mapping[str, Path]:
        """Files of `place` to be stored beside the artifact: suffix (`manifest.jsonl`) -> file. After `finish`."""


class Sink(Protocol):
    """A target that is being filled from a raw stream."""

    def take(self, chunk: memoryview) -> None:
        """The next raw bytes, in order. Raises RestoreFailed as soon as they cannot be right."""

    def finish(self) -> None:
        """After the last byte: all of it is on disk, or RestoreFailed is raised."""


class Reading(Protocol):
    """A look at a raw stream without restoring it: is it structurally complete?"""

    def take(self, chunk: memoryview) -> None:
        """The next raw bytes, in order."""

    def finish(self) -> None:
        """After the last byte: raises StoredDamaged when the stream was not whole."""


@dataclass(frozen=True)
class Target:
    """A folder that a restore may fill. Made only by `Scratch`, `NewPlace`, `Confirmed` and what a landing opens."""

    path: Path


class Scratch(Target):
    """A throwaway folder that flow/sandbox.py made and will sweep."""

    @classmethod
    @contextmanager
    def open_folder(cls, place: Path) -> Iterator[Scratch]:
        """A private folder below `place`: all that sources of files need."""
        folder = place / "restored"
        folder.mkdir(mode=0o700)
        yield cls(folder)


class NewPlace(Target):
    """A folder that was proved to hold nothing."""

    @classmethod
    def prove(cls, path: Path) -> NewPlace:
        """Makes the folder (0700) or takes an empty one; raises TargetRefused for anything else."""
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(os.scandir(path)):
                raise TargetRefused.not_empty(str(path))
        except OSError as error:
            raise TargetRefused.unusable(str(path), error.strerror or str(error)) from error
        return cls(path)


@dataclass(frozen=True)
class Confirmed(Target):
    """The place of the original, which may be replaced because a person typed the application's name.

    It cannot be made otherwise: any other word, and none, raises TargetRefused.
    """

    application: str
    typed: str

    def __post_init__(self) -> None:
        if not self.application or self.typed != self.application:
            raise TargetRefused.not_confirmed(self.application, self.typed)

    def at(self, path: Path) -> Confirmed:
        """The same consent for a place beside, on the way to the original."""
        return replace(self, path=path)


@dataclass(frozen=True)
class NewName:
    """A name for a database that the server does not know yet; making it fails where it does."""

    name: str


Goal = Union[Confirmed, NewName]
"""Where a part lands: in the place of its original, or on its server under another name."""


@dataclass(frozen=True)
class Stored:
    """What is known of a part that is to land. `asides` are its aside files, decompressed: suffix -> file."""

    server_version: str
    census: Census
    raw_bytes: int
    asides: Mapping[str, Path]


class Landing(Protocol):
    """A part on its way to a goal. Opening it only looks: what could not be done is raised before anything is written.

    `prepare`, the restore into `target`, its examination, `take_over`: in this order. What is half done when the block
    ends goes; the original stays as it was up to `take_over`, but where `replaces_at_once` says that it is dropped by
    `prepare`.
    """

    is_there: bool
    """Whether there is an original now."""

    replaces_at_once: bool
    """Whether `prepare` already drops the original, because this kind of source can be made in its place only."""

    room: Path
    """An existing folder of the file system that takes the new."""

    @property
    def steps(self) -> Sequence[str]:
        """What will be done, a line each, in its order."""

    @property
    def target(self) -> Target:
        """What `Driver.open_restore` and `Driver.examine` are given."""

    def prepare(self) -> Sequence[str]:
        """Makes the place, and the accounts that are missing; notes for the receipt."""

    def take_over(self) -> Sequence[str]:
        """Puts the new where the original was; notes for the receipt."""


class ExchangeLanding:
    """The half of a Landing of files that does not depend on what they are: made beside, then exchanged by rename."""

    replaces_at_once = False

    def __init__(self, source: Source, consent: Confirmed) -> None:
        self.exchange = Exchange(source.path)
        self.exchange.prove()
        self.label = source.label
        self.is_there, self.room = self.exchange.is_there, self.exchange.room
        self._consent = consent

    @classmethod
    @contextmanager
    def open(cls: type[Each], source: Source, goal: Goal) -> Iterator[Each]:
        """See Driver.open_landing."""
        if not isinstance(goal, Confirmed):
            raise TargetRefused.has_no_place(source.label, "only a database of a server can get another name")
        landing = cls(source, goal)
        try:
            yield landing
        finally:
            landing.exchange.end()

    @property
    def target(self) -> Confirmed:
        """See Landing."""
        return self._consent.at(self.exchange.staging)

    def prepare(self) -> Sequence[str]:
        """See Landing."""
        self.exchange.begin()
        return ()


@dataclass(frozen=True)
class Examined:
    """What a restored place holds, compared with what the source held. `comparison` is `rows` or `content`."""

    found: Census
    differences: Sequence[Difference]
    difference_count: int
    comparison: str


class Driver(Protocol):
    """One kind of source. A driver keeps nothing between calls: all state lies in what its blocks open."""

    name: str
    """The key of the registry and of the register: `sqlite`, `tree`."""

    def probe(self, source: Source, shell: Shell) -> Sequence[Finding]:
        """Whether a run would begin well: reachable, readable, tools there. Changes nothing, reads little."""

    def open_snapshot(self, source: Source, shell: Shell, place: Path) -> AbstractContextManager[Snapshot]:
        """One consistent view. `place` is a private folder for scratch files, removed by the caller afterwards.

        The processes and waits of the view obey the deadline of `shell`. Raises SourceMissing, SourceLocked,
        SourceUnreadable, SourceDamaged, ToolMissing, DumpFailed.
        """

    def open_reading(self, expected: Census) -> Reading:
        """A structural look at a raw stream that should hold `expected`."""

    def open_scratch(
        self, source: Source, expected: Census, shell: Shell, place: Path
    ) -> AbstractContextManager[Target]:
        """A throwaway target below `place`: a folder for files, a running instance without network for a server.

        Valid until the block ends, which ends its processes too. Raises ToolMissing where the server's own programs
        or every isolation are missing: the run then is proved up to `readable` only.
        """

    def open_landing(
        self, source: Source, goal: Goal, stored: Stored, shell: Shell, place: Path
    ) -> AbstractContextManager[Landing]:
        """See Landing; `source` says where the original is, and as whom its server is reached. `place` takes scratch.

        Raises TargetRefused for what is in the way, and for a server that is older than the backup's; SourceMissing
        for no server; ToolMissing; SourceUnreadable for missing rights.
        """

    def open_restore(self, source: Source, target: Target, shell: Shell) -> AbstractContextManager[Sink]:
        """Fills `target` from a raw stream. What was half done stays when the block ends by an exception: the caller
        removes the place."""

    def examine(
        self, source: Source, target: Target, expected: Census, asides: Mapping[str, Path], shell: Shell, place: Path
    ) -> Examined:
        """Counts what was restored into `target` by the same code that counted the source, and compares.

        `asides` are the stored aside files, decompressed: suffix -> file. `place` is a private scratch folder.
        """
