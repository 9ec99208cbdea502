from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.office import Office


def test_a_database_becomes_a_finished_file(office: Office, tmp_path: Path) -> None:
    result = use("dump", path=str(office.database()), dest=str(tmp_path / "out"), compression="gzip")
    path = Path(result["path"])
    assert (result["changed"], path.stat().st_size) == (True, result["size_bytes"])
    assert path.is_relative_to(tmp_path / "out" / "store" / "app" / result["run_id"])
    gzip = shutil.which("gzip") or "gzip"
    content = subprocess.run([gzip, "-dc", str(path)], capture_output=True, check=True).stdout
    assert content.startswith(b"SQLite format 3\0")
    assert result["receipt"]["parts"][0]["census"]["rows"]["layanan"] == 100


def test_check_mode_probes_and_leaves_nothing(office: Office, tmp_path: Path) -> None:
    result = use("dump", check_mode=True, path=str(office.database()), dest=str(tmp_path / "out"))
    assert (result["changed"], result["findings"]) == (True, [])
    assert not (tmp_path / "out").exists()


def test_a_missing_database_fails_and_creates_none(tmp_path: Path) -> None:
    missing = tmp_path / "typo.db"
    for check_mode in (True, False):
        result = use("dump", check_mode=check_mode, path=str(missing), dest=str(tmp_path / "out"))
        assert (result["failed"], result["slug"]) == (True, "source_missing")
    assert not missing.exists()


def test_what_cannot_be_a_name_or_a_limit_is_told_at_once(office: Office, tmp_path: Path) -> None:
    result = use(
        "dump", path=str(office.database()), dest=str(tmp_path / "out"), application="No Name", time_limit="soon"
    )
    assert (result["failed"], result["slug"]) == (True, "configuration")
    assert "No Name" in result["msg"]
    assert "soon" in result["msg"]
