"""MariaDB under load, as the nights of a city go: what was counted is what comes back, every time."""

from __future__ import annotations

import functools
from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.driver import MysqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.tests.drills import back_up, prove
from ansible_collections.diskominfo.backup.tests.mariadb import meanwhile, run_server

TIMES = 20
TABLES = """CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT, s TEXT); CREATE TABLE u LIKE t;
CREATE SEQUENCE q NOCACHE; CREATE VIEW sums AS SELECT v, COUNT(*) FROM t GROUP BY v;
INSERT INTO t (v) SELECT seq FROM seq_1_to_3000; INSERT INTO u SELECT * FROM t;"""
WRITING = """INSERT INTO t (v, s) SELECT seq, REPEAT('x', 100) FROM seq_1_to_20; INSERT INTO u (v) VALUES (1);
UPDATE t SET v = v + 1 WHERE id % 7 = 0; DELETE FROM u ORDER BY id LIMIT 2; DO NEXTVAL(q);"""
CHANGING = "CREATE OR REPLACE TABLE x (a INT); ALTER TABLE x ADD b INT; DROP TABLE x"


def count_lines(stream: Path) -> dict[str, int]:
    """Rows of the tables of this test, as a person would count them in the file."""
    counts, table = {"t": 0, "u": 0}, ""
    for line in stream.read_text().splitlines():
        if line.startswith("INSERT INTO `"):
            table = line.split("`")[1]
        counts[table] = counts.get(table, 0) + line.startswith("(")
    return {name: counts[name] for name in ("t", "u")}


def test_twenty_backups_in_a_row_hold_what_was_counted_while_others_write_and_change_tables(tmp_path: Path) -> None:
    driver = MysqlDriver(templates=tmp_path / "templates")
    with run_server() as server, Shell(600) as shell:
        source = server.create("busy", TABLES)
        server.create("elsewhere")
        writing = functools.partial(server.run, WRITING, "busy")
        changing = functools.partial(server.run, CHANGING, "elsewhere")
        with meanwhile(writing), meanwhile(changing):
            backups = [back_up(driver, source, tmp_path, shell) for _unused in range(TIMES)]
        assert len({tuple(backup.census.rows.items()) for backup in backups}) > TIMES / 2  # it did change all the time
        for backup in backups:
            assert not backup.dumped.notes  # each had the lock
            assert count_lines(backup.stream) == backup.census.rows
            value = backup.census.objects["sequence"]["q"]
            assert f"DO SETVAL(`q`, {value}, 0);".encode() in backup.stream.read_bytes()
            assert prove(driver, backup, shell, tmp_path).comparison == "content"
        assert server.count_sessions() == 0
