from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.client import (
    Programs,
    open_address,
    quote_conninfo,
    quote_identifier,
    quote_literal,
    read_password,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import SourceUnreadable, ToolMissing
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.ordinary import run_as_ordinary_user
from ansible_collections.diskominfo.backup.tests.unit.module_utils.engine.drivers.postgresql.programs import (
    replace_programs,
)


def test_a_connection_string_holds_every_value_as_data() -> None:
    assert quote_conninfo({"dbname": "a'b\\c host=x", "user": "", "port": "1"}) == "dbname='a\\'b\\\\c host=x' port='1'"


def test_sql_holds_names_and_texts_as_data() -> None:
    assert quote_identifier('a"b') == '"a""b"'
    assert quote_literal("a'b\\") == "'a''b\\'"


def test_a_password_is_lent_in_a_private_file_that_is_gone_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.touch(0o600)
    path.write_text("a:b\\c\nsecond line\n")
    source = DatabaseSource("postgresql", name="x", host="db", user="backup", password_file=str(path))
    with open_address(source, "app") as address:
        lent = Path(address.parameters["passfile"])
        assert lent.read_text() == "*:*:*:*:a\\:b\\\\c\n"
        assert stat.S_IMODE(lent.stat().st_mode) == 0o600
        assert address.secrets == ("a:b\\c",)
        assert "a:b" not in repr(address)
        assert address.wrap(["psql"]) == ["psql"]
    assert not lent.exists()


def test_a_password_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("x")
    path.chmod(0o640)
    with pytest.raises(SourceUnreadable, match="others may read"):
        read_password(path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\n"])
def test_a_password_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.touch(0o600)
        path.write_bytes(content)
    with pytest.raises(SourceUnreadable, match=str(path)):
        read_password(path)


def test_root_speaks_over_a_socket_as_the_user_that_the_server_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    daemon = pwd.getpwuid(1).pw_name
    with open_address(DatabaseSource("postgresql", name="x", user=daemon), "app") as address:
        assert address.wrap(["psql"])[:3] == ["setpriv", "--reuid", daemon]
        assert address.parameters["user"] == daemon
    with open_address(DatabaseSource("postgresql", name="x", user="no such user"), "app") as address:
        assert address.wrap(["psql"]) == ["psql"]
    with open_address(DatabaseSource("postgresql", name="x", host="db", user=daemon), "app") as address:
        assert address.wrap(["psql"]) == ["psql"]


def test_an_ordinary_user_speaks_as_itself() -> None:
    def work(_folder: Path) -> None:
        with open_address(DatabaseSource("postgresql", name="x"), "app") as address:
            assert address.wrap(["psql"]) == ["psql"]
            assert address.parameters["user"] == ""

    run_as_ordinary_user(work)


def test_the_client_of_the_servers_version_is_taken_or_the_next_newer() -> None:
    with replace_programs(15) as fifteen, replace_programs(17) as seventeen:
        programs = Programs((*fifteen.patterns, *seventeen.patterns))
        assert "/15/" in programs.for_server("pg_dump", 13)
        assert "/17/" in programs.for_server("pg_dump", 16)
        assert "/17/" in programs.newest("psql")
        assert "/15/" in programs.of_server("postgres", 15)
        with pytest.raises(ToolMissing, match="pg_dump 18") as caught:
            programs.for_server("pg_dump", 18)
        assert "postgresql-client-18" in caught.value.hint
        with pytest.raises(ToolMissing, match="postgres 16") as caught:
            programs.of_server("postgres", 16)
        assert caught.value.hint.endswith("postgresql-16")


def test_folders_without_a_version_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "none" / "bin").mkdir(parents=True)
    with pytest.raises(ToolMissing):
        Programs((f"{tmp_path}/*/bin",)).newest("psql")
