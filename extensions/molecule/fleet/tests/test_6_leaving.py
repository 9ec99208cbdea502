"""What leaves the register loses its timer and its password. What was backed up stays."""

from __future__ import annotations

import os

import testinfra.utils.ansible_runner
from testinfra.host import Host

from ansible_collections.diskominfo.backup.tests.fleet import Fleet

RUNNER = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"])
PORTAL = {"name": "portal", "category": "daily", "sources": [{"path": "/var/www/portal"}]}


def list_units(host: Host) -> list[str]:
    return host.check_output(
        "cd /etc/systemd/system; ls | grep ^diskominfo; ls timers.target.wants | grep ^diskominfo"
    ).split()


def test_a_category_without_applications_loses_its_timer_and_keeps_its_backups(fleet: Fleet) -> None:
    web = RUNNER.get_host("web.kota.example")
    kept = web.check_output("ls /var/backups/diskominfo/agenda")
    foretold = fleet.play("schedule", "--check", "--limit", "web.kota.example", backup_applications=[PORTAL])
    played = fleet.play("schedule", "--limit", "web.kota.example", backup_applications=[PORTAL])

    assert played.status == 0
    assert foretold.changed_counts == played.changed_counts
    assert not [name for name in list_units(web) if "weekly" in name]
    assert [name for name in list_units(web) if "daily.timer" in name]
    assert kept
    assert web.check_output("ls /var/backups/diskominfo/agenda") == kept
    assert web.run("systemctl is-failed 'diskominfo-backup-weekly*'").rc != 0


def test_it_comes_back_as_it_was(fleet: Fleet) -> None:
    assert fleet.play("schedule", "--limit", "web.kota.example").status == 0
    assert [name for name in list_units(RUNNER.get_host("web.kota.example")) if "weekly.timer" in name]
