"""Row 3: the register becomes timers. Check mode foretells it, and a second time there is nothing to do."""

from __future__ import annotations

import json
import os
import re
import stat

import pytest
import testinfra.utils.ansible_runner

from ansible_collections.diskominfo.backup.tests.fleet import Fleet, Played

RUNNER = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"])
UNIT = "diskominfo-backup-daily"


@pytest.fixture(scope="module")
def foretold(fleet: Fleet) -> Played:
    return fleet.play("schedule", "--check", "--diff")


@pytest.fixture(scope="module")
def done(fleet: Fleet, foretold: Played) -> Played:
    return fleet.play("schedule")


def test_check_mode_on_fresh_servers_foretells_what_changes(foretold: Played, done: Played) -> None:
    assert foretold.status == done.status == 0
    assert set(done.changed_counts) == {f"{name}.kota.example" for name in ("web", "data", "baru", "lama")}
    assert all(count >= 5 for count in done.changed_counts.values())
    assert foretold.changed_counts == done.changed_counts
    assert foretold.changes == done.changes


def test_check_mode_shows_the_units_it_would_write(foretold: Played) -> None:
    assert "+OnCalendar=*-*-* 22:30:00 Asia/Jakarta" in foretold.output
    assert "+ProtectSystem=strict" in foretold.output


@pytest.mark.usefixtures("done")
def test_a_second_time_changes_nothing(fleet: Fleet) -> None:
    again = fleet.play("schedule")

    assert again.status == 0
    assert set(again.changed_counts.values()) == {0}


@pytest.mark.usefixtures("done")
def test_the_configuration_is_for_root_alone() -> None:
    web = RUNNER.get_host("web.kota.example")
    config = web.file("/etc/diskominfo-backup/config.json")

    assert config.mode == 0o600
    assert stat.S_IMODE(web.file("/etc/diskominfo-backup").mode) == 0o700
    assert [item["name"] for item in json.loads(config.content)["applications"]] == ["portal", "agenda"]


@pytest.mark.usefixtures("done")
def test_only_categories_with_applications_have_a_timer() -> None:
    found = {
        name: RUNNER.get_host(f"{name}.kota.example").check_output(
            "systemctl list-unit-files --no-legend --state=enabled 'diskominfo-backup-*.timer' | cut -d' ' -f1 | sort"
        )
        for name in ("web", "data", "baru")
    }
    assert found["web"].split() == ["diskominfo-backup-daily.timer", "diskominfo-backup-weekly.timer"]
    assert found["data"].split() == ["diskominfo-backup-daily.timer"]
    assert found["baru"].split() == ["diskominfo-backup-daily.timer", "diskominfo-backup-monthly.timer"]


@pytest.mark.usefixtures("done")
def test_the_service_is_locked_up() -> None:
    units = [("web", "daily"), ("web", "weekly"), ("data", "daily"), ("baru", "daily"), ("baru", "monthly")]
    for name, category in units:
        told = RUNNER.get_host(f"{name}.kota.example").check_output(
            f"systemd-analyze security --no-pager diskominfo-backup-{category}.service"
        )
        exposure = re.search(r"Overall exposure level.*: ([0-9.]+)", told)
        assert exposure
        assert float(exposure[1]) <= 2.5, f"{name} {category}\n{told}"


@pytest.mark.usefixtures("done")
def test_one_category_waits_for_the_other() -> None:
    web = RUNNER.get_host("web.kota.example")
    assert f"{UNIT}.service" in web.check_output("systemctl show -p After diskominfo-backup-weekly.service")


@pytest.mark.usefixtures("done")
def test_cron_does_it_where_there_is_no_systemd() -> None:
    old = RUNNER.get_host("lama.kota.example")
    lines = [line for line in old.file("/etc/cron.d/diskominfo-backup").content_string.splitlines() if "flock" in line]

    assert [line.split()[0] for line in lines] == ["0,15,30,45", "@reboot"]
    assert all("diskominfo-backup night --timer --quiet --due" in line for line in lines)
    assert not old.run("find /etc/systemd/system -name 'diskominfo*'").stdout


@pytest.mark.usefixtures("done")
def test_what_somebody_changed_by_hand_is_shown_and_put_right(fleet: Fleet) -> None:
    web, data = (RUNNER.get_host(f"{name}.kota.example") for name in ("web", "data"))
    web.check_output(f"systemctl disable --now {UNIT}.timer")
    data.check_output(f"sed -i s/OnCalendar=.*/OnCalendar=yearly/ /etc/systemd/system/{UNIT}.timer")

    shown = fleet.play("schedule", "--check", "--diff")
    assert shown.status == 0
    assert {host for host, count in shown.changed_counts.items() if count} == {
        "web.kota.example",
        "data.kota.example",
    }
    assert "-OnCalendar=yearly" in shown.output
    assert web.run(f"systemctl is-enabled {UNIT}.timer").rc != 0

    assert fleet.play("schedule").status == 0
    assert web.check_output(f"systemctl is-enabled {UNIT}.timer") == "enabled"
    assert "yearly" not in data.file(f"/etc/systemd/system/{UNIT}.timer").content_string


@pytest.mark.usefixtures("done")
def test_the_schedule_is_a_document_of_the_office(fleet: Fleet) -> None:
    latest = fleet.evidence / "schedule" / "latest"
    assert {path.name for path in latest.iterdir()} == {
        f"schedule.{end}" for end in ("html", "txt", "csv", "ics", "json")
    }
    assert "Jadwal Backup" in (latest / "schedule.html").read_text()
    planned = json.loads((latest / "schedule.json").read_text())["servers"]
    for server in planned:
        installed = json.loads(RUNNER.get_host(server["server"]).file("/etc/diskominfo-backup/config.json").content)
        wanted = [entry["begins"] for entry in server["entries"]]
        assert [entry["begins"] for entry in installed["schedule"]["entries"]] == wanted
