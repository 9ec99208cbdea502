"""Whether a run is as large as the ones before it, and what a person has accepted of that."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median
from typing import NamedTuple

from ..record.note import Note

USUAL_RUNS = 7
SHRUNK_RED = -0.5
ANOMALY_RUNS = 3
"""A size is held against the usual one only when there are so many runs to tell what is usual."""


class Sized(NamedTuple):
    """A run that succeeded: when it began and how much it stored."""

    began: datetime
    size_bytes: int


def measure_change(runs: Iterable[Sized], notes: Sequence[Note]) -> float | None:
    """The last run against the median of the usual ones before it, as a fraction; None: nothing to hold it to.

    A run of half the usual size or less does not become usual by coming again: it counts only while a person's
    acknowledgement is in force. So the loss stays to be seen until somebody accepts it or the size is back.
    """
    usual: deque[int] = deque(maxlen=USUAL_RUNS)
    change = None
    for run in runs:
        expected = median(usual or [0])
        change = run.size_bytes / expected - 1 if expected else None
        is_shrunk = change is not None and change <= SHRUNK_RED and len(usual) >= ANOMALY_RUNS
        if not is_shrunk or any(note.is_in_force(run.began) for note in notes):
            usual.append(run.size_bytes)
    return change
