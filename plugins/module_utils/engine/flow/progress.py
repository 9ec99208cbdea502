"""How far the work has come: told by whoever moves bytes, gathered on a board, worded for a person."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
SOONEST_RATE_S = 0.5
"""Before so many seconds a rate says nothing."""


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


@dataclass(frozen=True)
class Standing:
    """Where the part of an application stands that is being worked on."""

    application: str
    part: str
    done_bytes: int
    expected_bytes: int
    elapsed_s: float

    @property
    def rate(self) -> float:
        """Bytes a second since the part was begun; 0 when that cannot be said yet."""
        return self.done_bytes / self.elapsed_s if self.elapsed_s >= SOONEST_RATE_S else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds to go at this rate; None where the whole or the rate is not known, or was guessed too small."""
        if not self.rate or self.done_bytes >= self.expected_bytes:
            return None
        return (self.expected_bytes - self.done_bytes) / self.rate

    def tell(self) -> str:
        """`sippn: app.db: 512 MB of 1.02 GB, 50 %, 103 MB/s, 5 s left`; without what is not known."""
        size = format_bytes(self.done_bytes)
        told = [size]
        if self.expected_bytes:
            share = min(100, self.done_bytes * 100 // self.expected_bytes)
            told = [f"{size} of {format_bytes(self.expected_bytes)}", f"{share} %"]
        if self.rate:
            told.append(f"{format_bytes(int(self.rate))}/s")
        if self.left_s is not None:
            told.append(f"{format_span(self.left_s)} left")
        return spell_plainly(f"{self.application}: {self.part}: " + ", ".join(told))


class Board:
    """What is being worked on now, one part for each application."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rows: dict[str, tuple[str, int, int, float]] = {}

    def advance(self, application: str, part: str, done_bytes: int, expected_bytes: int) -> None:
        """See Progress. Another part, or fewer bytes than before, is a new beginning."""
        with self._lock:
            known_part, known_bytes, _unused, began_s = self._rows.get(application, ("", 0, 0, 0.0))
            if known_part != part or done_bytes < known_bytes or application not in self._rows:
                began_s = self._clock()
            self._rows[application] = (part, done_bytes, expected_bytes, began_s)

    def conclude(self, application: str) -> None:
        """It is not worked on any more."""
        with self._lock:
            self._rows.pop(application, None)

    def read(self) -> list[Standing]:
        """Where everything stands, in the order in which the applications were begun."""
        with self._lock:
            now_s = self._clock()
            return [
                Standing(application, part, done, expected, now_s - began_s)
                for application, (part, done, expected, began_s) in self._rows.items()
            ]


class Cadence:
    """When a log is told again: soon at first, then ever more seldom."""

    FIRST_S = 5.0
    LAST_S = 60.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pause_s = self.FIRST_S
        self._due_s = clock() + self.FIRST_S

    def is_due(self) -> bool:
        """Whether it is time; then the next time is chosen."""
        if self._clock() < self._due_s:
            return False
        self._due_s = self._clock() + self._pause_s
        self._pause_s = min(self.LAST_S, 2 * self._pause_s)
        return True


def spell_plainly(text: str) -> str:
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


def format_span(seconds: float) -> str:
    """`45 s`, `3 min 5 s`, `2 h 10 min`."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if whole < 60:
        return f"{whole} s"
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
