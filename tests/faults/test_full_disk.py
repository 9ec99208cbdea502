"""The disk of the store, or of the records, fills up: nothing looks finished, what was there stays, and it is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.tests.office import COLLECTIONS, Office

SCENE = """
import json, os, subprocess, sys
from pathlib import Path
from ansible_collections.diskominfo.backup.tests.office import Office

root, victim, size_kb = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
office = Office(root)
office.applications = json.loads(sys.argv[4])
mount = root / victim
mount.mkdir(exist_ok=True)
subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "none", str(mount)], check=True)
answers = []
for step in ("small", "large", "small"):
    film = office.site() / "film.bin"
    film.unlink(missing_ok=True)
    if step == "large":
        film.write_bytes(os.urandom(3_000_000))
        if victim == "state":
            ballast = os.open(mount / "ballast", os.O_WRONLY | os.O_CREAT)
            try:
                while True:
                    os.write(ballast, bytes(4096))
            except OSError:
                os.close(ballast)
    answer = office.call("run")
    answers.append({
        "status": answer.status,
        "stdout": answer.stdout,
        "stderr": answer.stderr,
        "runs": [run.name for run in office.stored_runs()],
        "leftovers": office.leftovers(),
    })
    if step == "large" and victim == "state":
        (mount / "ballast").unlink()
for run in office.stored_runs():
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=run, check=True)
print(json.dumps(answers))
"""


def play_scene(tmp_path: Path, victim: str, size_kb: int) -> list[dict[str, Any]]:
    """Three runs in a namespace of their own, where `victim` is a small file system; the second needs too much."""
    office = Office(tmp_path)
    office.add_application()
    argv = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    scene = [*argv, sys.executable, "-c", SCENE, str(tmp_path), victim, str(size_kb), json.dumps(office.applications)]
    environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}
    ended = subprocess.run(scene, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return list(json.loads(ended.stdout.splitlines()[-1]))


def test_a_full_store_fails_the_run_and_keeps_the_backups_before_it(tmp_path: Path) -> None:
    before, full, after = play_scene(tmp_path, "store", 2000)

    assert before["status"] == 0
    assert full["status"] == 1
    (receipt,) = json.loads(full["stdout"])["receipts"]
    assert receipt["failure"]["slug"] == "store_full"
    assert receipt["failure"]["hint"]
    assert full["runs"] == before["runs"]
    assert full["leftovers"] == []
    assert after["status"] == 0
    assert len(after["runs"]) == 2


def test_full_records_end_with_status_3_and_claim_nothing(tmp_path: Path) -> None:
    before, full, after = play_scene(tmp_path, "state", 1000)

    assert before["status"] == 0
    assert full["status"] == 3
    assert "cannot write the record" in full["stderr"]
    assert full["runs"][: len(before["runs"])] == before["runs"]
    assert after["status"] == 0
    assert after["leftovers"] == []
