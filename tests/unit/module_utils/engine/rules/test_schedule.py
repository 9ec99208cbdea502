from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.calendar import MOMENTS
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.moment import Moment, parse_moment
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.policy import NEVER, CheckPolicy
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.quiet import Quiet
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.schedule import Entry, Schedule
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.schedule import (
    checks_due,
    count_missed,
    due_time,
    interval_of,
    is_due,
    is_overdue,
)
from ansible_collections.diskominfo.backup.tests.evidence import (
    DAY,
    NOW,
    make_application,
    make_check,
    make_failed_check,
    make_failed_run,
    make_run,
)

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
categories = st.sampled_from(["daily", "weekly", "monthly"])
quiets = st.builds(
    Quiet,
    st.just("Asia/Jakarta"),
    st.sets(st.dates(NOW.date(), NOW.date() + 120 * DAY), max_size=30).map(lambda days: tuple(sorted(days))),
)
DAILY = (Entry("daily", "daily", ("sippn",), Moment(22 * 60 + 30)),)
APPLICATION = make_application()
"""Daily; compared every week."""


def make_nights(count: int) -> list[object]:
    return [make_run(NOW - HOUR - night * DAY) for night in range(count - 1, -1, -1)]


def test_a_category_that_is_none_counts_as_the_strictest() -> None:
    assert [interval_of(word) for word in ("daily", "weekly", "monthly", "")] == [86400, 604800, 31 * 86400, 86400]


def test_what_was_never_done_is_due() -> None:
    assert is_due(None, 86400, NOW)


def test_what_is_weekly_by_intent_does_not_slip_because_last_week_took_longer() -> None:
    assert is_due(NOW - 7 * DAY + timedelta(minutes=10), 7 * 86400, NOW)
    assert not is_due(NOW - 6 * DAY, 7 * 86400, NOW)


def test_something_is_overdue_after_one_and_a_half_intervals() -> None:
    assert not is_overdue(NOW - 36 * HOUR, 86400, NOW)
    assert is_overdue(NOW - 37 * HOUR, 86400, NOW)


@pytest.mark.parametrize(("hours", "missed"), [(-24, 0), (0, 0), (35, 0), (37, 1), (59, 1), (61, 2), (24 * 10, 9)])
def test_runs_are_missed_half_an_interval_after_they_were_due(hours: int, missed: int) -> None:
    assert count_missed(NOW - hours * HOUR, NOW, 86400) == missed


def test_the_first_missed_run_is_missed_at_its_due_time() -> None:
    due = due_time(NOW, 86400)
    assert due == NOW + 36 * HOUR
    assert count_missed(NOW, due, 86400) == 1
    assert count_missed(NOW, due - timedelta(seconds=1), 86400) == 0


@given(quiets, categories, st.integers(0, 6 * 31 * 86400))
def test_a_run_is_missed_from_the_second_on_by_which_it_was_due(quiet: Quiet, category: str, wait_s: int) -> None:
    interval_s, until = interval_of(category), NOW + timedelta(seconds=wait_s)
    due = due_time(NOW, interval_s, quiet)
    assert (count_missed(NOW, until, interval_s, quiet) > 0) is (until >= due)
    assert count_missed(NOW, due, interval_s, quiet) == 1
    assert is_overdue(NOW, interval_s, due + SECOND, quiet)
    assert not is_overdue(NOW, interval_s, due, quiet)


@given(quiets, categories)
def test_who_keeps_the_schedule_misses_nothing_on_any_quiet_day(quiet: Quiet, category: str) -> None:
    moment = parse_moment(category, MOMENTS[category])
    entry = Entry("all", category, ("sippn",), moment or Moment(0))
    schedule = Schedule("Asia/Jakarta", (entry,), quiet.days)
    last = schedule.next_of(entry, NOW)
    while last and last < NOW + 150 * DAY:
        following = schedule.next_of(entry, last)
        assert following
        assert count_missed(last, following, interval_of(category), schedule.rest) == 0
        last = following


def test_a_run_by_hand_on_a_quiet_day_makes_the_next_one_no_later() -> None:
    schedule = Schedule("Asia/Jakarta", DAILY, (date(2026, 12, 25), date(2026, 12, 26)))
    by_hand = datetime(2026, 12, 25, 3, tzinfo=timezone.utc)
    following = schedule.next_of(DAILY[0], by_hand)
    assert following == datetime(2026, 12, 27, 15, 30, tzinfo=timezone.utc)
    assert count_missed(by_hand, following, 86400, schedule.rest) == 0
    assert count_missed(by_hand, following + DAY, 86400, schedule.rest) == 1


@given(quiets, st.integers(0, 150 * 86400))
def test_the_next_run_of_the_schedule_is_never_too_late(quiet: Quiet, since_s: int) -> None:
    last = NOW + since_s * SECOND
    following = Schedule("Asia/Jakarta", DAILY, quiet.days).next_of(DAILY[0], last)
    assert following
    assert count_missed(last, following, 86400, quiet) == 0


@given(quiets, st.integers(2, 20))
def test_nights_without_a_backup_are_missed_and_quiet_ones_are_not(quiet: Quiet, nights: int) -> None:
    assume(not quiet.holds(NOW + nights * DAY))
    loud = [night for night in range(1, nights) if not quiet.holds(NOW + night * DAY)]
    assert count_missed(NOW, NOW + nights * DAY, 86400, quiet) == len(loud)


def test_the_newest_run_is_compared_and_the_others_read() -> None:
    first, second, third = (make_run(NOW - days * DAY) for days in (3, 2, 1))
    assert checks_due(APPLICATION, [first, second, third], [], NOW) == [
        (first.id, "readable"),
        (second.id, "readable"),
        (third.id, "compared"),
    ]


def test_nothing_stored_is_nothing_to_check() -> None:
    assert checks_due(APPLICATION, [], [], NOW) == []


def test_a_comparison_within_the_week_leaves_the_newest_run_to_be_read() -> None:
    compared, newest = make_run(NOW - 3 * DAY), make_run(NOW - HOUR)
    assert checks_due(APPLICATION, [compared, newest], [make_check(compared)], NOW) == [(newest.id, "readable")]


def test_what_was_read_and_compared_is_not_due() -> None:
    run = make_run(NOW - HOUR)
    assert checks_due(APPLICATION, [run], [make_check(run)], NOW) == []


def test_a_comparison_is_due_again_after_its_interval_and_comes_first() -> None:
    old, new = make_run(NOW - 8 * DAY), make_run(NOW - HOUR)
    checks = [make_check(old), make_check(new, "readable")]
    assert checks_due(APPLICATION, [old, new], checks, NOW) == [(new.id, "compared")]


def test_an_application_that_is_never_restored_is_read_only() -> None:
    run = make_run(NOW - HOUR)
    never = make_application(check=CheckPolicy(NEVER, "rows"))
    assert checks_due(never, [run], [], NOW) == [(run.id, "readable")]


def test_every_stored_run_is_read_again_each_month() -> None:
    old, new = make_run(NOW - 60 * DAY), make_run(NOW - HOUR)
    checks = [make_check(old), make_check(new)]
    assert checks_due(APPLICATION, [old, new], checks, NOW) == [(old.id, "readable")]


def test_a_damaged_run_is_replaced_and_not_checked_again() -> None:
    good, bad = make_run(NOW - 2 * DAY), make_run(NOW - HOUR)
    assert checks_due(APPLICATION, [good, bad], [make_failed_check(bad)], NOW) == [(good.id, "compared")]


def test_a_check_that_failed_for_its_own_reasons_leaves_the_run_due() -> None:
    run = make_run(NOW - HOUR)
    busy = make_failed_check(run, "busy", level="none", parts=())
    assert checks_due(APPLICATION, [run], [busy], NOW) == [(run.id, "compared")]


def test_a_failed_run_and_checks_of_runs_that_are_gone_are_passed_over() -> None:
    gone, failed, run = make_run(NOW - 3 * DAY), make_failed_run(NOW - 2 * DAY), make_run(NOW - HOUR)
    due = checks_due(APPLICATION, [failed, run], [make_check(gone)], NOW)
    assert due == [(run.id, "readable")]


def test_the_policy_of_the_application_decides_how_often() -> None:
    run = make_run(NOW - 3 * DAY)
    daily = make_application(check=CheckPolicy("daily", "rows"))
    newer = replace(run, id="20261121T120100Z-00000009", began=NOW - HOUR)
    assert (newer.id, "compared") in checks_due(daily, [run, newer], [make_check(run)], NOW)
