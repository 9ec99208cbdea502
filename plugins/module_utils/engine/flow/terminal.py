"""Progress for a person: lines that move on a terminal, a line now and then in a log."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TextIO

from .progress import Board, Cadence, spell_plainly

INTERVAL_S = 0.2
USUAL_COLUMNS = 80


class TerminalProgress:
    """On a terminal: a line for each application at work, written over as it goes on. In a log: such a line after
    5 seconds, and then ever more seldom. What is done leaves a line that stays.

    A terminal that was closed, or that knows too few characters, never harms the work that is told of.
    """

    def __init__(self, stream: TextIO, is_terminal: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._is_terminal = is_terminal
        self._clock = clock
        self._board = Board(clock)
        self._cadence = Cadence(clock)
        self._lock = threading.Lock()
        self._last = -INTERVAL_S
        self._drawn = 0

    def advance(self, application: str, part: str, done_bytes: int, expected_bytes: int) -> None:
        """See Progress."""
        self._board.advance(application, part, done_bytes, expected_bytes)
        with self._lock:
            if not self._is_terminal:
                if self._cadence.is_due():
                    self._write("".join(f"{standing.tell()}\n" for standing in self._board.read()))
            elif self._clock() - self._last >= INTERVAL_S:
                self._last = self._clock()
                self._write(self._erase() + self._draw())

    def conclude(self, application: str, message: str) -> None:
        """See Progress."""
        self._board.conclude(application)
        with self._lock:
            self._write(f"{self._erase()}{spell_plainly(f'{application}: {message}')}\n{self._draw()}")

    def _erase(self) -> str:
        text = erase_lines(self._drawn) if self._is_terminal else ""
        self._drawn = 0
        return text

    def _draw(self) -> str:
        if not self._is_terminal:
            return ""
        lines = [standing.tell() for standing in self._board.read()]
        self._drawn = len(lines)
        return draw_lines(lines, self._count_columns())

    def _count_columns(self) -> int:
        with suppress(OSError, ValueError):
            return os.get_terminal_size(self._stream.fileno()).columns or USUAL_COLUMNS
        return USUAL_COLUMNS

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


def draw_lines(lines: Sequence[str], columns: int) -> str:
    """Lines cut to a width, for a terminal breaks longer ones in two; the cursor stays at the end of the last."""
    return "\n".join(line[: columns - 1] for line in lines)


def erase_lines(count: int) -> str:
    """What takes away the lines that were drawn last."""
    up = f"\x1b[{count - 1}A" if count > 1 else ""
    return f"\r{up}\x1b[J"
