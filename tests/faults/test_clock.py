"""A server's clock jumps 400 days ahead and back: nothing is pruned by mistake, and the nights go on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.bundle import build_runner
from ansible_collections.diskominfo.backup.tests.office import Office

AHEAD = "+400d"


@pytest.fixture
def command(tmp_path: Path) -> Path:
    path = tmp_path / "diskominfo-backup"
    path.write_bytes(build_runner(sys.executable).data)
    path.chmod(0o755)
    return path


def spend_night(office: Office, command: Path, offset: str = "", *words: str) -> list[dict[str, Any]]:
    """The receipts of a night under a clock that is wrong by `offset`."""
    faked = ["faketime", "-f", offset] if offset else []
    argv = [*faked, str(command), "night", "--config", str(office.write_config()), "--json", "--quiet", *words]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
    assert ran.stdout, ran.stderr
    return list(json.loads(ran.stdout)["receipts"])


def tell(receipts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["kind"], one.get("failure", {}).get("slug", one["status"])) for one in receipts]


def test_a_clock_400_days_ahead_and_back_costs_no_backup(office: Office, command: Path) -> None:
    office.applications[0]["retention"] = {"daily": 2, "weekly": 0, "monthly": 0}
    for days_ago in (5, 4, 3, 2, 1):
        spend_night(office, command, f"-{days_ago}d")
    before = [run.name for run in office.stored_runs()]
    assert len(before) == 3, "two days by the retention, and the floor of proved ones"

    ahead = spend_night(office, command, AHEAD)
    assert tell(ahead)[0] == ("run", "succeeded")
    kept = {run.name for run in office.stored_runs()}
    assert len(kept) >= 3
    assert len(kept & {*before}) >= 2, "the jump alone made nothing old"

    back = spend_night(office, command)
    assert tell(back) == [("run", "succeeded"), ("check", "succeeded"), ("prune", "prune_refused")]
    assert kept < {run.name for run in office.stored_runs()}, "nothing goes while a run lies in the future"


def test_nights_of_cron_go_on_after_the_clock_is_right_again(office: Office, command: Path) -> None:
    now = datetime.now(timezone.utc)
    begins = f"{now - timedelta(minutes=2):%H:%M}"
    office.settings["schedule"] = {
        "zone": "UTC",
        "entries": [{"name": "daily", "applications": ["sippn"], "begins": begins}],
    }
    installed = (now - timedelta(hours=2)).timestamp()
    os.utime(office.write_config(), (installed, installed))

    assert tell(spend_night(office, command, AHEAD, "--due"))[0] == ("run", "succeeded")
    assert tell(spend_night(office, command, "", "--due"))[0] == ("run", "succeeded")
    assert spend_night(office, command, "", "--due") == []
    assert tell(spend_night(office, command, "+1d", "--due"))[0] == ("run", "succeeded")
