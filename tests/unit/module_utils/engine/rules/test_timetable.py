from __future__ import annotations

from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.calendar import read_calendar
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Server, read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.timetable import plan_timetable

PASSWORD = "/etc/diskominfo-backup/credentials/portal"


def make_server(*applications: dict[str, Any], name: str = "web") -> Server:
    return read_server({"server": name, "applications": list(applications)})


def make_application(name: str, category: str = "daily", **sources: Any) -> dict[str, Any]:
    return {"name": name, "category": category, **(sources or {"sources": [{"path": f"/srv/{name}"}]})}


def test_a_category_has_an_entry_when_it_has_applications() -> None:
    server = make_server(make_application("agenda", "weekly"), make_application("a"), make_application("b"))
    table = plan_timetable(server, read_calendar({}))

    assert [(entry.category, entry.applications) for entry in table.entries] == [
        ("daily", ("a", "b")),
        ("weekly", ("agenda",)),
    ]


def test_systemd_is_told_the_zone() -> None:
    server = make_server(*(make_application(category, category) for category in ("daily", "weekly", "monthly")))
    daily, weekly, monthly = plan_timetable(server, read_calendar({"monthly": "3 02:30"})).entries

    assert daily.on_calendar == "*-*-* 22:30:00 Asia/Jakarta"
    assert weekly.on_calendar == "Sun *-*-* 00:30:00 Asia/Jakarta"
    assert monthly.on_calendar == "*-*-03 02:30:00 Asia/Jakarta"


def test_cron_asks_the_clock_of_the_zone() -> None:
    server = make_server(*(make_application(category, category) for category in ("daily", "weekly", "monthly")))
    calendar = read_calendar({"daily": "22:37", "monthly": "3 02:30"})
    daily, weekly, monthly = plan_timetable(server, calendar).entries

    assert (daily.cron_minutes, daily.clock_format, daily.clock_value) == ("7-59/15", "%H:%M", "22:37")
    assert (weekly.clock_format, weekly.clock_value) == ("%H:%M %u", "00:30 7")
    assert (monthly.clock_format, monthly.clock_value) == ("%H:%M %d", "02:30 03")


def test_a_server_keeps_its_own_moment_within_the_spread() -> None:
    calendar = read_calendar({"spread": "10m"})
    delays = {
        name: plan_timetable(make_server(make_application("a"), name=name), calendar).delay_s
        for name in ("web", "data", "baru", "lama")
    }
    again = plan_timetable(make_server(make_application("b"), name="web"), calendar).delay_s

    assert again == delays["web"]
    assert len(set(delays.values())) == 4
    assert all(0 <= delay <= 600 for delay in delays.values())


def test_only_folders_of_file_databases_must_be_writable() -> None:
    databases = [{"engine": "sqlite", "path": "/srv/a/data/a.db"}, {"engine": "sqlite", "path": "/srv/a/data/b.db"}]
    table = plan_timetable(make_server(make_application("a", databases=databases)), read_calendar({}))

    assert (table.writable, table.engines) == (("/srv/a/data",), ("sqlite",))
    assert not table.reaches_network
    assert not table.becomes_others


def test_a_database_elsewhere_needs_the_network_and_its_password() -> None:
    remote = {"engine": "mysql", "name": "a", "host": "db.kota.example", "user": "backup", "password_file": PASSWORD}
    table = plan_timetable(make_server(make_application("a", databases=[remote])), read_calendar({}))

    assert table.reaches_network
    assert not table.becomes_others
    assert (table.engines, table.password_files, table.writable) == (("mysql",), (PASSWORD,), ())


def test_a_database_behind_a_socket_needs_to_become_its_user() -> None:
    local = {"engine": "postgresql", "name": "a"}
    table = plan_timetable(make_server(make_application("a", databases=[local])), read_calendar({}))

    assert table.becomes_others
    assert not table.reaches_network
