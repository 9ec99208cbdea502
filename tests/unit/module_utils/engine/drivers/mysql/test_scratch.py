"""A dump is its owner's code: what it tries while it is restored stays in the throwaway place, or is refused."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql import scratch
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.driver import MysqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.scratch import (
    LARGE_LOG_ROOM,
    Instance,
    choose_characters,
    choose_shape,
    mark_shape,
    quote_pattern,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.session import open_session
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    RestoreFailed,
    TimeLimitReached,
    ToolMissing,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.files import free_bytes
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import ENVIRONMENT, Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Census
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource

SOURCE = DatabaseSource("mysql", name="under_attack")
EXPECTED = Census(
    objects={
        "database": {"default characters": "utf8mb4 utf8mb4_unicode_ci"},
        "definer": {"root@localhost": "", "mariadb.sys@localhost": "", "role@": "", "broken\n@x": ""},
    },
    counts={"lower_case_table_names": 0},
)
MARK = "planted-by-a-dump"


@pytest.fixture(scope="module")
def victim(driver: MysqlDriver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Instance, Shell]]:
    """A throwaway server that waits for the dumps of this file."""
    place = tmp_path_factory.mktemp("attacked")
    with Shell(120) as shell, driver.open_scratch(SOURCE, EXPECTED, shell, place) as target:
        assert isinstance(target, Instance)
        yield target, shell


def restore(driver: MysqlDriver, victim: tuple[Instance, Shell], script: str) -> None:
    target, shell = victim
    with driver.open_restore(SOURCE, target, shell) as sink:
        sink.take(memoryview(script.encode()))
        sink.finish()


def ask(victim: tuple[Instance, Shell], sql: str) -> list[tuple[str, ...]]:
    target, shell = victim
    with open_session(target.administrator, shell, target.cell.wrap) as session:
        return session.query(sql)


REFUSED = {
    "a file written": f"SELECT 1 INTO OUTFILE '/tmp/{MARK}';",
    "a file read": "LOAD DATA INFILE '/etc/passwd' INTO TABLE t;",
    "a file of the client": "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t;",
    "a function from a library": "CREATE FUNCTION sys_exec RETURNS INT SONAME 'udf.so';",
    "a plugin": "INSTALL SONAME 'ha_connect';",
    "a log elsewhere": f"SET GLOBAL general_log_file = '/tmp/{MARK}';",
    "the clock of events": "SET GLOBAL event_scheduler = ON;",
    "an account": "CREATE USER intruder@localhost;",
    "a right": "GRANT FILE ON *.* TO CURRENT_USER();",
    "the list of accounts": "DELETE FROM mysql.global_priv;",
    "another database": "CREATE DATABASE other;",
    "a server elsewhere": "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST '192.0.2.1');",
    "the end of the server": "SHUTDOWN;",
    "root's own hand": "CREATE DEFINER=root@localhost PROCEDURE p() GRANT FILE ON *.* TO root@localhost; CALL p();",
    "the hand of the system": "CREATE DEFINER=`mariadb.sys`@localhost PROCEDURE q() DELETE FROM mysql.global_priv; "
    "CALL q();",
    "a view of root's": "CREATE DEFINER=root@localhost SQL SECURITY DEFINER VIEW w AS SELECT * FROM mysql.global_priv; "
    "SELECT * FROM w;",
    "commands of the client": f"\\! touch /tmp/{MARK}\n",
    "a script of the client": "source /etc/passwd\n",
    "a command in words": f"system touch /tmp/{MARK}\n",
    "a log of the client": f"tee /tmp/{MARK}\n",
    "an unknown engine": "SET sql_mode='NO_ENGINE_SUBSTITUTION'; "
    "CREATE TABLE f (a INT) ENGINE=FEDERATED CONNECTION='x';",
}


UNTOUCHED = "SELECT @@event_scheduler, COUNT(*), MD5(GROUP_CONCAT(Priv)) FROM mysql.global_priv"


@pytest.fixture(scope="module")
def untouched(victim: tuple[Instance, Shell]) -> list[tuple[str, ...]]:
    """What the server says of its accounts and its clock before anybody attacks it."""
    return ask(victim, UNTOUCHED)


@pytest.mark.parametrize("attempt", sorted(REFUSED))
def test_what_a_dump_may_not_do_is_refused(
    driver: MysqlDriver, victim: tuple[Instance, Shell], untouched: list[tuple[str, ...]], attempt: str
) -> None:
    with pytest.raises(RestoreFailed):
        restore(driver, victim, "CREATE TABLE IF NOT EXISTS t (a TEXT);\n" + REFUSED[attempt] + "\n")
    assert ask(victim, UNTOUCHED) == untouched
    assert not Path("/tmp", MARK).exists()


def test_a_table_that_asks_for_a_folder_outside_stays_inside(
    driver: MysqlDriver, victim: tuple[Instance, Shell], tmp_path: Path
) -> None:
    tmp_path.chmod(0o777)
    for engine in ("MyISAM", "InnoDB", "Aria"):
        script = f"CREATE TABLE out_{engine} (a INT) ENGINE={engine} DATA DIRECTORY='{tmp_path}' "
        script += f"INDEX DIRECTORY='{tmp_path}';"
        with suppress(RestoreFailed):
            restore(driver, victim, script)
    assert list(tmp_path.iterdir()) == []


def test_an_event_comes_back_and_does_not_run(driver: MysqlDriver, victim: tuple[Instance, Shell]) -> None:
    script = "CREATE TABLE kept (a INT); INSERT INTO kept VALUES (1); "
    restore(driver, victim, script + "CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO DELETE FROM kept;")
    time.sleep(1.5)
    assert ask(victim, "SELECT COUNT(*) FROM kept") == [("1",)]
    assert ask(victim, "SELECT STATUS FROM information_schema.EVENTS") == [("ENABLED",)]


def test_a_file_is_not_read_by_a_function(driver: MysqlDriver, victim: tuple[Instance, Shell]) -> None:
    restore(driver, victim, "CREATE TABLE seen (a TEXT); INSERT INTO seen VALUES (LOAD_FILE('/etc/passwd'));")
    assert ask(victim, "SELECT IFNULL(a, 'nothing') FROM seen") == [("nothing",)]


def test_even_the_administrator_of_a_throwaway_server_reaches_nothing_outside(
    victim: tuple[Instance, Shell], tmp_path: Path
) -> None:
    tmp_path.chmod(0o777)
    listener = socket.create_server(("127.0.0.1", 0))
    calls: list[object] = []

    def wait_for_a_call() -> None:
        with contextlib.suppress(OSError):  # the test closes the listener
            calls.append(listener.accept())

    threading.Thread(target=wait_for_a_call, daemon=True).start()
    target, shell = victim
    port = listener.getsockname()[1]
    for attempt in (
        f"SELECT 1 INTO OUTFILE '{tmp_path}/{MARK}'",
        f"SET GLOBAL general_log_file = '{tmp_path}/{MARK}', GLOBAL general_log = ON",
        f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={port}, MASTER_USER='x'; START SLAVE",
    ):
        with suppress(Exception), open_session(target.administrator, shell, target.cell.wrap) as session:
            session.send(attempt)
    time.sleep(1)
    listener.close()
    assert list(tmp_path.iterdir()) == []
    assert calls == []


def test_a_throwaway_server_has_no_account_that_anybody_knows(victim: tuple[Instance, Shell]) -> None:
    query = "SELECT User, Host, CAST(JSON_VALUE(Priv, '$.access') AS UNSIGNED) FROM mysql.global_priv"
    access = {(row[0], row[1]): int(row[2]) for row in ask(victim, query)}
    target = victim[0]
    administrator, restorer = ((one.options.stem, "localhost") for one in (target.administrator, target.restorer))
    everything = access.pop(administrator)
    assert bin(access.pop(restorer)).count("1") == 1  # SET USER
    assert everything > 1 << 32
    assert access == {("root", "localhost"): 0, ("mariadb.sys", "localhost"): 0, ("role", ""): 0}


def test_a_service_that_shows_its_files_to_nobody_can_still_restore(
    driver: MysqlDriver, shell: Shell, tmp_path: Path
) -> None:
    """As under UMask=0077: what the server and its clients in the cell must read is readable there."""
    former = os.umask(0o077)
    try:
        with driver.open_scratch(SOURCE, EXPECTED, shell, tmp_path) as target:
            assert isinstance(target, Instance)
            restore(driver, (target, shell), "CREATE TABLE kept (id INT);\n-- Dump completed\n")
            assert ask((target, shell), "SHOW TABLES FROM under_attack") == [("kept",)]
    finally:
        os.umask(former)


def test_a_throwaway_server_ends_with_its_block(driver: MysqlDriver, shell: Shell, tmp_path: Path) -> None:
    with driver.open_scratch(SOURCE, EXPECTED, shell, tmp_path) as target:
        assert (target.path / "data/server.sock").exists()
    assert [trace.status for trace in shell.traces][-1] == -signal.SIGKILL


def test_a_template_is_kept_for_the_next_time_and_can_be_made_anew(shell: Shell, tmp_path: Path) -> None:
    templates = tmp_path / "cache"
    driver = MysqlDriver(templates=templates)
    for index in range(2):
        place = tmp_path / str(index)
        place.mkdir()
        with driver.open_scratch(SOURCE, Census(), shell, place):
            pass
    made = list(templates.iterdir())
    assert [path.name.startswith("mariadbd-") for path in made] == [True]
    assert [len(shell.traces)] == [3]  # installer, server, server
    made[0].rename(templates / "mariadbd-older.tar")
    (templates / "postgresql.tar").write_bytes(b"")
    with driver.open_scratch(SOURCE, Census(), shell, tmp_path / "1" / ".."):
        pass
    assert sorted(path.name for path in templates.iterdir()) == sorted([made[0].name, "postgresql.tar"])


def test_without_a_place_for_templates_one_is_made_each_time(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    place = tmp_path / "place"
    place.mkdir()
    with MysqlDriver(templates=tmp_path / "file").open_scratch(SOURCE, Census(), shell, place) as target:
        assert (target.path / "data").is_dir()


def lay_tools(folder: Path, *without: str) -> str:
    """A PATH with all programs of this machine but some."""
    folder.mkdir()
    for place in ("/usr/sbin", "/usr/bin"):
        for name in set(os.listdir(place)) - {*without, *os.listdir(folder)}:
            (folder / name).symlink_to(f"{place}/{name}")
    return str(folder)


@pytest.mark.parametrize("program", ["mariadbd", "mariadb-install-db"])
@pytest.mark.parametrize("is_there", [False, True])
def test_server_programs_that_are_missing_or_fail_are_named(tmp_path: Path, program: str, is_there: bool) -> None:
    path = lay_tools(tmp_path / "bin", program)
    if is_there:  # and cannot be started in a cell, where this folder is not seen
        (tmp_path / "bin" / program).symlink_to("/usr/bin/false")
    place = tmp_path / "place"
    place.mkdir()
    templates = tmp_path / "templates"
    templates.mkdir()
    if program == "mariadbd" and is_there:
        build = os.stat("/usr/bin/false")
        name = f"mariadbd-{build.st_mtime_ns:x}-{build.st_size:x}-{mark_shape(choose_shape(free_bytes(place)))}.tar"
        subprocess.run(["tar", "-cf", templates / name, "-T", "/dev/null"], check=True)
    with Shell(30, {**ENVIRONMENT, "PATH": path}) as shell, ExitStack() as stack, pytest.raises(ToolMissing) as told:
        stack.enter_context(MysqlDriver(templates=templates).open_scratch(SOURCE, EXPECTED, shell, place))
    assert program in told.value.message


def test_the_time_limit_ends_a_server_that_never_gets_ready(
    driver: MysqlDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "READY", b"a word that no server says")
    with Shell(3) as shell, ExitStack() as stack, pytest.raises(TimeLimitReached):
        stack.enter_context(driver.open_scratch(SOURCE, EXPECTED, shell, tmp_path))


def test_character_sets_that_are_no_words_are_not_asked_for() -> None:
    assert choose_characters(EXPECTED) == "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
    for text in ("", "utf8mb4", "a; DROP b"):
        other = replace(EXPECTED, objects={"database": {"default characters": text}})
        assert choose_characters(other) == "CHARACTER SET utf8mb4"


def test_the_redo_log_is_large_where_there_is_room(victim: tuple[Instance, Shell]) -> None:
    log = victim[0].path / "data" / "ib_logfile0"
    assert ask(victim, "SELECT @@innodb_log_file_size") == [(str(256 << 20),)]
    assert log.stat().st_size == 256 << 20
    assert log.stat().st_blocks * 512 < 64 << 20


def test_a_throwaway_server_of_a_small_place_has_a_small_redo_log(
    driver: MysqlDriver, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "free_bytes", lambda _path: LARGE_LOG_ROOM - 1)
    with driver.open_scratch(SOURCE, EXPECTED, shell, tmp_path) as target:
        assert isinstance(target, Instance)
        assert ask((target, shell), "SELECT @@innodb_log_file_size") == [(str(8 << 20),)]


def test_a_pattern_of_a_grant_stands_for_one_name() -> None:
    assert quote_pattern("a_b%c`\\") == "`a\\_b\\%c``\\\\`"
