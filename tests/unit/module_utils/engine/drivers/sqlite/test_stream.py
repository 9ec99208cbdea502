"""The bytes of a database say themselves how many they should be."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.sqlite.stream import (
    DatabaseReading,
    DatabaseSink,
    Shape,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RestoreFailed, StoredDamaged


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    with closing(sqlite3.connect(tmp_path / "made.db")) as connection:
        connection.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (randomblob(20000))")
    return (tmp_path / "made.db").read_bytes()


def find_fault(content: bytes) -> str:
    shape = Shape()
    shape.take(memoryview(content))
    return shape.find_fault()


def test_a_whole_database_has_no_fault(content: bytes) -> None:
    assert find_fault(content) == ""


@pytest.mark.parametrize("size", [0, 1, 15, 16, 30, 99, 100, 4096, 20000])
def test_less_than_the_header_promises_is_a_fault(content: bytes, size: int) -> None:
    assert find_fault(content[:size])


def test_more_than_the_header_promises_is_a_fault(content: bytes) -> None:
    assert f"{len(content)}" in find_fault(content + b"\0")


def test_a_page_of_64_kib_is_written_as_one(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "large.db")) as connection:
        connection.executescript("PRAGMA page_size=65536; CREATE TABLE t (x)")
    assert find_fault((tmp_path / "large.db").read_bytes()) == ""


def test_what_begins_otherwise_is_refused_at_its_first_bytes(tmp_path: Path) -> None:
    sink = DatabaseSink(tmp_path / "app.db")
    sink.take(memoryview(b"SQLite for"))
    with pytest.raises(RestoreFailed, match=r"app\.db did not restore"):
        sink.take(memoryview(b"malities"))
    sink.close()


def test_a_reading_names_what_is_wrong(content: bytes) -> None:
    reading = DatabaseReading()
    reading.take(memoryview(content)[:-1])
    with pytest.raises(StoredDamaged, match="its header says"):
        reading.finish()


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / "app.db").symlink_to(tmp_path / "victim")
    with pytest.raises(RestoreFailed, match="File exists"):
        DatabaseSink(tmp_path / "app.db")
    assert (tmp_path / "victim").read_bytes() == b"precious"


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(RestoreFailed, match="No such file"):
        DatabaseSink(tmp_path / "gone" / os.fsdecode("app.db"))
