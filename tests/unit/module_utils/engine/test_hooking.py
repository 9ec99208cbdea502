"""Commands of the office before and after an act, each a script that tells what it was given."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import run
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import NotRecorded
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.hooks import hide_secrets
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.lock import hold, read_boot_id
from ansible_collections.diskominfo.backup.tests.office import Office


class Diary:
    """Scripts that write down that they were called; `entries` are lines of hook, status and failure."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.path = office.root / "diary"

    def make(self, name: str, *lines: str, limit: str = "60s") -> None:
        script = self.office.root / f"{name}.sh"
        entry = f'echo "$BACKUP_HOOK|$BACKUP_STATUS|$BACKUP_FAILURE" >> "{self.path}"'
        script.write_text("\n".join(["#!/bin/sh", entry, *lines, ""]))
        script.chmod(0o700)
        self.set(name, {"argv": str(script), "time_limit": limit})

    def set(self, name: str, hook: Any) -> None:
        self.office.applications[0].setdefault("hooks", {})[name] = hook

    @property
    def entries(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []


@pytest.fixture
def diary(office: Office) -> Diary:
    return Diary(office)


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_each_act_has_its_two_hooks_and_the_receipt_tells_of_them(office: Office, diary: Diary) -> None:
    for kind in ("run", "check", "restore"):
        diary.make(f"before_{kind}", "echo stopped")
        diary.make(f"after_{kind}", "echo started >&2")

    for words in (["run"], ["check", "--runs", "latest"], ["restore", "sippn", "--target", str(office.root / "new")]):
        assert office.call(*words).status == 0

    kinds = ("run", "check", "restore")
    assert diary.entries == [line for kind in kinds for line in (f"before_{kind}||", f"after_{kind}|succeeded|")]
    for receipt in office.receipts_of():
        told = [(hook["name"], hook["status"], hook["output_tail"]) for hook in receipt["hooks"]]
        kind = receipt["kind"]
        assert told == [(f"before_{kind}", 0, "stopped\n"), (f"after_{kind}", 0, "started\n")]


def test_a_hook_is_told_what_it_is_called_for_and_nothing_else(office: Office, diary: Diary) -> None:
    diary.set("after_check", ["env"])
    run = office.call("run").receipt["id"]

    check = office.call("check", "--runs", "latest").receipt

    told = dict(line.split("=", 1) for line in check["hooks"][0]["output_tail"].splitlines())
    assert told == {
        "PATH": told["PATH"],
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "TZ": "UTC",
        "BACKUP_ACT": "check",
        "BACKUP_APPLICATION": "sippn",
        "BACKUP_FAILURE": "",
        "BACKUP_HOOK": "after_check",
        "BACKUP_ID": check["id"],
        "BACKUP_RUN_ID": run,
        "BACKUP_SERVER": "web",
        "BACKUP_STATUS": "succeeded",
    }


def test_a_hook_that_says_no_fails_its_application_only_and_the_one_after_still_comes(
    office: Office, diary: Diary
) -> None:
    office.add_application("arsip")
    diary.make("before_run", "echo the mill is grinding", "exit 3")
    diary.make("after_run")

    answer = office.call("run")

    assert answer.status == 1
    failed, other = answer.receipts
    assert (failed["failure"]["slug"], other["status"]) == ("hook_failed", "succeeded")
    assert failed["failure"]["message"] == "hook before_run ended with status 3: the mill is grinding"
    assert "parts" not in failed
    assert diary.entries == ["before_run||", "after_run|failed|hook_failed"]
    assert office.stored_runs() == []


def test_a_hook_that_fails_afterwards_is_a_warning_for_the_backup_is_good(office: Office, diary: Diary) -> None:
    diary.make("after_run", "kill -TERM $$")

    receipt = office.call("run").receipt

    assert receipt["status"] == "succeeded"
    (warning,) = receipt["warnings"]
    assert warning.startswith("hook after_run ended with status -15: it said nothing; see 'hooks'")
    assert len(office.stored_runs()) == 1


def test_a_hook_that_cannot_be_started_is_named(office: Office, diary: Diary) -> None:
    diary.set("before_run", ["no-such-program"])

    receipt = office.call("run").receipt

    assert receipt["failure"]["slug"] == "tool_missing"
    findings = office.call("probe").data["findings"]
    assert [(item["slug"], item["subject"]) for item in findings] == [("tool_missing", "sippn: before_run")]
    assert "no-such-program" in findings[0]["message"]


def test_a_hook_is_ended_at_its_limit_with_all_that_it_began(office: Office, diary: Diary) -> None:
    diary.make("before_run", "sleep 600 & echo $! > " + str(office.root / "child"), "wait", limit="0.5s")
    diary.make("after_run")

    receipt = office.call("run").receipt

    assert receipt["failure"]["slug"] == "hook_failed"
    assert "took longer than" in receipt["failure"]["message"]
    assert receipt["hooks"][0]["status"] == -9
    assert diary.entries[-1] == "after_run|failed|hook_failed"
    child = (office.root / "child").read_text().strip()
    assert not os.path.exists(f"/proc/{child}") or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]


def test_the_one_after_comes_when_the_time_of_the_application_is_over(office: Office, diary: Diary) -> None:
    office.applications[0]["time_limit"] = "0.5s"
    diary.make("before_run", "sleep 600")
    diary.make("after_run")

    receipt = office.call("run").receipt

    assert receipt["failure"]["slug"] == "hook_failed"
    assert diary.entries == ["before_run||", "after_run|failed|hook_failed"]


def test_the_one_after_comes_when_a_signal_ends_the_run(office: Office, diary: Diary) -> None:
    begun = office.root / "begun"
    diary.make("before_run", f"touch {begun}", "sleep 600", limit="1h")
    diary.make("after_run", limit="1h")
    process = office.start("run")
    wait_for(begun)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)

    assert process.returncode == 143
    (receipt,) = office.receipts_of()
    assert receipt["failure"]["slug"] == "interrupted"
    assert diary.entries == ["before_run||", "after_run|failed|interrupted"]
    assert [hook["name"] for hook in receipt["hooks"]] == ["before_run", "after_run"]


def test_the_one_after_comes_at_the_next_start_when_the_run_died(office: Office, diary: Diary) -> None:
    diary.make("after_run")
    note = {"id": "20261121T150000Z-00000001", "kind": "run", "began": "2026-11-21T15:00:00Z", "pid": 1}
    with hold(office.state / "locks" / "sippn.lock", "sippn", 0) as held:
        held.note({**note, "boot_id": read_boot_id(), "run_id": ""})

    office.call("run")

    assert diary.entries == ["after_run|failed|interrupted", "after_run|succeeded|"]
    assert [hook["name"] for hook in office.receipts_of()[0]["hooks"]] == ["after_run"]


def test_the_one_after_comes_when_nothing_can_be_recorded(
    office: Office, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise NotRecorded.unwritable("receipts", "no space left")

    diary.make("after_run")
    monkeypatch.setattr(run, "guard_sources", refuse)

    assert office.call("run").status == 3
    assert diary.entries == ["after_run|failed|not_recorded"]


def test_an_act_that_had_to_wait_in_vain_calls_no_hook(office: Office, diary: Diary) -> None:
    office.settings["lock_wait"] = "0.1s"
    diary.make("before_run")
    diary.make("after_run")
    with hold(office.state / "locks" / "sippn.lock", "sippn", 0):
        assert office.call("run").receipt["failure"]["slug"] == "busy"

    assert diary.entries == []


def test_what_a_hook_says_comes_into_the_receipt_without_secrets(office: Office, diary: Diary) -> None:
    password = office.root / "password"
    password.write_text("rahasia-7\n")
    password.chmod(0o600)
    databases = office.applications[0]["databases"]
    databases.append({"engine": "mysql", "name": "x", "host": "127.0.0.1", "port": 1, "password_file": str(password)})
    databases.append({"engine": "mysql", "name": "y", "host": "127.0.0.1", "port": 1, "password_file": "/nonexistent"})
    diary.set("before_run", ["echo", "rahasia-7", "token=abc"])

    receipt = office.call("run").receipt

    assert receipt["hooks"][0]["output_tail"] == "******** token=********\n"
    assert receipt["hooks"][0]["argv"][1:] == ["********", "token=********"]
    assert "rahasia-7" not in str(receipt)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("PASSWORD: 'a b' next", "PASSWORD: ******** next"),
        ('{"api_key": "abc", "n": 1}', '{"api_key": ********, "n": 1}'),
        ("mysql://app:abc@db/x", "mysql://app:********@db/x"),
        ("passed 3 tests", "passed 3 tests"),
    ],
)
def test_words_that_look_like_secrets_are_hidden(text: str, told: str) -> None:
    assert hide_secrets(text) == told


def test_output_without_end_is_cut(office: Office, diary: Diary) -> None:
    diary.set("before_run", ["seq", "100000"])

    tail = office.call("run").receipt["hooks"][0]["output_tail"]

    assert len(tail) <= 4000
    assert tail.endswith("99999\n100000\n")


def test_no_shell_reads_a_hook(office: Office, diary: Diary) -> None:
    diary.set("before_run", ["echo", "$HOME; touch " + str(office.root / "made")])

    assert office.call("run").receipt["hooks"][0]["output_tail"].startswith("$HOME; touch")
    assert not (office.root / "made").exists()
