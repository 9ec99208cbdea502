"""SQLite databases as applications leave them: busy, idle, locked, crashed, damaged, hostile."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.base import Scratch
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.sqlite.driver import DRIVER
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    DumpFailed,
    RestoreFailed,
    SourceDamaged,
    StoreFull,
    TimeLimitReached,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.pipeline import relay
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource, Source

from ..contract import DriverContract, Taken, examine_target, list_folder, restore_stream, take_snapshot

SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA user_version=7;
CREATE TABLE posts (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, body TEXT);
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE "odd ""name""; DROP TABLE posts; --" (x);
CREATE INDEX posts_title ON posts (title);
CREATE VIEW recent AS SELECT * FROM posts ORDER BY id DESC LIMIT 5;
CREATE TRIGGER stamp AFTER INSERT ON settings BEGIN UPDATE posts SET title = title WHERE id = 1; END;
CREATE VIRTUAL TABLE search USING fts5(body);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
  INSERT INTO posts (title, body) SELECT 'post ' || i, hex(i * i) FROM n;
INSERT INTO search SELECT body FROM posts;
INSERT INTO settings VALUES ('bahasa', 'id'), ('zona', 'Asia/Jakarta');
INSERT INTO "odd ""name""; DROP TABLE posts; --" VALUES (1), (2), (3);
"""


def make_database(path: Path, script: str = SCHEMA) -> DatabaseSource:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return DatabaseSource("sqlite", str(path))


def execute(path: str | Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


class TestContract(DriverContract):
    driver = DRIVER

    def make_source(self, folder: Path, name: str = "app.db") -> Source:
        return make_database(folder / name)

    def change_source(self, source: Source) -> None:
        execute(source.path, "UPDATE posts SET title = 'x' WHERE id = 77")

    def alter_restored(self, source: Source, target: Path) -> str:
        execute(target / source.label, "DELETE FROM posts WHERE id = 77")
        return "posts"


@pytest.fixture
def shell() -> Iterator[Shell]:
    with Shell(60) as shell:
        yield shell


@pytest.fixture
def source(tmp_path: Path) -> DatabaseSource:
    (tmp_path / "home").mkdir()
    return make_database(tmp_path / "home" / "app.db")


@pytest.fixture
def taken(source: DatabaseSource, tmp_path: Path, shell: Shell) -> Taken:
    return take_snapshot(DRIVER, source, tmp_path / "taken", shell)


def test_every_table_is_counted_and_every_definition_digested(taken: Taken) -> None:
    census = taken.census
    assert census.rows["posts"] == 500
    assert census.rows["settings"] == 2
    assert census.rows['odd "name"; DROP TABLE posts; --'] == 3
    assert census.rows["search_content"] == 500
    assert "search" not in census.rows, "its rows are in the tables below it"
    assert set(census.objects["virtual table"]) == {"search"}
    assert set(census.objects["view"]) == {"recent"}
    assert set(census.objects["trigger"]) == {"stamp"}
    assert "posts_title" in census.objects["index"]
    assert census.objects["sequence"] == {"posts": "500"}
    assert census.objects["setting"]["user_version"] == "7"
    assert census.objects["setting"]["encoding"] == "UTF-8"
    assert len(census.objects["table"]["posts"]) == 16
    assert not any(name.startswith("sqlite_") for name in census.rows)


def test_the_artifact_is_a_database_that_any_sqlite3_opens(taken: Taken, source: DatabaseSource) -> None:
    query = "PRAGMA integrity_check; SELECT count(*) FROM posts; SELECT journal_mode FROM pragma_journal_mode"
    said = subprocess.run(["sqlite3", str(taken.stream), query], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["ok", "500", "wal"]
    assert taken.stream.stat().st_size == Path(source.path).stat().st_size
    assert taken.dumped.tool == f"sqlite {sqlite3.sqlite_version}"


def test_how_a_definition_is_spaced_says_nothing(tmp_path: Path, shell: Shell) -> None:
    one = make_database(tmp_path / "one.db", "CREATE TABLE t (a,   b)")
    other = make_database(tmp_path / "other.db", "CREATE TABLE t (a,\n b)")
    first = take_snapshot(DRIVER, one, tmp_path / "first", shell).census
    assert first.objects == take_snapshot(DRIVER, other, tmp_path / "second", shell).census.objects


@pytest.mark.parametrize(("page_bytes", "encoding"), [(512, "UTF-16le"), (4096, "UTF-16be"), (65536, "UTF-8")])
def test_every_page_size_and_encoding_comes_back(tmp_path: Path, shell: Shell, page_bytes: int, encoding: str) -> None:
    script = (
        f"PRAGMA page_size={page_bytes}; PRAGMA encoding='{encoding}'; CREATE TABLE t (x); INSERT INTO t VALUES ('é')"
    )
    source = make_database(tmp_path / "app.db", script)
    taken = take_snapshot(DRIVER, source, tmp_path / "taken", shell)
    restore_stream(DRIVER, source, taken.stream.read_bytes(), tmp_path / "target", shell)
    assert examine_target(DRIVER, source, taken, tmp_path / "target", shell).difference_count == 0
    assert taken.census.objects["setting"]["encoding"] == encoding
    assert taken.census.rows == {"t": 1}


def test_a_table_that_sql_cannot_name_is_backed_up_all_the_same(tmp_path: Path, shell: Shell) -> None:
    path = tmp_path / "app.db"
    script = b'CREATE TABLE "\xff\xfe" (a); INSERT INTO "\xff\xfe" VALUES (1); CREATE TABLE plain (a);'
    subprocess.run(["sqlite3", str(path)], input=script, check=True)
    source = DatabaseSource("sqlite", str(path))
    taken = take_snapshot(DRIVER, source, tmp_path / "taken", shell)
    assert taken.census.rows == {"plain": 0}
    assert "\udcff\udcfe" in taken.census.objects["table"]
    restore_stream(DRIVER, source, taken.stream.read_bytes(), tmp_path / "target", shell)
    assert examine_target(DRIVER, source, taken, tmp_path / "target", shell).difference_count == 0


def test_writers_go_on_while_a_database_in_wal_mode_is_read(
    source: DatabaseSource, tmp_path: Path, shell: Shell
) -> None:
    with closing(sqlite3.connect(source.path, isolation_level=None, timeout=0)) as writer:
        writer.execute("INSERT INTO posts (title) VALUES ('before')")
        place = tmp_path / "place"
        place.mkdir()
        with DRIVER.open_snapshot(source, shell, place) as snapshot:
            writer.execute("INSERT INTO posts (title) VALUES ('during')")
            os.close(os.dup(snapshot.open_stream()))
            writer.execute("INSERT INTO posts (title) VALUES ('after')")
            copy = place / "copy.sqlite"
            with closing(sqlite3.connect(f"file:{copy}?immutable=1", uri=True)) as reader:
                titles = [row[0] for row in reader.execute("SELECT title FROM posts WHERE id > 500")]
    assert titles == ["before"], "what was committed to the journal alone is in it, what came later is not"


def test_a_stream_of_changes_never_tears_the_copy(source: DatabaseSource, tmp_path: Path, shell: Shell) -> None:
    """Each transaction adds a row to two tables, so they are equal at every moment that was ever committed."""
    execute(source.path, "CREATE TABLE one (x)", "CREATE TABLE two (x)")
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(source.path, isolation_level=None, timeout=30)) as writer:
            while not stop.is_set():
                writer.execute("BEGIN IMMEDIATE")
                writer.execute("INSERT INTO one VALUES (randomblob(2000))")
                writer.execute("INSERT INTO two VALUES (randomblob(2000))")
                writer.execute("COMMIT")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = [take_snapshot(DRIVER, source, tmp_path / str(n), shell).census.rows for n in range(8)]
    finally:
        stop.set()
        writer.join()
    assert all(rows["one"] == rows["two"] for rows in counts)
    assert counts[-1]["one"] > counts[0]["one"]


def test_what_else_writes_into_the_copy_fails_the_dump(source: DatabaseSource, tmp_path: Path) -> None:
    """The shell is asked for time after every portion: here somebody uses that moment once the copy is whole."""

    class Meddling(Shell):
        def require_time(self) -> None:
            super().require_time()
            copy = tmp_path / "place" / "copy.sqlite"
            if copy.exists() and copy.stat().st_size == Path(source.path).stat().st_size:
                execute(copy, "DELETE FROM posts WHERE id = 3")

    (tmp_path / "place").mkdir()
    with (
        Meddling(60) as shell,
        DRIVER.open_snapshot(source, shell, tmp_path / "place") as snapshot,
    ):
        relay(snapshot.open_stream(), [snapshot.take])
        with pytest.raises(DumpFailed, match="table posts"):
            snapshot.finish()


def test_a_full_disk_is_told_as_such(source: DatabaseSource, tmp_path: Path, shell: Shell) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (place / "copy.sqlite").symlink_to("/dev/full")
    with pytest.raises(StoreFull), DRIVER.open_snapshot(source, shell, place) as snapshot:
        snapshot.open_stream()


def test_a_time_limit_ends_a_statement_that_would_go_on(tmp_path: Path) -> None:
    source = make_database(tmp_path / "app.db", "CREATE TABLE t (x)")
    (tmp_path / "place").mkdir()
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with (
        pytest.raises(TimeLimitReached),
        Shell(0.3) as shell,
        DRIVER.open_snapshot(source, shell, tmp_path / "place") as snapshot,
    ):
        snapshot._view.connection.execute(endless)


def test_the_restored_file_is_private(taken: Taken, source: DatabaseSource, tmp_path: Path, shell: Shell) -> None:
    restore_stream(DRIVER, source, taken.stream.read_bytes(), tmp_path / "target", shell)
    assert (tmp_path / "target" / "app.db").stat().st_mode & 0o777 == 0o600


def test_a_disk_that_fills_fails_the_restore(
    source: DatabaseSource, tmp_path: Path, shell: Shell, taken: Taken
) -> None:
    with DRIVER.open_restore(source, Scratch(tmp_path), shell) as sink:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, sink._descriptor)
        os.close(full)
        with pytest.raises(RestoreFailed, match="No space left"):
            sink.take(memoryview(taken.stream.read_bytes()))


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DELETE FROM posts WHERE id = 3", "table posts"),
        ("UPDATE posts SET body = 'x' WHERE id = 3", "content"),
        ("DROP VIEW recent", "view recent"),
        ("DROP TRIGGER stamp", "trigger stamp"),
        ("DROP INDEX posts_title", "index posts_title"),
        ("CREATE TABLE added (x)", "table added"),
        ("PRAGMA user_version=8", "setting user_version"),
        ("UPDATE sqlite_sequence SET seq = 9", "sequence posts"),
    ],
)
def test_every_alteration_is_found_and_named(
    source: DatabaseSource, taken: Taken, tmp_path: Path, shell: Shell, statement: str, named: str
) -> None:
    restore_stream(DRIVER, source, taken.stream.read_bytes(), tmp_path / "target", shell)
    execute(tmp_path / "target" / "app.db", statement)
    examined = examine_target(DRIVER, source, taken, tmp_path / "target", shell)
    assert any(difference.what == named for difference in examined.differences), examined.differences


def corrupt(path: Path, at: int) -> None:
    with open(path, "r+b") as stream:
        stream.seek(at)
        stream.write(b"\xa5" * 2000)


def test_damage_inside_a_restored_database_is_a_difference(
    source: DatabaseSource, taken: Taken, tmp_path: Path, shell: Shell
) -> None:
    restore_stream(DRIVER, source, taken.stream.read_bytes(), tmp_path / "target", shell)
    corrupt(tmp_path / "target" / "app.db", 4096 * 3)
    examined = examine_target(DRIVER, source, taken, tmp_path / "target", shell)
    assert examined.difference_count > 1
    assert any(difference.what == "integrity" for difference in examined.differences)
    assert all(len(difference.found) <= 200 for difference in examined.differences)


def test_a_restored_file_that_is_no_database_is_a_difference(
    source: DatabaseSource, taken: Taken, tmp_path: Path, shell: Shell
) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "app.db").write_bytes(b"x" * 5000)
    examined = examine_target(DRIVER, source, taken, tmp_path / "target", shell)
    assert examined.differences[0].found == "file is not a database"
    assert any(difference.what == "table posts" for difference in examined.differences)


def test_a_damaged_source_is_no_backup(tmp_path: Path, shell: Shell) -> None:
    source = make_database(tmp_path / "app.db", "PRAGMA journal_mode=DELETE;" + SCHEMA.replace("WAL", "DELETE"))
    corrupt(tmp_path / "app.db", 100)
    with pytest.raises(SourceDamaged, match="malformed"):
        take_snapshot(DRIVER, source, tmp_path / "taken", shell)


def test_examining_leaves_no_file_beside_the_restored_one(
    source: DatabaseSource, taken: Taken, tmp_path: Path, shell: Shell
) -> None:
    restore_stream(DRIVER, source, taken.stream.read_bytes(), tmp_path / "target", shell)
    before = list_folder(tmp_path / "target")
    examine_target(DRIVER, source, taken, tmp_path / "target", shell)
    assert list_folder(tmp_path / "target") == before


def test_the_space_that_is_needed_is_known_before(source: DatabaseSource, tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "place").mkdir()
    with DRIVER.open_snapshot(source, shell, tmp_path / "place") as snapshot:
        assert snapshot.expected_bytes == Path(source.path).stat().st_size
        assert snapshot.scratch_bytes == snapshot.expected_bytes, "the copy lies in the store for a while"
        assert list((tmp_path / "place").iterdir()) == []


def test_a_link_to_a_database_leads_to_it(source: DatabaseSource, tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "current.db").symlink_to(source.path)
    linked = DatabaseSource("sqlite", str(tmp_path / "current.db"))
    before = list_folder(tmp_path / "home")
    assert take_snapshot(DRIVER, linked, tmp_path / "taken", shell).census.rows["posts"] == 500
    assert list_folder(tmp_path / "home") == before
    assert not os.path.exists(tmp_path / "current.db-wal")
