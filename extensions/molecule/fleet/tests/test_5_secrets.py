"""A password is where it has to be, and nowhere else: not while it is used, not when a task fails."""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
import time
from pathlib import Path

import pytest
import testinfra.utils.ansible_runner

RUNNER = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"])
SENTINEL = f"Rahasia-{secrets.token_hex(12)}"
FILE = "/etc/diskominfo-backup/credentials/portal"
APPLICATION = {
    "name": "portal",
    "databases": [{"engine": "mysql", "name": "portal", "host": "127.0.0.1", "user": "backup", "password_file": FILE}],
    "sources": [{"path": "/var/www/portal"}],
}
GIVEN = {"backup_applications": [APPLICATION], "backup_passwords": {"portal": SENTINEL}}
ELSEWHERE = "/etc /var/log /var/lib/diskominfo-backup /root /tmp /run /home"


class Watch:
    """Looks at the command lines and environments of all processes of the machine, those of containers too."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.rounds = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        own = str(os.getpid())
        while not self._over.wait(0.01):
            self.rounds += 1
            for process in filter(str.isdigit, os.listdir("/proc")):
                for name in ("cmdline", "environ"):
                    try:
                        content = Path("/proc", process, name).read_bytes()
                    except OSError:
                        continue
                    if SENTINEL.encode() in content and process != own:
                        self.seen.add(f"{name} of {content[:80]!r}")


@pytest.fixture(scope="module")
def watched(fleet):
    """What was played with a password, as loud as Ansible can be: it is set, used, and fails to be set."""
    web = RUNNER.get_host("web.kota.example")
    loud = ("-vvv", "--diff", "--limit", "web.kota.example")
    with Watch() as watch:
        played = [fleet.play("schedule", "--check", *loud, **GIVEN), fleet.play("schedule", *loud, **GIVEN)]
        assert played[-1].status == 0
        mode = web.file(FILE).mode
        played.append(fleet.play("backup", *loud, **GIVEN))
        web.run("timeout 120 systemctl start diskominfo-backup-daily.service")
        web.check_output(f"rm {FILE} && mkdir -p {FILE}/in_the_way")
        played.append(fleet.play("schedule", *loud, **GIVEN))
        assert played[-1].status != 0
    (fleet.inventory.parent / "variables.json").unlink()
    web.check_output(f"rmdir {FILE}/in_the_way {FILE}")
    time.sleep(0)
    return watch, played, mode


def test_only_root_reads_the_file(watched):
    assert watched[2] == 0o600


def test_no_process_ever_had_it_in_its_command_line_or_environment(watched):
    watch = watched[0]
    assert watch.rounds > 100
    assert not watch.seen


def test_ansible_never_shows_it(watched):
    assert [SENTINEL in played.output for played in watched[1]] == [False] * 4


def test_it_is_in_no_record_of_the_server(watched):
    web = RUNNER.get_host("web.kota.example")
    assert SENTINEL not in web.check_output("journalctl --no-pager --output=export | strings -n 6 || true")
    assert web.run(f"grep -r -l -F -e {SENTINEL} {ELSEWHERE}").stdout == ""


def test_it_is_in_no_record_of_the_control_node(fleet, watched):
    folders = [fleet.evidence, fleet.inventory.parent, Path.home() / ".ansible", Path("/tmp")]
    found = subprocess.run(
        ["grep", "-r", "-l", "-F", "-s", "-e", SENTINEL, *map(str, folders)], stdout=subprocess.PIPE, text=True
    ).stdout
    assert not found
