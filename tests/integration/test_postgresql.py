"""PostgreSQL under load, as the nights of a city go: what was counted is what comes back, every time."""

from __future__ import annotations

import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.driver import PostgresqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.tests.clusters import PROGRAMS, find_fast_folder, keep_running, run_cluster
from ansible_collections.diskominfo.backup.tests.drills import back_up, prove

TIMES = 20
TABLES = """CREATE TABLE busy (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text);
CREATE TABLE "a b-c;d" (id serial, n int REFERENCES busy DEFERRABLE INITIALLY DEFERRED);
CREATE VIEW sums AS SELECT v, count(*) FROM busy GROUP BY v; CREATE SEQUENCE free;"""
WRITING = """DO $$ BEGIN LOOP
 INSERT INTO busy (v) SELECT 'row ' || i FROM generate_series(1, 10) AS i; PERFORM nextval('free');
 INSERT INTO "a b-c;d" (n) SELECT max(id) FROM busy; COMMIT;
 UPDATE busy SET v = left(v || 'y', 40) WHERE id % 97 = 1; COMMIT;
 DELETE FROM busy AS b WHERE id % 3 = 2 AND NOT EXISTS (SELECT FROM "a b-c;d" WHERE n = b.id); COMMIT;
 PERFORM pg_sleep(0.001); END LOOP; END $$;"""
CHANGING = """DO $$ BEGIN LOOP
 CREATE TABLE passing (a serial, b text UNIQUE); CREATE VIEW over_passing AS SELECT * FROM passing; COMMIT;
 ALTER TABLE passing ADD c int; COMMIT; DROP TABLE passing CASCADE; COMMIT;
 CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.t (a int); COMMIT; DROP SCHEMA elsewhere CASCADE; COMMIT;
 PERFORM pg_sleep(0.01); END LOOP; END $$;"""


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="place-", dir=find_fast_folder()) as folder:
        yield Path(folder)


def count_lines(stream: Path) -> Counter[str]:
    """Rows of each table as pg_restore writes them out: an oracle that knows nothing of the census."""
    text = subprocess.run(
        [str(PROGRAMS / "pg_restore"), "--data-only", "-f", "-", str(stream)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    counted: Counter[str] = Counter()
    table = ""
    for line in text.splitlines():
        if line.startswith("COPY "):
            table = line[5:].partition(" (")[0].replace('"', "")
            counted[table] = 0
        elif line == "\\.":
            table = ""
        elif table:
            counted[table] += 1
    return counted


def test_twenty_backups_in_a_row_are_exact_while_others_write_and_change_tables(place: Path) -> None:
    driver = PostgresqlDriver(templates=place / "templates")
    with run_cluster() as cluster:
        source = cluster.source(cluster.create("busy", TABLES))
        seen = set()
        with ExitStack() as stack:
            for script in (WRITING, WRITING, CHANGING):
                stack.enter_context(keep_running(cluster, "busy", script))
            for number in range(TIMES):
                with Shell(300) as shell:
                    backup = back_up(driver, source, place, shell)
                    assert count_lines(backup.stream) == backup.census.rows, number
                    assert list(prove(driver, backup, shell, place).differences) == [], number
                    seen.add(backup.census.rows["public.busy"])
                backup.stream.unlink()
    assert len(seen) > TIMES / 2, "nobody wrote"
