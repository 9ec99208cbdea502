"""A play that is cancelled leaves no work on its servers, and a record of each that it had begun."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from ansible_collections.diskominfo.backup.tests.office import Office
from ansible_collections.diskominfo.backup.tests.playing import ANSIBLE_PLAYBOOK, CHECKOUT

PATIENCE_S = 200


def write_play(office: Office, word: str) -> list[str]:
    """A play of one server whose work begins with a hook that waits for ever, and the command that plays it."""
    begun = office.root / "begun"
    wait = f"echo $$ > {begun}.new; mv {begun}.new {begun}; exec sleep 3600"
    office.applications[0]["hooks"] = {f"before_{word}": {"argv": ["sh", "-c", wait], "time_limit": "1h"}}
    task = {f"diskominfo.backup.{word}": {"config_path": str(office.write_config())}}
    task[f"diskominfo.backup.{word}"] |= {"runs": "latest"} if word == "check" else {}
    play = {"hosts": "all", "gather_facts": False, "tasks": [task]}
    (office.root / "play.yml").write_text(yaml.safe_dump([play]))
    inventory = {
        "all": {"hosts": {"web": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}}}
    }
    (office.root / "hosts.yml").write_text(yaml.safe_dump(inventory))
    return [str(ANSIBLE_PLAYBOOK), "-i", str(office.root / "hosts.yml"), str(office.root / "play.yml")]


def start_play(office: Office, argv: list[str]) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment |= {
        "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "collections"),
        "ANSIBLE_HOME": str(office.root / "ansible"),
        "ANSIBLE_REMOTE_TMP": str(office.root / "ansible" / "remote"),
        "LC_ALL": "C.UTF-8",
    }
    log = (office.root / "log").open("w")
    with log:
        return subprocess.Popen(
            argv, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, text=True, start_new_session=True
        )


def wait_for(is_so: Callable[[], bool], office: Office) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, (office.root / "log").read_text()
        time.sleep(0.05)


def find_processes(root: Path) -> list[str]:
    """The command lines that name the folder of this test."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        found += [line] if str(root) in line else []
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_cancelled_play_ends_its_work_on_the_server_and_says_what_was_kept(
    tmp_path: Path, number: signal.Signals
) -> None:
    office = Office(tmp_path)
    office.add_application()
    process = start_play(office, write_play(office, "run"))
    wait_for((tmp_path / "begun").exists, office)
    process.send_signal(number)
    process.wait(timeout=PATIENCE_S)
    wait_for(lambda: not find_processes(tmp_path), office)

    (receipt,) = office.receipts_of()
    assert receipt["failure"]["slug"] == "interrupted"
    log = (tmp_path / "log").read_text()
    assert "web: cancelled; ending its work on the server" in log
    assert "web: sippn: run interrupted: what was half done is removed; earlier backups stay" in log
    assert office.leftovers() == []
    assert list((tmp_path / "ansible" / "remote").rglob("progress.json*")) == []


def test_a_cancelled_check_is_recorded_as_well(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.add_application()
    run = office.call("run").receipt["id"]
    process = start_play(office, write_play(office, "check"))
    wait_for((tmp_path / "begun").exists, office)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=PATIENCE_S)
    wait_for(lambda: not find_processes(tmp_path), office)

    check = office.receipts_of()[-1]
    assert (check["kind"], check["run_id"], check["failure"]["slug"]) == ("check", run, "interrupted")
    assert json.loads((office.stored_runs()[0] / "receipt.json").read_bytes())["id"] == run
