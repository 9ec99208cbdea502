"""Whether a run is as large as the ones before it, and what a person has accepted of that."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from datetime import datetime, timezone
from statistics import median

from ..record.note import Note

USUAL_RUNS = 7
SHRUNK_RED = -0.5
ANOMALY_RUNS = 3
"""A size is held against the usual one only when there are so many runs to tell what is usual."""


def measure_change(began: Sequence[int], sizes: Sequence[int], notes: Sequence[Note]) -> float | None:
    """The last run against the median of the usual ones before it, as a fraction; None: nothing to hold it to.

    `began` (seconds since 1970) and `sizes` (bytes) are of the runs that succeeded, oldest first. A run of half the
    usual size or less does not become usual by coming again: it counts only while a person's acknowledgement is in
    force. So the loss stays to be seen until somebody accepts it or the size is back.
    """
    before = sizes[:-1]
    if not before:
        return None
    if min(before) > (1 + SHRUNK_RED) * max(before):
        return _compare(sizes[-1], before[-USUAL_RUNS:])  # none of them can have been a loss: the rule of most
    usual: deque[int] = deque(maxlen=USUAL_RUNS)
    for moment, size_bytes in zip(began, before):
        is_near = bool(usual) and size_bytes > (1 + SHRUNK_RED) * max(usual)  # whatever the median is
        if is_near or not _is_shrunk(_compare(size_bytes, usual), usual) or _is_accepted(moment, notes):
            usual.append(size_bytes)
    return _compare(sizes[-1], usual)


def _compare(size_bytes: int, usual: Collection[int]) -> float | None:
    expected = median(usual or [0])
    return size_bytes / expected - 1 if expected else None


def _is_shrunk(change: float | None, usual: Collection[int]) -> bool:
    return change is not None and change <= SHRUNK_RED and len(usual) >= ANOMALY_RUNS


def _is_accepted(began: int, notes: Sequence[Note]) -> bool:
    moment = datetime.fromtimestamp(began, timezone.utc)
    return any(note.is_in_force(moment) for note in notes)
