from __future__ import annotations

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.people import POSITIONS, read_people


def test_without_names_the_roles_are_those_of_the_procedure() -> None:
    people = read_people(None)
    assert [(person.role, person.position, person.name) for person in people] == [
        (role, position, "") for role, position in POSITIONS.items()
    ]


def test_an_office_names_people_and_may_call_a_role_otherwise() -> None:
    given = {"head": {"name": "Kepala", "rank": "Pembina (IV/a)", "nip": "19700101 199501 1 001", "position": "Kabid"}}
    head = read_people(given)[-1]
    assert (head.name, head.rank, head.nip, head.position) == (
        *("Kepala", "Pembina (IV/a)", "19700101 199501 1 001", "Kabid"),
    )


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_people({"boss": {}, "head": {"nip": "abc", "shoe_size": 42}})
    assert "boss: is not known" in caught.value.message
    assert "head.nip: cannot be 'abc'" in caught.value.message
    assert "head.shoe_size: is not known" in caught.value.message
