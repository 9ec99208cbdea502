from __future__ import annotations

import json
import os
import pwd
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import discover
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discover import (
    Looker,
    choose_instances,
    discover_server,
    list_registered,
    look_around,
    make_discovered,
    tell_unseen,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.base import Files, Finds, Machine
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import BackupError, Interrupted
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Supervisor
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.discovered import (
    FoundDatabase,
    Listener,
    Site,
    Unreadable,
    read_discovered,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests import records
from ansible_collections.diskominfo.backup.tests.clusters import PrivateCluster, run_cluster
from ansible_collections.diskominfo.backup.tests.mariadb import PrivateServer, run_server
from ansible_collections.diskominfo.backup.tests.records import NOON


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateServer]:
    with run_server() as running:
        yield running


@pytest.fixture(scope="module")
def cluster() -> Iterator[PrivateCluster]:
    with run_cluster() as running:
        yield running


def write_program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def make_supervisor(folder: Path) -> Supervisor:
    return Supervisor({"PATH": f"{folder}:/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent"})


def test_a_server_is_looked_at_through_real_programs_and_databases(
    server: PrivateServer, cluster: PrivateCluster, tmp_path: Path
) -> None:
    server.create("portal", "CREATE TABLE t (x INT)")
    cluster.create("statistik")
    write_program(tmp_path / "bin", "nginx", "echo 'http { server { server_name a.example; root /srv/a/public; } }'")
    write_program(tmp_path / "bin", "hostname", "echo 10.0.0.4")
    top = tmp_path / "top"
    (top / "srv/a/public").mkdir(parents=True)
    (top / "srv/a/artisan").touch()
    (top / "srv/a/.env").write_text("DB_DATABASE=portal\nDB_PASSWORD=R4hasia\n")
    registered = [server.source("portal"), cluster.source("statistik"), DatabaseSource("sqlite", path="/x")]

    found = discover_server("web", registered, make_supervisor(tmp_path / "bin"), NOON, Files(str(top)))

    assert [site.canonical for site in found.sites] == ["/srv/a/public"]
    assert [(each.framework, each.root, each.databases[0].name) for each in found.configurations] == [
        ("laravel", "/srv/a", "portal")
    ]
    assert {"portal", "statistik"} <= {each.name for each in found.databases if not each.is_system}
    assert [(tree.path, tree.files) for tree in found.trees] == [("/srv/a", 2), ("/srv/a/public", 0)]
    assert "R4hasia" not in json.dumps(found.to_data())
    assert read_discovered(found.to_data(), "web") == found
    again = discover_server("web", registered, make_supervisor(tmp_path / "bin"), NOON, Files(str(top)))
    assert (again.configurations, again.sites, again.trees) == (found.configurations, found.sites, found.trees)


def test_a_database_server_that_cannot_be_asked_is_unknown(tmp_path: Path) -> None:
    nowhere = DatabaseSource("mysql", socket="/nowhere.sock")
    found = discover_server("web", [nowhere], make_supervisor(tmp_path), NOON, Files(str(tmp_path)))
    assert ("mysql", "/nowhere.sock") in {(each.kind, each.subject) for each in found.unreadable}


def test_an_interrupt_ends_the_look(tmp_path: Path) -> None:
    supervisor = make_supervisor(tmp_path)
    supervisor.end_all(Interrupted.by_signal(15))
    with pytest.raises(Interrupted):
        discover_server("web", [], supervisor, NOON, Files(str(tmp_path)))


def test_no_time_at_all_is_told_for_everything_that_was_not_looked_at(tmp_path: Path) -> None:
    write_program(tmp_path / "bin", "nginx", "echo 'http { server { root /srv/a; } }'")
    (tmp_path / "srv/a").mkdir(parents=True)
    found = discover_server("web", [], make_supervisor(tmp_path / "bin"), NOON, Files(str(tmp_path)), 0.0)
    assert {"nginx", "folders"} <= {each.kind for each in found.unreadable}


def test_a_program_that_fails_says_why_in_one_line(tmp_path: Path) -> None:
    write_program(tmp_path / "bin", "nginx", "echo first >&2; echo '[emerg] no rights' >&2; exit 3")
    write_program(tmp_path / "bin", "silent", "exit 4")
    looker = Looker(make_supervisor(tmp_path / "bin"), Files(), 1e18, 60.0)
    with pytest.raises(BackupError, match=r"nginx ended with status 3: \[emerg\] no rights"):
        looker.run(["nginx", "-T"])
    with pytest.raises(BackupError, match="silent ended with status 4"):
        looker.run(["silent"])


def test_a_program_has_the_home_that_podman_needs(tmp_path: Path) -> None:
    write_program(tmp_path / "bin", "podman", 'cd "$HOME" && pwd')
    looker = Looker(make_supervisor(tmp_path / "bin"), Files(), 1e18, 60.0)
    assert looker.run(["podman"]).strip() == str(Path(pwd.getpwuid(os.geteuid()).pw_dir).resolve())


def test_a_reader_that_breaks_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(_machine: Machine, _finds: Finds) -> None:
        raise KeyError("x")

    monkeypatch.setattr(discover, "SERVICES", {"nginx": explode})
    (tmp_path / "srv/a").mkdir(parents=True)
    (tmp_path / "srv/a/.env").write_text("DB_DATABASE=a")
    finds = look_around(Machine(Files(str(tmp_path)), lambda _argv: ""), lambda: False)
    assert finds.get("unreadable") == [Unreadable("nginx", "reader", "it failed: KeyError")]
    assert [each.root for each in finds.get("configurations")] == ["/srv/a"]


def test_a_port_whose_databases_nobody_told_is_unknown(tmp_path: Path) -> None:
    finds = Finds()
    finds.add("databases", FoundDatabase("mysql", "a", "localhost", port=3306))
    finds.add(
        "listeners", *(Listener("127.0.0.1", port, "mariadbd") for port in (3306, 3307)), Listener("::", 80, "nginx")
    )
    tell_unseen(finds, Files(str(tmp_path)))
    assert [(each.kind, each.subject) for each in finds.get("unreadable")] == [("mysql", "port 3307")]


def test_a_database_server_that_is_stopped_is_unknown(tmp_path: Path) -> None:
    for cluster, text in {"15/main": "#port = 1\n", "15/kedua": "port = 5433 # x\n", "16/mati": "port 5434\n"}.items():
        folder = tmp_path / "etc/postgresql" / cluster
        folder.mkdir(parents=True)
        (folder / "postgresql.conf").write_text(text)
    (tmp_path / "var/lib/pgsql/data/postgresql.conf").mkdir(parents=True)
    (tmp_path / "var/lib/mysql/mysql").mkdir(parents=True)
    finds = Finds()
    finds.add("databases", FoundDatabase("postgresql", "a", "localhost:5433", "/run/postgresql", port=5433))
    finds.add("databases", FoundDatabase("postgresql", "a", "10.0.0.5", host="10.0.0.5", port=5432))
    tell_unseen(finds, Files(str(tmp_path)))
    silent = "its data lies here, and no server answered for it"
    assert {(each.subject, each.reason) for each in finds.get("unreadable")} == {
        ("/etc/postgresql/15/main", silent),
        ("/etc/postgresql/16/mati", silent),
        ("/var/lib/mysql", silent),
        ("/var/lib/pgsql/data/postgresql.conf", "no regular file"),
    }
    running = Finds()
    running.add("databases", FoundDatabase("mysql", "a", "localhost", "/run/mysqld/mysqld.sock", port=3306))
    tell_unseen(running, Files(str(tmp_path)))
    assert "/var/lib/mysql" not in {each.subject for each in running.get("unreadable")}


LOCAL = [
    DatabaseSource("mysql", socket="/run/mysqld/mysqld.sock"),
    DatabaseSource("postgresql", socket="/run/postgresql", port=5432),
    DatabaseSource("postgresql", socket="/run/postgresql", port=5433),
]


@pytest.mark.parametrize(
    ("registered", "changes"),
    [
        ({"engine": "mysql", "name": "a"}, {}),
        ({"engine": "mysql", "name": "a", "user": "u", "password_file": "/p"}, {0: ("u", "/p")}),
        ({"engine": "mysql", "name": "a", "socket": "/run/mysqld/mysqld.sock", "user": "u"}, {0: ("u", "")}),
        ({"engine": "mysql", "name": "a", "socket": "/run/lain.sock"}, {3: ("", "")}),
        ({"engine": "mysql", "name": "a", "port": 3307}, {}),
        ({"engine": "mysql", "name": "a", "host": "10.0.0.5", "user": "u"}, {3: ("u", "")}),
        ({"engine": "postgresql", "name": "a", "port": 5433, "user": "u"}, {2: ("u", "")}),
        ({"engine": "postgresql", "name": "a", "socket": "/run/postgresql", "user": "u"}, {1: ("u", "")}),
        ({"engine": "sqlite", "path": "/a"}, {}),
    ],
)
def test_the_register_gives_instances_their_accounts(registered: dict[str, Any], changes: dict[int, Any]) -> None:
    chosen = choose_instances(LOCAL, [DatabaseSource(**registered)] * 2)
    told = {
        index: (each.user, each.password_file)
        for index, each in enumerate(chosen)
        if index >= len(LOCAL) or each != LOCAL[index]
    }
    assert told == changes
    assert {each.name for each in chosen} == {""}


def test_the_databases_of_a_configuration_are_those_of_servers() -> None:
    config = records.make_config()
    config["applications"][0]["databases"] += [{"engine": "mysql", "name": "a"}]
    assert [source.name for source in list_registered(read_server(config))] == ["a"]
    assert list_registered(None) == []


def test_what_is_too_much_or_too_long_is_cut_and_told() -> None:
    finds = Finds()
    finds.add("sites", *(Site("nginx", (f"{number}.example",)) for number in range(5001)))
    finds.add("listeners", Listener("x" * 5000, 1))
    found = make_discovered("web", NOON, finds)
    assert len(found.sites) == 5000
    assert found.unreadable == (Unreadable("limit", "sites", "5001 were found, 5000 are told"),)
    assert max(len(each.address) for each in found.listeners) == 4096
