from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.fields import Problems
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import (
    Register,
    Server,
    read_register,
    read_server,
)
from ansible_collections.diskominfo.backup.tests.records import make_config


def refuse(value: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_server(value)
    return caught.value.message.splitlines()[1:]


def test_a_server_and_its_applications_are_enough() -> None:
    server = read_server(make_config())
    assert server == Server("web", server.applications)
    assert (server.find("sippn"), server.find("other")) == (server.applications[0], None)


def test_a_server_without_applications_can_be_read() -> None:
    assert read_server(make_config(applications=[])).applications == ()


def test_a_configuration_is_written_to_read_back_equal_and_its_hash_tells_any_change() -> None:
    server = read_server(make_config(lock_wait="1234567.5s", office={"name": "Diskominfo"}))
    assert read_server(server.to_data()) == server
    assert read_server(make_config()).config_hash == read_server(make_config()).config_hash
    changed = [make_config(server="web2"), make_config(slots=2), make_config(office={"city": "Surakarta"})]
    assert len({read_server(config).config_hash for config in [make_config(), *changed]}) == 4


def test_all_problems_of_a_server_are_told_at_once() -> None:
    twice = [{"name": "sippn", "sources": [{"path": "/a"}]}, {"name": "sippn", "sources": [{"path": "/b"}]}]
    store = {"type": "tape", "path": ""}
    problems = refuse(make_config(applications=twice, store=store, slots=-1, office={"fax": "1"}))
    for told in (
        "sippn: name: is used by two applications",
        "server web: store.type: cannot be 'tape'",
        "server web: store.path: '' is not an absolute path",
        "server web: slots: cannot be -1",
        "server web: office.fax: is not known",
    ):
        assert any(told in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "- server: configuration: must be a mapping"),
        ({}, "- server: server: is missing"),
        ({"server": "a\nb"}, "- server: server: cannot be 'a\\nb'"),
        ({"server": "../x"}, "- server ../x: server: cannot be '../x'"),
        (make_config(applications={}), "- server web: applications: must be a list"),
        (make_config(schema="diskominfo.backup/config/2"), "- server web: schema: cannot be"),
    ],
)
def test_what_is_no_configuration_is_told(value: Any, told: str) -> None:
    assert any(problem.startswith(told) for problem in refuse(value))


def test_a_register_holds_every_server_in_order() -> None:
    register = read_register([make_config(), make_config(server="db")])
    assert [server.name for server in register.servers] == ["web", "db"]
    assert register.application_count == 2
    assert register == Register(tuple(read_server(entry) for entry in register.to_data()["servers"]))


def test_the_problems_of_all_servers_of_a_register_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_register([make_config(slots=-1), make_config(), make_config(server=5), make_config(server=6)])
    told = caught.value.message.splitlines()[1:]
    assert [problem.partition(";")[0] for problem in told] == [
        "- server web: slots: cannot be -1",
        "- server: server: cannot be 5",
        "- server: server: cannot be 6",
        "- web: server: is listed twice",
    ]


def test_the_problems_of_one_server_can_be_gathered_with_others() -> None:
    problems = Problems()
    read_server(make_config(slots=-1), problems)
    assert len(problems.found) == 1
