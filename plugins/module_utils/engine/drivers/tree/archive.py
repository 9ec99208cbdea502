"""How a tree is archived: GNU tar with everything that it can keep, and what is left out of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import NamedTuple

from ...errors import SourceMissing, SourceUnreadable, ToolMissing
from ...flow.process import LineTaker, Process, Shell

BLOCKING_FACTOR = 256
"""Blocks of 512 bytes that tar writes at once: 128 KiB instead of 10 make a fast pipe faster."""

ARGUMENTS: tuple[str, ...] = (
    "tar",
    "--create",
    "--file=-",
    f"--blocking-factor={BLOCKING_FACTOR}",
    "--format=posix",  # times to the nanosecond, names and sizes of any length
    # No process number in names; no times of access, which reading changes, nor of change, which nothing restores.
    "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime",
    "--sort=name",
    "--acls",
    "--xattrs",
    "--sparse",
    "--sparse-version=1.0",
    "--one-file-system",
)


class Root(NamedTuple):
    """The real folder that a path leads to, and the device it lies on."""

    path: str
    device: int


def resolve_root(path: str) -> Root:
    """Follows links. Raises SourceMissing for what is no folder, SourceUnreadable."""
    try:
        real = os.path.realpath(path)
        status = os.stat(real)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceMissing.no_path(path) from error
    except OSError as error:
        raise SourceUnreadable.refused(path, error.strerror or str(error)) from error
    if not stat.S_ISDIR(status.st_mode):
        raise SourceMissing.no_path(path)
    return Root(real, status.st_dev)


def start_archiving(root: Root, exclude: Sequence[str], shell: Shell, taker: LineTaker) -> Process:
    """tar, with the archive of a real folder coming from its `stdout`; `taker` is shown what it complains."""
    return shell.start([*ARGUMENTS, *write_excludes(exclude), f"--directory={root.path}", "."], taker=taker)


def write_excludes(exclude: Sequence[str]) -> list[str]:
    """Arguments for the patterns of a register (record/application.py): with a leading slash anchored, else anywhere.

    `*` and `?` match within one name, `[...]` and a backslash mean what they mean to a shell.
    """
    patterns = [pattern.rstrip("/") for pattern in exclude]
    return [
        "--no-wildcards-match-slash",
        "--anchored",
        *(f"--exclude=.{pattern}" for pattern in patterns if pattern.startswith("/")),
        "--no-anchored",
        *(f"--exclude={pattern}" for pattern in patterns if pattern and not pattern.startswith("/")),
    ]


def read_version(shell: Shell) -> str:
    """The first line of `tar --version`, such as `tar (GNU tar) 1.34`. Raises ToolMissing for any other tar.

    Asked once for as long as the program stays the same file: a run needs it twice for each of many small trees.
    """
    program = shell.find("tar")
    status = os.stat(program)
    identity = (program, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    if identity not in _TOLD:
        _TOLD[identity] = _ask_version(shell)
    return _TOLD[identity]


_TOLD: dict[tuple[str, int, int, int, int, int], str] = {}
"""What each program that was asked said."""


def _ask_version(shell: Shell) -> str:
    finished = shell.run(["tar", "--version"])
    line = finished.stdout.decode("utf-8", "replace").partition("\n")[0]
    if "GNU tar" not in line:
        raise ToolMissing.not_found("GNU tar", "tar")
    return line
