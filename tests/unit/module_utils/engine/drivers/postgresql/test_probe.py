from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql import probe
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.driver import PostgresqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.probe import SHOWN
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.clusters import PrivateCluster
from ansible_collections.diskominfo.backup.tests.unit.module_utils.engine.drivers.postgresql.programs import (
    replace_programs,
)


@pytest.fixture(scope="module")
def clerk(cluster: PrivateCluster) -> Iterator[str]:
    """A role that may log in and nothing else."""
    cluster.run("postgres", "CREATE ROLE clerk LOGIN PASSWORD 'clerk'")
    yield "clerk"
    cluster.run("postgres", "ALTER ROLE clerk NOLOGIN")


@pytest.fixture
def password_file(place: Path) -> Path:
    path = place / "password"
    path.touch(0o600)
    path.write_text("clerk\n")
    return path


def test_a_sound_source_has_no_findings(driver: PostgresqlDriver, everything: DatabaseSource, shell: Shell) -> None:
    assert list(driver.probe(everything, shell)) == []


def test_all_that_a_user_may_not_read_is_named_at_once(
    driver: PostgresqlDriver, cluster: PrivateCluster, clerk: str, password_file: Path, shell: Shell
) -> None:
    tables = "".join(f"CREATE TABLE t{number} (a serial);" for number in range(SHOWN + 2))
    cluster.create(
        "offices",
        f"""{tables} CREATE SCHEMA closed; SELECT lo_from_bytea(12345, 'x'); CREATE EXTENSION postgres_fdw;
        CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
        CREATE USER MAPPING FOR postgres SERVER far OPTIONS (password 'x');
        CREATE SUBSCRIPTION sub CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)""",
    )
    source = DatabaseSource(
        "postgresql", name="offices", host="127.0.0.1", port=cluster.port, user=clerk, password_file=str(password_file)
    )
    (finding,) = driver.probe(source, shell)
    for told in (
        "schemas it may not use: closed",
        "tables it may not read: public.t0, public.t1, public.t2, public.t3, public.t4 and 2 more",
        "sequences it may not read: public.t0_a_seq",
        "large objects it may not read: 12345",
        "subscriptions, which only a superuser may read: sub",
        "user mappings it may not read: far for postgres",
    ):
        assert told in finding.message
    assert finding.severity == "red"
    assert finding.subject == "offices"
    cluster.run("offices", "ALTER SUBSCRIPTION sub SET (slot_name = NONE); DROP SUBSCRIPTION sub")


def test_without_the_server_programs_a_check_cannot_follow_and_the_package_is_named(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell
) -> None:
    with replace_programs(15, missing=("postgres",)) as programs:
        (finding,) = replace(driver, programs=programs).probe(small, shell)
    assert (finding.severity, finding.hint) == ("yellow", "install it: apt-get install postgresql-15")


def test_another_version_of_the_collation_is_a_warning(
    driver: PostgresqlDriver, cluster: PrivateCluster, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.create("sorted", options="TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'id'")
    cluster.run("postgres", "UPDATE pg_database SET datcollversion = '1.0' WHERE datname = 'sorted'")
    (finding,) = driver.probe(cluster.source("sorted"), shell)
    monkeypatch.setattr(probe, "COLLATION_KNOWN", 99)
    assert list(driver.probe(cluster.source("sorted"), shell)) == []
    assert (finding.slug, finding.severity) == ("collation_changed", "yellow")
    assert "version 1.0" in finding.message


def test_an_unusable_password_file_is_a_finding(driver: PostgresqlDriver, shell: Shell) -> None:
    source = DatabaseSource("postgresql", name="x", host="127.0.0.1", password_file="/nowhere/password")
    (finding,) = driver.probe(source, shell)
    assert (finding.slug, finding.subject) == ("source_unreadable", "x")
