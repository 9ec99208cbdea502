from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.note import make_note, read_note
from ansible_collections.diskominfo.backup.tests.evidence import DAY, NOW, make_said
from ansible_collections.diskominfo.backup.tests.records import SCHEMAS

SCHEMA = json.loads((SCHEMAS / "note.schema.json").read_bytes())


def test_a_note_is_read_as_it_was_written_and_fits_its_schema() -> None:
    note = make_said("repair", text="Disk diganti\nPukul tujuh")
    jsonschema.Draft202012Validator(SCHEMA).validate(note.to_data())
    assert read_note(note.to_data(), "a note") == note


def test_the_same_said_at_the_same_second_is_the_same_note() -> None:
    assert make_said("check") == make_said("check")
    assert make_said("check", text="other").id != make_said("check").id
    assert make_said("check").id.startswith("20261122T130100Z-")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"schema": "diskominfo.backup/note/2"}, "not of the schema"),
        ({"name": ""}, "'name' cannot be"),
        ({"text": "z" * 2001}, "'text' cannot be"),
        ({"about": "weather"}, "'about' cannot be"),
        ({"id": "../../etc"}, "'id' cannot be"),
        ({"until": "tomorrow"}, "not a time"),
        ({"more": "x"}, "unknown field 'more'"),
    ],
)
def test_what_is_no_note_is_refused_with_the_reason(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(RecordRefused, match=reason):
        read_note({**make_said("check").to_data(), **change}, "a note")


def test_only_an_acknowledgement_is_in_force_from_when_it_was_said_until_its_end() -> None:
    note = make_said("shrunk", until=NOW + DAY)
    second = timedelta(seconds=1)
    assert [note.is_in_force(at) for at in (NOW - second, NOW, NOW + DAY - second, NOW + DAY)] == [
        *(False, True, True, False),
    ]
    remark = make_note(NOW, NOW + DAY, **{**_texts(), "about": "check"})
    assert not remark.is_in_force(NOW)


def _texts() -> dict[str, str]:
    words = ("name", "position", "server", "application", "text")
    return dict.fromkeys(words, "x")
