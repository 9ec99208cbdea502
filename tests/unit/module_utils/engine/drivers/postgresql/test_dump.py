from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql import dump
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.census import read_bootstrap
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.driver import PostgresqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    DumpFailed,
    Interrupted,
    SourceLocked,
    SourceMissing,
    SourceUnreadable,
    TimeLimitReached,
    ToolMissing,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.pipeline import relay
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.clusters import PROGRAMS, PrivateCluster, keep_running, run_cluster
from ansible_collections.diskominfo.backup.tests.drills import back_up, prove
from ansible_collections.diskominfo.backup.tests.traces import list_descriptors
from ansible_collections.diskominfo.backup.tests.unit.module_utils.engine.drivers.postgresql.programs import (
    replace_programs,
)

SENTINEL = "s3ntin:el\\'\"pass word"
OURS = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'diskominfo-backup%'"


def count_backends(cluster: PrivateCluster) -> int:
    return int(cluster.run("postgres", OURS))


def wait_for(cluster: PrivateCluster, condition: str) -> None:
    deadline = time.monotonic() + 20
    while cluster.run("postgres", f"SELECT count(*) > 0 FROM pg_stat_activity AS a WHERE {condition}") != "t":
        assert time.monotonic() < deadline, condition
        time.sleep(0.02)


WRITING = """DO $$ BEGIN LOOP
 INSERT INTO busy (v) SELECT 'x' FROM generate_series(1, 20); UPDATE busy SET v = v || 'y' WHERE id % 97 = 1;
 DELETE FROM busy WHERE id % 89 = 2; COMMIT; END LOOP; END $$;"""
CHANGING = """DO $$ BEGIN LOOP
 CREATE TABLE passing (a serial); CREATE VIEW over_passing AS SELECT * FROM passing; COMMIT;
 DROP TABLE passing CASCADE; COMMIT; END LOOP; END $$;"""


def test_what_was_counted_is_what_comes_back_while_others_write_and_change_tables(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path
) -> None:
    cluster.create("busy", "CREATE TABLE busy (id bigserial PRIMARY KEY, v text)")
    source = cluster.source("busy")
    with keep_running(cluster, "busy", WRITING), keep_running(cluster, "busy", CHANGING):
        wait_for(cluster, "query ~ 'busy SET'")
        backups = [back_up(driver, source, place, shell) for _unused in range(2)]
    assert backups[0].census.rows["public.busy"] < backups[1].census.rows["public.busy"]
    assert list(prove(driver, backups[1], shell, place).differences) == []


def test_a_table_that_vanishes_while_its_lock_is_awaited_is_no_failure(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path
) -> None:
    cluster.create("vanishing", "CREATE TABLE going (a int); CREATE TABLE staying (a int)")
    with keep_running(cluster, "vanishing", "BEGIN; DROP TABLE going; SELECT pg_sleep(1); COMMIT;"):
        wait_for(cluster, "query ~ 'pg_sleep' AND datname = 'vanishing'")
        backup = back_up(driver, cluster.source("vanishing"), place, shell)
    assert set(backup.census.rows) == {"public.staying"}


def test_tables_that_never_stand_still_are_told_as_locked(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "PATIENCE_S", 0.5)
    monkeypatch.setattr(dump, "freeze_view", lambda session: session.execute("SELECT 1 FROM nowhere"))
    with pytest.raises(SourceLocked, match="changed faster"):
        back_up(driver, small, place, shell)


def test_a_view_that_cannot_be_had_for_another_reason_is_a_failure_at_once(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "freeze_view", lambda session: session.execute("SELECT 1 / 0"))
    with pytest.raises(DumpFailed, match="division by zero"):
        back_up(driver, small, place, shell)
    assert len(shell.traces) == 1


def test_somebody_who_waits_for_a_lock_lets_the_dump_begin_anew(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "QUEUE_WAIT_S", 1)
    cluster.create("queued", "CREATE TABLE t (a int)")
    with driver.open_snapshot(cluster.source("queued"), shell, place) as snapshot:
        with keep_running(cluster, "queued", "ALTER TABLE t ADD b int;"):
            wait_for(cluster, "query ~ 'ADD b int' AND wait_event_type = 'Lock'")
            relay(snapshot.open_stream(), [snapshot.take], shell.require_time)
        snapshot.finish()
        assert snapshot.census().rows == {"public.t": 0}


def test_a_lock_that_somebody_holds_ends_the_wait_and_leaves_no_session(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path
) -> None:
    cluster.create("locked", "CREATE TABLE t (a int)")
    with keep_running(cluster, "locked", "BEGIN; LOCK TABLE t; SELECT pg_sleep(30);"):
        wait_for(cluster, "query ~ 'pg_sleep' AND datname = 'locked'")
        with pytest.raises(SourceLocked) as caught:
            back_up(replace(driver, lock_wait_s=0.3), cluster.source("locked"), place, shell)
        assert "pg_stat_activity" in caught.value.hint
    assert count_backends(cluster) == 0


def test_the_time_limit_ends_the_sessions_of_the_server_too(
    driver: PostgresqlDriver, cluster: PrivateCluster, place: Path
) -> None:
    cluster.create("slow", "CREATE TABLE t AS SELECT repeat('x', 1000) AS a FROM generate_series(1, 20000)")

    def begin(shell: Shell) -> None:
        with driver.open_snapshot(cluster.source("slow"), shell, place) as snapshot:
            stream = snapshot.open_stream()
            assert count_backends(cluster) == 2
            shell.end(TimeLimitReached.after(1))
            relay(stream, [snapshot.take], shell.require_time)

    with Shell(60) as shell, pytest.raises(TimeLimitReached):
        begin(shell)
    assert count_backends(cluster) == 0


def test_an_abandoned_dump_leaves_no_session_and_no_open_file(
    driver: PostgresqlDriver, small: DatabaseSource, cluster: PrivateCluster, place: Path
) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with Shell(60) as shell, driver.open_snapshot(small, shell, place) as snapshot:
        os.read(snapshot.open_stream(), 10)
    with Shell(60) as shell, driver.open_snapshot(small, shell, place) as snapshot, pytest.raises(DumpFailed):
        snapshot.finish()
    with Shell(60) as shell, driver.open_snapshot(small, shell, place) as snapshot, pytest.raises(DumpFailed):
        snapshot.census()
    assert (count_backends(cluster), len(os.listdir("/proc/self/fd"))) == (0, before)


def test_a_count_that_is_abandoned_does_not_go_on_in_the_server(
    driver: PostgresqlDriver,
    small: DatabaseSource,
    cluster: PrivateCluster,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dump, "read_bootstrap", lambda session: session.query("SELECT pg_sleep(60)"))
    with Shell(60) as shell, driver.open_snapshot(small, shell, place) as snapshot:
        snapshot.open_stream()
        wait_for(cluster, "query ~ 'pg_sleep' AND datname = 'small'")
    assert count_backends(cluster) == 0


def test_a_session_that_the_server_ends_is_a_failure(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.create("ended", "CREATE TABLE t (a int)")

    def end_session(session: object) -> str:
        cluster.run("postgres", OURS.replace("count(*)", "pg_terminate_backend(pid)"))
        return original(session)  # type: ignore[arg-type]

    original = read_bootstrap
    monkeypatch.setattr(dump, "read_bootstrap", end_session)
    with pytest.raises((SourceUnreadable, SourceMissing, DumpFailed)):
        back_up(driver, cluster.source("ended"), place, shell)
    assert count_backends(cluster) == 0


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo 'pg_dump: error: aborting because of server version mismatch' >&2; exit 1", "server version mismatch"),
        ("exit 0", "only 0 bytes"),
        ("echo 'pg_dump: error: query failed: ERROR:  no relation' >&2; exit 1", "no relation"),
        ("echo '<html>error 500</html>'", "wrote no archive"),
        ('"$REAL" "$@" | head -c 300', "not whole"),
        ('"$REAL" "$@"; exit 1', "ended with status 1"),
        ('"$REAL" -s "$@"', "rows of public.t is missing"),
    ],
)
def test_a_pg_dump_that_does_not_do_its_work_is_a_failure(
    driver: PostgresqlDriver,
    small: DatabaseSource,
    shell: Shell,
    place: Path,
    script: str,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dump, "PATIENCE_S", 1)
    script = script.replace("$REAL", str(PROGRAMS / "pg_dump"))
    before = len(list_descriptors())
    with replace_programs(15, pg_dump=script) as programs, pytest.raises(DumpFailed, match=told):
        back_up(replace(driver, programs=programs), small, place, shell)
    assert len(list_descriptors()) <= before + 1, "a dump that lost the race keeps no pipe"


def test_warnings_of_pg_dump_are_kept(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path
) -> None:
    script = f'echo "pg_dump: warning: something is odd" >&2; exec {PROGRAMS}/pg_dump "$@"'
    with replace_programs(15, pg_dump=script) as programs:
        backup = back_up(replace(driver, programs=programs), small, place, shell)
    assert backup.dumped.warnings == ("something is odd",)


def test_a_dump_that_leaves_an_object_out_is_noticed(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path
) -> None:
    source = cluster.source(cluster.create("partial", "CREATE TABLE a (x int); CREATE TABLE b (x int)"))
    script = f'exec {PROGRAMS}/pg_dump -T public.b "$@"'
    with replace_programs(15, pg_dump=script) as programs, pytest.raises(DumpFailed, match=r"rows of public\.b"):
        back_up(replace(driver, programs=programs), source, place, shell)


def test_a_client_older_than_the_server_is_told_before_anything_is_dumped(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path
) -> None:
    with replace_programs(14) as programs:
        old = replace(driver, programs=programs)
        with pytest.raises(ToolMissing) as caught:
            back_up(old, small, place, shell)
        findings = old.probe(small, shell)
    assert "postgresql-client-15" in caught.value.hint
    told = [(finding.slug, finding.severity) for finding in findings]
    assert told == [("tool_missing", "red"), ("tool_missing", "yellow")]


def test_without_any_client_the_package_is_named(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path
) -> None:
    with replace_programs(15, missing=("psql",)) as programs:
        bare = replace(driver, programs=programs)
        with pytest.raises(ToolMissing):
            back_up(bare, small, place, shell)
        (finding,) = bare.probe(small, shell)
    assert "postgresql-client" in finding.hint


@pytest.fixture(scope="module", autouse=True)
def limited(cluster: PrivateCluster) -> str:
    """A database with a role that logs in by password, and may not read all."""
    quoted = SENTINEL.replace("'", "''")
    return cluster.create(
        "limited",
        f"""CREATE ROLE backup LOGIN PASSWORD '{quoted}'; CREATE TABLE open (a int); CREATE TABLE shut (a int);
        GRANT SELECT ON open TO backup; INSERT INTO open VALUES (1), (2)""",
    )


@pytest.fixture
def password_file(place: Path) -> Path:
    path = place / "password"
    path.touch(0o600)
    path.write_text(SENTINEL + "\n")
    return path


def reach_by_password(cluster: PrivateCluster, database: str, password_file: Path) -> DatabaseSource:
    source = cluster.source(database, host="127.0.0.1", socket="", user="backup")
    return replace(source, password_file=str(password_file))


def test_a_user_who_may_not_read_all_is_refused(
    driver: PostgresqlDriver, cluster: PrivateCluster, limited: str, password_file: Path, shell: Shell, place: Path
) -> None:
    source = reach_by_password(cluster, limited, password_file)
    with pytest.raises(SourceUnreadable, match="shut"):
        back_up(driver, source, place, shell)
    (finding,) = driver.probe(source, shell)
    assert (finding.slug, finding.severity, finding.subject) == ("source_unreadable", "red", "limited")
    assert "public.shut" in finding.message


def test_a_password_reaches_the_server_and_nobody_else(
    driver: PostgresqlDriver, cluster: PrivateCluster, password_file: Path, place: Path
) -> None:
    cluster.create("secret", "CREATE TABLE t AS SELECT 1 AS a; GRANT SELECT ON t TO backup")
    source = reach_by_password(cluster, "secret", password_file)
    with watch_processes(SENTINEL) as seen, Shell(60) as shell:
        assert list(driver.probe(source, shell)) == []
        backup = back_up(driver, source, place, shell)
        told = "".join(" ".join(trace.argv) + trace.stderr_tail for trace in shell.traces)
    assert seen == []
    assert SENTINEL not in told
    assert backup.census.rows == {"public.t": 1}
    assert backup.dumped.notes == ("password verifiers are left out: only a superuser may read them",)
    assert "PASSWORD" not in backup.asides["globals.sql"].read_text()
    assert "bytes of large objects" not in backup.census.counts
    with Shell(60) as shell:
        assert list(prove(driver, backup, shell, place).differences) == []


@contextmanager
def watch_processes(secret: str) -> Iterator[list[str]]:
    """Looks every 10 ms whether the secret stands in the arguments or the environment of a process of the machine."""
    seen: list[str] = []
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.01):
            for process in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        if secret.encode() in (process / name).read_bytes():
                            seen.append(f"{process}/{name}")
                    except OSError:
                        pass

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def test_a_wrong_password_is_told_without_telling_it(
    driver: PostgresqlDriver, cluster: PrivateCluster, limited: str, password_file: Path, shell: Shell, place: Path
) -> None:
    password_file.write_text("wr0ng-sentinel")
    source = reach_by_password(cluster, limited, password_file)
    with pytest.raises(SourceUnreadable, match="cannot log in") as caught:
        back_up(driver, source, place, shell)
    assert "wr0ng" not in caught.value.message
    assert [finding.slug for finding in driver.probe(source, shell)] == ["source_unreadable"]


def test_rows_that_are_hidden_from_the_user_are_a_refusal_and_never_left_out(
    driver: PostgresqlDriver, cluster: PrivateCluster, password_file: Path, shell: Shell, place: Path
) -> None:
    cluster.create(
        "hidden",
        """CREATE TABLE t AS SELECT i AS a FROM generate_series(1, 10) AS i; GRANT SELECT ON t TO backup;
        ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY half ON t USING (a <= 5)""",
    )
    source = reach_by_password(cluster, "hidden", password_file)
    (finding,) = driver.probe(source, shell)
    assert "hidden from it by row security: public.t" in finding.message
    with pytest.raises(DumpFailed, match="row-level security"):
        back_up(driver, source, place, shell)
    cluster.run("hidden", "ALTER ROLE backup BYPASSRLS")
    assert back_up(driver, source, place, shell).census.rows == {"public.t": 10}
    cluster.run("hidden", "ALTER ROLE backup NOBYPASSRLS")


def test_accounts_are_left_out_where_the_register_says_so(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path
) -> None:
    backup = back_up(driver, replace(small, credentials=False), place, shell)
    assert backup.asides == {}
    assert "left out" in backup.dumped.notes[0]


@pytest.mark.parametrize("database", ["nowhere", "refusing"])
def test_a_database_that_lets_nobody_in_is_told(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path, database: str
) -> None:
    cluster.run("postgres", "SELECT 'CREATE DATABASE refusing ALLOW_CONNECTIONS false'" + IF_MISSING)
    with pytest.raises(SourceUnreadable, match=database):
        back_up(driver, cluster.source(database), place, shell)


IF_MISSING = " WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'refusing') \\gexec"


def test_a_stopped_server_is_told_and_another_cluster_goes_on(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path
) -> None:
    with run_cluster() as second:
        source = second.source(second.create("elsewhere", "CREATE TABLE t AS SELECT 1 AS a"))
        assert back_up(driver, source, place, shell).census.rows == {"public.t": 1}
        second.control("-m", "immediate", "stop")
        with pytest.raises(SourceMissing, match="no answer") as caught:
            back_up(driver, source, place, shell)
        assert "start it" in caught.value.hint
        assert [finding.slug for finding in driver.probe(source, shell)] == ["source_missing"]
    assert back_up(driver, small, place, shell).census.rows == {"public.t": 500}


def test_a_server_that_stops_in_the_midst_is_a_failure(driver: PostgresqlDriver, shell: Shell, place: Path) -> None:
    with run_cluster() as second:
        second.create("big", "CREATE TABLE t AS SELECT repeat('x', 1000) AS a FROM generate_series(1, 20000)")
        with driver.open_snapshot(second.source("big"), shell, place) as snapshot:
            stream = snapshot.open_stream()
            second.control("-m", "immediate", "stop")
            relay(stream, [snapshot.take], shell.require_time)
            with pytest.raises((DumpFailed, SourceMissing, SourceUnreadable)):
                snapshot.finish()


def test_an_ended_probe_raises_what_ended_it(driver: PostgresqlDriver, small: DatabaseSource, shell: Shell) -> None:
    shell.end(Interrupted.by_signal(15))
    with pytest.raises(Interrupted):
        driver.probe(small, shell)
