from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.moment import Moment
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.quiet import Quiet
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Server, read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.schedule import Entry, Schedule
from ansible_collections.diskominfo.backup.tests.records import SCHEDULE, make_config

FRIDAY = datetime(2026, 11, 27, 12, tzinfo=timezone.utc)
DAILY = Entry("daily", "daily", ("portal", "agenda"), Moment(22 * 60 + 30))
WEEKLY = Entry("weekly", "weekly", ("kios",), Moment(30, weekday=7))
MONTHLY = Entry("monthly", "monthly", ("arsip",), Moment(150, day=1))


def plan(*quiet: date, zone: str = "Asia/Jakarta") -> Schedule:
    return Schedule(zone, (DAILY, WEEKLY, MONTHLY), quiet)


def read(**changes: Any) -> Server:
    return read_server(make_config(schedule={**SCHEDULE, **changes}))


def test_a_schedule_is_read_back_as_it_is_written() -> None:
    server = read()
    assert server.schedule
    assert server.schedule.to_data() == SCHEDULE
    assert server.schedule.entries[0].applications == ("sippn",)


def test_what_is_installed_does_not_change_the_hash_of_the_configuration() -> None:
    assert read().config_hash == read_server(make_config()).config_hash


@pytest.mark.parametrize(
    "changes",
    [
        {"quiet": ["someday"]},
        {"entries": [{"name": "daily", "begins": "noon"}]},
        {"entries": [{"name": "weekly", "category": "weekly", "begins": "22:30"}]},
        {"entries": [{"name": "../x", "begins": "22:30"}]},
        {"zone": ""},
    ],
)
def test_what_cannot_be_kept_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="schedule"):
        read(**changes)


def test_an_entry_is_found_by_its_name_and_by_its_applications() -> None:
    assert plan().find("weekly") == plan().entry_of("kios") == WEEKLY
    assert plan().find("hourly") is plan().entry_of("nobody") is None


def test_the_next_and_the_last_moment_are_those_of_the_zone() -> None:
    assert plan().next_of(DAILY, FRIDAY) == datetime(2026, 11, 27, 15, 30, tzinfo=timezone.utc)
    assert plan().last_of(DAILY, FRIDAY) == datetime(2026, 11, 26, 15, 30, tzinfo=timezone.utc)


def test_a_zone_that_is_not_known_here_has_no_moments() -> None:
    lost = plan(zone="Nowhere/Land")
    assert lost.next_of(DAILY, FRIDAY) is lost.last_of(DAILY, FRIDAY) is None


def test_quiet_days_are_those_of_the_zone() -> None:
    assert plan(date(2026, 11, 28)).rest == Quiet("Asia/Jakarta", (date(2026, 11, 28),))


def test_systemd_is_told_the_zone_and_the_dates_that_quiet_days_put_off() -> None:
    quiet = plan(date(2026, 12, 27), date(2026, 12, 28), date(2027, 1, 1))
    assert quiet.on_calendar(DAILY) == ("*-*-* 22:30:00 Asia/Jakarta",)
    assert quiet.on_calendar(WEEKLY) == ("Sun *-*-* 00:30:00 Asia/Jakarta", "2026-12-29 00:30:00 Asia/Jakarta")
    assert quiet.on_calendar(MONTHLY) == ("*-*-01 02:30:00 Asia/Jakarta", "2027-01-02 02:30:00 Asia/Jakarta")
