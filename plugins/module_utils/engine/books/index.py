"""What has been made of an application's receipts, kept beside them, with what it was made from.

`<root>/<server>/<application>` is one entry: sealed lines of text (record/wire.py). The receipts are the truth; an
entry that is absent, damaged, of another form or made from other files is none, and whoever asks makes it anew.
Written beside and renamed, so that neither a crash nor two writers leave half of one.
"""

from __future__ import annotations

import os
import re
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import NotRecorded
from ..flow.files import make_private_folder, open_stored, write_beside
from ..record.receipt import ID_PATTERN
from ..record.wire import read_sealed, write_sealed

UNSETTLED_NS = 3_000_000_000
"""A folder that changed this short a time before it was read may change again without its times telling: clocks of
file systems are coarse (git's index knows the same)."""

Facts = Mapping[str, Any]

_RECEIPT = re.compile(ID_PATTERN + r"\.json")


@dataclass(frozen=True)
class Stamp:
    """What an entry was made from.

    `folder` are inode and times of the folder, `count` and `names` its receipts by name and inode, `files` also by
    size and times; `is_settled` tells whether `folder` alone proves that no receipt came or went since.
    """

    folder: tuple[int, int, int]
    count: int = 0
    names: int = 0
    files: int = 0
    is_settled: bool = False


@dataclass(frozen=True)
class Entry:
    """The stamp, the facts that its maker keeps with it, and lines of text, as many as were asked for."""

    stamp: Stamp
    facts: Facts
    lines: Sequence[str]


def look_at(folder: Path) -> tuple[int, int, int] | None:
    """Inode and times of a folder of receipts; None where there is none."""
    try:
        seen = os.stat(folder)
    except OSError:
        return None
    return seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns


class Listing:
    """The receipts in a folder as they lie there now, oldest first; `seen` is what `look_at` told before."""

    def __init__(self, folder: Path, seen: tuple[int, int, int], clock: Callable[[], int] = time.time_ns) -> None:
        self._folder = folder
        self._seen = seen
        self._is_settled = seen[1] + UNSETTLED_NS < clock()
        try:
            with os.scandir(folder) as entries:
                self._found = sorted((it.name, it.inode()) for it in entries if _RECEIPT.fullmatch(it.name))
        except OSError as error:
            raise NotRecorded.unreadable(str(folder), error.strerror or str(error)) from error

    @property
    def ids(self) -> list[str]:
        """Their ids."""
        return [name[:-5] for name, _inode in self._found]

    def begins_with(self, stamp: Stamp) -> bool:
        """Whether all that the stamp was made from is here, and nothing before or between it."""
        return stamp.count <= len(self._found) and _name(self._found[: stamp.count]) == stamp.names

    def holds_files_of(self, stamp: Stamp) -> bool:
        """Whether the files of the stamp are those that it was made from, by their size and times."""
        return self._weigh(self._found[: stamp.count]) == stamp.files

    def stamp_after(self, stamp: Stamp | None) -> Stamp:
        """The stamp of all that is here; of what `stamp` tells of, its word is taken."""
        known = stamp or Stamp(self._seen)
        new = self._found[known.count :]
        return Stamp(
            self._seen,
            len(self._found),
            _name(new, known.names),
            self._weigh(new, known.files),
            self._is_settled,
        )

    def _weigh(self, found: Iterable[tuple[str, int]], weight: int = 0) -> int:
        for name, _inode in found:
            with suppress(OSError):
                seen = os.stat(f"{self._folder}/{name}", follow_symlinks=False)
                told = f"{name} {seen.st_ino} {seen.st_size} {seen.st_mtime_ns} {seen.st_ctime_ns}\n"
                weight = zlib.crc32(told.encode("ascii"), weight)
        return weight


def _name(found: Iterable[tuple[str, int]], name: int = 0) -> int:
    return zlib.crc32("".join([f"{name} {inode}\n" for name, inode in found]).encode("ascii"), name)


def _read_line(stream: BinaryIO) -> str:
    return stream.readline().decode("ascii").rstrip("\n")


def _read_lines(stream: BinaryIO) -> list[str]:
    return stream.read().decode("ascii").split("\n")


class Index:
    """The entries below `root`; `form` names what their lines mean."""

    def __init__(self, root: Path, form: str) -> None:
        self._root = root
        self._form = form

    def read(self, server: str, application: str, count: Callable[[Facts], int] | None = None) -> Entry | None:
        """The entry of an application; None where there is none that can be used.

        `count` tells out of its facts how many of its lines are wanted, the first ones: a long past takes longer to
        read than to be left alone. By default all are.
        """
        try:
            with open_stored(f"{self._root}/{server}/{application}") as stream:
                form, stamp, facts = read_sealed(_read_line(stream))
                if form != self._form:
                    return None
                folder, *others = stamp
                wanted = [_read_line(stream) for _line in range(count(facts))] if count else _read_lines(stream)
                return Entry(Stamp(tuple(folder), *others), facts, wanted)
        except (OSError, ValueError, TypeError):
            return None

    def write(self, server: str, application: str, entry: Entry) -> None:
        """Replaces the entry; where it cannot be written, the next reader makes it again."""
        head = write_sealed([self._form, [*vars(entry.stamp).values()], dict(entry.facts)])
        text = "\n".join([head, *entry.lines])
        folder = self._root / server
        with suppress(OSError):
            if not folder.is_dir():
                make_private_folder(self._root)
                make_private_folder(folder)
            write_beside(folder / application, text.encode("ascii"), is_durable=False)

    def read_cursor(self) -> str:
        """Where the last reader stopped to look at every single file."""
        with suppress(OSError, ValueError):
            return (self._root / "cursor").read_text("utf-8")
        return ""

    def write_cursor(self, text: str) -> None:
        """Where to go on the next time."""
        with suppress(OSError):
            make_private_folder(self._root)
            write_beside(self._root / "cursor", text.encode("utf-8"), is_durable=False)
