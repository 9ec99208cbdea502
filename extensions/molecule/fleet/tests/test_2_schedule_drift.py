"""Row 3 read back: what somebody changes on a server by hand is in the next report, until the schedule is put back."""

from __future__ import annotations

import os

import pytest
import testinfra.utils.ansible_runner

from ansible_collections.diskominfo.backup.tests.fleet import Fleet, Played

RUNNER = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"])
UNIT = "diskominfo-backup"
UNITS = "/etc/systemd/system"

CHANGES = {
    # A timer that is switched off, one that must not start at all, and cron beside them.
    "web": f"""
        systemctl disable --now {UNIT}-daily.timer
        systemctl disable --now {UNIT}-weekly.timer
        ln -sf /dev/null {UNITS}/{UNIT}-weekly.timer
        echo '0 3 * * * root /usr/local/bin/own-backup' >/etc/cron.d/{UNIT}
        systemctl daemon-reload
    """,
    # Its file is as it was installed, and it begins once a year.
    "data": f"""
        mkdir {UNITS}/{UNIT}-daily.timer.d
        printf '[Timer]\\nOnCalendar=\\nOnCalendar=yearly\\n' >{UNITS}/{UNIT}-daily.timer.d/override.conf
        systemctl daemon-reload
    """,
    # An edited configuration, and a file that systemd has not read yet.
    "baru": f"""
        sed -i 's/Anjungan Informasi/Anjungan/' /etc/diskominfo-backup/config.json
        sed -i 's/^OnCalendar=.*/OnCalendar=yearly/' {UNITS}/{UNIT}-monthly.timer
    """,
    "lama": f"sed -i /@reboot/d /etc/cron.d/{UNIT}",
}
NAMED = {
    ("schedule_off", f"web.kota.example: {UNIT}-daily.timer"),
    ("schedule_off", f"web.kota.example: {UNIT}-weekly.timer"),
    ("schedule_drift", "web.kota.example: cron"),
    ("schedule_drift", f"data.kota.example: {UNIT}-daily.timer"),
    ("config_drift", "baru.kota.example: config.json"),
    ("schedule_drift", f"baru.kota.example: {UNIT}-monthly.timer"),
    ("schedule_drift", "lama.kota.example: cron"),
}


def list_drifts(fleet: Fleet) -> set[tuple[str, str]]:
    found = {(finding["slug"], finding["subject"]) for finding in fleet.report["findings"]}
    return {(slug, subject) for slug, subject in found if slug.startswith(("schedule_", "config_"))}


@pytest.fixture(scope="module")
def sound(fleet: Fleet) -> set[tuple[str, str]]:
    """What the report says of servers on which everything is as the test before left it: as accepted."""
    fleet.play("report", backup_hours=1)
    return list_drifts(fleet)


@pytest.fixture(scope="module")
def changed(fleet: Fleet, sound: set[tuple[str, str]]) -> Played:
    for server, script in CHANGES.items():
        RUNNER.get_host(f"{server}.kota.example").check_output(script)
    return fleet.play("report", backup_hours=1)


@pytest.fixture(scope="module")
def restored(fleet: Fleet, changed: Played) -> Played:
    return fleet.play("schedule", "--diff")


def test_servers_on_which_the_accepted_schedule_is_installed_are_not_named(sound: set[tuple[str, str]]) -> None:
    assert sound == set()


def test_what_was_changed_by_hand_is_named_with_its_server_in_the_report(fleet: Fleet, changed: Played) -> None:
    assert list_drifts(fleet) == NAMED, changed.output
    page = (fleet.evidence / "reports" / "latest" / "report.html").read_text()
    assert "Jadwal yang terpasang bukan jadwal yang ditetapkan" in page
    assert all(subject in page for _unused, subject in NAMED)
    assert f"web.kota.example: {UNIT}-daily.timer" in changed.output


def test_a_server_that_does_not_tell_is_unknown_and_not_sound(fleet: Fleet, restored: Played) -> None:
    data = RUNNER.get_host("data.kota.example")
    data.check_output("chmod a-x /usr/bin/systemctl")
    try:
        fleet.play("report", backup_hours=1)
    finally:
        data.check_output("chmod a+x /usr/bin/systemctl")
    assert restored.status == 0, restored.output
    assert list_drifts(fleet) == {("schedule_unknown", "data.kota.example: systemctl show")}


@pytest.mark.usefixtures("restored")
def test_the_schedule_is_put_back_and_nobody_is_named_any_more(fleet: Fleet, restored: Played) -> None:
    assert {host for host, count in restored.changed_counts.items() if count} == {
        f"{server}.kota.example" for server in CHANGES
    }
    fleet.play("report", backup_hours=1)
    assert list_drifts(fleet) == set()
