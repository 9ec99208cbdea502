"""Names in a schema may come from an enemy; counting survives them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.sqlite.census import take_census


def test_an_empty_database_is_counted() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        census = take_census(connection)
    assert census.rows == {}
    assert set(census.objects) == {"setting"}
    assert census.digest == ""


def test_a_name_with_a_zero_byte_is_listed_and_not_counted() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("UPDATE sqlite_master SET name = 'a' || char(0) || 'b'")
        census = take_census(connection)
    assert census.rows == {}
    assert list(census.objects["table"]) == ["a\0b"]


def test_a_sequence_of_an_odd_kind_is_told_as_text() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (x INTEGER PRIMARY KEY AUTOINCREMENT)")
        connection.execute("INSERT INTO sqlite_sequence VALUES (NULL, 'x')")
        assert take_census(connection).objects["sequence"] == {"None": "x"}
