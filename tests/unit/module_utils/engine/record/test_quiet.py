"""Quiet days are taken out of the time between two backups, and what is put off by them is no later than before."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.quiet import LOUD, Quiet

FRIDAY = datetime(2026, 11, 27, 3, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

zones = st.sampled_from(["Asia/Jakarta", "UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"])
quiets = st.builds(Quiet, zones, st.lists(st.dates(date(2026, 2, 1), date(2026, 4, 30)), max_size=40).map(tuple))
moments = st.integers(0, 120 * 86400).map(lambda s: datetime(2026, 1, 15, tzinfo=timezone.utc) + s * SECOND)
lengths = st.integers(0, 60 * 86400).map(lambda seconds: timedelta(seconds=seconds))


def test_quiet_days_put_off_what_is_due_one_after_the_other() -> None:
    days = (date(2026, 12, 9), date(2026, 11, 29), date(2026, 11, 28), date(2026, 11, 29))
    due = FRIDAY + DAY
    assert Quiet("Asia/Jakarta", days).put_off(FRIDAY, due) == due + 2 * DAY
    assert Quiet("Asia/Jakarta", days).measure_s(FRIDAY, due + 2 * DAY) == 86400


def test_after_a_quiet_day_on_which_something_ran_after_all_time_counts_from_its_end() -> None:
    today = Quiet("Asia/Jakarta", (date(2026, 11, 27), date(2026, 11, 28)))
    end = datetime(2026, 11, 28, 17, tzinfo=timezone.utc)
    assert today.put_off(FRIDAY, FRIDAY + DAY) == end + DAY
    assert today.measure_s(FRIDAY, end) == 0
    assert today.measure_s(FRIDAY, FRIDAY + DAY) == 0
    assert today.measure_s(FRIDAY, end + DAY) == 86400


def test_a_day_is_quiet_by_the_clocks_of_the_zone() -> None:
    saturday = Quiet("Asia/Jakarta", (date(2026, 11, 28),))
    assert saturday.holds(datetime(2026, 11, 27, 18, tzinfo=timezone.utc))
    assert not saturday.holds(FRIDAY)


def test_a_zone_that_is_not_known_here_has_no_quiet_days() -> None:
    lost = Quiet("Nowhere/Land", (date(2026, 11, 28),))
    assert not lost.holds(FRIDAY + DAY)
    assert lost.put_off(FRIDAY, FRIDAY + 2 * DAY) == FRIDAY + 2 * DAY
    assert lost.measure_s(FRIDAY, FRIDAY + 2 * DAY) == 2 * 86400


@pytest.mark.parametrize("days", [(date.max,), (date.min,)])
def test_days_at_the_ends_of_time_hurt_nobody(days: tuple[date, ...]) -> None:
    assert Quiet("Asia/Jakarta", days).measure_s(FRIDAY, FRIDAY + DAY) == 86400
    assert Quiet("Asia/Jakarta", days).put_off(FRIDAY, FRIDAY + DAY) == FRIDAY + DAY


def test_other_quiet_days_have_another_key() -> None:
    some = Quiet("Asia/Jakarta", (date(2026, 11, 28), date(2026, 12, 1)))
    assert LOUD.key == Quiet("Asia/Jakarta").key == ""
    assert some.key == Quiet("Asia/Jakarta", some.days[::-1]).key
    assert len({some.key, Quiet("UTC", some.days).key, Quiet("UTC", some.days[:1]).key}) == 3


@given(quiets, moments, lengths)
def test_what_is_put_off_is_as_far_away_as_it_was(quiet: Quiet, since: datetime, wait: timedelta) -> None:
    due = quiet.put_off(since, since + wait)
    assert due >= since + wait
    assert quiet.measure_s(since, due) == wait.total_seconds()
    assert not wait or quiet.measure_s(since, due - SECOND) < wait.total_seconds()


@given(quiets, moments, lengths)
def test_only_quiet_days_are_taken_out(quiet: Quiet, since: datetime, wait: timedelta) -> None:
    hours = int(wait.total_seconds() // 3600)
    sampled = [since + timedelta(hours=hour) for hour in range(hours)]
    loud = [moment for moment in sampled if not quiet.holds(moment)]
    measured = quiet.measure_s(since, since + wait)
    assert measured <= wait.total_seconds()
    # Each end of a day may fall between two samples.
    assert abs(measured - 3600 * len(loud)) <= 3600 * (2 * len(quiet.days) + 2)


@given(quiets, moments, lengths, lengths)
def test_time_only_grows(quiet: Quiet, since: datetime, wait: timedelta, more: timedelta) -> None:
    assert quiet.measure_s(since, since + wait) <= quiet.measure_s(since, since + wait + more)
