from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.base import NewPlace, Target
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.driver import MysqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.scratch import Instance
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.session import open_session
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    RestoreFailed,
    SourceUnreadable,
    StoredDamaged,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import TreeSource
from ansible_collections.diskominfo.backup.tests.drills import Backup, back_up, fill, prove, read, restored
from ansible_collections.diskominfo.backup.tests.mariadb import PrivateServer

SENTINEL = "s3nt1nel-Rahasia"


def ask_scratch(target: Target, shell: Shell, sql: str) -> list[tuple[str, ...]]:
    assert isinstance(target, Instance)
    with open_session(target.administrator, shell, target.cell.wrap) as session:
        return session.query(sql)


ORACLE = {
    "emoji": "SELECT id, HEX(t), HEX(j) FROM emoji ORDER BY id",
    "latin1": "SELECT id, HEX(t), HEX(raw) FROM l1 ORDER BY id",
    "blobs": "SELECT id, LENGTH(b), MD5(b), HEX(bits), d, f, dc FROM blobs ORDER BY id",
    "zero dates": "SELECT * FROM zero ORDER BY id",
    "generated columns": "SELECT * FROM gen ORDER BY a",
    "cycle of foreign keys": "SELECT * FROM parent JOIN child ON child.id = parent.id ORDER BY 1",
    "MyISAM": "SELECT * FROM my ORDER BY id",
    "odd names": "SELECT `x``y`, HEX(`select`) FROM `a b-c;d`",
    "views on views": "SELECT id, HEX(t) FROM v3 ORDER BY id",
    "routines": "SELECT f1('abc'), agg1(a) FROM gen",
    "partitions": "SELECT id FROM part PARTITION (p1) ORDER BY id",
    "history": "SELECT id, v FROM vers FOR SYSTEM_TIME ALL ORDER BY v",
    "next of a sequence": "SELECT NEXTVAL(s1), NEXTVAL(s2)",
    "next number of a table": "SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
    "AND TABLE_NAME = 'log'",
}


def test_everything_comes_back_as_an_outside_oracle_sees_it(
    server: PrivateServer, driver: MysqlDriver, whole: Backup, shell: Shell, tmp_path: Path
) -> None:
    assert whole.census.rows["emoji"] == 4
    assert whole.census.objects["sequence"] == {"s1": "150", "s2": "-4"}
    assert set(whole.census.objects) == {
        "database", "definer", "event", "function", "package", "package body", "procedure",
        "sequence", "sequence definition", "table", "trigger", "view",
    }  # fmt: skip
    assert whole.census.consistency == "locked"
    with restored(driver, whole, shell, tmp_path) as target:
        examined = driver.examine(whole.source, target, whole.census, whole.asides, shell, tmp_path)
        found = {what: ask_scratch(target, shell, sql) for what, sql in ORACLE.items()}
    assert (examined.differences, examined.comparison) == ((), "content")
    for what, sql in ORACLE.items():
        lines = server.run(f"SET time_zone='+00:00'; {sql}", "everything").splitlines()
        assert found[what] == [tuple(line.split("\t")) for line in lines], what
    assert server.count_sessions() == 0


PROVED_NAMES = ("--result-file=x", "a`b", "Kantor é", "a\\b")


@pytest.mark.parametrize(
    "name", ["--result-file=x", "-f evil", "a`b", "a;touch PWN", "x/../../etc", "Kantor é", "%", "a\\b"]
)
def test_a_name_is_only_ever_a_name(
    server: PrivateServer, driver: MysqlDriver, shell: Shell, tmp_path: Path, name: str
) -> None:
    source = server.create(
        name, "CREATE TABLE `t``;\\\\ 'x` (a INT PRIMARY KEY); INSERT INTO `t``;\\\\ 'x` VALUES (1), (2)"
    )
    backup = back_up(driver, source, tmp_path, shell)
    assert list(backup.census.rows.values()) == [2]
    if name in PROVED_NAMES:
        assert not prove(driver, backup, shell, tmp_path).differences
    assert not (Path.cwd() / "x").exists()


def test_a_database_without_a_table_is_a_whole_backup(
    server: PrivateServer, driver: MysqlDriver, shell: Shell, tmp_path: Path
) -> None:
    backup = back_up(driver, server.create("empty"), tmp_path, shell)
    assert backup.census.rows == {}
    assert not prove(driver, backup, shell, tmp_path).differences


def test_a_lost_row_is_told_and_so_is_a_changed_value(
    driver: MysqlDriver, whole: Backup, shell: Shell, tmp_path: Path
) -> None:
    with restored(driver, whole, shell, tmp_path) as target:
        ask_scratch(target, shell, "UPDATE log SET what = 'forged'")
        forged = driver.examine(whole.source, target, whole.census, {}, shell, tmp_path)
        ask_scratch(target, shell, "DELETE FROM gen WHERE a = 1")
        lost = driver.examine(whole.source, target, whole.census, {}, shell, tmp_path)
    assert [one.what for one in forged.differences] == ["content"]
    assert [(one.what, one.expected, one.found) for one in lost.differences] == [("table gen", "3 rows", "2 rows")]


def test_streams_of_different_programs_are_compared_by_rows(
    server: PrivateServer, driver: MysqlDriver, shell: Shell, tmp_path: Path
) -> None:
    backup = back_up(driver, server.create("older", "CREATE TABLE t (a INT)"), tmp_path, shell)
    content = backup.stream.read_bytes()
    backup.stream.write_bytes(content.replace(b"-- Dumping data", b"-- Data"))
    assert [one.what for one in prove(driver, backup, shell, tmp_path).differences] == ["content"]
    backup.stream.write_bytes(content.replace(b"-- Dumping data", b"-- Data").replace(b"10.11.", b"10.10.", 1))
    examined = prove(driver, backup, shell, tmp_path)
    assert (examined.differences, examined.comparison) == ((), "rows")


def test_a_throwaway_server_that_lost_its_database_is_told(
    driver: MysqlDriver, whole: Backup, shell: Shell, tmp_path: Path
) -> None:
    with driver.open_scratch(whole.source, whole.census, shell, tmp_path) as target:
        ask_scratch(target, shell, "DROP DATABASE everything")
        with pytest.raises(RestoreFailed, match="Unknown database"):
            driver.examine(whole.source, target, whole.census, {}, shell, tmp_path)


def test_a_new_place_gets_the_dump_as_a_file_that_a_person_can_use(
    server: PrivateServer, driver: MysqlDriver, whole: Backup, shell: Shell, tmp_path: Path
) -> None:
    target = NewPlace.prove(tmp_path / "new")
    fill(driver, whole, target, shell)
    examined = driver.examine(whole.source, target, whole.census, {}, shell, tmp_path)
    assert not examined.differences
    assert examined.found.rows == {**whole.census.rows, "vers": 0}  # its history stands in one line
    server.create("by_hand", (target.path / "database.sql").read_text("utf-8", "surrogateescape"))
    assert server.run("SELECT COUNT(*) FROM emoji", "by_hand") == "4"
    (target.path / "database.sql").unlink()
    with pytest.raises(SourceUnreadable):
        driver.examine(whole.source, target, whole.census, {}, shell, tmp_path)


@pytest.mark.parametrize("cut", ["empty", "half", "trailer", "header", "table"])
def test_a_stream_that_is_not_whole_is_not_readable(driver: MysqlDriver, whole: Backup, cut: str) -> None:
    content = whole.stream.read_bytes()
    wanted = {
        "empty": b"",
        "half": content[: len(content) // 2],
        "trailer": content.rpartition(b"\n-- Dump completed")[0] + b"\n",
        "header": b"mariadb-dump: warning\n" + content,
        "table": content.replace(b"CREATE TABLE `gen`", b"CREATE TABLE `ge_`"),
    }
    read(driver, whole, content, 99991)
    with pytest.raises(StoredDamaged):
        read(driver, whole, wanted[cut])


@pytest.mark.parametrize("place", [2000, -2000])
def test_a_dump_that_is_broken_in_the_middle_does_not_restore(
    driver: MysqlDriver, whole: Backup, shell: Shell, tmp_path: Path, place: int
) -> None:
    content = whole.stream.read_bytes()
    (tmp_path / "broken").write_bytes(content[:place] + b"\nBROKEN;;\n" + content[place:])
    with pytest.raises(RestoreFailed, match="everything did not restore"):
        prove(driver, replace(whole, stream=tmp_path / "broken"), shell, tmp_path)


def test_accounts_of_the_application_lie_aside_and_nobody_elses(
    server: PrivateServer, driver: MysqlDriver, shell: Shell, tmp_path: Path
) -> None:
    source = server.create("owned", "CREATE TABLE t (a INT)")
    server.run(
        "CREATE USER IF NOT EXISTS app@'10.%' IDENTIFIED BY 'x'; GRANT ALL ON `own__`.* TO app@'10.%'; "
        "CREATE ROLE IF NOT EXISTS readers; GRANT SELECT ON owned.t TO readers; "
        "CREATE USER IF NOT EXISTS `o'k`@localhost; GRANT readers TO `o'k`@localhost; "
        "CREATE ROLE IF NOT EXISTS more; GRANT more TO `o'k`@localhost; "
        "CREATE USER IF NOT EXISTS stranger@localhost; GRANT ALL ON elsewhere.* TO stranger@localhost"
    )
    try:
        backup = back_up(driver, source, tmp_path, shell)
        accounts = backup.asides["accounts.sql"]
        text = accounts.read_text()
        assert accounts.stat().st_mode & 0o777 == 0o600
        assert "CREATE USER IF NOT EXISTS `app`@`10.%` IDENTIFIED BY PASSWORD" in text
        assert "CREATE ROLE IF NOT EXISTS `readers`" in text
        assert "GRANT `readers` TO `o'k`@`localhost`" in text
        assert "CREATE ROLE IF NOT EXISTS `more`" in text
        assert "stranger" not in text
        assert "`root`" not in text
        server.run("DROP USER app@'10.%', `o'k`@localhost; DROP ROLE readers, more; " + text)
        assert "GRANT ALL PRIVILEGES ON `own__`.*" in server.run("SHOW GRANTS FOR app@'10.%'")
    finally:
        server.run("DROP USER app@'10.%', `o'k`@localhost, stranger@localhost; DROP ROLE readers, more")


def test_accounts_can_be_left_out(server: PrivateServer, driver: MysqlDriver, shell: Shell, tmp_path: Path) -> None:
    server.create("quiet")
    assert back_up(driver, server.source("quiet", credentials=False), tmp_path, shell).asides == {}


def test_another_kind_of_source_is_refused(driver: MysqlDriver, shell: Shell, tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable), driver.open_snapshot(TreeSource("/srv"), shell, tmp_path):
        pass


def test_a_system_schema_is_refused(server: PrivateServer, driver: MysqlDriver, shell: Shell, tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="belongs to the server"):
        back_up(driver, server.source("MySQL"), tmp_path, shell)
