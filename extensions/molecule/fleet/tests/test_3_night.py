"""Rows 4 to 6: timers fire by themselves, nobody runs anything, and the report knows it all in the morning."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import testinfra.utils.ansible_runner

from ansible_collections.diskominfo.backup.tests.fleet import Fleet, Played

RUNNER = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"])
JAKARTA = timezone(timedelta(hours=7))
WEEKDAYS = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")
EXPECTED = {
    "portal": "web",
    "agenda": "web",
    "antrean": "data",
    "perizinan": "data",
    "kios": "baru",
    "arsip": "baru",
    "situs": "lama",
}
CATEGORIES = {"portal": "daily", "agenda": "weekly", "arsip": "monthly"}
LAST_DAY = 28
LATEST_S = 420
PATIENCE_S = 900
"""For the time until the night begins, and the night: a busy machine needs both."""


def tonight(lead_s: float) -> tuple[dict[str, Any], datetime]:
    """A calendar in which every category begins in a moment, and when that is.

    No month's backup is meant for a day that some months lack: on such a day it comes as one that quiet days put off.
    """
    begin = (datetime.now(JAKARTA) + timedelta(seconds=lead_s + 59)).replace(second=0, microsecond=0)
    quiet = [f"{begin:%Y-%m}-{day}" for day in range(LAST_DAY, begin.day)]
    calendar = {
        "daily": f"{begin:%H:%M}",
        "weekly": f"{WEEKDAYS[begin.weekday()]} {begin:%H:%M}",
        "monthly": f"{min(begin.day, LAST_DAY)} {begin:%H:%M}",
        "quiet": quiet,
        "window": "00:00-00:00",
        "spread": "1s",
        "zone": "Asia/Jakarta",
    }
    return calendar, begin


def tell_night(application: str, server: str) -> str:
    """What a server knows of a night that did not end as it should."""
    host = RUNNER.get_host(f"{server}.kota.example")
    receipts = host.run(f"tail -v -c 3000 /var/lib/diskominfo-backup/receipts/{application}/*.json").stdout
    journal = host.run("journalctl --no-pager -n 60 -u 'diskominfo-backup*'; systemctl list-timers --no-pager").stdout
    return f"nothing came of {application} on {server}\n{receipts}\n{journal}"


@pytest.fixture(scope="module")
def night(fleet: Fleet) -> datetime:
    """The servers were left alone until all were done; when it began."""
    calendar, begin = tonight(30 + 1.5 * (fleet.slowest_s or 100))
    played = fleet.play("schedule", backup_calendar=calendar)
    assert played.status == 0
    assert datetime.now(JAKARTA) < begin, "the timers were set too late to see them fire"
    waiting = dict(EXPECTED)
    deadline = time.monotonic() + PATIENCE_S
    while waiting and time.monotonic() < deadline:
        time.sleep(5)
        for application, server in list(waiting.items()):
            kept = RUNNER.get_host(f"{server}.kota.example").run(
                f'grep -l \'"kind": *"prune"\' /var/lib/diskominfo-backup/receipts/{application}/*.json'
            )
            if kept.rc == 0:
                del waiting[application]
    assert not waiting, "\n".join(tell_night(application, server) for application, server in waiting.items())
    return begin


@pytest.fixture(scope="module")
def morning(fleet: Fleet, night: datetime) -> Played:
    return fleet.play("report", backup_hours=1)


@pytest.mark.usefixtures("night")
def test_the_report_is_made_without_running_anything(fleet: Fleet, morning: Played) -> None:
    assert morning.status == 0, morning.output
    for application, server in EXPECTED.items():
        kinds = [(receipt["kind"], receipt["trigger"]) for receipt in fleet.receipts(server, application)]
        assert kinds == [("run", "timer"), ("check", "timer"), ("prune", "timer")]


@pytest.mark.usefixtures("morning")
def test_the_timers_kept_their_time(fleet: Fleet, night: datetime) -> None:
    for application, server in EXPECTED.items():
        began = datetime.fromisoformat(fleet.receipts(server, application)[0]["began"].replace("Z", "+00:00"))
        # One category waits for the other, and cron wakes in the minute that has come.
        assert timedelta(0) <= began - night < timedelta(seconds=LATEST_S), application


@pytest.mark.usefixtures("morning")
def test_timers_of_every_category_fired_by_themselves(fleet: Fleet, night: datetime) -> None:
    for application, category in CATEGORIES.items():
        run = fleet.receipts(EXPECTED[application], application)[0]
        assert (run["kind"], run["trigger"], run["category"]) == ("run", "timer", category)
        fired = RUNNER.get_host(f"{EXPECTED[application]}.kota.example").check_output(
            f'date -d "$(systemctl show -p LastTriggerUSec --value diskominfo-backup-{category}.timer)" +%s'
        )
        assert timedelta(0) <= datetime.fromtimestamp(int(fired), JAKARTA) - night < timedelta(seconds=60), category


@pytest.mark.usefixtures("morning")
def test_every_application_of_the_register_is_a_row(fleet: Fleet) -> None:
    rows = fleet.rows

    assert set(rows) == {*EXPECTED}
    assert {row["status"] for row in rows.values()} == {"succeeded"}
    assert {row["level"] for row in rows.values()} == {"compared"}


def test_the_report_is_there_for_people_too(fleet: Fleet, morning: Played) -> None:
    page = (fleet.evidence / "reports" / "latest" / "report.html").read_text()
    assert "Portal Berita Kota Contoh" in page
    assert "portal" in morning.output


@pytest.mark.usefixtures("morning")
def test_a_copy_of_every_run_comes_to_the_control_node(fleet: Fleet) -> None:
    assert {"same_disk"} <= {finding["slug"] for row in fleet.rows.values() for finding in row["findings"]}
    played = fleet.play("copy", backup_hours=1)

    assert played.status == 0, played.output
    for application, server in EXPECTED.items():
        run = fleet.receipts(server, application)[0]
        folder = fleet.copies / f"{server}.kota.example" / application / run["id"]
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
        assert (fleet.rows[application]["copies"], fleet.rows[application]["copies_elsewhere"]) == (2, 1)
        assert "same_disk" not in {finding["slug"] for finding in fleet.rows[application]["findings"]}


@pytest.mark.usefixtures("morning")
def test_hooks_stopped_a_service_and_started_it_again(fleet: Fleet) -> None:
    run = fleet.receipts("data", "perizinan")[0]
    data = RUNNER.get_host("data.kota.example")
    assert [(hook["name"], hook["status"]) for hook in run["hooks"]] == [("before_run", 0), ("after_run", 0)]
    assert data.check_output("systemctl is-active antrean-perizinan.service") == "active"


@pytest.mark.usefixtures("night")
def test_the_database_folder_is_left_as_it_was() -> None:
    data = RUNNER.get_host("data.kota.example")
    assert data.check_output("ls /srv/antrean/data").split() == ["antrean.db"]
