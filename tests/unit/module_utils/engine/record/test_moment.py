"""Every moment comes exactly once an interval, whatever the zone, the month and the quiet days are."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.moment import (
    DAY,
    Moment,
    find_last,
    find_next,
    parse_moment,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.zone import (
    find_changes,
    find_unsteady,
    open_zone,
)

ZONES = ("Asia/Jakarta", "Asia/Jayapura", "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
BEGAN = datetime(2027, 12, 1, tzinfo=timezone.utc)
SPAN = timedelta(days=150)
"""Over a new year and the end of February of a leap year."""

zones = st.sampled_from(ZONES)
minutes = st.integers(0, 24 * 60 - 1)
moments = st.one_of(
    st.builds(Moment, minutes),
    st.builds(Moment, minutes, weekday=st.integers(1, 7)),
    st.builds(Moment, minutes, day=st.integers(1, 28)),
)
quiet_days = st.sets(st.dates(date(2027, 12, 1), date(2028, 5, 1)), max_size=40)


def list_days(moment: Moment, zone_name: str, quiet: set[date]) -> list[date]:
    """The days of the zone on which the moment comes, by walking from one to the next."""
    zone = open_zone(zone_name)
    assert zone
    assume(moment.minute_of_day not in find_unsteady(zone))
    days, at = [], BEGAN
    while at < BEGAN + SPAN:
        following = find_next(moment, zone, quiet, at)
        assert following
        assert following > at
        local = following.astimezone(zone)
        assert (local.hour * 60 + local.minute, local.second) == (moment.minute_of_day, 0)
        # Seen from just before it, it is not yet the last one; from itself on, it is.
        assert find_last(moment, zone, quiet, following) == following
        assert (find_last(moment, zone, quiet, following - timedelta(seconds=1)) or BEGAN) < following
        days.append(local.date())
        at = following
    return days


@given(moments, zones)
def test_it_comes_on_every_day_that_is_meant_and_on_no_other(moment: Moment, zone: str) -> None:
    days = list_days(moment, zone, set())
    wanted = [day for day in (days[0] + n * DAY for n in range((days[-1] - days[0]).days + 1)) if moment.falls_on(day)]
    assert days == wanted


@given(moments, zones, quiet_days)
def test_a_quiet_day_puts_it_off_and_never_doubles_it(moment: Moment, zone: str, quiet: set[date]) -> None:
    days = list_days(moment, zone, quiet)
    assert not quiet & {*days}
    assert len({*days}) == len(days)
    for day in days:
        meant = day
        while not moment.falls_on(meant):
            meant -= DAY
            assert meant in quiet, "it came on a day that nothing had put it off to"
    # Whatever was meant for a quiet day comes on the first day after it that is not.
    for day in (day for day in quiet if moment.falls_on(day) and days[0] < day < days[-1]):
        following = day
        while following in quiet:
            following += DAY
        assert following in days or following > days[-1]


@given(moments)
def test_it_is_read_back_as_it_is_written(moment: Moment) -> None:
    category = "weekly" if moment.weekday else "monthly" if moment.day else "daily"
    assert parse_moment(category, moment.text) == moment


@given(moments, st.integers(0, 24 * 60 - 1), st.dates(date(2027, 1, 1), date(2028, 12, 27)))
def test_a_shift_moves_the_moment_by_so_many_minutes(moment: Moment, delay: int, day: date) -> None:
    later = moment.shift(delay)
    crosses = moment.minute_of_day + delay >= 24 * 60
    assume(moment.falls_on(day) and not (moment.day == 28 and crosses))
    assert later.falls_on(day + DAY * crosses)
    assert later.minute_of_day == (moment.minute_of_day + delay) % (24 * 60)


def test_a_moment_that_only_quiet_days_are_left_for_never_comes() -> None:
    zone = timezone.utc
    quiet = {date(2027, 1, 1) + n * DAY for n in range(-900, 900)}
    now = datetime(2027, 1, 1, tzinfo=zone)
    assert find_next(Moment(0), zone, quiet, now) is None
    assert find_last(Moment(0), zone, quiet, now) is None


def test_a_moment_put_off_from_a_sunday_comes_once_on_monday() -> None:
    zone, sunday = timezone.utc, date(2026, 12, 27)
    at = find_next(Moment(30, weekday=7), zone, {sunday}, datetime(2026, 12, 26, tzinfo=zone))
    assert at == datetime(2026, 12, 28, 0, 30, tzinfo=zone)


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura", "UTC"])
def test_clocks_of_indonesia_never_change(zone: str) -> None:
    opened = open_zone(zone)
    assert opened
    assert find_changes(opened) == ()
    assert find_unsteady(opened) == frozenset()


def test_clocks_of_berlin_skip_an_hour_in_spring_and_repeat_one_in_autumn() -> None:
    berlin = open_zone("Europe/Berlin")
    assert berlin
    assert find_unsteady(berlin) == {*range(120, 180)}
    first, second = find_changes(berlin)[:2]
    assert first == (datetime(2025, 3, 30, 1, tzinfo=timezone.utc), 60, 120)
    assert second == (datetime(2025, 10, 26, 1, tzinfo=timezone.utc), 120, 60)


@pytest.mark.parametrize("name", ["Nowhere/Land", "", "../etc/passwd", "Asia"])
def test_a_zone_that_is_none_is_not_opened(name: str) -> None:
    assert open_zone(name) is None
