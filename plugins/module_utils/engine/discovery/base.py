"""What the readers share: a careful view of the server's files, and the gathering of what each found."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from ..record.discovered import Configuration, DatabaseReference, Unreadable

SIZE_LIMIT_BYTES = 256 * 1024
REASON_LIMIT = 300
ENTRIES_LIMIT = 200_000
"""So many entries of one folder are looked at."""

PATHS_LIMIT = 5000


class Unfit(Exception):
    """A file that is there and cannot be read as what it should be; the text says why, without any of its content."""


@dataclass(frozen=True)
class Files:
    """A server's files by their absolute paths. `top` is where they lie: `/`, but in tests."""

    top: str = "/"

    def _outer(self, path: str) -> str:
        return os.path.join(self.top, path.lstrip("/"))

    def _inner(self, outer: str) -> str:
        return os.path.normpath("/" + os.path.relpath(outer, os.path.realpath(self.top)))

    def read(self, path: str, size_limit: int = SIZE_LIMIT_BYTES) -> str | None:
        """The text of a regular file, None where there is none. Raises Unfit for what is too long or refuses to open.

        No pipe is waited for, and no device is touched.
        """
        try:
            descriptor = os.open(self._outer(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise Unfit(getattr(error, "strerror", None) or "no usable path") from error
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Unfit("no regular file")
            with os.fdopen(descriptor, "rb", closefd=False) as stream:
                data = stream.read(size_limit + 1)
        finally:
            os.close(descriptor)
        if len(data) > size_limit:
            raise Unfit(f"more than {size_limit} bytes")
        return data.decode("utf-8", "replace").lstrip("\ufeff").replace("\r\n", "\n")

    def begins_with(self, path: str, magic: bytes) -> bool:
        """Whether a regular file begins with these bytes; False for what cannot be opened."""
        try:
            descriptor = os.open(self._outer(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        except OSError:
            return False
        try:
            return os.read(descriptor, len(magic)) == magic
        except OSError:
            return False
        finally:
            os.close(descriptor)

    def resolve(self, path: str) -> str:
        """The path without symbolic links; as it is where it cannot be followed."""
        try:
            return self._inner(os.path.realpath(self._outer(path)))
        except (OSError, ValueError):
            return path

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there."""
        return os.path.isdir(self._outer(path))

    def is_there(self, path: str) -> bool:
        """Whether anything is there, a broken link too."""
        return os.path.lexists(self._outer(path))

    def entries(self, folder: str) -> list[os.DirEntry[str]]:
        """The first entries of a folder; none where there is no folder. Raises Unfit for one that refuses."""
        try:
            with os.scandir(self._outer(folder)) as entries:
                return [entry for entry, _number in zip(entries, range(ENTRIES_LIMIT))]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise Unfit(error.strerror or str(error)) from error

    def expand(self, pattern: str) -> list[str]:
        """The files that a pattern such as `/etc/nginx/sites-enabled/*` means, by name."""
        outer = Path(self._outer("/"))
        try:
            found = sorted(outer.glob(pattern.lstrip("/")))
        except (ValueError, NotImplementedError, OSError, IndexError):  # among them: the empty pattern
            return []
        return ["/" + str(path.relative_to(outer)) for path in found[:PATHS_LIMIT]]


def clean_url(text: str) -> str:
    """The address of a site without anything that could be a login; empty for what is no plain address."""
    found = re.fullmatch(r"(https?://[\w.:\[\]-]{1,253}(?:/[\w./~-]{0,500})?)/?", text.strip())
    return found[1].rstrip("/") if found else ""


@dataclass
class Place:
    """Where a configuration is read: the file, and the application's folder, without symbolic links."""

    files: Files
    file: str
    root: str

    def join(self, path: str, folder: str = "") -> str:
        """A path as the application means it: relative ones below its root, or below `folder`."""
        return os.path.normpath(os.path.join(folder or self.root, path))

    def keep(self, *folders: str) -> list[str]:
        """Those of the usual folders that are there."""
        return [folder for folder in folders if self.files.is_folder(self.join(folder))]

    def make(
        self, framework: str, references: Sequence[DatabaseReference | None], data: Sequence[str] = (), url: str = ""
    ) -> Configuration:
        """The configuration; two equal references are one. Raises Unfit where no database is named literally."""
        found = tuple(dict.fromkeys(reference for reference in references if reference))
        if not found:
            raise Unfit("it names no database literally")
        folders = tuple(dict.fromkeys(self.join(path) for path in data if path))
        return Configuration(self.file, framework, self.root, found, folders, clean_url(url))


Read = Callable[[str, Place], Optional[Configuration]]
"""Makes a configuration of a file's text; None where it is not one of its kind. Raises ValueError or Unfit."""


@dataclass(frozen=True)
class Machine:
    """The server that is looked at: its files, and its programs that only tell.

    `run` gives what a program wrote; it raises BackupError where the program is missing, fails or takes too long.
    """

    files: Files
    run: Callable[[Sequence[str]], str]


ServiceReader = Callable[[Machine, "Finds"], None]
"""Adds what one kind of service tells; what cannot be read is missed by name, and nothing is raised."""


@dataclass(frozen=True)
class FrameworkReader:
    """How one framework's configuration is found and read.

    `suffixes` are paths below the application's root; `*` stands for one name. `fixed` are absolute patterns.
    """

    framework: str
    read: Read
    suffixes: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()


@dataclass
class Finds:
    """What has been found so far: lists by the names of the fields of Discovered, without doubles."""

    lists: dict[str, dict[Any, None]] = field(default_factory=dict)

    def add(self, name: str, *entries: Any) -> None:
        """More entries of one list; what is known already is left out."""
        self.lists.setdefault(name, {}).update(dict.fromkeys(entries))

    def get(self, name: str) -> list[Any]:
        """The entries of one list, in the order in which they were found."""
        return [*self.lists.get(name, ())]

    def miss(self, kind: str, subject: str, reason: object) -> None:
        """Something that could not be read: nothing is said of it."""
        self.add("unreadable", Unreadable(kind, subject[:REASON_LIMIT], str(reason)[:REASON_LIMIT]))
