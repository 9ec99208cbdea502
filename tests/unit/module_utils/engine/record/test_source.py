from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.fields import Fields, Problems
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import (
    DatabaseSource,
    TreeSource,
    read_container,
    read_database,
)


def read(**entry: Any) -> tuple[DatabaseSource, list[str]]:
    problems = Problems()
    return read_database(Fields(entry, "sippn", problems)), problems.found


@pytest.mark.parametrize(
    ("source", "address"),
    [
        (DatabaseSource("sqlite", path="/srv/app.db"), "/srv/app.db"),
        (DatabaseSource("mysql", name="sippn"), "localhost/sippn"),
        (DatabaseSource("mysql", name="sippn", host="10.0.0.5", port=3306), "10.0.0.5/sippn"),
        (DatabaseSource("mysql", name="sippn", host="10.0.0.5", port=3307), "10.0.0.5:3307/sippn"),
        (DatabaseSource("postgresql", name="sippn", socket="/run/postgresql", port=5433), "/run/postgresql:5433/sippn"),
    ],
)
def test_two_databases_of_one_name_on_two_servers_have_two_addresses(source: DatabaseSource, address: str) -> None:
    assert source.address == address
    assert source.key == f"{source.engine}:{address}"


def test_a_tree_is_where_it_is() -> None:
    assert TreeSource("/srv/www").address == "/srv/www"


def test_what_is_written_is_read_back_equal() -> None:
    source = DatabaseSource("mysql", name="a b-c;d", host="db.example", port=3307, user="cadangan", credentials=False)

    assert read(**source.to_data()) == (source, [])


def test_a_database_of_a_server_needs_a_name_and_no_path() -> None:
    found = read(engine="postgresql", path="/srv/app.db")[1]

    assert len(found) == 2
    assert any("name: is missing" in problem for problem in found)
    assert any("path: is not known" in problem for problem in found)


def test_a_host_and_a_socket_exclude_each_other() -> None:
    (problem,) = read(engine="mysql", name="sippn", host="db.example", socket="/run/mysqld/mysqld.sock")[1]

    assert "give one of them" in problem


def test_truth_is_true_or_false() -> None:
    source, (problem,) = read(engine="mysql", name="sippn", credentials="no")

    assert source.credentials is True
    assert "write true or false" in problem


@pytest.mark.parametrize(
    ("more", "address"),
    [
        ({}, "container:sippn-db/sippn"),
        ({"port": 3306}, "container:sippn-db/sippn"),
        ({"port": 3307}, "container:sippn-db:localhost:3307/sippn"),
        ({"host": "127.0.0.1", "port": 3307}, "container:sippn-db:127.0.0.1:3307/sippn"),
        ({"socket": "/run/x.sock"}, "container:sippn-db:/run/x.sock/sippn"),
    ],
)
def test_a_database_in_a_container_is_told_by_the_container_and_found_by_that_again(
    more: dict[str, Any], address: str
) -> None:
    source, problems = read(engine="mysql", name="sippn", container="sippn-db", **more)
    assert (source.address, problems) == (address, [])
    assert read_container(source.address) == "sippn-db"
    assert read_container(f"localhost/{address}") == ""
    assert read_database(Fields(source.to_data(), "sippn", Problems())) == source


def test_a_container_has_a_name_that_no_engine_takes_for_an_option() -> None:
    assert read(engine="mysql", name="sippn", container="--privileged")[1]
