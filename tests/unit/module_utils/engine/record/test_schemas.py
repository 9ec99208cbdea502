"""The schemas people read and the readers that decide say the same, field by field, in both directions."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError, RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import (
    census,
    hooks,
    policy,
    preset,
    reading,
    receipt,
    register,
    source,
    wire,
)
from ansible_collections.diskominfo.backup.tests import records

CALENDAR = jsonschema.FormatChecker(formats=())


@CALENDAR.checks("date-time", raises=ValueError)
def is_in_the_calendar(text: object) -> bool:
    return not isinstance(text, str) or bool(datetime.fromisoformat(text.replace("Z", "+00:00")))


def match_as_ecma(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[jsonschema.ValidationError]:
    """JSON Schema's `$` is the very end; Python's also stands before a last newline."""
    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


Validator: Any = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator, {"pattern": match_as_ecma}
)


def load_schema(name: str) -> dict[str, Any]:
    schema = json.loads((records.SCHEMAS / f"{name}.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    return dict(schema)


RECEIPT = load_schema("receipt")
CONFIG = load_schema("config")


def resolve(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with its references written out, so that every piece of it stands alone."""
    if isinstance(schema, list):
        return [resolve(entry, definitions) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    written = {key: resolve(value, definitions) for key, value in schema.items() if key not in ("$ref", "$defs")}
    if isinstance(schema.get("$ref"), str):
        return {**resolve(definitions[schema["$ref"].rpartition("/")[2]], definitions), **written}
    return written


IS_RECEIPT = Validator(resolve(RECEIPT, RECEIPT["$defs"]), format_checker=CALENDAR)
IS_CONFIG = Validator(resolve(CONFIG, CONFIG["$defs"]), format_checker=CALENDAR)

# What is between several values, which a schema cannot tell.
BETWEEN_VALUES = re.compile(
    "is used by two applications|is listed twice|would keep nothing|' is longer than 366d"
    "|begins outside the window|is skipped or comes twice|is not known on this machine"
    "|is no (daily|weekly|monthly) moment"
    "|have no meaning without a preset|is missing beside preset"
)
READ_AND_NOT_WRITTEN = {"preset", "root", "data"}
"""Short forms: what they mean is written out."""


def read_receipt(data: Any) -> bool:
    try:
        reading.read_receipt(wire.read_json(wire.write_json(data), "test"), "test")
    except RecordRefused:
        return False
    return True


def read_config(data: Any) -> bool:
    try:
        register.read_server(data)
    except ConfigurationError as error:
        problems = error.message.splitlines()[1:]
        return all(BETWEEN_VALUES.search(problem) for problem in problems)
    return True


def name_fields(kind: Any) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


@pytest.mark.parametrize(
    ("definition", "kind"),
    [
        ("host", receipt.Host),
        ("runner", receipt.Runner),
        ("failure", receipt.Failure),
        ("store", receipt.StoreTrace),
        ("process", receipt.ProcessTrace),
        ("hook", receipt.HookTrace),
        ("file", receipt.StoredFile),
        ("census", census.Census),
        ("difference", census.Difference),
        ("part", receipt.Part),
    ],
)
def test_a_definition_of_the_receipt_schema_has_the_fields_of_its_dataclass(definition: str, kind: Any) -> None:
    assert set(RECEIPT["$defs"][definition]["properties"]) == name_fields(kind)


def test_the_receipt_schema_has_the_fields_of_the_dataclass_and_its_own_name() -> None:
    assert set(RECEIPT["properties"]) == name_fields(receipt.Receipt) | {"schema"}
    assert RECEIPT["properties"]["schema"]["const"] == receipt.RECEIPT_SCHEMA


@pytest.mark.parametrize(
    ("definition", "field", "values"),
    [
        ("", "kind", receipt.KINDS),
        ("", "trigger", receipt.TRIGGERS),
        ("", "category", reading.CATEGORIES),
        ("part", "kind", receipt.PART_KINDS),
        ("hook", "name", hooks.HOOK_NAMES),
        ("part", "level", reading.LEVELS),
        ("part", "comparison", reading.COMPARISONS),
        ("census", "consistency", reading.CONSISTENCIES),
    ],
)
def test_the_schema_lists_the_words_that_the_reader_knows(definition: str, field: str, values: tuple[str, ...]) -> None:
    schema = RECEIPT["$defs"][definition] if definition else RECEIPT
    assert tuple(schema["properties"][field]["enum"]) == values


def test_the_config_schema_has_the_fields_that_are_written() -> None:
    office = dict.fromkeys(register.OFFICE_KEYS, "x")
    config = records.make_config(office=office, schedule=records.SCHEDULE, calendar={"spread": "30m"})
    written = register.read_server(config).to_data()
    properties = CONFIG["properties"]
    definitions = CONFIG["$defs"]
    assert set(properties) == set(written)
    for key in ("store", "compression", "office", "calendar", "schedule"):
        assert set(properties[key]["properties"]) == set(written[key])
    planned = properties["schedule"]["properties"]["entries"]["items"]["properties"]
    assert set(planned) == set(written["schedule"]["entries"][0]) | {"expected_s"}
    entry = written["applications"][0]
    assert set(definitions["application"]["properties"]) == set(entry) | READ_AND_NOT_WRITTEN
    for key in ("check", "retention"):
        assert set(definitions["application"]["properties"][key]["properties"]) == set(entry[key])
    assert set(definitions["application"]["properties"]["hooks"]["properties"]) == set(hooks.HOOK_NAMES)
    assert set(definitions["fileDatabase"]["properties"]) == set(entry["databases"][0])
    assert set(definitions["serverDatabase"]["properties"]) == name_fields(source.DatabaseSource) - {"path"}
    assert set(definitions["source"]["properties"]) == set(entry["sources"][0])
    assert name_fields(source.TreeSource) - {"engine"} == set(definitions["source"]["properties"])
    assert [*preset.PRESETS, "none", None] == definitions["application"]["properties"]["preset"]["enum"]
    assert [*policy.CATEGORIES, None] == definitions["application"]["properties"]["category"]["enum"]
    engines = [definitions[kind]["properties"]["engine"]["enum"] for kind in ("serverDatabase", "fileDatabase")]
    assert [*source.ENGINES, None] == [engine for kinds in engines for engine in kinds]


def test_every_field_of_both_schemas_says_what_it_means() -> None:
    def find_silent(schema: Any, where: str) -> Iterator[str]:
        if isinstance(schema, dict):
            for key, value in schema.get("properties", {}).items():
                if where.startswith("described") and "description" not in value:
                    yield f"{where}.{key}"
            for key, value in schema.items():
                inner = "branch" if key in ("if", "then", "else", "anyOf", "allOf") else where
                yield from find_silent(value, f"{inner}.{key}")
        if isinstance(schema, list):
            for value in schema:
                yield from find_silent(value, where)

    assert [*find_silent(RECEIPT, "described"), *find_silent(CONFIG, "described")] == []


@given(records.receipts())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_every_receipt_fits_its_schema_and_comes_back_equal_byte_for_byte(made: receipt.Receipt) -> None:
    data = made.to_bytes()
    IS_RECEIPT.validate(json.loads(data))
    read = reading.read_receipt(wire.read_json(data, "test"), "test")
    assert read == made
    assert read.to_bytes() == data


@given(records.configs)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_config_fits_its_schema_and_what_is_read_is_written_to_read_back_equal(config: dict[str, Any]) -> None:
    IS_CONFIG.validate(config)
    assert read_config(config)
    try:
        server = register.read_server(config)
    except ConfigurationError:
        return
    written = json.loads(wire.write_json(server.to_data()))
    IS_CONFIG.validate(written)
    assert register.read_server(written) == server
    assert register.read_server(written).config_hash == server.config_hash


REMOVED, JOINED = object(), [None]
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 0.5, -0.5, 2**63, 10**400, "", "x", "X", "x\n", ".x", "../x", "x/y", "\0", "x" * 65537),
    *("none", "rows", "daily", [], {}, [None], ["x"], [{}], {"x": 1}, {"x": "x"}, {"x": {}}),
)
ODD_IN_RECEIPTS: tuple[Any, ...] = (
    *(10**13, "2026-11-22T12:00:00Z", "2026-02-30T12:00:00Z", "2026-1-2T12:00:00Z", "2026-11-22T12:00:00Z\n", {"": -1}),
    *(
        "20261122T120000Z-00000000",
        "20261122T120000Z-0000000G",
        ["20261122T120000Z-00000000"],
        "c" * 64,
        "c" * 64 + "\n",
    ),
    *("contact", "run", "failed", "succeeded", "compared", {"x": True}, {"x" * 65537: 1}, {"x": {"x": "x" * 65537}}),
    {"slug": "x", "message": "x", "hint": "x"},
)
ODD_IN_CONFIGS: tuple[Any, ...] = (
    *(
        "/",
        "/x",
        "/x\n",
        "/x/..",
        "/..",
        "/x/../y",
        "/x\n/..",
        "/\0",
        "/...",
        "90s",
        "0s",
        "0.0 h",
        "5 d",
        "1e3",
        "367d",
    ),
    *("9999999999", 0.0001, 1000000, 31622401, "harian", "never", "a/b", "a/", "/a/b", [""], [1], [{"path": "/x"}]),
)


def walk(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value below `data`."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from walk(value, (*path, key))


def change(data: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """A copy of `data` in which the value at `path` is odd, removed, or joined by a stranger."""
    if path:
        copied = copy.copy(data)
        copied[path[0]] = change(data[path[0]], path[1:], odd)
        if copied[path[0]] is REMOVED:
            del copied[path[0]]
        return copied
    return {**data, "stranger": 1} if odd is JOINED and isinstance(data, dict) else odd


def descend(schema: Any, path: tuple[Any, ...]) -> Any:
    """The part of a schema that is about the value at `path`."""
    for key in path:
        options = [schema, *schema.get("anyOf", ())]
        if isinstance(key, int):
            schema = next(option["items"] for option in options if "items" in option)
        else:
            option = next(option for option in options if "properties" in option or "additionalProperties" in option)
            schema = option.get("properties", {}).get(key) or option["additionalProperties"]
    return schema


def pick(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


def find_disagreements(
    data: Any, below: str, reads: Callable[[Any], bool], schema: Any, odd: tuple[Any, ...]
) -> list[str]:
    """Where reader and schema differ when one value of `data[below]` (empty: any) is changed in one odd way.

    The schema is asked about the mapping or list that holds the value: no rule of it reaches further.
    """
    found = []
    for path in walk(data):
        holder = path[:-1]
        fits = Validator(descend(schema, holder), format_checker=CALENDAR)
        for value in (*ODD, *odd, REMOVED, JOINED) if not below or path[0] == below else ():
            changed = change(data, path, value)
            if reads(changed) != fits.is_valid(pick(changed, holder)):
                found.append(f"{path}: {value!r:.80}")
    return found


FILE = receipt.StoredFile("database-app.db.sqlite.zst", 10, "d" * 64)
COUNTED = census.Census({"t": 1}, {"view": {"v": "e" * 64}}, {"files": 2}, "f" * 64)
STORED_PART = receipt.Part(
    kind="database",
    engine="sqlite",
    name="app.db",
    path="/srv/app.db",
    file=FILE,
    raw_bytes=20,
    tool="sqlite 3.40",
    server_version="3.40",
    census=COUNTED,
    notes=("note",),
)
CHECKED_PART = receipt.Part(
    kind="source",
    engine="tree",
    name="site",
    path="/srv/site",
    status=receipt.FAILED,
    failure=receipt.Failure("different", "x", "y"),
    asides=(FILE,),
    level="damaged",
    comparison="rows",
    found=census.Census(counts={"file": 1}),
    differences=(census.Difference("number of file", "2", "1"),),
    difference_count=1,
)
IDENTITY = records.make_identity(records.NOON)
FULL = records.make_failed_receipt(
    kind=receipt.CHECK,
    run_id=IDENTITY,
    retry_of=IDENTITY,
    safety_id=IDENTITY,
    warnings=("w",),
    store=receipt.StoreTrace("directory", "/var/backups", 1, 2, False),
    processes=(receipt.ProcessTrace(("tar", "-c"), -9, 0.5, "oops"),),
    hooks=(receipt.HookTrace("before_check", ("systemctl", "stop", "sippn"), 1, 0.5, "oops"),),
    previous="a" * 64,
    target="/tmp/x",
    deleted=(IDENTITY,),
)
BASES = {
    "acted": (FULL, ""),
    "stored": (records.make_receipt(parts=(STORED_PART,)), "parts"),
    "checked": (records.make_receipt(parts=(CHECKED_PART,)), "parts"),
    "silent": (records.make_failed_receipt(kind=receipt.CONTACT, application=""), "application"),
}


def test_every_field_is_among_those_that_are_changed() -> None:
    keys = {key for base, _unused in BASES.values() for path in walk(base.to_data()) for key in path}
    traces = (receipt.StoreTrace, receipt.ProcessTrace, receipt.HookTrace)
    kinds = (receipt.Receipt, receipt.Part, receipt.StoredFile, *traces, census.Census)
    assert keys >= {name for kind in kinds for name in name_fields(kind)}


@pytest.mark.parametrize("name", BASES)
def test_reader_and_schema_agree_on_every_change_of_a_receipt(name: str) -> None:
    base, below = BASES[name]
    data = base.to_data()
    assert (read_receipt(data), IS_RECEIPT.is_valid(data)) == (True, True)
    assert find_disagreements(data, below, read_receipt, IS_RECEIPT.schema, ODD_IN_RECEIPTS) == []


@pytest.mark.parametrize("below", ["", "applications"])
def test_reader_and_schema_agree_on_every_change_of_a_configuration(below: str) -> None:
    office = {"office": dict.fromkeys(register.OFFICE_KEYS, "x")} if not below else {}
    planned = {"schedule": records.SCHEDULE, "calendar": {"spread": "1h", "quiet": ["2026-12-25"]}} if not below else {}
    config = records.make_config(lock_wait="2.5s", **office, **planned)
    config["applications"][0]["begin"] = "23:15"
    config["applications"][0]["hooks"] = {"before_run": ["systemctl", "stop", "sippn"], "after_run": "/srv/start"}
    data = register.read_server(config).to_data()
    if not below:
        data["applications"] = []
    assert (read_config(data), IS_CONFIG.is_valid(data)) == (True, True)
    assert find_disagreements(data, below, read_config, IS_CONFIG.schema, ODD_IN_CONFIGS) == []
