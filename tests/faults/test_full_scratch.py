"""A throwaway place without room makes a check fail, but never calls a sound backup damaged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.tests.office import COLLECTIONS, Office

SCENE = """
import json, subprocess, sys
from pathlib import Path
from ansible_collections.diskominfo.backup.tests.office import Office

office = Office(Path(sys.argv[1]))
office.applications = json.loads(sys.argv[3])
scratch = office.state / "scratch"
scratch.mkdir()
subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={sys.argv[2]}k", "none", str(scratch)], check=True)
full = office.call("check", "--runs", "latest")
subprocess.run(["umount", str(scratch)], check=True)
print(json.dumps([full.receipt, office.call("list").data, office.call("check", "--runs", "latest").status]))
"""


def play_scene(tmp_path: Path, size_kb: int, prepare: str = "") -> list[Any]:
    office = Office(tmp_path)
    office.add_application()
    (office.site() / "film.bin").write_bytes(os.urandom(3_000_000))
    assert office.call("run").status == 0
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    argv = [
        *unshare,
        sys.executable,
        "-c",
        prepare + SCENE,
        str(tmp_path),
        str(size_kb),
        json.dumps(office.applications),
    ]
    environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}
    ended = subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return list(json.loads(ended.stdout.splitlines()[-1]))


BELIEVE_THERE_IS_ROOM = """
from ansible_collections.diskominfo.backup.plugins.module_utils.engine import retrieval
measure, first = retrieval.free_bytes, []
def believe(path):
    first.append(path)
    return 10**12 if first.count(path) == 1 else measure(path)
retrieval.free_bytes = believe
"""


@pytest.mark.parametrize("prepare", ["", BELIEVE_THERE_IS_ROOM], ids=["told before", "found on the way"])
def test_a_full_scratch_is_not_damage(tmp_path: Path, prepare: str) -> None:
    receipt, listed, later = play_scene(tmp_path, 2000, prepare)

    assert receipt["failure"]["slug"] == "store_full"
    assert [part["level"] for part in receipt["parts"]] == ["compared", "written"]
    assert listed["runs"][0]["level"] == "written"
    assert later == 0
