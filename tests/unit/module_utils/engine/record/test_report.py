"""The schema of the report, its dataclasses and the JSON that is written say the same, field by field."""

from __future__ import annotations

import json
import typing
from dataclasses import fields, is_dataclass
from typing import Any

import jsonschema
import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import (
    census,
    find,
    finding,
    history,
    note,
    people,
    receipt,
    report,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import level as levels
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.search import Search
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.zone import ZONE_OFFSETS_H
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.json import render_json
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.tests.evidence import NOW, OFFICE, SOP, KeptEvidence, make_city
from ansible_collections.diskominfo.backup.tests.looks import make_city as make_looks
from ansible_collections.diskominfo.backup.tests.records import SCHEMAS

SCHEMA: dict[str, Any] = json.loads((SCHEMAS / "report.schema.json").read_text(encoding="utf-8"))
CLASSES: dict[str, Any] = {
    "application": report.ApplicationRow,
    "check": report.CheckEntry,
    "difference": census.Difference,
    "failure": receipt.Failure,
    "find": find.Find,
    "finding": finding.Finding,
    "history_point": history.HistoryPoint,
    "note": note.Note,
    "part": report.PartRow,
    "period": report.Period,
    "person": people.Person,
    "repair": report.RepairEntry,
    "restore": report.RestoreEntry,
    "step": report.Step,
    "summary": report.Summary,
}
ENUMS = {
    ("application", "status"): set(report.STATUSES),
    ("repair", "action"): set(report.ACTIONS),
    ("repair", "result"): set(report.RESULTS),
    ("find", "kind"): set(find.KINDS),
    ("find", "state"): set(find.STATES) - {find.REGISTERED},
    ("finding", "severity"): set(finding.SEVERITIES),
    ("part", "kind"): set(receipt.PART_KINDS),
    ("note", "about"): set(note.SUBJECTS),
    ("person", "role"): set(people.POSITIONS),
}


def name_fields(kind: Any) -> set[str]:
    return {item.name for item in fields(kind)} if is_dataclass(kind) else set(kind._fields)


def make_full_report(evidence: KeptEvidence) -> report.Report:
    evidence.searched = Search(make_looks())
    return make_report(evidence, make_recent_period(NOW, 24), NOW, OFFICE, SOP, people=people.read_people(None))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_a_record_has_the_fields_of_its_schema_and_no_other(name: str) -> None:
    described = SCHEMA["$defs"][name]
    assert set(described["properties"]) == set(described["required"]) == name_fields(CLASSES[name])
    assert described["additionalProperties"] is False


def test_the_report_itself_has_the_fields_of_its_schema_and_no_other() -> None:
    named = {item.name for item in fields(report.Report)} - {"rows"} | {"schema", "applications"}
    assert set(SCHEMA["properties"]) == set(SCHEMA["required"]) == named
    assert SCHEMA["additionalProperties"] is False


def test_every_object_of_the_schema_has_a_record() -> None:
    objects = {name for name, kind in SCHEMA["$defs"].items() if "properties" in kind}
    assert objects == set(CLASSES)


@pytest.mark.parametrize(
    ("place", "values"), ENUMS.items(), ids=lambda place: "-".join(place) if isinstance(place, tuple) else ""
)
def test_the_words_of_the_schema_are_those_of_the_code(place: tuple[str, str], values: set[str]) -> None:
    assert set(SCHEMA["$defs"][place[0]]["properties"][place[1]]["enum"]) == values


def test_the_levels_of_the_schema_are_those_of_the_code() -> None:
    assert SCHEMA["$defs"]["level"]["enum"] == [*levels.LADDER, levels.DAMAGED]
    assert SCHEMA["properties"]["schema"]["const"] == report.REPORT_SCHEMA


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_what_may_be_unknown_may_be_null_in_the_schema(name: str) -> None:
    hints = typing.get_type_hints(CLASSES[name])
    for key, described in SCHEMA["$defs"][name]["properties"].items():
        may_be_null = {"type": "null"} in described.get("anyOf", [])
        assert may_be_null == (type(None) in typing.get_args(hints[key])), key


@pytest.mark.parametrize("evidence", [make_city(), KeptEvidence()], ids=["city", "empty"])
def test_what_is_written_keeps_to_the_schema(evidence: KeptEvidence) -> None:
    made = make_full_report(evidence)
    jsonschema.Draft202012Validator(SCHEMA).validate(made.to_data())
    assert json.loads(render_json(made, "id")) == json.loads(json.dumps(made.to_data()))


def test_the_city_fills_every_kind_of_record() -> None:
    text = render_json(make_full_report(make_city())).decode("ascii")
    for name, kind in CLASSES.items():
        assert all(f'"{key}":' in text for key in name_fields(kind)), name


def test_a_field_that_nobody_described_is_refused() -> None:
    data = make_full_report(make_city()).to_data()
    data["applications"][0]["mood"] = "good"
    with pytest.raises(jsonschema.ValidationError, match="mood"):
        jsonschema.Draft202012Validator(SCHEMA).validate(data)


def test_a_finding_is_held_with_its_numbers() -> None:
    found = finding.Finding("low_room", finding.RED, "web", "no room", "make room", {"free_bytes": 1})
    assert found.to_data() == {
        "slug": "low_room",
        "severity": "red",
        "subject": "web",
        "message": "no room",
        "hint": "make room",
        "facts": {"free_bytes": 1},
    }


def test_every_zone_is_a_whole_number_of_hours_from_utc() -> None:
    assert ZONE_OFFSETS_H["Asia/Jakarta"] == 7
    assert all(-12 <= hours <= 14 for hours in ZONE_OFFSETS_H.values())
