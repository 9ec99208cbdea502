from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql import restore, scratch
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.client import Programs
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.driver import PostgresqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.scratch import Cluster
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.session import Session
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    RestoreFailed,
    TargetRefused,
    TimeLimitReached,
    ToolMissing,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Census
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.clusters import PrivateCluster
from ansible_collections.diskominfo.backup.tests.drills import Backup, back_up, fill, prove, restored

FIFTEEN = Census(counts={"server major version": 15})
APP = DatabaseSource("postgresql", name="app")


def is_running(process: Path, program: str) -> bool:
    try:
        return program in (process / "comm").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_throwaway_server_runs_without_network_under_an_own_user_and_is_gone_afterwards(
    driver: PostgresqlDriver, shell: Shell, place: Path
) -> None:
    with driver.open_scratch(APP, FIFTEEN, shell, place) as target:
        assert isinstance(target, Cluster)
        with target.reach("template0", target.admin).open_session(shell) as session:
            rows = session.query("SELECT json_build_array(name, setting) FROM pg_settings")
            settings = dict(rows)
            assert session.query("SELECT to_json(rolname) FROM pg_roles WHERE rolcanlogin") == [target.admin]
        process = int((target.cell.path / "cluster" / "postmaster.pid").read_text().split()[0])
        running = [path for path in Path("/proc").glob("[0-9]*") if is_in(path, target.cell.path)]
        assert process > 0
        assert running
        if os.geteuid() == 0:
            # What ended meanwhile has no owner any more.
            owners = {path.stat().st_uid for path in running if is_running(path, "postgres")}
            assert owners == {target.cell.user}
            assert target.cell.user not in {0, os.stat("/").st_uid}
    for name in ("listen_addresses", "shared_preload_libraries", "session_preload_libraries"):
        assert settings[name] == ""
    assert (settings["archive_mode"], settings["fsync"], settings["max_wal_senders"]) == ("off", "off", "0")
    assert target.admin not in ("postgres", "root")
    assert [path for path in Path("/proc").glob("[0-9]*") if is_in(path, target.cell.path)] == []


def is_in(process: Path, folder: Path) -> bool:
    try:
        return os.fsencode(folder) in (process / "cmdline").read_bytes() or str(folder) in os.readlink(process / "cwd")
    except OSError:
        return False


def test_the_second_throwaway_server_is_a_copy_of_the_first(
    driver: PostgresqlDriver, shell: Shell, place: Path
) -> None:
    templates = place / "templates"
    made = replace(driver, templates=templates)
    templates.mkdir()
    (templates / "15-old-admin_x.tar").touch()
    admins = []
    for number in range(2):
        (place / f"{number}").mkdir()
        with made.open_scratch(APP, FIFTEEN, shell, place / f"{number}") as target:
            assert isinstance(target, Cluster)
            admins.append(target.admin)
    (template,) = templates.iterdir()
    assert template.stat().st_mode & 0o777 == 0o600
    assert admins[0] == admins[1]
    assert sum("initdb" in " ".join(trace.argv) for trace in shell.traces) == 1


def test_a_template_that_cannot_be_unpacked_says_nothing_of_what_was_stored(
    driver: PostgresqlDriver, shell: Shell, place: Path
) -> None:
    templates = place / "templates"
    made = replace(driver, templates=templates)
    (place / "first").mkdir()
    with made.open_scratch(APP, FIFTEEN, shell, place / "first"):
        (template,) = templates.iterdir()
    template.write_bytes(b"no archive")
    (place / "second").mkdir()
    with made.open_scratch(APP, FIFTEEN, shell, place / "second") as target, pytest.raises(ToolMissing, match="tar"):
        driver.examine(APP, target, FIFTEEN, {}, shell, place)


def test_without_a_place_for_templates_every_server_is_made_anew(
    driver: PostgresqlDriver, shell: Shell, place: Path
) -> None:
    (place / "file").touch()
    with replace(driver, templates=place / "file" / "x").open_scratch(APP, FIFTEEN, shell, place) as target:
        assert target.path.is_dir()


@pytest.mark.parametrize("expected", [Census(counts={"server major version": 12}), Census()])
def test_without_the_programs_of_the_same_version_nothing_is_started(
    driver: PostgresqlDriver, shell: Shell, place: Path, expected: Census
) -> None:
    with pytest.raises(ToolMissing, match="postgres"), driver.open_scratch(APP, expected, shell, place):
        pass
    assert shell.traces == []


def test_without_any_isolation_nothing_is_started(
    driver: PostgresqlDriver, shell: Shell, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise ToolMissing.no_isolation("none here")

    monkeypatch.setattr(scratch, "choose_isolation", refuse)
    with pytest.raises(ToolMissing, match="none here"), driver.open_scratch(APP, FIFTEEN, shell, place):
        pass
    assert shell.traces == []


def test_a_path_too_long_for_a_socket_is_told(driver: PostgresqlDriver, shell: Shell, place: Path) -> None:
    deep = place / ("x" * 90)
    deep.mkdir()
    with pytest.raises(TargetRefused, match="too long"), driver.open_scratch(APP, FIFTEEN, shell, deep):
        pass


def test_a_server_that_does_not_start_says_why(
    driver: PostgresqlDriver, shell: Shell, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "SETTINGS", ("no_such_setting=1",))
    with driver.open_scratch(APP, FIFTEEN, shell, place) as target:
        for _unused in range(2):
            with pytest.raises(ToolMissing, match="no_such_setting"):
                driver.examine(APP, target, FIFTEEN, {}, shell, place)


def test_the_time_limit_ends_a_throwaway_server(driver: PostgresqlDriver, place: Path) -> None:
    with Shell(60) as shell, driver.open_scratch(APP, FIFTEEN, shell, place) as target:
        shell.end(TimeLimitReached.after(1))
        with pytest.raises(TimeLimitReached):
            driver.examine(APP, target, FIFTEEN, {}, shell, place)
    assert [path for path in Path("/proc").glob("[0-9]*") if is_in(path, place)] == []


HOSTILE = """CREATE ROLE {owner} LOGIN; GRANT CREATE ON SCHEMA public TO {owner}; SET ROLE {owner};
CREATE FUNCTION bait(a text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
 BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch bitten; touch {outside}/bitten;
 bash -c ": >/dev/tcp/127.0.0.1/{port}"''';
 EXCEPTION WHEN OTHERS THEN END;
 BEGIN EXECUTE 'COPY (SELECT 1) TO ''{outside}/bitten'''; EXCEPTION WHEN OTHERS THEN END;
 BEGIN EXECUTE 'ALTER ROLE ' || current_user || ' SUPERUSER'; EXCEPTION WHEN OTHERS THEN END;
 BEGIN PERFORM set_config('role', (SELECT rolname FROM pg_roles WHERE rolsuper LIMIT 1), false);
 EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch bitten'''; EXCEPTION WHEN OTHERS THEN END;
 BEGIN PERFORM lo_export(lo_from_bytea(0, 'x'), '{outside}/bitten'); EXCEPTION WHEN OTHERS THEN END;
 RETURN true; END $$;
CREATE TABLE t (a text CHECK (bait(a))); INSERT INTO t VALUES ('x');
CREATE MATERIALIZED VIEW m AS SELECT bait('x');"""


@contextmanager
def listen() -> Iterator[tuple[int, Callable[[], int]]]:
    """A port of this machine, and how many have called there since one asked last."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)

        def count() -> int:
            calls = 0
            with suppress(BlockingIOError):
                while True:
                    listener.accept()[0].close()
                    calls += 1
            return calls

        yield listener.getsockname()[1], count


def test_code_of_a_dump_runs_nothing_outside_and_calls_nobody(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path
) -> None:
    outside = place / "outside"
    outside.mkdir()
    outside.chmod(0o777)
    with listen() as (port, count_calls):
        script = HOSTILE.format(owner="villain", outside=outside, port=port)
        backup = back_up(driver, cluster.source(cluster.create("hostile", script)), place, shell)
        assert count_calls(), "where a superuser runs it, it does call"
        with restored(driver, backup, shell, place) as target:
            assert isinstance(target, Cluster)
            examined = driver.examine(backup.source, target, backup.census, backup.asides, shell, place)
            bitten = list(target.cell.path.rglob("bitten"))
            with target.reach("hostile", target.admin).open_session(shell) as session:
                supers = session.query("SELECT to_json(rolname) FROM pg_roles WHERE rolsuper")
        assert count_calls() == 0
    assert list(examined.differences) == []
    assert bitten == []
    assert list(outside.iterdir()) == []
    assert supers == [target.admin]


def test_the_same_code_bites_a_superuser_and_still_not_beyond_its_cell(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the test above can fail: here the first of the two protections is taken away."""
    outside = place / "outside"
    outside.mkdir()
    outside.chmod(0o777)
    with listen() as (port, count_calls):
        script = HOSTILE.format(owner="villain2", outside=outside, port=port)
        backup = back_up(driver, cluster.source(cluster.create("hostile2", script)), place, shell)
        assert count_calls(), "where a superuser runs it, it does call"
        monkeypatch.setattr(restore, "RESTORER_RIGHTS", "LOGIN SUPERUSER")
        with restored(driver, backup, shell, place) as target:
            assert isinstance(target, Cluster)
            assert list(target.cell.path.rglob("bitten"))
        assert count_calls() == 0
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    ("script", "options"),
    [
        ("CREATE TABLE t AS SELECT 'é'::text AS a", "TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"),
        ("CREATE TABLE t AS SELECT E'\\\\351'::text AS \"n\"", "TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"),
        ("CREATE TABLE t (a text); DROP SCHEMA IF EXISTS x", "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'id'"),
        ("DROP SCHEMA public; CREATE SCHEMA sole; CREATE TABLE sole.t (a int)", ""),
        ("", ""),
    ],
)
def test_databases_of_any_encoding_and_shape_come_back(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path, script: str, options: str
) -> None:
    cluster.run("postgres", "DROP DATABASE IF EXISTS shaped")
    backup = back_up(driver, cluster.source(cluster.create("shaped", script, options)), place, shell)
    assert list(prove(driver, backup, shell, place).differences) == []


def test_who_owns_a_table_where_nothing_may_be_made_any_more_owns_it_again(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path
) -> None:
    cluster.create(
        "owned",
        """CREATE ROLE keeper; CREATE ROLE tenant; CREATE SCHEMA house AUTHORIZATION keeper;
        CREATE TABLE house.t (a int); CREATE FUNCTION house.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
        ALTER TABLE house.t OWNER TO tenant; ALTER FUNCTION house.f() OWNER TO tenant""",
    )
    backup = back_up(driver, cluster.source("owned"), place, shell)
    assert list(prove(driver, backup, shell, place).differences) == []


def pretend_extension(backup: Backup, name: str) -> Backup:
    """The backup as if its database had had this extension too."""
    objects = {**backup.census.objects, "extension": {name: "1.0 in public"}}
    return replace(backup, census=replace(backup.census, objects=objects))


@pytest.mark.parametrize(
    ("extension", "told"), [("no_such_thing", "extension not found"), ("file_fdw", "not allowed in a throwaway server")]
)
def test_an_extension_that_cannot_be_had_keeps_a_backup_from_being_proved_and_damages_nothing(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path, extension: str, told: str
) -> None:
    backup = pretend_extension(back_up(driver, small, place, shell), extension)
    with pytest.raises(ToolMissing, match=told), restored(driver, backup, shell, place):
        pass


def test_rows_of_an_extensions_own_tables_come_back(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No contrib extension has such a table, so one is made to belong to an extension here and there."""
    cluster.create("configured", "CREATE EXTENSION lo; CREATE TABLE t (a int); INSERT INTO t VALUES (1), (-2)")
    adopt = """ALTER EXTENSION lo ADD TABLE public.t;
        UPDATE pg_extension SET extconfig = ARRAY['public.t'::regclass::oid], extcondition = ARRAY['WHERE a < 0']
        WHERE extname = 'lo'"""
    cluster.run("configured", adopt)
    backup = back_up(driver, cluster.source("configured"), place, shell)
    assert backup.census.rows == {"public.t": 1}
    original = restore.ClusterSink._require_extension

    def require(self: restore.ClusterSink, session: Session, extension: str) -> None:
        original(self, session, extension)
        session.execute("CREATE EXTENSION lo SCHEMA public")
        session.execute("CREATE TABLE public.t (a int)")
        for statement in adopt.split(";"):
            session.execute(statement)

    monkeypatch.setattr(restore.ClusterSink, "_require_extension", require)
    assert list(prove(driver, backup, shell, place).differences) == []


def test_a_locale_that_is_not_here_is_named(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path
) -> None:
    backup = back_up(driver, small, place, shell)
    database = {**backup.census.objects["database"], "collation": "xx_XX.UTF-8"}
    backup = replace(backup, census=replace(backup.census, objects={**backup.census.objects, "database": database}))
    with pytest.raises(ToolMissing) as caught, restored(driver, backup, shell, place):
        pass
    assert "xx_XX.UTF-8" in caught.value.hint


LONG = """CREATE TABLE t (v text, asked text COMPRESSION pglz);
INSERT INTO t SELECT repeat(md5(i::text), 200), repeat(md5(i::text), 200) FROM generate_series(1, 5) AS i"""


@pytest.mark.parametrize(("question", "usual"), [(restore.CAN_LZ4, "lz4"), ("SELECT to_json(1) WHERE false", "pglz")])
def test_long_values_are_compressed_fast_where_that_can_be_and_as_a_column_asks(
    driver: PostgresqlDriver,
    cluster: PrivateCluster,
    shell: Shell,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    question: str,
    usual: str,
) -> None:
    name = cluster.create(f"long_{usual}", LONG)
    backup = back_up(driver, cluster.source(name), place, shell)
    monkeypatch.setattr(restore, "CAN_LZ4", question)
    with restored(driver, backup, shell, place) as target:
        assert isinstance(target, Cluster)
        with target.reach(name, target.admin).open_session(shell) as session:
            asked = "SELECT DISTINCT json_build_array(pg_column_compression(v), pg_column_compression(asked))::text"
            assert session.query(f"SELECT to_json(f.c::json) FROM ({asked} AS c FROM public.t) AS f") == [
                [usual, "pglz"]
            ]
        assert not driver.examine(backup.source, target, backup.census, backup.asides, shell, place).differences


def test_an_archive_that_does_not_load_is_told_by_its_first_error(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path
) -> None:
    cluster.create("unsound", "CREATE TABLE t (a int); INSERT INTO t VALUES (-1)")
    cluster.run("unsound", "ALTER TABLE t ADD CHECK (a > 0) NOT VALID")
    cluster.run("unsound", "UPDATE pg_constraint SET convalidated = true WHERE conname = 't_a_check'")
    backup = back_up(driver, cluster.source("unsound"), place, shell)
    with pytest.raises(RestoreFailed, match="violates check constraint"), restored(driver, backup, shell, place):
        pass


def test_a_statement_that_the_throwaway_server_refuses_is_a_failed_restore(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = back_up(driver, small, place, shell)
    monkeypatch.setattr(restore, "RESTORER_RIGHTS", "NONSENSE")
    with pytest.raises(RestoreFailed, match="unrecognized role option"), restored(driver, backup, shell, place):
        pass


def test_a_cut_archive_is_not_restored(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path
) -> None:
    backup = back_up(driver, small, place, shell)
    whole = backup.stream.read_bytes()
    with driver.open_scratch(small, backup.census, shell, place) as target:
        for content in (whole[:200], b"x" * 100, whole[:-20]):
            backup.stream.write_bytes(content)
            with pytest.raises(RestoreFailed):
                fill(driver, backup, target, shell)
            (target.path / "archive.dump").unlink()


class AnyVersion(Programs):
    """Takes the programs of this machine for those of every version."""

    def of_server(self, program: str, major: int) -> str:
        return super().of_server(program, max(major, *self.find_majors(program)))


def test_older_servers_give_the_schema_public_to_their_first_superuser(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path
) -> None:
    backup = back_up(driver, small, place, shell)
    with driver.open_scratch(small, backup.census, shell, place) as target:
        assert isinstance(target, Cluster)
        fill(driver, backup, replace(target, major=14, programs=AnyVersion()), shell)
        with target.reach("small", target.admin).open_session(shell) as session:
            asked = "SELECT to_json(nspowner::regrole::text) FROM pg_namespace WHERE nspname = 'public'"
            assert session.query(asked) == ["postgres"]
