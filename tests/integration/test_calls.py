"""How playbooks are called: several at once, by a part of them, and while the host of the evidence is down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from ansible_collections.diskominfo.backup.tests.playing import CHECKOUT, SILENT, Stage

PING = {"backup_delivery": [{"channel": "ping", "url": "http://127.0.0.1:1/uuid"}]}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage.make(tmp_path)


def find_stored(stage: Stage) -> set[str]:
    """The applications that have a run in the store of their server."""
    return {path.parent.name for path in (stage.root / "var/server").glob("*/store/[a-z]*/2*")}


def test_every_backup_runs_while_the_host_of_the_evidence_is_down(stage: Stage) -> None:
    hosts = stage.root / "inventories" / "demo" / "hosts.yml"
    inventory = yaml.safe_load(hosts.read_text())
    inventory["evidence"] = {"hosts": {"bukti": SILENT}}
    hosts.write_text(yaml.safe_dump(inventory))
    played = stage.play("backup", "-e", json.dumps({**PING, "backup_evidence_host": "bukti"}))
    assert played.status != 0
    assert find_stored(stage) == {"portal", "agenda", "perizinan", "arsip"}, played.output


def test_playbooks_may_follow_each_other_and_one_part_may_be_played_alone(stage: Stage) -> None:
    others = [str(CHECKOUT / "playbooks" / f"{name}.yml") for name in ("check", "copy", "report")]
    played = stage.play("backup", *others)
    assert played.status == 0, played.output
    assert {row["level"] for row in stage.rows().values()} == {"compared"}
    asked = stage.root / "asked"
    copies = {"backup_copies": [{"path": str(stage.root / "copies")}]}
    command = {"backup_copy_command": ["/bin/sh", "-c", f"touch '{asked}'; exit 1"]}
    played = stage.play("copy", "--tags", "copy", "-e", json.dumps({**copies, **command}))
    assert asked.exists(), played.output
    assert played.status != 0
