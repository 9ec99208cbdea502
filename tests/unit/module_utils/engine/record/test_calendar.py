from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.calendar import Calendar
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.calendar import read_calendar as read
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.fields import Fields, Problems
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.moment import Moment


def read_calendar(value: Any) -> Calendar:
    problems = Problems()
    calendar = read(Fields(value, "backup_calendar", problems))
    problems.raise_if_any()
    return calendar


def refuse(value: Any) -> str:
    with pytest.raises(ConfigurationError) as refused:
        read_calendar(value)
    return refused.value.message


def test_nothing_written_means_nights_in_jakarta() -> None:
    calendar = read_calendar({})

    assert calendar == Calendar()
    assert calendar.moments["daily"] == Moment(22 * 60 + 30)
    assert calendar.moments["weekly"] == Moment(30, weekday=7)
    assert calendar.moments["monthly"] == Moment(2 * 60 + 30, day=1)
    assert (calendar.zone, calendar.window.text, calendar.spread_s) == ("Asia/Jakarta", "22:00-05:00", None)


@pytest.mark.parametrize(
    ("word", "weekday"), [("senin", 1), ("Mon", 1), ("jum'at", 5), ("sabtu", 6), ("minggu", 7), ("ahad", 7)]
)
def test_a_day_of_the_week_is_english_or_indonesian(word: str, weekday: int) -> None:
    assert read_calendar({"weekly": f"{word} 01:00"}).moments["weekly"] == Moment(60, weekday=weekday)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("daily", "25:00"),
        ("daily", "1:00"),
        ("daily", "sun 22:30"),
        ("weekly", "someday 01:00"),
        ("weekly", "sun"),
        ("monthly", "31 01:00"),
        ("monthly", "0 01:00"),
        ("window", "night"),
        ("zone", "../etc/passwd"),
        ("zone", "Asia/Jakarta; reboot"),
        ("zone", "Asia/Atlantis"),
        ("spread", "wide"),
        ("quiet", ["tomorrow"]),
        ("quiet", ["2026-02-30"]),
        ("quiet", ["2026-12-26..2026-12-24"]),
        ("quiet", ["2026-01-01..2029-01-01"]),
        ("at_once", -1),
        ("hourly", "01"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name(key: str, value: Any) -> None:
    assert f"backup_calendar: {key}:" in refuse({key: value})


def test_all_problems_are_told_at_once() -> None:
    told = refuse({"daily": "x", "weekly": "y", "monthly": "z"})
    assert all(f"{category}: cannot be" in told for category in ("daily", "weekly", "monthly"))


def test_a_beginning_outside_the_window_is_refused() -> None:
    assert "daily: begins outside the window at 12:00" in refuse({"daily": "12:00"})


def test_the_spread_has_to_fit_into_the_window_too() -> None:
    assert "daily: begins outside the window at 04:45" in refuse({"daily": "04:45", "spread": "30m"})
    assert read_calendar({"daily": "04:45", "spread": "15m"}).spread_s == 900


def test_without_a_spread_servers_begin_up_to_the_end_of_the_window() -> None:
    assert read_calendar({"daily": "04:45"}).delays("daily") == range(16)
    assert read_calendar({"daily": "04:45", "spread": "5m"}).delays("daily") == range(6)


def test_the_last_day_of_a_month_is_not_left_after_midnight() -> None:
    assert read_calendar({"monthly": "28 23:00"}).delays("monthly") == range(60)
    assert read_calendar({"monthly": "27 23:00"}).delays("monthly") == range(361)


def test_a_window_that_closes_when_it_opens_is_the_whole_day() -> None:
    assert read_calendar({"daily": "12:00", "window": "00:00-00:00"}).moments["daily"] == Moment(720)


def test_quiet_days_are_single_days_and_ranges() -> None:
    days = read_calendar({"quiet": ["2027-01-01", "2026-12-24..2026-12-26", "2026-12-25"]}).quiet
    assert days == (date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1))


def test_an_hour_that_a_night_lacks_or_has_twice_is_refused() -> None:
    told = refuse({"zone": "Europe/Berlin", "daily": "02:30", "weekly": "sun 01:59", "monthly": "1 03:00"})
    assert "daily: 02:30 is skipped or comes twice when the clocks of Europe/Berlin change" in told
    assert "weekly" not in told
    assert "monthly" not in told


def test_something_else_than_a_mapping_is_refused() -> None:
    assert "must be a mapping" in refuse("22:30")
