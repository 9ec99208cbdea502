"""A run that is killed at any moment leaves a whole backup or none, and the next start makes everything good."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.tests.office import Office

MOMENTS = 10

SLOW = {"method": "zstd", "level": 19}
"""So that a run is in its middle whenever somebody comes, also on a machine with much else to do."""


@pytest.fixture
def large_office(tmp_path: Path) -> Office:
    """An office whose run takes long enough to be killed in the middle of each of its steps."""
    office = Office(tmp_path)
    office.add_application("sippn", rows=60_000, files=400)
    (office.site() / "video.bin").write_bytes(random.Random(7).randbytes(30_000_000) * 10)
    return office


def measure_run(office: Office) -> float:
    began = time.monotonic()
    assert office.run("run").status == 0
    return time.monotonic() - began


def kill_after(office: Office, delay_s: float) -> None:
    process = office.start("run")
    time.sleep(delay_s)
    process.kill()
    process.communicate()


def assert_every_stored_run_is_whole(office: Office) -> None:
    for run in office.stored_runs():
        assert (run / "receipt.json").is_file()
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=run, check=True)
        assert json.loads((run / "receipt.json").read_bytes())["status"] == "succeeded"


def test_killed_at_ten_random_moments(large_office: Office) -> None:
    whole_s = measure_run(large_office)
    first = large_office.stored_runs()[0]
    moments = random.Random(20261122)
    for _unused in range(MOMENTS):
        kill_after(large_office, moments.uniform(0.05, whole_s * 1.05))
        assert_every_stored_run_is_whole(large_office)
        assert first.is_dir(), "an earlier backup was lost"

    last = large_office.call("run")

    assert last.status == 0
    assert large_office.leftovers() == []
    assert_every_stored_run_is_whole(large_office)
    stored = {run.name for run in large_office.stored_runs()}
    receipts = large_office.receipts_of()
    succeeded = {receipt["id"] for receipt in receipts if receipt["status"] == "succeeded"}
    assert stored == succeeded, "the records and the store tell the same"
    slugs = {receipt["failure"]["slug"] for receipt in receipts if receipt["status"] == "failed"}
    assert slugs <= {"interrupted"}
    checked = large_office.call("check", "--runs", "all")
    assert checked.status == 0


def test_a_kill_in_the_middle_is_told_at_the_next_start(large_office: Office) -> None:
    large_office.settings["compression"] = SLOW
    process = large_office.start("run")
    wait_for(lambda: any((large_office.store / ".partial").rglob("*.zst")))
    process.kill()
    process.communicate()
    assert large_office.stored_runs() == []

    del large_office.settings["compression"]
    large_office.call("run")

    interrupted, succeeded = large_office.receipts_of()
    assert interrupted["failure"]["slug"] == "interrupted"
    assert "its process died" in interrupted["failure"]["message"]
    assert succeeded["status"] == "succeeded"
    assert succeeded["previous"], "both are links of one chain"
    assert large_office.leftovers() == []


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_run_in_good_order(large_office: Office, number: int, status: int) -> None:
    large_office.settings["compression"] = SLOW
    process = large_office.start("run", start_new_session=True)
    wait_for(lambda: any((large_office.store / ".partial").rglob("*.zst")))
    process.send_signal(number)
    stdout, _unused = process.communicate(timeout=20)

    assert process.returncode == status
    (receipt,) = json.loads(stdout)["receipts"]
    assert receipt["failure"]["slug"] == "interrupted"
    assert large_office.stored_runs() == []
    assert large_office.leftovers() == []
    assert survivors_of(process.pid) == []


def test_a_time_limit_ends_the_run_and_its_processes(large_office: Office) -> None:
    large_office.applications[0]["time_limit"] = 0.1
    began = time.monotonic()

    answer = large_office.run("run", start_new_session=True)

    assert time.monotonic() - began < 20
    assert answer.status == 1
    assert answer.receipt["failure"]["slug"] == "time_limit"
    assert large_office.stored_runs() == []
    assert large_office.leftovers() == []


def test_a_second_run_at_the_same_time_is_refused_and_recorded(large_office: Office) -> None:
    large_office.settings["lock_wait"] = "1s"
    first = large_office.start("run")
    wait_for(lambda: any((large_office.store / ".partial").rglob("*.zst")))
    os.kill(first.pid, signal.SIGSTOP)
    try:
        second = large_office.run("run")
    finally:
        os.kill(first.pid, signal.SIGCONT)
    first.communicate(timeout=60)

    assert second.status == 1
    assert second.receipt["failure"]["slug"] == "busy"
    assert str(first.pid) in second.receipt["failure"]["message"]
    assert first.returncode == 0, "the first run was not disturbed"
    busy_and_done = {(receipt["status"], bool(receipt.get("failure"))) for receipt in large_office.receipts_of()}
    assert busy_and_done == {("failed", True), ("succeeded", False)}
    assert_every_stored_run_is_whole(large_office)


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.005)


def survivors_of(session: int) -> list[str]:
    """Commands of processes that belong to the session still, by their parents' session id."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                found.append((folder / "cmdline").read_text())
        except (OSError, IndexError):
            continue
    return found
