from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.client import (
    Address,
    Programs,
    open_address,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.session import (
    Access,
    StatementFailed,
    explain,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    SourceLocked,
    SourceMissing,
    SourceUnreadable,
    TimeLimitReached,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell, Trace
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.clusters import PrivateCluster


def reach(source: DatabaseSource) -> Access:
    with open_address(source, "a test") as address:
        return Access(address, Programs().newest("psql"), "the test")


def test_answers_come_as_they_are_whatever_they_hold(small: DatabaseSource, shell: Shell) -> None:
    text = "two\nlines | \\echo \" ' é 👋 \t" + "x" * 200000
    with reach(small).open_session(shell) as session:
        session.execute("SET search_path = public")
        literal = text.replace("'", "''")
        assert session.query(f"SELECT to_json('{literal}'::text)") == [text]
        assert session.query("SELECT json_build_array(i) FROM generate_series(1, 3) AS i") == [[1], [2], [3]]
        assert session.query("SELECT to_json(1) WHERE false") == []


def test_a_session_sees_qualified_names_and_no_filtered_rows(small: DatabaseSource, shell: Shell) -> None:
    with reach(small).open_session(shell) as session:
        for name, value in (("search_path", ""), ("row_security", "off"), ("idle_in_transaction_session_timeout", "0")):
            assert session.query(f"SELECT to_json(current_setting('{name}'))") == [value]
        assert 0 < int(session.query("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'")[0]) <= 60001


def test_a_refused_statement_is_told_with_its_code(small: DatabaseSource, shell: Shell) -> None:
    refused = pytest.raises(StatementFailed, match='relation "nowhere" does not exist')
    with reach(small).open_session(shell) as session, refused as caught:
        session.query("SELECT 1 FROM nowhere")
    assert caught.value.code == "42P01"
    assert caught.value.slug == "dump_failed"


def test_a_session_that_ended_takes_no_further_statement(small: DatabaseSource, shell: Shell) -> None:
    with reach(small).open_session(shell) as session:
        for statement in ("SELECT 1 / 0", "SELECT 1"):
            with pytest.raises(StatementFailed):
                session.query(statement)


def test_a_session_ends_with_its_shell(small: DatabaseSource) -> None:
    with Shell(0.5) as shell, reach(small).open_session(shell) as session, pytest.raises(TimeLimitReached):
        session.query("SELECT pg_sleep(30)")


def test_a_killed_session_says_so(small: DatabaseSource, shell: Shell) -> None:
    with reach(small).open_session(shell) as session:
        session.kill()
        with pytest.raises(StatementFailed, match="it said nothing"):
            session.query("SELECT 1")


@pytest.mark.parametrize(
    ("status", "said", "error", "told"),
    [
        (2, 'psql: error: connection to server on socket "/x" failed: No such file or directory', SourceMissing, "/x"),
        (2, "psql: error: could not translate host name", SourceMissing, "could not translate"),
        (2, "psql: error: FATAL:  kata sandi salah\n", SourceUnreadable, "kata sandi salah"),
        (3, "psql:<stdin>:1: GALAT:  55P03: membatalkan\nLOCATION: x", SourceLocked, "membatalkan"),
        (3, "psql:<stdin>:1: ERROR:  42501: permission denied for table t", SourceUnreadable, "permission denied"),
        (3, "psql:<stdin>:1: ERROR:  22012: division by zero", StatementFailed, "division by zero"),
        (3, "", StatementFailed, "it said nothing"),
    ],
)
def test_the_words_of_psql_are_understood_in_any_language(
    status: int, said: str, error: type[Exception], told: str
) -> None:
    explained = explain(Trace(("psql",), status, 0.1, said), "app")
    assert isinstance(explained, error)
    assert told in explained.message
    assert "app" in explained.message
    assert explained.hint


def test_no_configuration_of_the_user_is_read(small: DatabaseSource, shell: Shell, place: Path) -> None:
    (place / ".psqlrc").write_text("\\echo intruder\n")
    shell.environment["HOME"] = str(place)
    with reach(small).open_session(shell) as session:
        assert session.query("SELECT to_json(1)") == [1]


def test_a_wrapped_address_starts_through_its_wrapper(cluster: PrivateCluster, shell: Shell) -> None:
    with open_address(cluster.source("postgres"), "a test") as address:
        wrapped = Address(address.parameters, lambda argv: ["env", *address.wrap(argv)])
        with Access(wrapped, Programs().newest("psql"), "x").open_session(shell, application_name="y") as session:
            assert json.loads(json.dumps(session.query("SELECT to_json(current_setting('application_name'))"))) == ["y"]
    assert shell.traces[0].argv[0].endswith("env")
