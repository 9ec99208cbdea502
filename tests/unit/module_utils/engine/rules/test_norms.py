from __future__ import annotations

from datetime import timedelta

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.norms import (
    make_steps,
    measure_minutes,
    merge_spans,
)
from ansible_collections.diskominfo.backup.tests.evidence import NOW

MINUTE = timedelta(minutes=1)


def test_work_side_by_side_counts_once() -> None:
    spans = [(NOW, NOW + 10 * MINUTE), (NOW + 5 * MINUTE, NOW + 8 * MINUTE), (NOW + 20 * MINUTE, NOW + 21 * MINUTE)]
    assert measure_minutes(reversed(spans)) == 11


def test_spans_that_touch_become_one() -> None:
    assert merge_spans([(NOW + MINUTE, NOW + 2 * MINUTE), (NOW, NOW + MINUTE)]) == [(NOW, NOW + 2 * MINUTE)]


def test_what_was_not_done_was_not_measured() -> None:
    assert measure_minutes([]) is None


def test_only_backing_up_and_checking_are_measured_by_receipts() -> None:
    steps = make_steps([(NOW, NOW + 3 * MINUTE)], [(NOW, NOW + MINUTE)])
    assert [(step.row, step.norm_minutes, step.actual_minutes) for step in steps] == [
        (2, 60, None),
        (3, 120, None),
        (4, 1440, 3),
        (5, 30, 1),
        (6, 60, None),
        (7, 10, None),
        (8, 10, None),
    ]
