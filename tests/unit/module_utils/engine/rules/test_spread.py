"""A fleet on one calendar: everybody in the window, nobody moved without need, no minute that carries the night."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.moment import Moment
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Server, read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.schedule import Schedule
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.zone import find_unsteady, open_zone
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.spread import Spread, plan_schedules

NOW = datetime(2026, 11, 27, 3, tzinfo=timezone.utc)
CATEGORIES = ("daily", "daily", "weekly", "monthly")


def make_server(name: str = "web", *applications: dict[str, Any], **calendar: Any) -> Server:
    listed = [{"sources": [{"path": "/srv"}], **application} for application in applications or ({"name": "portal"},)]
    return read_server({"server": name, "applications": listed, "calendar": calendar})


def make_fleet(servers: int, applications: int, **calendar: Any) -> list[Server]:
    listed = [{"name": f"a{n}", "category": CATEGORIES[n % 4]} for n in range(applications)]
    return [make_server(f"s{number:03d}", *listed, **calendar) for number in range(servers)]


def measure(fleet: Sequence[Server], usual_s: float = 90) -> dict[tuple[str, str], float]:
    chance = random.Random(28)
    return {(server.name, one.name): chance.expovariate(1 / usual_s) for server in fleet for one in server.applications}


def plan(
    servers: Sequence[Server],
    durations: Mapping[tuple[str, str], float] | None = None,
    accepted: Mapping[str, Schedule] | None = None,
) -> Spread:
    return plan_schedules(servers, durations or {}, accepted or {}, NOW)


def begin_of(spread: Spread, server: str = "web", entry: str = "daily") -> Moment:
    found = spread.schedules[server].find(entry)
    assert found
    return found.begins


def test_no_minute_of_an_evenly_filled_window_holds_more_than_two_hundredths_of_the_load() -> None:
    fleet = make_fleet(500, 20)
    spread = plan(fleet, measure(fleet))

    assert max(spread.load) <= 0.02 * sum(spread.load)
    # What the night holds is spread over all of its minutes: the fullest has not twice its even share.
    assert max(spread.load) <= 2 * sum(spread.load) / fleet[0].calendar.window.width
    assert spread.findings == ()


def test_the_first_server_begins_when_the_calendar_says() -> None:
    assert begin_of(plan([make_server()])) == Moment(22 * 60 + 30)


def test_servers_make_room_for_each_other_by_what_their_last_backups_took() -> None:
    fleet = [make_server("large"), make_server("small"), make_server("tiny")]
    took = {("large", "portal"): 3600.0, ("small", "portal"): 600.0, ("tiny", "portal"): 60.0}
    spread = plan(fleet, took)

    assert begin_of(spread, "large").clock == "22:30"
    assert begin_of(spread, "small").clock == "23:30"
    assert begin_of(spread, "tiny").clock == "23:40"
    assert max(spread.load) == 1


def test_what_was_never_measured_takes_as_long_as_is_usual() -> None:
    fleet = [make_server("a"), make_server("b")]
    assert [entry.expected_s for entry in plan(fleet, {("a", "portal"): 240}).schedules["b"].entries] == [240]


def test_a_server_finishes_one_category_before_it_begins_the_next() -> None:
    applications = ({"name": "a"}, {"name": "b", "category": "weekly"})
    spread = plan([make_server("web", *applications, weekly="sun 22:30")], {("web", "a"): 7200})
    assert begin_of(spread, entry="weekly") == Moment(30, weekday=1)


def test_an_application_may_have_a_moment_of_its_own() -> None:
    spread = plan([make_server("web", {"name": "a"}, {"name": "b", "begin": "12:15"}, {"name": "c", "begin": ""})])
    entries = {entry.name: (entry.applications, entry.begins.clock) for entry in spread.schedules["web"].entries}
    assert entries == {"daily": (("a", "c"), "22:30"), "daily-b": (("b",), "12:15")}


def test_whoever_has_a_moment_keeps_it_when_others_come_and_durations_change() -> None:
    fleet = make_fleet(20, 4)
    before = plan(fleet, measure(fleet))
    after = plan([make_server("new"), *fleet], measure(fleet, 200), before.schedules)

    assert all(
        [entry.begins for entry in after.schedules[name].entries] == [entry.begins for entry in schedule.entries]
        for name, schedule in before.schedules.items()
    )


@pytest.mark.parametrize("calendar", [{"daily": "23:30"}, {"zone": "Asia/Makassar"}, {"spread": "1m"}])
def test_a_moment_that_the_calendar_allows_no_longer_is_given_up(calendar: dict[str, Any]) -> None:
    two = [make_server("large"), make_server("web")]
    before = plan(two, {("large", "portal"): 1800, ("web", "portal"): 60})
    assert begin_of(before).clock == "23:00"
    after = plan([make_server(**calendar)], {}, before.schedules)
    assert begin_of(after) == make_server(**calendar).calendar.moments["daily"]


def test_a_server_without_applications_has_no_schedule() -> None:
    assert plan([read_server({"server": "empty", "applications": []})]).schedules == {}


def test_servers_of_other_zones_fill_the_same_night() -> None:
    west, east = make_server("west"), make_server("east", zone="Asia/Jayapura", daily="00:30")
    spread = plan([west, east], {("west", "portal"): 600, ("east", "portal"): 300})
    # Half past midnight in Jayapura is half past ten in the evening in Jakarta.
    assert (begin_of(spread, "west").clock, begin_of(spread, "east").clock) == ("22:30", "00:40")


def test_a_window_that_is_too_small_is_told_before_it_overflows() -> None:
    (finding,) = plan([make_server()], {("web", "portal"): 8 * 3600}).findings
    assert (finding.slug, finding.subject) == ("window_overfull", "web")
    assert finding.facts == {"needed_minutes": 480, "window_minutes": 420}
    assert finding.hint


def test_more_servers_at_once_than_the_office_wants_are_told() -> None:
    fleet = [make_server(f"s{n}", spread="10m", at_once=2) for n in range(6)]
    took = {(server.name, "portal"): 600.0 for server in fleet}
    (finding,) = plan(fleet, took).findings
    assert finding.subject == "backup_calendar"
    assert finding.facts["peak"] > 2
    assert plan(fleet[:2], took).findings == ()


@given(
    st.lists(st.integers(1, 9 * 3600), min_size=1, max_size=12),
    st.sampled_from(["Asia/Jakarta", "Europe/Berlin", "America/New_York"]),
    st.sampled_from([None, "1m", "45m"]),
)
@settings(max_examples=60, deadline=None)
def test_everything_begins_once_in_its_window_whatever_it_takes(
    took: list[int], zone_name: str, spread_text: str | None
) -> None:
    calendar = {"zone": zone_name, "monthly": "28 23:15", "weekly": "sat 23:30", "spread": spread_text}
    servers = [
        make_server(f"s{n}", *({"name": category, "category": category} for category in CATEGORIES[1:]), **calendar)
        for n in range(len(took))
    ]
    spread = plan(servers, {(f"s{n}", "daily"): seconds for n, seconds in enumerate(took)})
    zone = open_zone(zone_name)
    assert zone
    for server in servers:
        entries = spread.schedules[server.name].entries
        assert [entry.applications for entry in entries] == [("daily",), ("weekly",), ("monthly",)]
        for entry in entries:
            window = server.calendar.window
            assert window.place(entry.begins.minute_of_day) <= window.width
            assert entry.begins.minute_of_day not in find_unsteady(zone)
            assert entry.begins.day <= 28
    assert plan(servers, {}, spread.schedules).schedules.keys() == spread.schedules.keys()
    assert plan(list(servers), {(f"s{n}", "daily"): s for n, s in enumerate(took)}) == spread
