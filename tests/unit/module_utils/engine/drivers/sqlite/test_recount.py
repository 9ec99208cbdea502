from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.sqlite.recount import Recount
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell


def test_what_is_counted_is_what_the_copy_holds(tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(copy) as connection:
        connection.executescript("CREATE TABLE posts (id); INSERT INTO posts VALUES (1), (2);")
    with Shell(60) as shell:
        assert Recount(copy, shell).conclude().rows == {"posts": 2}


def test_a_copy_that_was_overwritten_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(b"something else entirely " * 500)
    with Shell(60) as shell:
        recount = Recount(copy, shell)
        with pytest.raises(sqlite3.DatabaseError, match="not a database"):
            recount.conclude()
