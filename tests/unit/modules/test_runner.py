from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.bundle import build_runner
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.version import VERSION
from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.office import Office


def install(path: Path, **options: Any) -> dict[str, Any]:
    return use("runner", path=str(path), interpreter=sys.executable, **options)


def call(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(path), *words], capture_output=True, text=True, check=False)


def test_the_installed_command_tells_its_version_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "bin" / "diskominfo-backup"
    result = install(path)
    assert result["changed"]
    told = json.loads(call(path, "version", "--json").stdout)
    assert told == {"version": VERSION, "sha256": result["sha256"]}
    assert result["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert os.listdir(path.parent) == ["diskominfo-backup"]


def test_the_second_time_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / "diskominfo-backup"
    install(path)
    before = path.stat()
    assert not install(path)["changed"]
    assert path.stat().st_ino == before.st_ino


def test_the_command_backs_up_without_ansible_and_its_receipt_names_it(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "diskominfo-backup"
    sha256 = install(path)["sha256"]
    done = call(path, "run", "--config", str(office.write_config()))
    assert done.returncode == 0, done.stderr
    (receipt,) = office.receipts_of()
    assert (receipt["runner"]["sha256"], receipt["trigger"]) == (sha256, "command")


def test_the_same_engine_gives_the_same_bytes() -> None:
    assert build_runner("/usr/bin/python3") == build_runner("/usr/bin/python3")


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    result = install(tmp_path / "diskominfo-backup", check_mode=True)
    assert result["changed"]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_run_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "diskominfo-backup"
    path.write_text("#!/bin/sh\n")
    assert install(path)["changed"]
    path.chmod(0o644)
    assert install(path)["changed"]
    assert call(path, "version").returncode == 0


@pytest.mark.parametrize("interpreter", ["/bin/false", "/bin/true"])
def test_a_command_that_does_not_start_takes_no_place(tmp_path: Path, interpreter: str) -> None:
    path = tmp_path / "diskominfo-backup"
    path.write_text("the one before")
    result = use("runner", path=str(path), interpreter=interpreter)
    assert (result["failed"], result["slug"]) == (True, "runner_refused")
    assert path.read_text() == "the one before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = install(tmp_path / "file" / "diskominfo-backup")
    assert (result["failed"], result["slug"]) == (True, "runner_refused")
