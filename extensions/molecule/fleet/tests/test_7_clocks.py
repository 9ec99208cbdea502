"""A timer that was missed is made up for, and one whose stamp lies in the future fires again."""

from __future__ import annotations

import contextlib
import os
import time

import pytest
import testinfra.utils.ansible_runner
from testinfra.host import Host

from ansible_collections.diskominfo.backup.tests.fleet import Fleet

RUNNER = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"])
TIMER = "diskominfo-backup-daily.timer"
STAMP = f"/var/lib/systemd/timers/stamp-{TIMER}"
PATIENCE_S = 900


@pytest.fixture(scope="module", autouse=True)
def scheduled(fleet: Fleet) -> None:
    assert fleet.play("schedule", "--limit", "baru.kota.example").status == 0


def count_runs(host: Host) -> int:
    found = host.run('grep -l \'"kind": *"run"\' /var/lib/diskominfo-backup/receipts/kios/*.json | wc -l')
    return int(found.stdout)


def wait_for_run(host: Host, before: int) -> None:
    """The server may still be on its way up when it is asked first."""
    deadline = time.monotonic() + PATIENCE_S
    found = before
    while found == before and time.monotonic() < deadline:
        time.sleep(2)
        with contextlib.suppress(RuntimeError):
            found = count_runs(host)
    assert found == before + 1, host.run(f"journalctl --no-pager -n 30 -u {TIMER}").stdout


def test_a_night_that_was_missed_while_the_server_was_off_is_made_up_for(fleet: Fleet) -> None:
    host = RUNNER.get_host("baru.kota.example")
    before = count_runs(host)
    host.check_output(f"systemctl stop {TIMER} && touch -d '3 days ago' {STAMP}")
    fleet.podman("stop", "baru", "--time", "5")
    fleet.podman("start", "baru")
    wait_for_run(host, before)


def test_a_stamp_that_is_dated_ahead_stops_no_timer() -> None:
    host = RUNNER.get_host("baru.kota.example")
    host.check_output(f"systemctl stop {TIMER} && touch -d '400 days' {STAMP} && systemctl start {TIMER}")
    told = host.check_output(f"systemctl show -p NextElapseUSecRealtime --value {TIMER}")
    left_s = int(host.check_output(f"echo $(( $(date -d '{told}' +%s) - $(date +%s) ))"))
    assert 0 < left_s <= 24 * 3600, told
