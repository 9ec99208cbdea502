"""Whether a run is as large as the ones before it, and what a person has accepted of that."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from statistics import median
from typing import NamedTuple

from ..record.note import Note
from .tracked import TrackedRun

USUAL_RUNS = 7
SHRUNK_RED = -0.5
ANOMALY_RUNS = 3
"""A size is held against the usual one only when there are so many runs to tell what is usual."""


class Sized(NamedTuple):
    """A run that succeeded: when it began and how much it stored."""

    began: datetime
    size_bytes: int


def measure_change(runs: Iterable[Sized | TrackedRun], notes: Sequence[Note]) -> float | None:
    """The last run against the median of the usual ones before it, as a fraction; None: nothing to hold it to.

    A run of half the usual size or less does not become usual by coming again: it counts only while a person's
    acknowledgement is in force. So the loss stays to be seen until somebody accepts it or the size is back.
    """
    usual: deque[int] = deque(maxlen=USUAL_RUNS)
    known = [*runs]
    for run in known[:-1]:
        is_near = bool(usual) and run.size_bytes > (1 + SHRUNK_RED) * max(usual)  # whatever the median is
        if is_near or not _is_shrunk(_compare(run, usual), usual) or _is_accepted(run, notes):
            usual.append(run.size_bytes)
    return _compare(known[-1], usual) if known else None


def _compare(run: Sized | TrackedRun, usual: Collection[int]) -> float | None:
    expected = median(usual or [0])
    return run.size_bytes / expected - 1 if expected else None


def _is_shrunk(change: float | None, usual: Collection[int]) -> bool:
    return change is not None and change <= SHRUNK_RED and len(usual) >= ANOMALY_RUNS


def _is_accepted(run: Sized | TrackedRun, notes: Sequence[Note]) -> bool:
    return any(note.is_in_force(run.began) for note in notes)
