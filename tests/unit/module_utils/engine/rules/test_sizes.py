from __future__ import annotations

from datetime import timedelta

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.note import Note
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.sizes import measure_change
from ansible_collections.diskominfo.backup.tests.evidence import DAY, NOW, make_said

HOUR = timedelta(hours=1)


def measure(*sizes: int, notes: tuple[Note, ...] = ()) -> float | None:
    """Of runs one a day, the last one now."""
    last = len(sizes) - 1
    began = [int((NOW - (last - at) * DAY).timestamp()) for at in range(len(sizes))]
    return measure_change(began, sizes, notes)


def test_the_first_run_is_held_to_nothing() -> None:
    assert measure(100) is None
    assert measure() is None


def test_a_run_is_held_to_the_median_of_the_seven_before() -> None:
    assert measure(*[200] * 3, *[110] * 7, 165) == pytest.approx(0.5)


def test_a_loss_stays_a_loss_however_often_it_comes() -> None:
    assert measure(*[100] * 7, *[40] * 30) == pytest.approx(-0.6)


def test_a_smaller_loss_becomes_usual() -> None:
    assert measure(*[100] * 7, *[60] * 7) == pytest.approx(0)


def test_what_came_back_is_no_loss() -> None:
    assert measure(*[100] * 7, *[40] * 3, 100) == pytest.approx(0)


def test_the_first_runs_of_all_may_shrink() -> None:
    assert measure(1000, 10, 10, 10, 10) == pytest.approx(0)


def test_while_a_person_accepts_it_the_new_size_becomes_usual() -> None:
    accepted = make_said("shrunk", at=NOW - 5 * DAY - HOUR, until=NOW + DAY)
    sizes = [*[100] * 7, *[40] * 10]
    assert measure(*sizes, notes=(accepted,)) == pytest.approx(0)
    too_short = make_said("shrunk", at=NOW - 5 * DAY - HOUR, until=NOW - 4 * DAY + HOUR)
    assert measure(*sizes, notes=(too_short,)) == pytest.approx(-0.6)
    remark = make_said("check", at=NOW - 5 * DAY)
    assert measure(*sizes, notes=(remark,)) == pytest.approx(-0.6)
