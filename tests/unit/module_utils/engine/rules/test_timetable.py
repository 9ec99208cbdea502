from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timezone
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Server, read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.schedule import Schedule
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.spread import plan_schedules
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.timetable import Timetable, plan_timetable

NOW = datetime(2026, 11, 27, tzinfo=timezone.utc)
PASSWORD = "/etc/diskominfo-backup/credentials/portal"


def make_server(*applications: dict[str, Any], name: str = "web") -> Server:
    return read_server({"server": name, "applications": list(applications)})


def make_application(name: str, category: str = "daily", **changes: Any) -> dict[str, Any]:
    return {"name": name, "category": category, "sources": [{"path": f"/srv/{name}"}], **changes}


def plan(server: Server, **changes: Any) -> Timetable:
    """The timetable of a server that is planned by itself."""
    schedule = plan_schedules([server], {}, {}, NOW).schedules.get(server.name, Schedule("Asia/Jakarta", ()))
    return plan_timetable(server, replace(schedule, **changes))


def test_a_category_has_an_entry_when_it_has_applications() -> None:
    server = make_server(make_application("agenda", "weekly"), make_application("a"), make_application("b"))

    assert [(entry.name, entry.applications) for entry in plan(server).entries] == [
        ("daily", ("a", "b")),
        ("weekly", ("agenda",)),
    ]


def test_systemd_is_told_every_moment_of_the_schedule() -> None:
    server = make_server(*(make_application(category, category) for category in ("daily", "weekly", "monthly")))
    daily, weekly, monthly = plan(server, quiet=(date(2026, 11, 29),)).entries

    assert daily.on_calendar == ("*-*-* 22:30:00 Asia/Jakarta",)
    assert weekly.on_calendar == ("Sun *-*-* 00:30:00 Asia/Jakarta", "2026-11-30 00:30:00 Asia/Jakarta")
    assert monthly.on_calendar == ("*-*-01 02:30:00 Asia/Jakarta",)


def test_cron_wakes_at_the_minutes_of_the_moments_wherever_the_zone_is() -> None:
    server = make_server(make_application("a"), make_application("b", begin="01:07"))

    assert plan(server).cron_minutes == "0,7,15,22,30,37,45,52"


def test_the_schedule_is_told_as_the_configuration_holds_it() -> None:
    table = plan(make_server(make_application("a"))).to_data()
    assert read_server({"server": "web", "applications": [], "schedule": table["schedule"]}).schedule


def test_only_folders_of_file_databases_must_be_writable() -> None:
    databases = [{"engine": "sqlite", "path": "/srv/a/data/a.db"}, {"engine": "sqlite", "path": "/srv/a/data/b.db"}]
    table = plan(make_server(make_application("a", databases=databases)))

    assert (table.writable, table.engines) == (("/srv/a/data",), ("sqlite",))
    assert not table.reaches_network
    assert not table.becomes_others


def test_a_database_elsewhere_needs_the_network_and_its_password() -> None:
    remote = {"engine": "mysql", "name": "a", "host": "db.kota.example", "user": "backup", "password_file": PASSWORD}
    table = plan(make_server(make_application("a", databases=[remote])))

    assert table.reaches_network
    assert not table.becomes_others
    assert (table.engines, table.password_files, table.writable) == (("mysql",), (PASSWORD,), ())


def test_a_database_behind_a_socket_needs_to_become_its_user() -> None:
    local = {"engine": "postgresql", "name": "a"}
    table = plan(make_server(make_application("a", databases=[local])))

    assert table.becomes_others
    assert not table.reaches_network
