"""The file that Ansible installs works on old and new Pythons, with no Ansible anywhere near."""

from __future__ import annotations

import contextlib
import filecmp
import json
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.tests.interpreters import find_interpreter
from ansible_collections.diskominfo.backup.tests.office import CHECKOUT, Office


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runner as the module installs it."""
    path = tmp_path_factory.mktemp("bin") / "diskominfo-backup"
    command = ["ansible", "localhost", "-m", "diskominfo.backup.runner", "-a", f"path={path}"]
    interpreter = ["-e", "ansible_python_interpreter={{ ansible_playbook_python }}"]
    subprocess.run([*command, *interpreter], cwd=CHECKOUT, check=True, capture_output=True)
    return path


def call(python: Path, runner: Path, office: Office, word: str, *words: str) -> tuple[int, str]:
    """One use of the command in an empty environment."""
    argv = [str(python), "-I", str(runner), word, "--config", str(office.write_config()), *words]
    ended = subprocess.run(argv, env={"LC_ALL": "C"}, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stdout


@pytest.mark.parametrize("version", ["3.9", "3.13"])
def test_the_installed_runner_does_its_work_on_this_python(runner: Path, version: str, tmp_path: Path) -> None:
    python = find_interpreter(version)
    office = Office(tmp_path)
    office.add_application()

    assert call(python, runner, office, "run")[0] == 0
    assert call(python, runner, office, "check")[0] == 0
    status, listed = call(python, runner, office, "list", "--json")
    assert (status, json.loads(listed)["runs"][0]["level"]) == (0, "compared")
    assert call(python, runner, office, "restore", "sippn", "--target", str(tmp_path / "restored"))[0] == 0
    restored = tmp_path / "restored" / "source-site" / "site"
    assert not filecmp.dircmp(office.site(), restored).diff_files
    assert call(python, runner, office, "report")[0] == 0
    assert call(python, runner, office, "prune")[0] == 0
    office.database().unlink()
    assert call(python, runner, office, "run")[0] == 1
    receipt = office.receipts_of()[0]
    version_told = json.loads(call(python, runner, office, "version", "--json")[1])
    assert receipt["runner"]["sha256"] == version_told["sha256"]
    assert receipt["host"]["python"].startswith(version + ".")


def test_the_runner_is_a_command_of_its_own(runner: Path) -> None:
    assert os.access(runner, os.X_OK)
    told = subprocess.run([runner, "--help"], capture_output=True, text=True, check=True, timeout=20).stdout
    assert "exit status" in told


def test_artifacts_come_back_by_standard_tools_alone(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.add_application()
    odd = os.fsencode(office.site()) + b"/nama \xff\xfe.txt"
    with open(odd, "wb") as stream:
        stream.write(b"nama yang bukan UTF-8\n")
    assert office.call("run").status == 0
    (run,) = office.stored_runs()
    target = tmp_path / "by hand"
    (target / "site").mkdir(parents=True)
    script = """
        set -eu
        cd "$1"
        sha256sum --check --strict --quiet SHA256SUMS
        zstd -dcq database-app.db.sqlite.zst > "$2/app.db"
        zstd -dcq source-site.tar.zst | tar --extract --acls --xattrs --file=- --directory="$2/site"
        test "$(sqlite3 "$2/app.db" 'PRAGMA integrity_check')" = ok
        sqlite3 "$2/app.db" .dump > "$2/restored.sql"
        sqlite3 "$3" .dump > "$2/source.sql"
        cmp "$2/restored.sql" "$2/source.sql"
        diff --recursive --no-dereference "$4" "$2/site"
    """
    argv = ["sh", "-c", script, "sh", *map(str, (run, target, office.database(), office.site()))]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_application_notices_nothing(tmp_path: Path) -> None:
    """A database in WAL mode, busy and idle: its folder lists the same before and after."""
    office = Office(tmp_path)
    office.add_application()
    folder = office.database().parent
    with contextlib.closing(sqlite3.connect(office.database())) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("INSERT INTO layanan (nama) VALUES ('baru')")
        connection.commit()
        busy = sorted(path.name for path in folder.iterdir())
        assert office.call("run").receipt["parts"][0]["census"]["rows"]["layanan"] == 101
        assert sorted(path.name for path in folder.iterdir()) == busy
    idle = sorted(path.name for path in folder.iterdir())
    assert idle == ["app.db"]
    assert office.call("run").status == 0
    assert sorted(path.name for path in folder.iterdir()) == idle
    shutil.rmtree(folder)
