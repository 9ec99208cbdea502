"""What a timer, or cron in its place, has to begin now; clocks that jump; and what is tried again."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.due import pick_due, pick_entry, retry_failed
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    ConfigurationError,
    Interrupted,
    NotRecorded,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Supervisor
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.progress import Silence
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.application import Application
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import (
    FAILED,
    Failure,
    Receipt,
    Runner,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.station import Station, open_station
from ansible_collections.diskominfo.backup.tests.records import make_receipt

HOUR = timedelta(hours=1)
TONIGHT = datetime(2026, 11, 27, 15, 30, tzinfo=timezone.utc)
"""Half past ten in the evening in Jakarta."""
INSTALLED = TONIGHT - 5 * HOUR
SCHEDULE = {
    "zone": "Asia/Jakarta",
    "quiet": ["2026-11-29"],
    "entries": [
        {"name": "daily", "category": "daily", "applications": ["portal"], "begins": "22:30"},
        {"name": "weekly", "category": "weekly", "applications": ["agenda"], "begins": "sun 00:30"},
    ],
}


class Clock:
    now = INSTALLED

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def supervisor() -> Supervisor:
    return Supervisor()


@pytest.fixture
def station(tmp_path: Path, clock: Clock, supervisor: Supervisor) -> Station:
    return make_station(tmp_path, clock, supervisor)


def make_station(folder: Path, clock: Clock, supervisor: Supervisor, has_schedule: bool = True) -> Station:
    names = {"portal": "daily", "agenda": "weekly"}
    applications = [{"name": n, "category": c, "sources": [{"path": "/srv"}]} for n, c in names.items()]
    data = {
        "server": "web",
        "applications": applications,
        "state": str(folder / "state"),
        "schedule": SCHEDULE if has_schedule else None,
    }
    calendar = {"calendar": {"retry": {"times": 2, "after": 0.001}}}
    return open_station(read_server({**data, **calendar}), supervisor, Silence(), Runner("", ""), "timer", clock)


def name(applications: list[Application]) -> list[str]:
    return [application.name for application in applications]


def wake(station: Station, clock: Clock, at: datetime, installed: datetime = INSTALLED) -> list[str]:
    clock.now = at
    return name(pick_due(station, installed))


def test_an_entry_is_what_its_timer_begins(station: Station) -> None:
    assert name(pick_entry(station, "weekly")) == ["agenda"]


def test_an_entry_that_is_none_names_those_that_are(station: Station) -> None:
    with pytest.raises(ConfigurationError, match="there are: daily, weekly"):
        pick_entry(station, "hourly")


def test_without_a_schedule_there_is_nothing_to_ask_for(tmp_path: Path, clock: Clock, supervisor: Supervisor) -> None:
    bare = make_station(tmp_path, clock, supervisor, has_schedule=False)
    with pytest.raises(ConfigurationError, match="install one"):
        pick_entry(bare, "daily")


def test_nothing_begins_on_a_quiet_day_and_it_is_made_up_for_after_it(station: Station, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 28, 17, 30, tzinfo=timezone.utc)
    assert pick_entry(station, "weekly") == []
    assert wake(station, clock, clock.now) == []
    # Monday, half past midnight: the weekly one was put off to it; Saturday's daily one was never begun.
    assert wake(station, clock, clock.now + timedelta(days=1)) == ["portal", "agenda"]


def test_cron_begins_an_entry_once_when_its_moment_has_come(station: Station, clock: Clock) -> None:
    assert wake(station, clock, TONIGHT - HOUR) == []
    assert wake(station, clock, TONIGHT) == ["portal"]
    assert wake(station, clock, TONIGHT + HOUR / 4) == []
    assert wake(station, clock, TONIGHT + 24 * HOUR) == ["portal"]


def test_a_night_that_was_missed_is_made_up_for_once_after_the_boot(station: Station, clock: Clock) -> None:
    monday = TONIGHT + timedelta(days=3)
    assert wake(station, clock, monday, monday - HOUR) == ["portal"]
    assert wake(station, clock, monday + timedelta(days=2, hours=9), monday - HOUR) == ["portal"]
    assert wake(station, clock, monday + timedelta(days=2, hours=10), monday - HOUR) == []


def test_a_new_schedule_is_no_reason_to_begin_in_the_middle_of_the_day(station: Station, clock: Clock) -> None:
    wake(station, clock, TONIGHT)
    noon = TONIGHT + timedelta(days=2, hours=14)
    assert wake(station, clock, noon + HOUR, installed=noon) == []


def test_after_a_clock_was_400_days_ahead_the_next_night_comes_all_the_same(station: Station, clock: Clock) -> None:
    later = timedelta(days=400)
    assert wake(station, clock, TONIGHT) == ["portal"]
    assert "portal" in wake(station, clock, TONIGHT + later)
    # Back again: the stamp lies in the future and is not believed, so what nobody can vouch for is begun at once.
    assert wake(station, clock, TONIGHT + HOUR) == ["portal"]
    assert wake(station, clock, TONIGHT + 2 * HOUR) == []
    assert wake(station, clock, TONIGHT + 24 * HOUR) == ["portal"]


def test_a_schedule_installed_in_the_future_begins_with_its_next_moment(station: Station, clock: Clock) -> None:
    future = TONIGHT + timedelta(days=400)
    assert wake(station, clock, TONIGHT, installed=future) == []
    assert wake(station, clock, TONIGHT + 24 * HOUR, installed=future) == ["portal"]


def test_a_state_that_cannot_be_written_is_told(station: Station, clock: Clock) -> None:
    station.state.parent.joinpath("state").write_text("no folder")
    with pytest.raises(NotRecorded):
        wake(station, clock, TONIGHT)


def test_a_stamp_carries_the_time_of_the_clock(station: Station, clock: Clock) -> None:
    wake(station, clock, TONIGHT)
    assert os.stat(station.state / "schedule" / "daily").st_mtime == TONIGHT.timestamp()


def attempt(*outcomes: str) -> tuple[list[tuple[str, str]], Callable[[Application, str], Receipt]]:
    """What was tried, and the work that ends with these slugs, one after the other; empty: it succeeds."""
    tried: list[tuple[str, str]] = []
    left = list(outcomes)

    def work(application: Application, retry_of: str) -> Receipt:
        tried.append((application.name, retry_of))
        slug, number = left.pop(0), len(tried)
        changes: dict[str, Any] = {"application": application.name, "retry_of": retry_of, "number": number}
        return fail(slug, **changes) if slug else make_receipt(**changes)

    return tried, work


def fail(slug: str, **changes: Any) -> Receipt:
    fields: dict[str, Any] = {"application": "portal", "status": FAILED, **changes}
    return make_receipt(failure=Failure(slug, "x", "y"), **fields)


def test_what_failed_is_tried_again_until_it_succeeds(station: Station) -> None:
    tried, work = attempt("dump_failed", "")
    first = fail("source_locked")
    made = retry_failed(station, [first, make_receipt(application="agenda")], work)
    assert [receipt.has_succeeded for receipt in made] == [False, True]
    assert tried == [("portal", first.id), ("portal", made[0].id)]


def test_it_is_tried_no_more_often_than_the_calendar_says(station: Station) -> None:
    tried, work = attempt("dump_failed", "dump_failed")
    assert len(retry_failed(station, [fail("dump_failed")], work)) == 2
    assert len(tried) == 2


def test_what_somebody_ended_is_not_tried_again(station: Station, supervisor: Supervisor) -> None:
    tried, work = attempt()
    assert retry_failed(station, [fail("interrupted")], work) == []
    supervisor.end_all(Interrupted.by_signal(15))
    assert retry_failed(station, [fail("dump_failed")], work) == []
    assert tried == []


def test_what_is_registered_no_longer_is_not_tried_again(station: Station) -> None:
    tried, work = attempt()
    assert retry_failed(station, [fail("dump_failed", application="gone")], work) == []
    assert tried == []
