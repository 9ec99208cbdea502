from __future__ import annotations

import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery import base, trees
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.base import Files, Finds
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.discovered import SqliteFile, Tree
from ansible_collections.diskominfo.backup.tests.records import NOON


def write(path: Path, data: bytes, age: timedelta = timedelta(hours=1)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    moment = (NOON - age).timestamp()
    os.utime(path, (moment, moment))
    return path


def measure(place: Path, *roots: str, is_over: bool = False) -> Finds:
    finds = Finds()
    trees.measure_trees(Files(str(place)), roots, NOON, lambda: is_over, finds)
    return finds


def test_files_are_counted_and_what_is_new_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a/index.php", b"x" * 10, timedelta(days=30))
    write(tmp_path / "a/storage/app/surat.pdf", b"x" * 500)
    write(tmp_path / "a/node_modules/x.js", b"x")
    (tmp_path / "a/link").symlink_to("/etc/passwd")
    os.utime(tmp_path / "a/link", (0, 0), follow_symlinks=False)
    (tree,) = measure(tmp_path, "/a", "/nowhere").get("trees")
    assert tree == Tree("/a", 510 + len("/etc/passwd"), 3, 1, "2026-11-22T11:00:00Z")


def test_a_root_within_a_root_is_counted_by_itself_only(tmp_path: Path) -> None:
    write(tmp_path / "html/index.php", b"1")
    write(tmp_path / "html/app/index.php", b"22")
    found = measure(tmp_path, "/html/app", "/html", "/html").get("trees")
    assert [(tree.path, tree.files, tree.size_bytes) for tree in found] == [("/html", 1, 1), ("/html/app", 1, 2)]


def test_sqlite_is_known_by_its_first_bytes_whatever_its_name(tmp_path: Path) -> None:
    database = tmp_path / "a/data/agenda.dat"
    database.parent.mkdir(parents=True)
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    write(database, database.read_bytes())
    write(tmp_path / "a/notes.sqlite", b"x" * 1024)
    write(tmp_path / "a/short.db", trees.MAGIC)
    os.mkfifo(tmp_path / "a/pipe.db")
    found = measure(tmp_path, "/a").get("sqlite_files")
    assert found == [SqliteFile("/a/data/agenda.dat", "/a", database.stat().st_size, "2026-11-22T11:00:00Z")]


def test_what_could_not_be_counted_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a/x", b"1")
    assert measure(tmp_path, "/a", is_over=True).get("trees") == [Tree("/a", is_cut=True)]
    (tmp_path / "a/b").mkdir()
    monkeypatch.setattr(trees, "FILES_LIMIT", 0)
    (tree,) = measure(tmp_path, "/a").get("trees")
    assert (tree.files, tree.is_cut) == (1, True)

    monkeypatch.setattr(base, "ENTRIES_LIMIT", 1)
    monkeypatch.setattr(trees, "FILES_LIMIT", 9)
    assert measure(tmp_path, "/a").get("trees")[0].is_cut

    class Refusing(Files):
        def entries(self, folder: str) -> list[os.DirEntry[str]]:
            raise base.Unfit(f"Permission denied: {folder}")

    finds = Finds()
    trees.measure_trees(Refusing(str(tmp_path)), ["/a"], NOON, lambda: False, finds)
    assert finds.get("trees") == [Tree("/a", is_cut=True)]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-1e18, "1970-01-01T00:00:00Z"), (1e18, "2200-01-01T00:00:00Z"), (0.9, "1970-01-01T00:00:00Z")],
)
def test_a_time_that_no_calendar_holds_is_cut(seconds: float, expected: str) -> None:
    assert trees.format_moment(seconds) == expected
