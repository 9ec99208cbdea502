"""A database on its running server again: filled beside, compared, and exchanged in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.base import Stored
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql import landing
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.session import (
    Session,
    StatementFailed,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Census
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.retrieval import Retrieval
from ansible_collections.diskominfo.backup.tests.clusters import PrivateCluster, keep_running
from ansible_collections.diskominfo.backup.tests.office import Answer, Office

TABLES = """CREATE TABLE izin (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, usaha text);
INSERT INTO izin (usaha) SELECT 'Usaha ' || n FROM generate_series(1, 300) AS n;
CREATE VIEW ringkas AS SELECT count(*) FROM izin; ALTER TABLE izin OWNER TO perizinan;
ALTER DATABASE perizinan SET statement_timeout = '7min'; ALTER DATABASE perizinan CONNECTION LIMIT 40;
GRANT CONNECT ON DATABASE perizinan TO pemeriksa; REVOKE TEMPORARY ON DATABASE perizinan FROM PUBLIC;
GRANT SELECT ON izin TO pemeriksa; CREATE EXTENSION unaccent;"""
ROLES = "CREATE ROLE perizinan LOGIN PASSWORD 'rahasia-1'; CREATE ROLE pemeriksa; GRANT pemeriksa TO perizinan"
IN_PLACE = ("--in-place", "--confirm", "perizinan")
VERIFIER = "SELECT rolpassword FROM pg_authid WHERE rolname = 'perizinan'"
DATABASES = "SELECT datname FROM pg_database ORDER BY datname"


@pytest.fixture
def office(tmp_path: Path, cluster: PrivateCluster) -> Iterator[Office]:
    """An office whose licences are a database with roles of its own."""
    cluster.run("postgres", ROLES)
    cluster.create("perizinan", TABLES, "OWNER perizinan")
    made = Office(tmp_path)
    tmp_path.chmod(0o755)
    source = cluster.source("perizinan").to_data()
    made.applications.append({"name": "perizinan", "databases": [source]})
    yield made
    destroy(cluster)


def destroy(cluster: PrivateCluster) -> None:
    for name in ("perizinan", "perizinan_baru"):
        cluster.run("postgres", f"DROP DATABASE IF EXISTS {name}")
    cluster.run("postgres", "DROP ROLE IF EXISTS perizinan; DROP ROLE IF EXISTS pemeriksa")


def restore(office: Office, *words: str) -> Answer:
    return office.call("restore", "perizinan", *words)


def count(cluster: PrivateCluster, database: str = "perizinan") -> str:
    return cluster.run(database, "SELECT count(*) FROM izin")


def test_a_destroyed_database_comes_back_with_its_roles_and_settings(office: Office, cluster: PrivateCluster) -> None:
    office.call("run")
    verifier = cluster.run("postgres", VERIFIER)
    properties = "SELECT (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) AS a), datconnlimit"
    properties += ", (SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = d.oid), pg_get_userbyid(datdba)"
    properties += " FROM pg_database AS d WHERE datname = 'perizinan'"
    before = cluster.run("postgres", properties)
    databases = cluster.run("postgres", DATABASES)
    destroy(cluster)

    told = restore(office, "--dry-run", *IN_PLACE)
    answer = restore(office, *IN_PLACE)

    assert any("make the roles that are missing" in step and "perizinan" in step for step in told.data["steps"])
    assert answer.status == 0, answer.stdout
    assert answer.receipt["parts"][0]["level"] == "compared"
    assert (count(cluster), cluster.run("perizinan", "SELECT * FROM ringkas")) == ("300", "300")
    assert cluster.run("postgres", VERIFIER) == verifier
    assert cluster.run("postgres", properties) == before
    assert cluster.run("postgres", DATABASES) == databases


def test_what_is_there_is_kept_first_and_connections_do_not_hinder(office: Office, cluster: PrivateCluster) -> None:
    office.call("run")
    cluster.run("perizinan", "DELETE FROM izin WHERE id > 7; CREATE TABLE baru (a int)")
    cluster.run("postgres", "ALTER ROLE perizinan PASSWORD 'rahasia-2'")
    verifier = cluster.run("postgres", VERIFIER)

    with keep_running(cluster, "perizinan", "SELECT pg_sleep(600)"):
        answer = restore(office, *IN_PLACE)

    assert answer.status == 0, answer.stdout
    assert (count(cluster), cluster.run("perizinan", "SELECT to_regclass('baru')")) == ("300", "")
    assert cluster.run("postgres", VERIFIER) == verifier
    assert restore(office, "--run", answer.receipt["safety_id"], *IN_PLACE).status == 0
    assert count(cluster) == "7"
    assert "__" not in cluster.run("postgres", DATABASES)


def test_beside_the_original_a_database_gets_a_new_name(office: Office, cluster: PrivateCluster) -> None:
    office.call("run")
    cluster.run("perizinan", "DELETE FROM izin")

    answer = restore(office, "--database", "perizinan_baru")

    assert answer.status == 0, answer.stdout
    assert (count(cluster, "perizinan_baru"), count(cluster)) == ("300", "0")
    assert any("are not set on perizinan_baru" in note for note in answer.receipt["parts"][0]["notes"])


def test_a_name_that_is_taken_is_refused(office: Office, cluster: PrivateCluster) -> None:
    office.call("run")

    answer = restore(office, "--database", "perizinan")

    assert answer.receipt["failure"]["message"] == "database perizinan exists"
    assert count(cluster) == "300"


def test_who_fails_while_it_is_filled_leaves_the_original_alone(
    office: Office, cluster: PrivateCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.call("run")

    def stumble(_self: Retrieval, _target: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(Retrieval, "restore", stumble)
    answer = restore(office, *IN_PLACE)

    assert answer.status == 1
    assert count(cluster) == "300"
    assert "__" not in cluster.run("postgres", DATABASES)


def test_what_the_server_refuses_is_told_and_nothing_is_exchanged(
    office: Office, cluster: PrivateCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.call("run")
    monkeypatch.setattr(landing.PostgresqlLanding, "_write_options", lambda _self: "ENCODING = 'NONE'")

    answer = restore(office, *IN_PLACE)

    assert answer.receipt["failure"]["slug"] == "restore_failed"
    assert count(cluster) == "300"


def test_an_archive_that_does_not_restore_is_told(
    office: Office, cluster: PrivateCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.call("run")
    cluster.run("template1", "CREATE TABLE public.izin (a int)")
    monkeypatch.setattr(landing.PostgresqlLanding, "_write_options", lambda _self: "TEMPLATE template1 OWNER perizinan")

    answer = restore(office, *IN_PLACE)
    cluster.run("template1", "DROP TABLE izin")

    assert answer.receipt["failure"]["slug"] == "restore_failed"
    assert "already exists" in answer.receipt["failure"]["message"]
    assert count(cluster) == "300"


def test_an_exchange_that_is_refused_again_and_again_is_told(
    office: Office, cluster: PrivateCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.call("run")
    cluster.run("perizinan", "DELETE FROM izin WHERE id > 7")

    def refuse(_self: object) -> None:
        raise StatementFailed("perizinan: it is being accessed by other users")

    monkeypatch.setattr(landing.PostgresqlLanding, "_exchange", refuse)
    answer = restore(office, *IN_PLACE)

    assert "other users" in answer.receipt["failure"]["message"]
    assert count(cluster) == "7"
    assert "__" not in cluster.run("postgres", DATABASES)


def test_an_exchange_is_tried_again(office: Office, cluster: PrivateCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    office.call("run")
    original, tried = landing.PostgresqlLanding._exchange, []

    def refuse_once(self: landing.PostgresqlLanding) -> None:
        tried.append(1)
        if len(tried) == 1:
            raise StatementFailed("perizinan: it is being accessed by other users")
        original(self)

    monkeypatch.setattr(landing.PostgresqlLanding, "_exchange", refuse_once)
    assert restore(office, *IN_PLACE).status == 0
    assert count(cluster) == "300"


def test_a_former_database_that_cannot_be_dropped_at_once_is_dropped_later(
    office: Office, cluster: PrivateCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.call("run")
    cluster.run("perizinan", "DELETE FROM izin WHERE id > 7")
    original = Session.execute
    refused: list[str] = []

    def refuse_once(self: Session, sql: str) -> None:
        if sql.startswith("DROP DATABASE") and not refused:
            refused.append(sql)
            raise StatementFailed("perizinan__old: it is being accessed by other users")
        original(self, sql)

    monkeypatch.setattr(Session, "execute", refuse_once)
    answer = restore(office, *IN_PLACE)

    assert answer.status == 0, answer.stdout
    assert refused
    assert count(cluster) == "300"
    assert "__" not in cluster.run("postgres", DATABASES)


@pytest.mark.parametrize("taken", ["perizinan__new", "perizinan__old"])
def test_a_database_of_somebody_else_is_never_dropped(office: Office, cluster: PrivateCluster, taken: str) -> None:
    office.call("run")
    cluster.create(taken, "CREATE TABLE milik (a int)")
    try:
        told = restore(office, "--dry-run", *IN_PLACE)
        answer = restore(office, *IN_PLACE)
        left = cluster.run(taken, "SELECT to_regclass('milik')")
    finally:
        cluster.run("postgres", f"DROP DATABASE IF EXISTS {taken}")

    assert told.status != 0
    assert answer.receipt["failure"]["slug"] == "target_refused"
    assert f"{taken} is there" in answer.receipt["failure"]["message"]
    assert "drop or rename it" in answer.receipt["failure"]["hint"]
    assert [receipt["kind"] for receipt in office.receipts_of("perizinan")] == ["run", "restore"]
    assert (left, count(cluster)) == ("milik", "300")


def test_a_name_that_only_an_exchange_needs_hinders_nothing_else(office: Office, cluster: PrivateCluster) -> None:
    office.call("run")
    cluster.run("postgres", "DROP DATABASE perizinan")
    cluster.create("perizinan__old", "CREATE TABLE milik (a int)")
    try:
        answer = restore(office, *IN_PLACE)
        left = cluster.run("perizinan__old", "SELECT to_regclass('milik')")
    finally:
        cluster.run("postgres", "DROP DATABASE IF EXISTS perizinan__old")

    assert answer.status == 0, answer.stdout
    assert (left, count(cluster)) == ("milik", "300")


MEMBERS = """SELECT string_agg(m.rolname, ',' ORDER BY m.rolname) FROM pg_auth_members AS a
JOIN pg_roles AS m ON m.oid = a.member JOIN pg_roles AS g ON g.oid = a.roleid WHERE g.rolname = 'pemeriksa'"""


def test_a_membership_that_was_taken_away_since_stays_away(office: Office, cluster: PrivateCluster) -> None:
    cluster.run("postgres", 'CREATE ROLE "Tamu 1"; GRANT pemeriksa TO "Tamu 1" WITH ADMIN OPTION')
    try:
        office.call("run")
        cluster.run("postgres", 'REVOKE pemeriksa FROM perizinan; DROP ROLE "Tamu 1"')
        answer = restore(office, *IN_PLACE)
        members = cluster.run("postgres", MEMBERS)
    finally:
        cluster.run("postgres", 'DROP ROLE IF EXISTS "Tamu 1"')

    assert answer.status == 0, answer.stdout
    assert members == "Tamu 1"


def test_a_property_that_cannot_be_set_is_a_note(
    office: Office, cluster: PrivateCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.call("run")
    original = Session.execute

    def refuse(self: Session, sql: str) -> None:
        original(self, "SELECT nothing" if "CONNECTION LIMIT = 40" in sql else sql)

    monkeypatch.setattr(Session, "execute", refuse)
    answer = restore(office, *IN_PLACE)

    assert answer.status == 0, answer.stdout
    assert any("was not set" in note for note in answer.receipt["parts"][0]["notes"])
    assert count(cluster) == "300"


def test_who_is_no_superuser_is_told_before_anything_is_done(
    office: Office, cluster: PrivateCluster, tmp_path: Path
) -> None:
    office.call("run")
    secret = tmp_path / "secret"
    secret.write_text("rahasia-1\n")
    secret.chmod(0o600)
    office.applications[0]["databases"] = [
        cluster.source("perizinan", socket="", host="127.0.0.1", user="perizinan", password_file=str(secret)).to_data()
    ]

    answer = restore(office, *IN_PLACE)

    assert "SUPERUSER" in answer.receipt["failure"]["message"]
    assert "rahasia" not in answer.stdout
    assert [receipt["kind"] for receipt in office.receipts_of("perizinan")] == ["run", "restore"]


def test_a_backup_without_accounts_makes_roles_without_a_login(office: Office, cluster: PrivateCluster) -> None:
    office.applications[0]["databases"][0]["credentials"] = False
    office.call("run")
    destroy(cluster)

    answer = restore(office, *IN_PLACE)

    assert answer.status == 0, answer.stdout
    assert any("made without a password" in note for note in answer.receipt["parts"][0]["notes"])
    assert cluster.run("postgres", "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'perizinan'") == "f"


def change_record(office: Office, pattern: str, text: str) -> None:
    """The stored run as another server would have left it."""
    for folder in (office.stored_runs("perizinan")[0], office.state / "receipts" / "perizinan"):
        for path in folder.glob("*.json"):
            path.write_text(re.sub(pattern, text, path.read_text()))


def test_a_newer_backup_is_refused_by_an_older_server_by_name(office: Office, cluster: PrivateCluster) -> None:
    office.call("run")
    change_record(office, r'("server major version": ?)\d+', r"\g<1>99")

    answer = restore(office, *IN_PLACE)

    assert answer.receipt["failure"]["slug"] == "target_refused"
    assert "was backed up from PostgreSQL 99, this server is PostgreSQL" in answer.receipt["failure"]["message"]
    assert count(cluster) == "300"


def test_an_older_backup_is_taken_and_compared_by_rows_and_names(office: Office, cluster: PrivateCluster) -> None:
    office.call("run")
    change_record(office, r'("server major version": ?)\d+', r"\g<1>13")

    answer = restore(office, *IN_PLACE)

    assert answer.status == 0, answer.stdout
    assert count(cluster) == "300"


def test_an_extension_that_is_not_installed_is_named_before_anything_is_done(
    office: Office, cluster: PrivateCluster
) -> None:
    office.call("run")
    change_record(office, r'"unaccent":', '"rekaan":')

    answer = restore(office, *IN_PLACE)

    assert answer.receipt["failure"]["slug"] == "tool_missing"
    assert "rekaan" in answer.receipt["failure"]["message"]
    assert count(cluster) == "300"


def test_options_of_a_database_with_a_locale_of_its_own_are_kept() -> None:
    made = landing.PostgresqlLanding.__new__(landing.PostgresqlLanding)
    wanted = {"provider": "i", "locale": "id-ID", "encoding": "UTF8"}
    made._stored = replace(Stored("", Census(), 0, {}), census=Census(objects={"database": wanted}))
    assert "LOCALE_PROVIDER = icu ICU_LOCALE = 'id-ID'" in made._write_options()
