from __future__ import annotations

import random
from datetime import timedelta

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.history import (
    SHOWN_DAYS,
    History,
    HistoryPoint,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import PRUNE
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Period
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.memory import freeze_past, thaw_past
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.past import Past
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.proof import RunProof
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.tracked import (
    MOST_BYTES,
    TRACKED_RUNS,
    Days,
    Runs,
    TrackedRun,
)
from ansible_collections.diskominfo.backup.tests.evidence import (
    DAY,
    NOW,
    make_failed_check,
    make_failed_run,
    make_run,
)
from ansible_collections.diskominfo.backup.tests.records import make_receipt

HOUR = timedelta(hours=1)
PLACES = {"/mnt/backup": False}


def track(number: int, size_bytes: int = 1000) -> TrackedRun:
    run = make_run(NOW + number * DAY, number)
    return TrackedRun(run.id, run.began, True, size_bytes, RunProof.begin_with(run), PLACES)


@pytest.mark.parametrize("seed", range(20))
def test_days_tell_what_a_table_of_all_days_tells(seed: int) -> None:
    chance, days, table = random.Random(seed), Days(), dict[int, str]()
    day = 20_000
    for _unused in range(200):
        day += chance.choice([-3, 0, 1, 1, 1, 2, 40, 500 if seed % 5 == 0 else 1])
        table[day] = chance.choice("scfd")
        days.note(day, table[day])
        assert len(days.letters) <= SHOWN_DAYS
        newest = max(table)
        for last in (newest - 2, newest, newest + 7, newest + 1000):
            shown = "".join(table.get(one, ".") for one in range(last + 1 - SHOWN_DAYS, last + 1)).lstrip(".")
            kept = days.tell(last)
            assert kept == shown or (last < newest and shown.endswith(kept)), "only what has grown old is left out"


def test_of_a_day_long_before_the_newest_nothing_is_kept() -> None:
    days = Days()
    days.note(20_000, "s")
    days.note(20_000 - SHOWN_DAYS, "f")
    assert days.letters == "s"
    days.note(20_001 - SHOWN_DAYS, "f")
    assert days.tell(20_000) == "f" + "." * (SHOWN_DAYS - 2) + "s"
    assert days.tell(19_000) == days.tell(21_000) == Days().tell(20_000) == ""


def test_the_newest_runs_are_remembered_and_the_oldest_is_handed_back() -> None:
    runs = Runs()
    dropped = [runs.append(track(number)) for number in range(TRACKED_RUNS + 2)]
    assert dropped == [*[None] * TRACKED_RUNS, track(0), track(1)]
    assert (len(runs), runs[0], runs[-1]) == (TRACKED_RUNS, track(2), track(TRACKED_RUNS + 1))
    assert [run.id for run in reversed(runs)] == runs.ids[::-1]


def test_a_size_beyond_all_reason_breaks_no_report() -> None:
    runs = Runs()
    runs.append(track(1, 2**80))
    assert [point.size_bytes for point in runs.history] == [MOST_BYTES]


def test_a_history_holds_its_points() -> None:
    history = History([int(NOW.timestamp())], "d", [7])
    assert [*history] == [HistoryPoint(NOW, "damaged", 7)]
    assert HistoryPoint(NOW, "damaged", 7) in history
    assert HistoryPoint(NOW, "failed", 7) not in history
    assert history == History([int(NOW.timestamp())], "d", [7]) != History()


@pytest.mark.parametrize("is_frozen_between", [False, True])
def test_a_good_run_before_sixty_failures_can_still_be_found_damaged_or_deleted(is_frozen_between: bool) -> None:
    period, good = Period(NOW - DAY, NOW), make_run(NOW - 100 * DAY)
    past = Past(period, NOW, DAY.total_seconds())
    for receipt in (good, *(make_failed_run(NOW - ago * DAY) for ago in range(TRACKED_RUNS + 20, 0, -1))):
        past.take(receipt)
    if is_frozen_between:
        past = thaw_past(freeze_past(past), period, NOW, DAY.total_seconds())
    remembered = past.last_good
    assert remembered is not None
    assert remembered.id == good.id
    past.take(make_failed_check(good, began=NOW - 2 * HOUR, ended=NOW - HOUR))
    assert past.last_good is None
    assert past.find(good.id) is not None
    past.take(make_receipt(NOW - HOUR, 9, kind=PRUNE, deleted=(good.id, "gone")))
    found = past.find(good.id)
    assert found is not None
    assert found.places == {}
    assert past.find("gone") is None
