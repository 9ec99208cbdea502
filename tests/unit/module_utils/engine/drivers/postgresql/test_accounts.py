from __future__ import annotations

import stat
from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.driver import PostgresqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.clusters import run_cluster
from ansible_collections.diskominfo.backup.tests.drills import back_up

ASK = """SELECT json_object_agg(r.rolname, json_build_array(r.rolpassword, r.rolcanlogin, r.rolsuper,
 (SELECT json_agg(c ORDER BY c) FROM unnest(s.setconfig) AS c),
 (SELECT json_agg(g.rolname ORDER BY g.rolname) FROM pg_auth_members AS a JOIN pg_roles AS g ON g.oid = a.roleid
 WHERE a.member = r.oid AND g.rolname IN ('app', 'pg_monitor')))) FROM pg_authid AS r
 LEFT JOIN pg_db_role_setting AS s ON s.setrole = r.oid AND s.setdatabase = 0
 WHERE r.oid >= 16384 AND r.rolname IN ('app', 'dba', 'reader', 'member', 'second_root', 'odd "name'';')"""


def test_accounts_stand_up_again_on_a_new_server(driver: PostgresqlDriver, shell: Shell, place: Path) -> None:
    with run_cluster() as first, run_cluster() as second:
        first.create(
            "app",
            """CREATE ROLE app LOGIN PASSWORD 'verifier'; CREATE ROLE dba CREATEDB; CREATE ROLE bystander LOGIN;
            CREATE ROLE member LOGIN IN ROLE app, pg_monitor; CREATE ROLE "odd ""name';" LOGIN VALID UNTIL '2030-01-01';
            GRANT bystander TO app; GRANT app TO dba WITH ADMIN OPTION;
            CREATE TABLE t (a int); ALTER TABLE t OWNER TO app;
            GRANT SELECT ON t TO "odd ""name';"; ALTER ROLE app SET search_path = "$user", public;
            ALTER ROLE app SET work_mem = '64MB'; ALTER ROLE app SET my.text = 'it''s; DROP'""",
        )
        path = back_up(driver, first.source("app"), place, shell).asides["globals.sql"]
        script = path.read_text()
        second.run("postgres", script)
        assert first.ask("postgres", ASK) == second.ask("postgres", ASK)
        assert len(first.ask("postgres", ASK)) == 4
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "bystander" not in script, "it has nothing to do with this database"
    assert "SCRAM-SHA-256" in script


def test_a_database_without_accounts_of_its_own_has_an_empty_list(
    driver: PostgresqlDriver, small: DatabaseSource, shell: Shell, place: Path
) -> None:
    assert "CREATE ROLE" not in back_up(driver, small, place, shell).asides["globals.sql"].read_text()
