"""Sources that fail: each is told by name, nothing of ours stays on the server, and the time limit holds."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql import locks
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.driver import MysqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    BackupError,
    DumpFailed,
    SourceLocked,
    SourceMissing,
    SourceUnreadable,
    TimeLimitReached,
    ToolMissing,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.pipeline import relay
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import ENVIRONMENT, Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.drills import back_up, prove
from ansible_collections.diskominfo.backup.tests.mariadb import PrivateServer, meanwhile

SENTINEL = 's3nt1nel "Rahasia" #\'\\'


@contextmanager
def account(server: PrivateServer, *grants: str) -> Iterator[str]:
    """An account that was granted this, with the sentinel for a password."""
    quoted = SENTINEL.replace("\\", "\\\\").replace("'", "\\'")
    server.run(f"CREATE OR REPLACE USER small@localhost IDENTIFIED BY '{quoted}'")
    try:
        for grant in grants:
            server.run(f"GRANT {grant} TO small@localhost")
        yield "small"
    finally:
        server.run("DROP USER small@localhost")


@contextmanager
def table_held(server: PrivateServer, database: str) -> Iterator[None]:
    """Somebody else has locked a table of the database for writing."""
    argv = ["mariadb", "--no-defaults", "--batch", "--unbuffered", f"--socket={server.socket}", "--user=root", database]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write(b"LOCK TABLES t WRITE; SELECT 'held';\n")
        holder.stdin.flush()
        holder.stdout.readline()
        try:
            yield
        finally:
            holder.kill()


def wait_until(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def write_password(folder: Path, password: str = SENTINEL) -> str:
    path = folder / "password"
    path.write_text(password + "\n")
    path.chmod(0o600)
    return str(path)


ALL_RIGHTS = (
    "SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON `small`.*",
    "SELECT ON mysql.*",
    "RELOAD ON *.*",
)


@pytest.fixture
def local(server: PrivateServer, small: DatabaseSource) -> DatabaseSource:
    """The same database, reached by the administrator."""
    return server.source(small.name)


@pytest.fixture
def small(server: PrivateServer, tmp_path: Path) -> DatabaseSource:
    """A database that a backup reaches by an account with a password."""
    script = (
        "CREATE TABLE t (a INT PRIMARY KEY); INSERT INTO t VALUES (1), (2); CREATE VIEW v AS SELECT a FROM t; "
        "CREATE PROCEDURE p() SELECT 1; CREATE SEQUENCE q; DO NEXTVAL(q)"
    )
    server.create("small", script)
    return server.source("small", user="small", password_file=write_password(tmp_path))


def test_an_account_with_the_documented_rights_makes_an_exact_backup(
    server: PrivateServer, driver: MysqlDriver, small: DatabaseSource, shell: Shell, tmp_path: Path
) -> None:
    with account(server, *ALL_RIGHTS):
        assert driver.probe(small, shell) == []
        backup = back_up(driver, small, tmp_path, shell)
    assert (backup.dumped.notes, backup.dumped.warnings) == ((), ())
    assert prove(driver, backup, shell, tmp_path).comparison == "content"


def test_a_server_over_tcp_is_reached_with_a_password(
    server: PrivateServer, driver: MysqlDriver, small: DatabaseSource, shell: Shell, tmp_path: Path
) -> None:
    with account(server, *ALL_RIGHTS):
        source = replace(small, socket="", host="127.0.0.1", port=server.port)
        assert back_up(driver, source, tmp_path, shell).census.rows == {"t": 2}


@pytest.mark.parametrize("lacking", ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT"])
def test_a_right_that_is_missing_is_named_before_anything_is_dumped(
    server: PrivateServer, driver: MysqlDriver, small: DatabaseSource, shell: Shell, tmp_path: Path, lacking: str
) -> None:
    held = [right for right in ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "LOCK TABLES") if right != lacking]
    with account(server, f"{', '.join(held)} ON `small`.*", "SELECT ON mysql.*"):
        assert [finding.severity for finding in driver.probe(small, shell)] == ["red"]
        with pytest.raises(SourceUnreadable, match=f"{lacking} ON the database"):
            back_up(driver, small, tmp_path, shell)
    assert server.count_sessions() == 0


def test_accounts_and_routines_that_may_not_be_read_are_named(
    server: PrivateServer, driver: MysqlDriver, small: DatabaseSource, shell: Shell, tmp_path: Path
) -> None:
    refused = pytest.raises(SourceUnreadable, match=r"SELECT ON mysql\.proc; SELECT ON mysql\.\*")
    with account(server, "ALL PRIVILEGES ON `small`.*"), refused:
        back_up(driver, small, tmp_path, shell)
    with account(server, "ALL PRIVILEGES ON `small`.*", "SELECT ON mysql.proc"):
        backup = back_up(driver, replace(small, credentials=False), tmp_path, shell)
    assert "could not be seen" in backup.dumped.notes[-1]


def test_without_the_lock_rows_are_counted_in_the_stream(
    server: PrivateServer, driver: MysqlDriver, small: DatabaseSource, shell: Shell, tmp_path: Path
) -> None:
    with account(server, *ALL_RIGHTS[:2]):
        assert [finding.severity for finding in driver.probe(small, shell)] == ["yellow"]
        with meanwhile(lambda: server.run("INSERT INTO t SELECT MAX(a) + 1 FROM t; DO NEXTVAL(q)", "small")):
            backups = [back_up(driver, small, tmp_path, shell) for _unused in range(3)]
    for backup in backups:
        assert "counted in the dump's own stream" in backup.dumped.notes[0]
        assert backup.census.rows["t"] == backup.stream.read_text().count("\n(")
        assert f"SETVAL(`q`, {backup.census.objects['sequence']['q']}, 0)" in backup.stream.read_text()
    assert prove(driver, backups[-1], shell, tmp_path).comparison == "content"


def test_with_the_lock_counts_are_those_of_the_dump_while_others_write(
    server: PrivateServer, driver: MysqlDriver, local: DatabaseSource, shell: Shell, tmp_path: Path
) -> None:
    with meanwhile(lambda: server.run("INSERT INTO t SELECT MAX(a) + 1 FROM t; DO NEXTVAL(q)", "small")):
        backups = [back_up(driver, local, tmp_path, shell) for _unused in range(4)]
    for backup in backups:
        assert backup.dumped.notes == ()
        assert backup.census.rows["t"] == backup.stream.read_text().count("\n(")
        assert f"SETVAL(`q`, {backup.census.objects['sequence']['q']}, 0)" in backup.stream.read_text()


def test_a_table_without_snapshots_that_may_not_be_locked_is_a_warning(
    server: PrivateServer, driver: MysqlDriver, small: DatabaseSource, shell: Shell, tmp_path: Path
) -> None:
    server.run(
        "CREATE TABLE my (a INT) ENGINE=MyISAM; INSERT INTO my VALUES (1); CREATE TABLE `b\\\\s` (a INT) ENGINE=Aria",
        "small",
    )
    with account(server, "SELECT, SHOW VIEW, TRIGGER, EVENT ON `small`.*", *ALL_RIGHTS[1:]):
        backup = back_up(driver, small, tmp_path, shell)
    assert "without snapshots may have changed while they were read: b\\\\s, my" in backup.dumped.warnings[0]
    assert backup.census.consistency == "none"
    assert backup.census.rows == {"t": 2, "my": 1, "b\\\\s": 0}
    server.run("DROP TABLE `b\\\\s`", "small")
    with account(server, "SELECT, SHOW VIEW, TRIGGER, EVENT ON `small`.*", *ALL_RIGHTS[1:]):
        assert "Access denied" in back_up(driver, small, tmp_path, shell).dumped.warnings[0]


def test_a_wrong_password_and_an_unknown_database_are_told(
    server: PrivateServer, driver: MysqlDriver, small: DatabaseSource, shell: Shell, tmp_path: Path
) -> None:
    with account(server, *ALL_RIGHTS):
        wrong = replace(small, password_file=write_password(tmp_path, "wrong"))
        with pytest.raises(SourceUnreadable, match=r"cannot log in to .*Access denied"):
            back_up(driver, wrong, tmp_path, shell)
        assert [finding.slug for finding in driver.probe(wrong, shell)] == ["source_unreadable"]
    with pytest.raises(SourceUnreadable, match="Unknown database"):
        back_up(driver, server.source("nowhere"), tmp_path, shell)


def test_a_stopped_server_gives_no_answer(driver: MysqlDriver, shell: Shell, tmp_path: Path) -> None:
    for source in (
        DatabaseSource("mysql", name="x", socket=str(tmp_path / "none.sock")),
        DatabaseSource("mysql", name="x", host="127.0.0.1", port=1),
    ):
        with pytest.raises(SourceMissing, match="gives no answer"):
            back_up(driver, source, tmp_path, shell)
        assert [finding.slug for finding in driver.probe(source, shell)] == ["source_missing"]


def test_a_password_file_that_others_may_read_or_that_is_missing_is_refused(
    server: PrivateServer, driver: MysqlDriver, shell: Shell, tmp_path: Path
) -> None:
    path = write_password(tmp_path)
    os.chmod(path, 0o640)
    for file in (path, str(tmp_path / "nothing")):
        with pytest.raises(SourceUnreadable):
            back_up(driver, server.source("small", password_file=file), tmp_path, shell)


def test_a_view_without_its_table_is_named(
    server: PrivateServer, driver: MysqlDriver, local: DatabaseSource, shell: Shell, tmp_path: Path
) -> None:
    server.run("CREATE TABLE gone (a INT); CREATE VIEW broken AS SELECT * FROM gone; DROP TABLE gone", "small")
    assert "view broken cannot be dumped" in driver.probe(local, shell)[0].message
    with pytest.raises(DumpFailed, match=r"small\.broken.*references invalid"):
        back_up(driver, local, tmp_path, shell)
    assert server.count_sessions() == 0


def test_code_of_an_account_that_is_gone_is_a_warning_and_still_restores(
    server: PrivateServer, driver: MysqlDriver, local: DatabaseSource, shell: Shell, tmp_path: Path
) -> None:
    server.run("CREATE USER lost@localhost; GRANT SELECT ON small.* TO lost@localhost")
    server.run("CREATE DEFINER=lost@localhost VIEW w AS SELECT a FROM t", "small")
    server.run("CREATE VIEW on_top AS SELECT a FROM w; DROP USER lost@localhost", "small")
    backup = back_up(driver, local, tmp_path, shell)
    assert backup.dumped.warnings == ("it runs as an account that does not exist: view w (lost@localhost)",)
    assert not prove(driver, backup, shell, tmp_path).differences


def test_a_definition_that_changes_during_the_dump_fails_the_run(
    server: PrivateServer,
    driver: MysqlDriver,
    local: DatabaseSource,
    shell: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(locks, "HOLD_S", 0.3)
    with driver.open_snapshot(local, shell, tmp_path) as snapshot:
        stream = snapshot.open_stream()
        server.run("CREATE OR REPLACE VIEW v AS SELECT a + 1 FROM t", "small")
        relay(stream, [snapshot.take])
        with pytest.raises(DumpFailed, match="view v changed meanwhile"):
            snapshot.finish()


def test_a_locked_table_is_waited_for_and_then_named(
    server: PrivateServer, driver: MysqlDriver, local: DatabaseSource, shell: Shell, tmp_path: Path
) -> None:
    with table_held(server, "small"):
        began = time.monotonic()
        with pytest.raises(SourceLocked, match="stayed locked for 2 s"):
            back_up(driver, local, tmp_path, shell)
        assert time.monotonic() - began < 25


def test_a_lock_taken_when_the_dump_has_begun_ends_with_the_time_limit_and_leaves_no_session(
    server: PrivateServer, driver: MysqlDriver, local: DatabaseSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "HOLD_S", 0.5)
    patient = replace(driver, table_wait_s=30)

    def dump_behind_a_lock() -> None:
        with Shell(4) as shell, patient.open_snapshot(local, shell, tmp_path) as snapshot, table_held(server, "small"):
            stream = snapshot.open_stream()
            wait_until(lambda: "Waiting for table metadata lock" in server.run("SHOW FULL PROCESSLIST"))
            time.sleep(0.5)
            server.run("CREATE TABLE IF NOT EXISTS elsewhere (a INT)", "mysql")  # the server goes on
            relay(stream, [snapshot.take], shell.require_time)
            snapshot.finish()

    with pytest.raises(TimeLimitReached):
        dump_behind_a_lock()
    server.run("DROP TABLE elsewhere", "mysql")
    wait_until(lambda: server.count_sessions() == 0)


def test_server_threads_of_a_killed_dump_are_ended_while_their_table_is_still_locked(
    server: PrivateServer, driver: MysqlDriver, local: DatabaseSource, tmp_path: Path
) -> None:
    patient = replace(driver, table_wait_s=30)

    def dump_behind_a_lock(stack: ExitStack) -> None:
        with Shell(3) as shell, patient.open_snapshot(local, shell, tmp_path) as snapshot:
            stack.enter_context(table_held(server, "small"))
            relay(snapshot.open_stream(), [snapshot.take], shell.require_time)
            snapshot.finish()

    with ExitStack() as stack:
        with pytest.raises(TimeLimitReached):
            dump_behind_a_lock(stack)
        wait_until(lambda: server.count_sessions() == 1)  # whoever holds the table


def test_a_standstill_that_lasts_too_long_ends_and_rows_are_counted_in_the_stream(
    server: PrivateServer,
    driver: MysqlDriver,
    local: DatabaseSource,
    shell: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(locks, "HOLD_S", 0.2)
    with driver.open_snapshot(local, shell, tmp_path) as snapshot:
        stream = snapshot.open_stream()
        time.sleep(0.5)
        server.run("INSERT INTO t VALUES (77)", "small")  # nobody waits for us any more
        relay(stream, [snapshot.take])
        snapshot.finish()
        assert snapshot.census().rows == {"t": 2}


def test_a_lock_that_cannot_be_had_in_time_does_not_hold_the_dump_up(
    server: PrivateServer,
    driver: MysqlDriver,
    local: DatabaseSource,
    shell: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(locks, "LOCK_WAIT_S", 1)
    server.create("elsewhere", "CREATE TABLE t (a INT)")
    with table_held(server, "elsewhere"):
        backup = back_up(driver, local, tmp_path, shell)
    assert backup.census.rows == {"t": 2}


@pytest.mark.parametrize("has_begun", [False, True])
def test_a_snapshot_that_is_given_up_leaves_no_session(
    server: PrivateServer,
    driver: MysqlDriver,
    everything: DatabaseSource,
    shell: Shell,
    tmp_path: Path,
    has_begun: bool,
) -> None:
    def give_up() -> None:
        with driver.open_snapshot(everything, shell, tmp_path) as snapshot:
            if has_begun:
                snapshot.open_stream()
            raise KeyError

    with pytest.raises(KeyError):
        give_up()
    wait_until(lambda: server.count_sessions() == 0)


def test_programs_that_are_missing_are_named(
    driver: MysqlDriver, small: DatabaseSource, local: DatabaseSource, tmp_path: Path
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    with Shell(20, {**ENVIRONMENT, "PATH": str(tools)}) as shell:
        with pytest.raises(ToolMissing, match="mariadb-dump"):
            back_up(driver, small, tmp_path, shell)
        assert [finding.slug for finding in driver.probe(small, shell)] == ["tool_missing"]
        for name in ("mariadb-dump", "mariadb"):
            (tools / name).symlink_to(f"/usr/bin/{name}")
        found = driver.probe(local, shell)
        assert [(finding.severity, finding.slug) for finding in found] == [("yellow", "tool_missing")]


def test_a_client_older_than_the_server_or_of_the_other_product_is_refused(
    driver: MysqlDriver, local: DatabaseSource, tmp_path: Path
) -> None:
    for index, version in enumerate(
        ["mariadb-dump from 10.6.1-MariaDB, client 10.19", "mysqldump  Ver 8.0.36 for Linux"]
    ):
        tools = tmp_path / f"bin{index}"
        tools.mkdir()
        (tools / "mariadb-dump").write_text(f"#!/bin/sh\necho '{version}'\n")
        (tools / "mariadb-dump").chmod(0o755)
        with Shell(20, {**ENVIRONMENT, "PATH": f"{tools}:{ENVIRONMENT['PATH']}"}) as shell:
            found = driver.probe(local, shell)
        assert [finding.severity for finding in found] == ["red"]
        assert "the dump program is of" in found[0].message


def put_before(folder: Path, script: str) -> dict[str, str]:
    """An environment where `mariadb-dump` is a script, and `mariadb-dump-true` the program."""
    folder.mkdir()
    (folder / "mariadb-dump-true").symlink_to("/usr/bin/mariadb-dump")
    (folder / "mariadb-dump").write_text("#!/bin/sh\n" + script)
    (folder / "mariadb-dump").chmod(0o755)
    return {**ENVIRONMENT, "PATH": f"{folder}:{ENVIRONMENT['PATH']}"}


HISTORY = "CREATE TABLE h (a INT PRIMARY KEY) WITH SYSTEM VERSIONING; INSERT INTO h VALUES (1); UPDATE h SET a = 2"


def test_a_program_that_dumps_no_history_is_a_warning(
    server: PrivateServer, driver: MysqlDriver, local: DatabaseSource, tmp_path: Path
) -> None:
    server.run(HISTORY, "small")
    old = "[ $1 = --version ] && echo 'mariadb-dump from 10.6.1-MariaDB, client' || exec mariadb-dump-true \"$@\"\n"
    with Shell(60, put_before(tmp_path / "bin", old)) as shell:
        backup = back_up(driver, local, tmp_path, shell)
        assert backup.dumped.warnings == ("this client dumps no history of versioned tables: h",)
        assert backup.census.rows == {"h": 1, "t": 2}


def test_history_that_cannot_be_counted_in_the_stream_is_a_warning(
    server: PrivateServer, driver: MysqlDriver, small: DatabaseSource, shell: Shell, tmp_path: Path
) -> None:
    server.run(HISTORY, "small")
    with account(server, "DELETE HISTORY ON small.*", *ALL_RIGHTS[:2]):
        backup = back_up(driver, small, tmp_path, shell)
    assert backup.dumped.warnings[0].endswith("so a check may find differences: h")
    assert backup.census.rows == {"h": 2, "t": 2}
    assert backup.census.consistency == "none"
    assert not prove(driver, backup, shell, tmp_path).differences


@pytest.mark.parametrize("fault", ["status", "trailer", "header", "table"])
def test_a_dump_program_that_lies_is_found_out(
    server: PrivateServer, driver: MysqlDriver, small: DatabaseSource, tmp_path: Path, fault: str
) -> None:
    lies = {
        "status": "exec 2>&1; echo 'mariadb-dump: Error: 2013: Lost connection' >&2; exit 3",
        "trailer": 'mariadb-dump-true "$@" | head -n -2',
        "header": 'echo hello; mariadb-dump-true "$@"',
        "table": "mariadb-dump-true \"$@\" | sed 's/CREATE TABLE `t`/CREATE TABLE `x`/'",
    }
    asked = '[ "$1" = --version ] && exec mariadb-dump-true --version\n'
    environment = put_before(tmp_path / "bin", asked + lies[fault] + "\n")
    with account(server, *ALL_RIGHTS[:2]), Shell(20, environment) as shell, pytest.raises(DumpFailed):
        back_up(driver, small, tmp_path, shell)


def test_the_password_is_in_no_argument_and_in_no_trace(
    server: PrivateServer, driver: MysqlDriver, small: DatabaseSource, shell: Shell, tmp_path: Path
) -> None:
    seen: set[bytes] = set()

    def sample() -> None:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                for name in ("cmdline", "environ"):
                    with suppress(OSError):
                        seen.add((entry / name).read_bytes())

    def was_seen_working() -> bool:
        back_up(driver, small, tmp_path, shell)
        return any(b"--single-transaction" in text for text in list(seen))

    with account(server, *ALL_RIGHTS), meanwhile(sample, 0.01):
        backup = back_up(driver, small, tmp_path, shell)
        wait_until(was_seen_working, 60)
        with pytest.raises(BackupError) as refused:
            back_up(driver, replace(small, user="nobody-like-that"), tmp_path, shell)
    assert not any(SENTINEL.encode() in text or b"s3nt1nel" in text for text in seen)
    assert "s3nt1nel" not in str(shell.traces) + str(refused.value) + str(backup)
    assert list(tmp_path.rglob("lent-*")) == []
