from __future__ import annotations

import contextlib
import random
import sqlite3
import subprocess
from collections.abc import Sequence

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.compression import make_codec
from ansible_collections.diskominfo.backup.tests.office import Office


def filter_bytes(argv: Sequence[str], given: bytes) -> bytes:
    return subprocess.run(argv, input=given, check=True, capture_output=True).stdout


def test_gzip_serves_where_zstd_is_not_wanted(office: Office) -> None:
    office.settings["compression"] = {"method": "gzip"}

    assert office.call("run").status == 0
    (folder,) = office.stored_runs()
    artifact = folder / "database-app.db.sqlite.gz"
    copy = office.root / "copy.db"
    copy.write_bytes(subprocess.run(["gzip", "-dc", artifact], check=True, capture_output=True).stdout)
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM layanan").fetchone() == (100,)
    assert office.call("check", "--runs", "latest").status == 0


@pytest.mark.parametrize(("wanted", "database", "tree"), [(0, 3, 1), (5, 5, 5)])
def test_a_tree_is_compressed_quickly_and_a_database_well_unless_a_level_is_set(
    office: Office, wanted: int, database: int, tree: int
) -> None:
    office.settings["compression"] = {"method": "zstd", "level": wanted}
    letters = "".join(random.Random(7).choices("abcdefgh", k=20_000))
    (office.site() / "letters.txt").write_text(letters, encoding="ascii")
    with contextlib.closing(sqlite3.connect(office.database())) as connection, connection:
        connection.execute("CREATE TABLE letters AS SELECT ? AS text", (letters,))

    assert office.call("run").status == 0
    (folder,) = office.stored_runs()
    for name, level in (("database-app.db.sqlite", database), ("source-site.tar", tree)):
        stored = (folder / f"{name}.zst").read_bytes()
        raw = filter_bytes(make_codec("zstd", 1, 0).decompress, stored)
        found = [tried for tried in (1, 3, 5) if filter_bytes(make_codec("zstd", tried, 0).compress, raw) == stored]
        assert found == [level]
