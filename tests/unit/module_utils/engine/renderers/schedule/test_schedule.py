"""The schedule for people and programs: every form tells the same, and nothing that a name holds can do harm."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timezone
from typing import Any

import icalendar
import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.plan import Plan
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.registry import (
    SCHEDULE_RENDERERS,
    find_schedule_renderer,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.schedule.csv import COLUMNS
from ansible_collections.diskominfo.backup.tests.plans import MADE, TITLE, make_plan

PLAN = make_plan()
EMPTY = Plan("", MADE, {}, {})


def render(name: str, plan: Plan = PLAN, language: str = "id") -> str:
    return find_schedule_renderer(name).render(plan, language).decode("utf-8")


@pytest.mark.parametrize("name", SCHEDULE_RENDERERS)
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_form_names_every_server_and_application(name: str, language: str) -> None:
    told = render(name, language=language)
    assert all(word in told for word in ("web", "data", "portal", "agenda", "kios", "arsip"))


@pytest.mark.parametrize("name", SCHEDULE_RENDERERS)
def test_a_plan_without_servers_can_be_told(name: str) -> None:
    assert render(name, EMPTY)


def test_an_unknown_form_lists_those_that_are_known() -> None:
    with pytest.raises(ConfigurationError, match="json, csv, html, ics, txt"):
        find_schedule_renderer("doc")


def test_the_table_says_when_each_begins_and_what_is_wrong() -> None:
    lines = [" ".join(line.split()) for line in render("txt").splitlines()]
    assert "data bulanan setiap tanggal 1 pukul 02.30 1:30 arsip" in lines
    assert "web harian setiap hari pukul 12.30 9:00:00 kios" not in lines
    assert any(line.startswith("web harian setiap hari pukul 12.30") for line in lines)
    assert any(line.startswith("! web: Backup selama") for line in lines)
    assert "Hari tanpa backup: 2026-11-29" in lines
    assert any(line.endswith("data/lama") for line in lines)


def test_the_table_is_english_too_and_short_where_all_is_well() -> None:
    calm = render("txt", make_plan(window="12:00-12:00", quiet=[]), "en")
    assert "on day 1 of every month at 02:30" in calm
    assert "!" not in calm


def test_the_csv_has_an_application_a_line_and_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(render("csv"))))
    assert tuple(rows[0]) == COLUMNS
    assert {row["application"] for row in rows} == {"portal", "agenda", "kios", "arsip"}
    assert all(row["title"].startswith("'=") for row in rows)
    arsip = next(row for row in rows if row["application"] == "arsip")
    assert (arsip["begins"], arsip["zone"], arsip["next"]) == ("1 02:30", "Asia/Jakarta", "2026-11-30T19:30:00Z")


def test_the_csv_leaves_a_plain_title_as_it_is() -> None:
    plan = Plan("", MADE, {}, PLAN.schedules)
    assert ",portal,portal," in render("csv", plan)


def test_the_page_escapes_what_a_title_holds() -> None:
    page = render("html")
    assert "<portal>" not in page
    assert "&lt;portal&gt;" in page
    assert page.count('class="week-daily"') > 7
    assert "<script" not in page


def test_a_page_of_an_unknown_zone_has_no_picture() -> None:
    data = {name: schedule.__class__("Nowhere/Land", schedule.entries) for name, schedule in PLAN.schedules.items()}
    page = render("html", Plan("", MADE, {}, data))
    assert 'svg class="week"' not in page
    assert "BEGIN:VEVENT" not in render("ics", Plan("", MADE, {}, data))


def test_a_plan_made_in_the_evening_shows_the_night_that_begins() -> None:
    evening = Plan("", datetime(2026, 11, 27, 13, tzinfo=timezone.utc), {}, PLAN.schedules)
    assert "Jumat 27/11" in render("html", evening)
    assert "Kamis 26/11" in render("html", PLAN)


def read_events(plan: Plan) -> dict[str, Any]:
    calendar: Any = icalendar.Calendar.from_ical(render("ics", plan))
    assert not calendar.errors
    return {str(event["uid"]): event for event in calendar.walk("VEVENT")}


def test_the_calendar_is_one_that_programs_read() -> None:
    events = read_events(PLAN)
    assert set(events) == {
        f"{name}@diskominfo.backup" for name in ("daily.web", "daily-kios.web", "weekly.web", "monthly.data")
    }
    weekly = events["weekly.web@diskominfo.backup"]
    assert weekly["rrule"].to_ical() == b"FREQ=WEEKLY;BYDAY=SU"
    assert weekly.decoded("dtstart").isoformat() == "2026-11-29T00:30:00+07:00"
    assert weekly["exdate"].dts[0].dt.isoformat() == "2026-11-29T00:30:00+07:00"
    assert weekly["rdate"].dts[0].dt.isoformat() == "2026-11-30T00:30:00+07:00"
    assert str(weekly["description"]) == TITLE.format("agenda")
    assert events["monthly.data@diskominfo.backup"]["rrule"].to_ical() == b"FREQ=MONTHLY;BYMONTHDAY=1"
    assert "rdate" not in events["daily.web@diskominfo.backup"]


def test_lines_of_the_calendar_are_folded_as_the_standard_says() -> None:
    raw = find_schedule_renderer("ics").render(PLAN, "id")
    lines = raw.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert any(line.startswith(b" ") for line in lines)
    assert raw.endswith(b"END:VCALENDAR\r\n")


def test_a_zone_with_summer_time_brings_its_changes_along() -> None:
    berlin = make_plan(zone="Europe/Berlin", monthly="1 04:30")
    calendar: Any = icalendar.Calendar.from_ical(render("ics", berlin))
    (zone,) = calendar.walk("VTIMEZONE")
    kinds = [part.name for part in zone.subcomponents]
    assert kinds[:3] == ["STANDARD", "DAYLIGHT", "STANDARD"]
    spring, autumn = zone.subcomponents[1:3]
    assert (spring["dtstart"].to_ical(), spring["tzoffsetto"].to_ical()) == (b"20250330T020000", "+0200")
    assert (autumn["dtstart"].to_ical(), autumn["tzoffsetto"].to_ical()) == (b"20251026T030000", "+0100")


def test_a_zone_west_of_greenwich_has_a_negative_offset() -> None:
    assert "TZOFFSETTO:-0500" in render("ics", make_plan(zone="America/New_York", monthly="1 04:30"))
