from __future__ import annotations

import struct
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql import contents
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.census import (
    read_dumped_values,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.contents import (
    Contents,
    Entry,
    HeadReader,
    Malformed,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.driver import PostgresqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import StoredDamaged
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Census
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.clusters import PROGRAMS
from ansible_collections.diskominfo.backup.tests.drills import Backup, back_up, read


@pytest.fixture(scope="module")
def backup(driver: PostgresqlDriver, everything: DatabaseSource, tmp_path_factory: pytest.TempPathFactory) -> Backup:
    with Shell(60) as shell:
        return back_up(driver, everything, tmp_path_factory.mktemp("backup"), shell)


def read_head(content: bytes) -> Contents:
    reader = HeadReader()
    reader.take(memoryview(content))
    return reader.finish()[0]


def test_the_table_of_contents_is_that_which_pg_restore_lists(backup: Backup, shell: Shell) -> None:
    listed = shell.run([str(PROGRAMS / "pg_restore"), "-l", str(backup.stream)]).stdout.decode().splitlines()
    lines = [line for line in listed if line and not line.startswith(";")]
    found = read_head(backup.stream.read_bytes()).entries
    special = {"ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "DATABASE PROPERTIES"}
    named = {entry.id: entry for entry in found if entry.kind not in special}
    assert len(lines) > 80
    for line in lines:
        number, _unused, rest = line.partition(";")
        entry = named.pop(int(number))
        told = rest.split(" ", 3)[3]
        assert told.startswith(f"{entry.kind} {entry.namespace or '-'} {entry.tag} {entry.owner}".rstrip())
    assert {entry.tag.partition(" ")[0] for entry in named.values()} <= {"DATABASE"}


@pytest.mark.parametrize("step", [1 << 20, 997, 7])
def test_a_whole_archive_is_read_in_any_portions(driver: PostgresqlDriver, backup: Backup, step: int) -> None:
    read(driver, backup, backup.stream.read_bytes(), step)


def test_an_archive_that_was_cut_anywhere_is_noticed(driver: PostgresqlDriver, backup: Backup) -> None:
    whole = backup.stream.read_bytes()
    for size in [0, 3, 5, 8, 100, *range(1000, len(whole), 1777), len(whole) - 1]:
        with pytest.raises(StoredDamaged):
            read(driver, backup, whole[:size])


@pytest.mark.parametrize("content", [b"\0" * 10240, b"x" * 10240, b"<html>error 500</html>" * 100])
def test_what_is_no_archive_is_noticed(driver: PostgresqlDriver, backup: Backup, content: bytes) -> None:
    with pytest.raises(StoredDamaged, match="does not begin"):
        read(driver, backup, content)


def test_a_flipped_byte_in_the_length_of_a_piece_is_noticed(driver: PostgresqlDriver, backup: Backup) -> None:
    whole = bytearray(backup.stream.read_bytes())
    at = whole.index(b"\\\\x00ff10\n")
    noticed = 0
    for place in range(at - 5, at):
        flipped = bytes([*whole[:place], whole[place] ^ 0x80, *whole[place + 1 :]])
        try:
            read(driver, backup, flipped)
        except StoredDamaged:
            noticed += 1
    assert noticed == 5


def test_an_archive_of_another_database_is_noticed(
    driver: PostgresqlDriver, backup: Backup, small: DatabaseSource, shell: Shell, place: Path
) -> None:
    other = back_up(driver, small, place, shell)
    with pytest.raises(StoredDamaged, match="is missing"):
        read(driver, backup, other.stream.read_bytes())


def integer(value: int) -> bytes:
    return bytes([value < 0]) + struct.pack("<I", abs(value))


def text(value: str | None) -> bytes:
    return integer(-1) if value is None else integer(len(value.encode())) + value.encode()


def make_head(minor: int, entries: list[bytes], count: int | None = None, sizes: bytes = b"\4\10\1") -> bytes:
    compression = b"\0" if minor >= 15 else integer(0)
    dates = b"".join(integer(number) for number in (1, 2, 3, 4, 5, 126, 0))
    names = text("app") + text("17.1") + text("17.2")
    told = integer(len(entries) if count is None else count)
    return b"PGDMP\1" + bytes([minor]) + b"\0" + sizes + compression + dates + names + told + b"".join(entries)


def make_entry(minor: int, number: int, kind: str, tag: str, needs: list[str], has_data: bool = False) -> bytes:
    relation = integer(114) if minor >= 16 else b""
    parts = [integer(number), integer(has_data), text("1259"), text("16400"), text(tag), text(kind), integer(2)]
    parts += [text("CREATE"), text("DROP"), text(None), text("public"), text(None), text("heap"), relation, text("app")]
    parts += [text("false"), *(text(need) for need in needs), text(None), b"\1" + b"\0" * 8]
    return b"".join(parts)


@pytest.mark.parametrize("minor", [14, 15, 16])
def test_archives_of_every_supported_version_are_read(minor: int) -> None:
    entries = [make_entry(minor, 5, "TABLE", "t", ["3", "x"]), make_entry(minor, 6, "TABLE DATA", "t", ["5"], True)]
    found = read_head(make_head(minor, entries))
    assert (found.server_version, found.dump_version) == ("17.1", "17.2")
    assert found.entries[0] == Entry(5, "TABLE", "public", "t", "app", "CREATE", False, (3,))
    assert found.entries[1].has_data
    assert found.names == {"TABLE": frozenset({"public.t"}), "TABLE DATA": frozenset({"public.t"})}


def test_an_archive_of_large_objects_is_walked(driver: PostgresqlDriver) -> None:
    head = make_head(14, [make_entry(14, 7, "BLOBS", "BLOBS", [], True)])
    block = b"\3" + integer(7)
    objects = integer(16400) + integer(3) + b"abc" + integer(2) + b"de" + integer(0) + integer(16401) + integer(0)
    backup = Backup(DatabaseSource("postgresql"), Path(), None, Census(), {})  # type: ignore[arg-type]
    read(driver, backup, head + block + objects + integer(0))
    with pytest.raises(StoredDamaged, match="ends within a block"):
        read(driver, backup, head + block + objects)
    with pytest.raises(StoredDamaged, match=r"data of public\.BLOBS are missing"):
        read(driver, backup, head)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (make_head(13, []), "version 1.13 is not known"),
        (make_head(14, [], sizes=b"\10\10\1"), "custom format"),
        (make_head(14, [], sizes=b"\4\10\3"), "custom format"),
        (make_head(14, [], count=-1), "no sensible length"),
        (make_head(14, [], count=3), "ends in its table of contents"),
        (make_head(14, [integer(1) + integer(0) + integer(0x7FFFFFFF)], count=1), "too long"),
        (make_head(14, []) + b"\7" + integer(1), "no proper beginning"),
        (make_head(14, []) + b"\1" + integer(-1), "no proper beginning"),
        (make_head(14, []) + b"\1" + integer(1) + integer(-1), "no proper length"),
    ],
)
def test_what_is_wrong_with_an_archive_is_told(driver: PostgresqlDriver, content: bytes, told: str) -> None:
    backup = Backup(DatabaseSource("postgresql"), Path(), None, Census(), {})  # type: ignore[arg-type]
    with pytest.raises(StoredDamaged, match=told):
        read(driver, backup, content)
    reading = driver.open_reading(Census())

    def read_slowly() -> None:
        for byte in range(len(content)):
            reading.take(memoryview(content)[byte : byte + 1])
        reading.finish()

    with pytest.raises(StoredDamaged, match=told):
        read_slowly()


def test_a_damage_is_told_as_soon_as_it_passes(driver: PostgresqlDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = driver.open_reading(Census())
    monkeypatch.setattr(contents, "FIRST_TRY_BYTES", 1)
    head = make_head(14, [make_entry(14, 7, "TABLE DATA", "t", [], True)])
    reading.take(memoryview(head + b"\1" + integer(7)))
    padding = b"x" * 70000
    reading.take(memoryview(integer(len(padding)) + padding))
    with pytest.raises(StoredDamaged, match="no proper length"):
        reading.take(memoryview(b"\5\5\5\5\5\5"))


def test_a_head_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "HEAD_LIMIT_BYTES", 1000)
    reader = HeadReader()
    with pytest.raises(Malformed, match="does not end"):
        reader.take(memoryview(make_head(14, [make_entry(14, 1, "x", "y" * 900, [])] * 100, count=101)))


def test_what_follows_a_head_that_is_known_is_left_to_others() -> None:
    reader = HeadReader()
    reader.take(memoryview(make_head(14, []) + b"x" * contents.FIRST_TRY_BYTES))
    assert reader.contents is not None
    assert reader.take(memoryview(b"blocks")) == b""


def test_a_sequence_without_a_value_is_refused() -> None:
    entry = Entry(1, "SEQUENCE SET", "public", "s", "app", "SELECT 1;", False, ())
    with pytest.raises(ValueError, match=r"public\.s"):
        read_dumped_values(Contents("15", "15", (entry,)))
