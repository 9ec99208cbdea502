from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.client import Programs
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.instances import (
    find_instances,
    look_at_instance,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    Interrupted,
    SourceMissing,
    SourceUnreadable,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.tests.clusters import PrivateCluster, run_cluster


def test_clusters_are_found_by_their_sockets(cluster: PrivateCluster, place: Path) -> None:
    (place / ".s.PGSQL.1").touch()
    (place / ".s.PGSQL.5432.lock").touch()
    (found,) = find_instances([place, cluster.folder, place / "nowhere"])
    assert (found.socket, found.port, found.name) == (str(cluster.folder), cluster.port, "")


def test_databases_are_found_also_those_that_allow_no_connections(shell: Shell) -> None:
    psql = Programs().newest("psql")
    with run_cluster() as second:
        second.create("closed")
        second.run("postgres", "ALTER DATABASE closed ALLOW_CONNECTIONS false")
        found = {each.name: each for each in look_at_instance(second.source(""), psql, shell)}
        assert {name: each.is_system for name, each in found.items()} == {
            "closed": False,
            "postgres": True,
            "template0": True,
            "template1": True,
        }
        assert found["closed"].owner == "postgres"
        assert found["postgres"].size_bytes > 1000000

        second.run("template1", "DROP DATABASE postgres")
        assert "postgres" not in {each.name for each in look_at_instance(second.source(""), psql, shell)}

        second.control("-m", "immediate", "stop")
        with pytest.raises(SourceMissing):
            look_at_instance(second.source(""), psql, shell)
        shell.end(Interrupted.by_signal(2))
        with pytest.raises(Interrupted):
            look_at_instance(second.source(""), psql, shell)


def test_a_look_tells_activity_clients_and_who_may_use_a_database(cluster: PrivateCluster, shell: Shell) -> None:
    cluster.create("ramai")
    cluster.run("ramai", "CREATE ROLE pembaca; GRANT CONNECT ON DATABASE ramai TO pembaca; CREATE TABLE t (x int)")
    psql = Programs().newest("psql")
    listed = {each.name: each for each in look_at_instance(cluster.source(""), psql, shell)}
    found = listed["ramai"]
    assert (found.instance, found.socket) == (f"localhost:{cluster.port}", str(cluster.folder))
    assert (found.owner, found.users, found.is_system) == ("postgres", ("pembaca", "postgres"), False)
    assert found.size_bytes > 1000000
    assert found.writes_since.endswith("Z")
    assert listed["template0"].is_system
    assert listed["postgres"].is_system


def test_a_look_over_tcp_is_told_as_the_register_names_it(cluster: PrivateCluster, shell: Shell) -> None:
    instance = replace(cluster.source(""), socket="", host="127.0.0.1")
    with pytest.raises((SourceMissing, SourceUnreadable)):
        look_at_instance(replace(instance, port=1), Programs().newest("psql"), shell)
