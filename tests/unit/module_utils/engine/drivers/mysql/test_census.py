from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.accounts import list_statements
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.census import (
    Count,
    read_definitions,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.client import (
    Access,
    ServerError,
    Version,
    open_access,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.rights import (
    find_missing_rights,
    may_lock,
    read_grants,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.session import (
    end_connections,
    open_session,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import SourceMissing, SourceUnreadable
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.tests.mariadb import PrivateServer

MYSQL = Version("8.0.36", (8, 0), is_mariadb=False)


@pytest.fixture
def access(server: PrivateServer, tmp_path: Path) -> Iterator[Access]:
    """The way to a small database, as its administrator."""
    server.create("counted", "CREATE TABLE t (a INT); CREATE PROCEDURE p() SELECT 1")
    with open_access(server.source("counted"), tmp_path) as access:
        yield access


def test_values_of_every_kind_arrive_as_they_are(access: Access, shell: Shell) -> None:
    odd = "tab\t newline\n zero\0 backslash\\ \\n quote' 😀 `x`; DELIMITER //"
    text = odd.encode().hex()
    with open_session(access, shell) as session:
        assert session.query(f"SELECT CONVERT(x'{text}' USING utf8mb4), '', 1") == [(odd, "", "1")]
        assert session.query("SELECT 1 WHERE 0 = 1") == []
        assert session.query(f"SELECT '{odd.replace(chr(92), '').replace(chr(39), '')}' = 1") == [("0",)]
        assert len(session.query(f"SELECT REPEAT('{'x' * 1000}', 300)")[0][0]) == 300_000


def test_a_refused_statement_ends_the_session_with_its_number(access: Access, shell: Shell) -> None:
    with open_session(access, shell) as session:
        with pytest.raises(ServerError) as refused:
            session.query("SELECT * FROM nothing_like_that")
        assert refused.value.code == 1146


def test_a_database_that_is_dropped_meanwhile_is_told(server: PrivateServer, access: Access, shell: Shell) -> None:
    with open_session(access, shell) as session:
        server.run("DROP DATABASE counted")
        with pytest.raises(SourceMissing):
            read_definitions(session)


@pytest.mark.usefixtures("access")
def test_a_routine_whose_body_is_hidden_is_told(server: PrivateServer, shell: Shell, tmp_path: Path) -> None:
    server.run("CREATE OR REPLACE USER peeper@localhost; GRANT EXECUTE, SELECT ON counted.* TO peeper@localhost")
    limited = server.source("counted", user="peeper")
    with open_access(limited, tmp_path) as access, open_session(access, shell) as session:
        told = pytest.raises(SourceUnreadable, match="procedure p")
        with told:
            read_definitions(session)
    server.run("DROP USER peeper@localhost")


def test_a_count_can_be_stopped_while_the_server_is_busy(server: PrivateServer, access: Access, shell: Shell) -> None:
    failed = threading.Event()
    server.run("CREATE TABLE big (a INT); INSERT INTO big SELECT seq FROM seq_1_to_2000", "counted")
    server.run("CREATE VIEW slow AS SELECT x.a FROM big x JOIN big y JOIN big z", "counted")
    with open_session(access, shell) as session:
        count = Count(session, ["slow"], (), failed.set)
        count.start()
        count.stop()
        assert failed.is_set()
        with pytest.raises(ServerError):
            count.result()
        ids = [session.connection_id]
    end_connections(access, shell, ids)
    assert server.count_sessions() == 0


def test_a_server_that_is_gone_has_nothing_to_end(tmp_path: Path) -> None:
    options = tmp_path / "options"
    options.write_text(f"[client]\nsocket={tmp_path}/none\n")
    with Shell(30) as shell:
        end_connections(Access(options, "x"), shell, [1])


def test_what_mysql_calls_its_rights_and_accounts_is_known(server: PrivateServer, access: Access, shell: Shell) -> None:
    server.run("CREATE OR REPLACE USER app@localhost; GRANT SELECT ON counted.* TO app@localhost")
    with open_session(access, shell) as session:
        grants = read_grants(session)
        assert find_missing_rights(grants, "counted", MYSQL, True) == []
        assert may_lock(grants, MYSQL)
        statements = list(list_statements(session, MYSQL))
    assert statements[0] == "CREATE USER IF NOT EXISTS `app`@`localhost`"
    assert statements[-1] == "GRANT SELECT ON `counted`.* TO `app`@`localhost`"
    server.run("DROP USER app@localhost")
