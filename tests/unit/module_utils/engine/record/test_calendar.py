from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.calendar import Moment, read_calendar


def refuse(value: Any) -> str:
    with pytest.raises(ConfigurationError) as refused:
        read_calendar(value)
    return refused.value.message


def test_nothing_written_means_nights_in_jakarta() -> None:
    calendar = read_calendar({})

    assert calendar.moments["daily"] == Moment(22 * 60 + 30)
    assert calendar.moments["weekly"] == Moment(30, weekday=7)
    assert calendar.moments["monthly"] == Moment(2 * 60 + 30, day=1)
    assert (calendar.zone, calendar.spread_s) == ("Asia/Jakarta", 1800)


@pytest.mark.parametrize(
    ("word", "weekday"), [("senin", 1), ("Mon", 1), ("jum'at", 5), ("sabtu", 6), ("minggu", 7), ("ahad", 7)]
)
def test_a_day_of_the_week_is_english_or_indonesian(word: str, weekday: int) -> None:
    assert read_calendar({"weekly": f"{word} 01:00"}).moments["weekly"] == Moment(60, weekday=weekday)


def test_a_moment_is_shown_as_it_is_written() -> None:
    assert read_calendar({"monthly": "28 04:05"}).moments["monthly"].clock == "04:05"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("daily", "25:00"),
        ("daily", "1:00"),
        ("weekly", "someday 01:00"),
        ("weekly", "sun"),
        ("monthly", "31 01:00"),
        ("monthly", "0 01:00"),
        ("window", "night"),
        ("zone", "../etc/passwd"),
        ("zone", "Asia/Jakarta; reboot"),
        ("spread", "wide"),
        ("hourly", "01"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name(key: str, value: str) -> None:
    assert f"backup_calendar: {key}:" in refuse({key: value})


def test_all_problems_are_told_at_once() -> None:
    told = refuse({"daily": "x", "weekly": "y", "monthly": "z"})
    assert all(f"{category}: cannot be" in told for category in ("daily", "weekly", "monthly"))


def test_a_beginning_outside_the_window_is_refused() -> None:
    assert "daily: begins outside the window at 12:00" in refuse({"daily": "12:00"})


def test_the_spread_has_to_fit_into_the_window_too() -> None:
    assert "daily: begins outside the window at 04:45" in refuse({"daily": "04:45"})
    assert read_calendar({"daily": "04:45", "spread": "15m"}).spread_s == 900


def test_a_window_that_closes_when_it_opens_is_the_whole_day() -> None:
    assert read_calendar({"daily": "12:00", "window": "00:00-00:00"}).moments["daily"] == Moment(720)


def test_something_else_than_a_mapping_is_refused() -> None:
    assert "must be a mapping" in refuse("22:30")
