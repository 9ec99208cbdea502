"""How far the work has come, told to whoever listens."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TextIO

INTERVAL_S = 0.2
NAME_WIDTH = 60  # a line that a terminal breaks in two cannot be written over
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
    """One line that is written over while the work goes on, and a line that stays for each application.

    A terminal that was closed, or that knows too few characters, never harms the work that is told of.
    """

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
        line = f"{application}: {part}"[:NAME_WIDTH] + f": {format_bytes(done_bytes)}{share}"
        self._write(f"\r\x1b[2K{_spell_out(line)}")

    def conclude(self, application: str, message: str) -> None:
        """Stays."""
        start = "\r\x1b[2K" if self._is_terminal else ""
        self._write(f"{start}{_spell_out(f'{application}: {message}')}\n")

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


def _spell_out(text: str) -> str:
    """Names of files hold what they like; a terminal obeys some of it."""
    return "".join(character if character.isprintable() else "?" for character in text)


def format_bytes(count: int) -> str:
    """Three digits and a decimal unit: `1.53 MB`."""
    value = float(count)
    unit, *larger = UNITS
    while abs(value) >= 999.5 and larger:
        value /= 1000
        unit, *larger = larger
    digits = ".0f" if unit == "B" or abs(value) >= 999.5 else ".3g"
    return f"{value:{digits}} {unit}"
