from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.policy import PROVED_FLOOR, Retention
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.retention import (
    RetentionPlan,
    RunFact,
    plan_retention,
)

NOW = datetime(2026, 11, 22, 20, 0, 0, tzinfo=timezone.utc)
WIB = timezone(timedelta(hours=7))
DAY = timedelta(days=1)


def make_run(age: timedelta, level: str = "compared", is_protected: bool = False) -> RunFact:
    began = NOW - age
    return RunFact(f"{began:%Y%m%dT%H%M%SZ}", began, level, is_protected)


def make_days(count: int, level: str = "compared") -> list[RunFact]:
    """A run a night, the newest an hour ago."""
    return [make_run(timedelta(hours=1) + day * DAY, level) for day in range(count)]


def kept_ages(plan: RetentionPlan) -> list[int]:
    """Whole days since each run that stays."""
    return sorted((NOW - datetime.strptime(run_id, "%Y%m%dT%H%M%S%z")).days for run_id, _unused in plan.keep)


def drop(runs: Sequence[RunFact], plan: RetentionPlan) -> list[RunFact]:
    gone = {run_id for run_id, _unused in plan.drop}
    return [run for run in runs if run.id not in gone]


def test_the_newest_of_each_of_the_last_days_weeks_and_months_stays() -> None:
    runs = [*make_days(400), make_run(timedelta(hours=5))]
    plan = plan_retention(runs, Retention(3, 2, 2), NOW, floor=1)
    # 22 November 2026 is a Sunday: its week began on the 16th, the week before ended on the 15th, October on the 31st.
    assert kept_ages(plan) == [0, 1, 2, 7, 22]
    assert len(plan.keep) + len(plan.drop) == len(runs)


def test_days_without_a_run_do_not_count() -> None:
    runs = [make_run(day * DAY) for day in (1, 10, 20, 30)]
    assert kept_ages(plan_retention(runs, Retention(3, 0, 0), NOW, floor=1)) == [1, 10, 20]


def test_years_count_too() -> None:
    runs = [make_run(day * DAY) for day in (1, 300, 400, 800, 1200)]
    assert kept_ages(plan_retention(runs, Retention(0, 0, 0, 3), NOW, floor=1)) == [1, 400, 800]


def test_days_begin_where_the_office_is() -> None:
    runs = [make_run(timedelta(hours=hours)) for hours in (1, 4, 26)]
    utc = plan_retention(runs, Retention(2, 0, 0), NOW, floor=1)
    wib = plan_retention(runs, Retention(2, 0, 0), NOW, floor=1, zone=WIB)
    # 19:00 and 16:00 UTC are one day in London and two in Surakarta, where midnight is at 17:00 UTC.
    assert {run_id for run_id, _unused in utc.drop} == {runs[1].id}
    assert {run_id for run_id, _unused in wib.drop} == {runs[2].id}


def test_every_reason_is_told() -> None:
    runs = [make_run(timedelta(hours=1)), make_run(10 * DAY, "written", is_protected=True), make_run(20 * DAY)]
    plan = plan_retention([*runs, make_run(30 * DAY, "written")], Retention(1, 1, 0, 1), NOW, floor=2)
    assert dict(plan.keep) == {
        runs[0].id: "the newest run, one of the newest 2 proved, day 2026-11-22, week 2026-W47, year 2026",
        runs[1].id: "protected",
        runs[2].id: "one of the newest 2 proved",
    }
    assert [reason for _unused, reason in plan.drop] == ["kept by no rule of daily 1, weekly 1, yearly 1"]


def test_thirty_failing_nights_do_not_cost_the_last_proved_runs() -> None:
    proved = [make_run(day * DAY) for day in (100, 101, 102, 103)]
    plan = plan_retention([*make_days(30, "written"), *proved], Retention(7, 0, 0), NOW)
    assert {run.id for run in proved[:PROVED_FLOOR]} <= {run_id for run_id, _unused in plan.keep}
    assert proved[3].id in dict(plan.drop)


def test_where_fewer_are_proved_than_must_stay_the_newest_others_make_up_the_number() -> None:
    runs = [
        make_run(timedelta(hours=1), "damaged"),
        *(make_run(day * DAY, "intact") for day in (1, 2, 3)),
        make_run(9 * DAY),
    ]
    plan = plan_retention(runs, Retention(1, 0, 0), NOW)
    assert kept_ages(plan) == [0, 1, 2, 9]


def test_a_damaged_run_takes_nobodys_place() -> None:
    runs = [make_run(timedelta(hours=1), "damaged"), make_run(timedelta(hours=2)), *make_days(9)[1:]]
    plan = plan_retention(runs, Retention(2, 0, 0), NOW, floor=1)
    assert kept_ages(plan) == [0, 0, 1]


@pytest.mark.parametrize(
    ("retention", "has_failed_last", "age", "reason"),
    [
        (Retention(1, 0, 0), True, timedelta(hours=1), "the last run failed"),
        (Retention(0, 0, 0), False, timedelta(hours=1), "would keep nothing"),
        (Retention(1, 0, 0), False, timedelta(seconds=-1), "in the future"),
    ],
)
def test_nothing_goes_when_it_would_not_be_safe(
    retention: Retention, has_failed_last: bool, age: timedelta, reason: str
) -> None:
    runs = [make_run(age), *make_days(30)[1:]]
    plan = plan_retention(runs, retention, NOW, has_failed_last=has_failed_last)
    assert reason in plan.refused
    assert (len(plan.keep), plan.drop) == (30, ())


def test_without_runs_there_is_nothing_to_plan() -> None:
    assert plan_retention([], Retention(1, 0, 0), NOW) == RetentionPlan((), ())


LEVELS = ["none", "written", "intact", "readable", "restored", "compared", "damaged"]
ages = st.integers(0, 3 * 365 * 24).map(lambda hours: timedelta(hours=hours))
runs_of = st.lists(
    st.builds(make_run, ages, st.sampled_from(LEVELS), st.booleans()), max_size=25, unique_by=lambda run: run.id
)
retentions = st.builds(Retention, st.integers(0, 9), st.integers(0, 6), st.integers(0, 6), st.integers(0, 2))
zones = st.sampled_from([timezone.utc, WIB, timezone(-timedelta(hours=9))])


@given(runs_of, retentions, st.integers(0, 5), zones)
@settings(max_examples=200)
def test_what_is_proved_is_never_lost(runs: list[RunFact], retention: Retention, floor: int, zone: timezone) -> None:
    plan = plan_retention(runs, retention, NOW, floor, zone)
    left = drop(runs, plan)
    assert sorted(run_id for run_id, _unused in (*plan.keep, *plan.drop)) == sorted(run.id for run in runs)
    newest_proved = sorted((run for run in runs if run.is_proved), key=lambda run: run.began)[-max(1, floor) :]
    assert all(run in left for run in newest_proved)
    assert len([run for run in left if not run.is_damaged]) >= min(
        max(1, floor), len([run for run in runs if not run.is_damaged])
    )
    assert not runs or max(runs, key=lambda run: run.began) in left
    assert all(run in left for run in runs if run.is_protected)


@given(runs_of, retentions, st.integers(0, 5), zones)
@settings(max_examples=200)
def test_planning_again_after_the_plan_was_carried_out_drops_nothing(
    runs: list[RunFact], retention: Retention, floor: int, zone: timezone
) -> None:
    left = drop(runs, plan_retention(runs, retention, NOW, floor, zone))
    assert plan_retention(left, retention, NOW, floor, zone).drop == ()


@given(runs_of, retentions, st.sampled_from(["daily", "weekly", "monthly", "yearly"]), st.integers(1, 5))
@settings(max_examples=200)
def test_to_keep_more_never_drops_what_was_kept(
    runs: list[RunFact], retention: Retention, word: str, more: int
) -> None:
    larger = replace(retention, **{word: vars(retention)[word] + more})
    gone = {run_id for run_id, _unused in plan_retention(runs, larger, NOW).drop}
    assert retention.is_empty or gone <= {run_id for run_id, _unused in plan_retention(runs, retention, NOW).drop}


@given(runs_of, retentions, st.permutations(range(25)))
def test_the_order_in_which_runs_are_told_changes_nothing(
    runs: list[RunFact], retention: Retention, order: list[int]
) -> None:
    shuffled = [runs[position] for position in order if position < len(runs)]
    assert plan_retention(shuffled, retention, NOW) == plan_retention(runs, retention, NOW)
