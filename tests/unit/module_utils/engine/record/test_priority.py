from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import jsonschema
import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import find, priority
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.priority import (
    Acceptance,
    Change,
    PriorityEntry,
    PriorityList,
    read_priorities,
)
from ansible_collections.diskominfo.backup.tests.records import SCHEMAS

NOW = datetime.fromisoformat("2026-11-22T13:01:00+00:00")
SCHEMA: dict[str, Any] = json.loads((SCHEMAS / "priorities.schema.json").read_text(encoding="utf-8"))
LISTED = PriorityList(
    (PriorityEntry("web", "portal", "Portal", "daily", priority.IN_REGISTER, ("chosen",), ("tree:/srv",), "Umum"),),
    (find.Find("web", find.DATABASE, "mysql:localhost/x", find.UNKNOWN, "x", "strange_host", "/srv/.env"),),
    Acceptance("Analis", NOW),
    (Change("web", "portal", "added", "", "daily"),),
    {"web": ({"name": "x", "title": "x", "owner": "", "category": "daily", "databases": [], "sources": []},)},
)


@pytest.mark.parametrize("listed", [LISTED, PriorityList((), ())])
def test_a_list_keeps_to_its_schema(listed: PriorityList) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(listed.to_data())))


def test_the_words_of_the_schema_are_those_of_the_code() -> None:
    properties = SCHEMA["$defs"]["entry"]["properties"]
    assert SCHEMA["properties"]["schema"]["const"] == priority.PRIORITIES_SCHEMA
    assert properties["reasons"]["items"]["enum"] == [*priority.REASONS]
    assert SCHEMA["$defs"]["change"]["properties"]["what"]["enum"] == [*priority.CHANGES]
    assert SCHEMA["$defs"]["find"]["properties"]["state"]["enum"] == [*find.STATES]


def test_an_accepted_list_comes_back_as_far_as_the_next_one_needs_it() -> None:
    assert read_priorities(LISTED.to_data(), "list") == PriorityList(LISTED.entries, LISTED.finds, LISTED.accepted)


@pytest.mark.parametrize(
    "changes",
    [{"schema": "other"}, {"entries": None}, {"accepted": None}, {"finds": [{"server": "web"}]}, {"entries": [1]}],
)
def test_what_is_no_accepted_list_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RecordRefused, match="list"):
        read_priorities({**LISTED.to_data(), **changes}, "list")
