"""What servers tell of their work, shown on the control node: lines that move on a terminal, or one now and then."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.progress import (
    Cadence,
    Standing,
    spell_plainly,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.terminal import draw_lines
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import read_json

Show = Callable[[str, bool], None]
"""Is given a text and whether it is a whole line; shows it."""

SIZE_LIMIT_BYTES = 1 << 20
STANDINGS_LIMIT = 64


def read_standings(text: str, subject: str) -> tuple[int, list[Standing]]:
    """(process number, where everything stands) out of what a server's progress file holds; (0, []) for nonsense."""
    try:
        data = read_json(text.encode("utf-8", "replace"), subject, SIZE_LIMIT_BYTES)
        at_work = data["at_work"][:STANDINGS_LIMIT]
        return int(data["pid"]), [_read_standing(entry) for entry in at_work]
    except (RecordRefused, AttributeError, KeyError, TypeError, ValueError):
        return 0, []


def _read_standing(entry: dict[str, Any]) -> Standing:
    numbers = (int(entry["done_bytes"]), int(entry["expected_bytes"]), float(entry["elapsed_s"]))
    return Standing(str(entry["application"]), str(entry["part"]), *numbers)


class LineView:
    """For a log: where a server stands, a line for each application, soon and then ever more seldom."""

    def __init__(self, host: str, show: Show) -> None:
        self._host = host
        self._show = show
        self._cadence = Cadence()

    def update(self, standings: Sequence[Standing]) -> None:
        """Where the server stands now."""
        if standings and self._cadence.is_due():
            for standing in standings:
                self._show(spell_plainly(f"{self._host}: {standing.tell()}"), True)

    def close(self) -> None:
        """The server is done."""


class MovingView:
    """For a terminal: the lines of all servers below what was said last, written over as they change.

    Every server is watched by a process of its own, so what each of them shows lies in a file of `folder`, and whoever
    has news draws all of it. The cursor stays above the lines: what others say is written over them.
    """

    def __init__(self, host: str, show: Show, folder: Path, columns: int) -> None:
        self._host = host
        self._show = show
        self._path = folder / "backup-progress.json"
        self._columns = columns

    def update(self, standings: Sequence[Standing]) -> None:
        """Where the server stands now."""
        self._draw([f"{self._host}: {standing.tell()}" for standing in standings])

    def close(self) -> None:
        """The server is done: its lines go."""
        self._draw([])

    def _draw(self, own: Sequence[str]) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "r+", encoding="utf-8") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            text = stream.read()
            known: dict[str, list[str]] = json.loads(text) if text else {}
            known[self._host] = [spell_plainly(line) for line in own]
            stream.seek(0)
            stream.truncate()
            json.dump(known, stream)
            stream.flush()
            lines = [line for host in sorted(known) for line in known[host]]
            self._show(draw_block(lines, self._columns), False)


def draw_block(lines: Sequence[str], columns: int) -> str:
    """Text that clears all below the cursor, writes the lines below an empty one, and comes back."""
    body = "\n" + draw_lines(lines, columns) + f"\x1b[{len(lines)}A" if lines else ""
    return f"\r\x1b[J{body}\r"


def open_output(process: int, number: int) -> int:
    """A descriptor of what another process of ours has open as its `number` for writing; -1 where that cannot be had.

    A worker of Ansible has no standard output of its own, and what it hands to its parent is lost once that ends.
    """
    with suppress(OSError):
        return os.open(f"/proc/{process}/fd/{number}", os.O_WRONLY | os.O_APPEND | os.O_NOCTTY | os.O_CLOEXEC)
    return -1


def is_terminal(descriptor: int) -> bool:
    """Whether a person sees what is written there."""
    return descriptor >= 0 and stat.S_ISCHR(os.fstat(descriptor).st_mode) and os.isatty(descriptor)
