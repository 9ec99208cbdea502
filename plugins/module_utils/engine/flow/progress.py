"""How far the work has come, told to whoever listens."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TextIO

INTERVAL_S = 0.2
UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


class Progress(Protocol):
    """A listener. Calls come from several threads, often, and must return at once."""

    def advance(self, application: str, part: str, done_bytes: int, expected_bytes: int) -> None:
        """`done_bytes` of this part have passed; `expected_bytes` is a guess of the whole, 0 for none."""

    def conclude(self, application: str, message: str) -> None:
        """This application is done; `message` is one line for a person."""


class Silence:
    """Nobody listens."""

    def advance(self, application: str, part: str, done_bytes: int, expected_bytes: int) -> None:
        """Nothing."""

    def conclude(self, application: str, message: str) -> None:
        """Nothing."""


class TerminalProgress:
    """One line that is written over while the work goes on, and a line that stays for each application."""

    def __init__(self, stream: TextIO, is_terminal: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._is_terminal = is_terminal
        self._clock = clock
        self._last = -INTERVAL_S

    def advance(self, application: str, part: str, done_bytes: int, expected_bytes: int) -> None:
        """Shown a few times a second, and only on a terminal."""
        now = self._clock()
        if not self._is_terminal or now - self._last < INTERVAL_S:
            return
        self._last = now
        share = f" {min(100, done_bytes * 100 // expected_bytes):3d} %" if expected_bytes else ""
        self._write(f"\r\x1b[2K{application}: {part}: {format_bytes(done_bytes)}{share}")

    def conclude(self, application: str, message: str) -> None:
        """Stays."""
        start = "\r\x1b[2K" if self._is_terminal else ""
        self._write(f"{start}{application}: {message}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def format_bytes(count: int) -> str:
    """Three digits and a decimal unit: `1.53 MB`."""
    value = float(count)
    for unit in UNITS:
        if value < 1000 or unit == UNITS[-1]:
            break
        value /= 1000
    return f"{count} B" if unit == "B" else f"{value:.3g} {unit}"
