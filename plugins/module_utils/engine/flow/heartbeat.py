"""A small file that tells another machine how far the work has come, and a sign of life from there.

Who watches reads the file and touches another one beside it. When these touches end, nobody waits any more: a play was
cancelled, and its work must not go on unseen.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import Interrupted
from .companion import Companion
from .files import write_beside
from .process import Supervisor
from .progress import Board, Progress, Silence

BEAT_S = 1.0
SILENCE_S = 180.0
"""How long a watcher may be silent: longer than a network is away that comes back."""

WATCHED = ".watched"


class Heartbeat(Companion):
    """A Progress that is told by a file (0600). Where that cannot be written the work goes on all the same."""

    def __init__(self, path: Path, supervisor: Supervisor, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._path = path
        self._supervisor = supervisor
        self._clock = clock
        self._board = Board(clock)
        self._is_over = threading.Event()
        self._seen: tuple[int, float] | None = None

    def advance(self, application: str, part: str, done_bytes: int, expected_bytes: int) -> None:
        """See Progress."""
        self._board.advance(application, part, done_bytes, expected_bytes)

    def conclude(self, application: str, message: str) -> None:  # noqa: ARG002 - a receipt tells it
        """See Progress."""
        self._board.conclude(application)

    def work(self) -> None:
        """Beats until `stop`."""
        self.beat()
        while not self._is_over.wait(BEAT_S):
            self.beat()

    def stop(self) -> None:
        """The work is done."""
        self._is_over.set()
        self.await_end()

    def beat(self) -> None:
        """Tells where everything stands, and ends the work when whoever watched has been silent for too long."""
        data = {"pid": os.getpid(), "at_work": [vars(standing) for standing in self._board.read()]}
        with suppress(OSError):
            write_beside(self._path, json.dumps(data).encode("ascii"), is_durable=False)
        if self._has_been_left():
            self._supervisor.end_all(Interrupted.by_silence(SILENCE_S))

    def _has_been_left(self) -> bool:
        """By our own clock: that of the watcher and that of the file system are no matter."""
        try:
            touched = os.stat(f"{self._path}{WATCHED}").st_mtime_ns
        except OSError:
            touched = 0
        if self._seen is None or self._seen[0] != touched:
            self._seen = (touched, self._clock())
        return touched > 0 and self._clock() - self._seen[1] > SILENCE_S


@contextmanager
def open_progress(path: str | None, supervisor: Supervisor) -> Iterator[Progress]:
    """A Progress that tells by the file `path`; a silent one without a path."""
    if not path:
        yield Silence()
        return
    heartbeat = Heartbeat(Path(path), supervisor)
    heartbeat.start()
    try:
        yield heartbeat
    finally:
        heartbeat.stop()
