"""How long the procedure's rows may take, and how long they took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from ..record.report import Step

NORM_MINUTES: Mapping[int, int] = {2: 60, 3: 120, 4: 1440, 5: 30, 6: 60, 7: 10, 8: 10}
"""Row of the procedure -> minutes that it may take in normal conditions."""

BACKUP_ROW = 4
CHECK_ROW = 5

Span = tuple[datetime, datetime]


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """The spans in order of time, those that touch or overlap made one: work side by side counts once."""
    merged: list[Span] = []
    for began, ended in sorted(spans):
        if merged and began <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ended))
        else:
            merged.append((began, ended))
    return merged


def measure_minutes(spans: Iterable[Span]) -> float | None:
    """Minutes by the clock on the wall in which any of the spans went on; None where there is no span."""
    merged = merge_spans(spans)
    if not merged:
        return None
    return sum((ended - began).total_seconds() for began, ended in merged) / 60


def make_steps(run_spans: Iterable[Span], check_spans: Iterable[Span]) -> tuple[Step, ...]:
    """The procedure's rows with their norms; receipts tell only how long the backing up and the checking took."""
    actual = {BACKUP_ROW: measure_minutes(run_spans), CHECK_ROW: measure_minutes(check_spans)}
    return tuple(Step(row, norm, actual.get(row)) for row, norm in NORM_MINUTES.items())
