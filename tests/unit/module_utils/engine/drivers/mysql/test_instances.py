from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.instances import (
    find_instances,
    look_at_instance,
    unescape_pattern,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import SourceMissing, SourceUnreadable
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.mariadb import PrivateServer, run_server


def test_servers_are_found_by_their_sockets_but_not_by_those_of_another_protocol(
    server: PrivateServer, tmp_path: Path
) -> None:
    (tmp_path / "file.sock").touch()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(tmp_path / "mysqlx.sock"))
        found = find_instances([f"{server.folder}/*.sock", f"{tmp_path}/*.sock", "/nowhere/*.sock"])
    assert found == [DatabaseSource("mysql", socket=str(server.socket))]


def test_every_database_is_listed_with_its_size_and_those_who_may_use_it(server: PrivateServer, shell: Shell) -> None:
    server.create("surat_masuk", "CREATE TABLE t (x INT PRIMARY KEY); INSERT INTO t VALUES (1), (2)")
    server.run(r"CREATE USER surat@'%'; GRANT SELECT ON `surat\_masuk`.* TO surat@'%'")
    listed = {each.name: each for each in look_at_instance(server.source(""), shell)}
    found = listed["surat_masuk"]
    assert (found.tables, found.users, found.is_system, found.port) == (1, ("surat",), False, server.port)
    assert found.size_bytes > 0
    assert found.instance == f"localhost:{server.port}"
    assert (found.writes, found.writes_since) == (0, "")
    assert listed["mysql"].is_system


def test_the_register_finds_the_instance_of_a_host_by_its_own_words(server: PrivateServer, shell: Shell) -> None:
    instance = DatabaseSource("mysql", host="127.0.0.1", port=server.port, user="root")
    listed = {each.name: each for each in look_at_instance(instance, shell)}
    assert listed["mysql"].instance == instance.instance == f"127.0.0.1:{server.port}"


def test_writes_and_connections_are_told_where_the_server_counts_them() -> None:
    with run_server("--performance-schema=ON") as counting, Shell(60) as shell:
        counting.create("ramai", "CREATE TABLE t (x INT); INSERT INTO t VALUES (1), (2), (3)")
        found = {each.name: each for each in look_at_instance(counting.source(""), shell)}["ramai"]
        assert found.writes >= 3
        assert found.writes_since.endswith("Z")


def test_an_account_that_may_not_know_the_others_still_lists(server: PrivateServer, shell: Shell) -> None:
    server.create("terbuka")
    server.run("CREATE OR REPLACE USER pembaca@localhost; GRANT SHOW DATABASES ON *.* TO pembaca@localhost")
    instance = DatabaseSource("mysql", socket=str(server.socket), user="pembaca")
    listed = {each.name: each for each in look_at_instance(instance, shell)}
    assert listed["terbuka"].users == ()


def test_a_server_that_refuses_or_is_not_there_is_an_error(server: PrivateServer, shell: Shell) -> None:
    server.run("CREATE OR REPLACE USER tertutup@localhost IDENTIFIED BY 'x'")
    with pytest.raises(SourceUnreadable):
        look_at_instance(DatabaseSource("mysql", socket=str(server.socket), user="tertutup"), shell)
    with pytest.raises(SourceMissing):
        look_at_instance(DatabaseSource("mysql", socket="/nowhere.sock"), shell)


def test_a_pattern_of_a_grant_names_the_database_it_was_made_for() -> None:
    assert unescape_pattern(r"a\_b\%c\d") == r"a_b%c\d"
