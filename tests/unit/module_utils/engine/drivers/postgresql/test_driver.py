from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.base import NewPlace, Scratch
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql import census
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.client import quote_identifier
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.driver import PostgresqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.scratch import Cluster
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RestoreFailed
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.clusters import PROGRAMS, PrivateCluster, as_owner
from ansible_collections.diskominfo.backup.tests.drills import back_up, fill, prove, read, restored

LEFT_OUT = (
    "EVENT TRIGGER",
    "PUBLICATION",
    "SERVER",
    "FOREIGN TABLE",
    "internal",
    "tight",
    "dba;",
    "member;",
    "pg_read",
)


def dump_text(run: Callable[[list[str]], bytes], *options: str) -> list[str]:
    """pg_dump's words in an order of their own, without the random key of psql's restricted mode."""
    text = run([str(PROGRAMS / "pg_dump"), *options]).decode()
    kept = [line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrestrict", "--"))]
    return sorted(re.sub(r"::(character varying|text)|[()\[\]]", "", line) for line in kept)


def test_everything_comes_back_and_another_pg_dump_says_the_same(
    driver: PostgresqlDriver, everything: DatabaseSource, cluster: PrivateCluster, shell: Shell, place: Path
) -> None:
    backup = back_up(driver, everything, place, shell)

    with restored(driver, backup, shell, place) as target:
        assert isinstance(target, Cluster)
        examined = driver.examine(everything, target, backup.census, backup.asides, shell, place)
        inside = target.reach("app", target.admin).address

        def run_inside(argv: list[str]) -> bytes:
            return shell.run(inside.wrap([*argv, "-d", inside.conninfo()])).stdout

        def run_outside(argv: list[str]) -> bytes:
            where = f"host={cluster.folder} port={cluster.port} user=postgres dbname=app"
            return subprocess.run(as_owner(*argv, "-d", where), check=True, capture_output=True).stdout

        assert dump_text(run_inside, "--data-only") == dump_text(run_outside, "--data-only")
        before, after = dump_text(run_outside, "--schema-only"), dump_text(run_inside, "--schema-only")

    assert list(examined.differences) == []
    lost = {line for line in set(before) - set(after) if not any(word in line for word in LEFT_OUT)}
    assert lost <= LEFT_TO_THE_CONTENTS
    assert {line for line in set(after) - set(before) if not line.startswith("COMMENT ON EXTENSION hstore")} == set()


LEFT_TO_THE_CONTENTS = {
    "   EXECUTE FUNCTION public.evf;",
    "    AS $$ SELECT true $$;",
    "    AS $$textout$$;",
    "    LANGUAGE sql LEAKPROOF",
    "SERVER srv;",
    "    password 'remote'",
    "    a integer",
    "CREATE USER MAPPING FOR app SERVER srv OPTIONS ",
    "COMMENT ON EXTENSION hstore IS 'another comment';",
    "GRANT SELECT ON TABLE s.t TO reader WITH GRANT OPTION;",
    "GRANT UPDATEv ON TABLE s.t TO reader;",
    "SET SESSION AUTHORIZATION reader;",
    "RESET SESSION AUTHORIZATION;",
}
"""Only a superuser may say these; the comparison finds them in the archive's table of contents."""


def test_the_census_names_what_a_database_holds(
    driver: PostgresqlDriver, everything: DatabaseSource, shell: Shell, place: Path
) -> None:
    backup = back_up(driver, everything, place, shell)
    counted = backup.census
    assert counted.rows["s.t"] == 1000, "row security hides half of them from others"
    assert (counted.rows["public.a b-c;d"], counted.rows["public.p1"], counted.rows["public.pd"]) == (3, 1, 1)
    assert (counted.rows["public.parent"], counted.rows["public.child"]) == (0, 1)
    assert counted.objects["sequence value"]["s.t_id_seq"] == "after 1000"
    assert counted.objects["sequence value"]["public.sq2"] == "before 1"
    assert counted.counts["bytes of large objects"] == 10004
    assert set(counted.objects["role"]) == {"postgres", "dba", "app", "reader", "member", "second_root"}
    assert counted.consistency == "snapshot"
    assert json.loads(json.dumps(counted.to_data())) == counted.to_data()
    assert backup.dumped.tool.startswith("pg_dump 15")
    assert backup.dumped.server_version.startswith("PostgreSQL 15")


def test_a_second_backup_of_a_resting_database_is_equal(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path
) -> None:
    assert back_up(driver, small, place, shell).census == back_up(driver, small, place, shell).census


NAMES = ("-f evil", "dbname=postgres host=10.255.255.1", "a'b\\c", 'quo"ted', "../up", "naskah-é-文", "-", "a=b")


def test_names_are_only_names(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    for name in NAMES:
        cluster.create(name, "CREATE TABLE t AS SELECT 1 AS a")
        backup = back_up(driver, cluster.source(name), place, shell)
        read(driver, backup, backup.stream.read_bytes())
        assert backup.census.rows == {"public.t": 1}
    assert not list(Path().glob("*evil*"))


@pytest.mark.parametrize("name", ["-f evil", "dbname=postgres host=10.255.255.1 a'b\\c quo\"ted é"])
def test_names_are_only_names_in_a_throwaway_server_too(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, place: Path, name: str
) -> None:
    cluster.run("postgres", f"DROP DATABASE IF EXISTS {quote_identifier(name)}")
    cluster.create(name, 'CREATE SCHEMA "-x"; CREATE TABLE "-x"."--help" AS SELECT 1 AS a; CREATE ROLE "a;b -f x"')
    cluster.run(name, 'ALTER TABLE "-x"."--help" OWNER TO "a;b -f x"; ')
    backup = back_up(driver, cluster.source(name), place, shell)
    assert list(prove(driver, backup, shell, place).differences) == []
    cluster.run("postgres", f'DROP DATABASE {quote_identifier(name)}; DROP ROLE "a;b -f x"')


def test_what_is_missing_or_changed_after_a_restore_is_named(
    driver: PostgresqlDriver, everything: DatabaseSource, shell: Shell, place: Path
) -> None:
    backup = back_up(driver, everything, place, shell)
    with restored(driver, backup, shell, place) as target:
        assert isinstance(target, Cluster)
        with target.reach("app", target.admin).open_session(shell) as session:
            session.execute("DELETE FROM s.t WHERE id = 7")
            session.execute("DROP POLICY half ON s.t")
            session.execute("ALTER TABLE s.t DISABLE TRIGGER tr")
            session.execute("SELECT to_json(setval('public.sq', 500))")
            session.execute("CREATE OR REPLACE VIEW public.w AS SELECT id, v FROM s.t WHERE v IN ('a', 'c')")
            session.execute("ALTER FUNCTION public.f(int, text) SECURITY INVOKER")
            session.execute("ALTER TABLE public.fa OWNER TO app")
            session.execute("REVOKE EXECUTE ON FUNCTION public.f(int, text) FROM reader")
            session.execute("SELECT to_json(lo_unlink(min(oid))) FROM pg_largeobject_metadata")
            session.execute("DROP INDEX public.p_m_idx")
            session.execute("CREATE EXTENSION citext SCHEMA public")
        objects = {**backup.census.objects, "setting": {**backup.census.objects["setting"], "work_mem": "other"}}
        assert "work_mem" in backup.census.objects["setting"]
        backup = replace(backup, census=replace(backup.census, objects=objects))
        examined = driver.examine(everything, target, backup.census, backup.asides, shell, place)
    named = {difference.what for difference in examined.differences}
    assert {
        "table s.t", "policy s.t half", "trigger s.t tr", "sequence value public.sq", "view public.w",
        "routine public.f(integer, text)", "table public.fa", "access routine public.f(integer, text)",
        "number of bytes of large objects", "index public.p_m_idx", "extension citext", "setting work_mem",
    } <= named  # fmt: skip
    assert examined.difference_count == len(examined.differences)
    assert examined.comparison == "rows"


def test_a_database_of_very_many_objects_is_told_by_their_number(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(census, "NAMES_LIMIT", 0)
    backup = back_up(driver, small, place, shell)
    assert list(backup.census.objects["table"]) == ["all 1"]
    read(driver, backup, backup.stream.read_bytes())
    assert list(prove(driver, backup, shell, place).differences) == []


def test_an_archive_may_come_back_as_a_file_and_is_proved_all_the_same(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path
) -> None:
    backup = back_up(driver, small, place, shell)
    target = NewPlace.prove(place / "restored")
    fill(driver, backup, target, shell)
    (place / "x").mkdir()
    examined = driver.examine(small, target, backup.census, backup.asides, shell, place / "x")
    assert list(examined.differences) == []
    assert (target.path / "archive.dump").read_bytes() == backup.stream.read_bytes()
    with pytest.raises(RestoreFailed), driver.open_restore(small, Scratch(target.path), shell):
        pass
