from __future__ import annotations

import copy
import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import jsonschema
import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.installed import (
    INSTALLED_SCHEMA,
    CronEntry,
    Installed,
    InstalledTimer,
    Unread,
    read_installed,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import read_json, write_json
from ansible_collections.diskominfo.backup.tests.records import SCHEMAS

AT = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
FULL = Installed(
    server="web.kota.example",
    at=AT,
    manager="systemd",
    config_hash="a" * 64,
    schedule_hash="0" * 64,
    config_problem="it cannot be used",
    timers=(
        InstalledTimer(
            *("diskominfo-backup-daily.timer", "loaded", True, True, True, True),
            ("*-*-* 22:30:00 Asia/Jakarta",),
            *("diskominfo-backup-daily.service", "loaded", "/usr/local/bin/diskominfo-backup night"),
        ),
    ),
    lines=(CronEntry("@reboot", "true"),),
    is_cron_running=True,
    unread=(Unread("systemctl show", "it ended with status 1"),),
)
SCHEMA = json.loads((SCHEMAS / "installed.schema.json").read_bytes())
CALENDAR = jsonschema.FormatChecker(formats=())


@CALENDAR.checks("date-time", raises=ValueError)
def is_in_the_calendar(text: object) -> bool:
    return not isinstance(text, str) or bool(datetime.fromisoformat(text.replace("Z", "+00:00")))


def match_as_ecma(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[jsonschema.ValidationError]:
    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


Validator: Any = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator, {"pattern": match_as_ecma}
)
IS_INSTALLED = Validator(SCHEMA, format_checker=CALENDAR)
NOON = "2026-11-22T12:00:00Z"
ODD: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 0.5, "", "x", "X", "x\n", "../x", "x" * 4096, "x" * 4097, [], {}, [None]),
    *(
        ["x"],
        [{}],
        [["x"]],
        {"x": 1},
        ["x"] * 5001,
        "2026-11-22T12:00:00Z\n",
        "2026-02-30T12:00:00Z",
        "2026-11-22T12:00:00Z",
    ),
)


def is_read(data: Any) -> bool:
    try:
        read_installed(data, "test")
    except RecordRefused:
        return False
    return True


def walk(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from walk(value, (*path, key))


def change(data: Any, path: tuple[Any, ...], odd: Any) -> Any:
    changed = copy.deepcopy(data)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = odd
    return changed


def test_it_comes_back_equal_and_what_is_empty_is_left_out() -> None:
    data = json.loads(write_json(FULL.to_data()))
    IS_INSTALLED.validate(data)
    assert read_installed(read_json(write_json(data), "test"), "test") == FULL
    bare = Installed("web", AT, "cron")
    assert bare.to_data() == {
        "schema": INSTALLED_SCHEMA,
        "server": "web",
        "at": "2026-11-22T12:00:00Z",
        "manager": "cron",
    }
    assert read_installed(bare.to_data(), "test") == bare
    assert bare.is_empty
    assert not FULL.is_empty


def test_the_schema_has_the_fields_of_the_records() -> None:
    kinds = {"installedTimer": InstalledTimer, "cronEntry": CronEntry, "unread": Unread}
    assert set(SCHEMA["properties"]) == {field.name for field in dataclasses.fields(Installed)} | {"schema"}
    assert set(SCHEMA["$defs"]) == set(kinds)
    for name, kind in kinds.items():
        assert set(SCHEMA["$defs"][name]["properties"]) == {field.name for field in dataclasses.fields(kind)}


def test_reader_and_schema_agree_on_every_change_of_a_value() -> None:
    whole = json.loads(write_json(FULL.to_data()))
    differing = [
        (path, repr(odd)[:40])
        for path in walk(whole)
        for odd in ODD
        if is_read(made := change(whole, path, odd)) != IS_INSTALLED.is_valid(made)
    ]
    assert differing == []


@pytest.mark.parametrize("odd", [{"schema": "x"}, {"password": "x"}, {"timers": [{"unit": "x"}]}])
def test_what_is_refused_names_its_subject(odd: dict[str, Any]) -> None:
    with pytest.raises(RecordRefused, match="what web has"):
        read_installed({**FULL.to_data(), **odd}, "what web has")
