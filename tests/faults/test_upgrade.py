"""The command is replaced while it works: whoever works goes on as what began, whoever begins is the new one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.bundle import build_runner, install_runner
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Supervisor
from ansible_collections.diskominfo.backup.tests.office import Office

LIMIT_S = 120


def install(path: Path, comment: str = "") -> str:
    """Installs the command as the module does, another one for each comment; its sha256."""
    interpreter = sys.executable
    bundle = build_runner(interpreter)
    if comment:
        # What is before a zip archive moves everything in it: nothing of the old one is where it was.
        first, _end, rest = bundle.data.partition(b"\n")
        bundle = bundle.__class__(first + b"\n" + f"# {comment}\n".encode() * 500 + rest, bundle.version)
    install_runner(bundle, path, interpreter, Supervisor())
    return bundle.sha256


def start(office: Office, path: Path, *words: str) -> subprocess.Popen[str]:
    argv = [str(path), "night", "--config", str(office.write_config()), "--json", "--quiet", *words]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    stdout, stderr = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, stderr
    return dict(json.loads(stdout))


def test_an_upgrade_in_the_middle_of_a_night_loses_nothing(office: Office, tmp_path: Path) -> None:
    path, gate = tmp_path / "diskominfo-backup", tmp_path / "gate"
    os.mkfifo(gate)
    office.applications[0]["hooks"] = {"before_run": ["/bin/sh", "-c", f"echo waiting >{gate}; cat {gate}"]}
    old = install(path)
    process = start(office, path)
    assert gate.read_text() == "waiting\n"
    new = install(path, "the next version")
    assert new != old
    gate.write_text("go on\n")

    receipts = finish(process)["receipts"]
    assert [(one["kind"], one["status"]) for one in receipts] == [
        ("run", "succeeded"),
        ("check", "succeeded"),
        ("prune", "succeeded"),
    ]
    assert {one["runner"]["sha256"] for one in receipts} == {old}

    del office.applications[0]["hooks"]
    assert {one["runner"]["sha256"] for one in finish(start(office, path))["receipts"]} == {new}


def test_whoever_begins_between_two_upgrades_is_one_of_them(tmp_path: Path) -> None:
    path = tmp_path / "diskominfo-backup"
    installed, begun = [install(path)], []
    for number in range(6):
        argv = [str(path), "version", "--json"]
        begun.append(subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        installed.append(install(path, f"version {number}"))
    for process in begun:
        assert finish(process)["sha256"] in installed
