"""A password is where it has to be, and nowhere else: not while it is used, not when a task fails."""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path

import pytest
import testinfra.utils.ansible_runner

from ansible_collections.diskominfo.backup.tests.fleet import Fleet, Played, Watch

RUNNER = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"])
SENTINEL = f"Rahasia-{secrets.token_hex(12)}"
CONTROL = f"terlihat-{secrets.token_hex(12)}"
"""Is in a command line of a server for a moment: who does not see this one would not see the other either."""

FILE = "/etc/diskominfo-backup/credentials/portal"
APPLICATION = {
    "name": "portal",
    "databases": [{"engine": "mysql", "name": "portal", "host": "127.0.0.1", "user": "backup", "password_file": FILE}],
    "sources": [{"path": "/var/www/portal"}],
}
ACCOUNT = f"""
CREATE USER backup@127.0.0.1 IDENTIFIED BY '{SENTINEL}';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, RELOAD ON *.* TO backup@127.0.0.1;
"""
GIVEN = {"backup_applications": [APPLICATION], "backup_passwords": {"portal": SENTINEL}}
ELSEWHERE = "/etc /var/log /var/lib/diskominfo-backup /root /tmp /run /home"


@pytest.fixture(scope="module")
def watched(fleet: Fleet) -> tuple[Watch, list[Played], int]:
    """What was played with a password, as loud as Ansible can be: it is set, used, and fails to be set."""
    web = RUNNER.get_host("web.kota.example")
    fleet.ask_mariadb("web", ACCOUNT)
    loud = ("-vvv", "--diff", "--limit", "web.kota.example")
    with Watch(SENTINEL, CONTROL) as watch:
        web.check_output(f"sh -c 'sleep 3; : {CONTROL}'")
        played = [fleet.play("schedule", "--check", *loud, **GIVEN), fleet.play("schedule", *loud, **GIVEN)]
        assert played[-1].status == 0
        mode = web.file(FILE).mode
        played.append(fleet.play("backup", *loud, **GIVEN))
        played.append(fleet.play("check", *loud, backup_check_runs="latest", **GIVEN))
        web.run("timeout 600 systemctl start diskominfo-backup-daily.service")
        web.check_output(f"rm {FILE} && mkdir -p {FILE}/in_the_way")
        played.append(fleet.play("schedule", *loud, **GIVEN))
        assert played[-1].status != 0
    (fleet.inventory.parent / "variables.json").unlink()
    web.check_output(f"rmdir {FILE}/in_the_way {FILE}")
    return watch, played, mode


def test_only_root_reads_the_file(watched: tuple[Watch, list[Played], int]) -> None:
    assert watched[2] == 0o600


def test_the_database_is_backed_up_and_proved_with_it(fleet: Fleet, watched: tuple[Watch, list[Played], int]) -> None:
    assert watched[1][2].status == 0
    played = [receipt for receipt in fleet.receipts("web", "portal") if receipt["trigger"] == "playbook"]
    run, check = [receipt for receipt in played if receipt["kind"] in ("run", "check")][-2:]
    assert (run["kind"], check["kind"], check["status"]) == ("run", "check", "succeeded")
    assert run["parts"][0]["census"]["consistency"] == "snapshot"


def test_no_process_ever_had_it_in_its_command_line_or_environment(watched: tuple[Watch, list[Played], int]) -> None:
    assert watched[0].seen == {CONTROL}


def test_ansible_never_shows_it(watched: tuple[Watch, list[Played], int]) -> None:
    assert [SENTINEL in played.output for played in watched[1]] == [False] * 5


@pytest.mark.usefixtures("watched")
def test_it_is_in_no_record_of_the_server() -> None:
    web = RUNNER.get_host("web.kota.example")
    journal = web.check_output("journalctl --no-pager --output=cat")
    assert "diskominfo-backup-daily.service" in journal
    assert SENTINEL not in journal
    assert web.run(f"grep -r -l -F -e {SENTINEL} {ELSEWHERE}").stdout == ""


@pytest.mark.usefixtures("watched")
def test_it_is_in_no_record_of_the_control_node(fleet: Fleet) -> None:
    folders = [fleet.evidence, fleet.inventory.parent, Path.home() / ".ansible", Path("/tmp")]
    found = subprocess.run(
        ["grep", "-r", "-l", "-F", "-s", "-e", SENTINEL, *map(str, folders)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    ).stdout
    assert not found
