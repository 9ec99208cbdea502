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
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import discovered, plain
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.discovered import (
    Configuration,
    Container,
    CronLine,
    DatabaseReference,
    Discovered,
    FoundDatabase,
    Listener,
    Pool,
    Site,
    SqliteFile,
    Tree,
    Unit,
    Unreadable,
    Volume,
    read_discovered,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import read_json, write_json
from ansible_collections.diskominfo.backup.tests.records import SCHEMAS

NOON = "2026-11-22T12:00:00Z"
FULL = Discovered(
    server="web.kota.example",
    at=datetime(2026, 11, 22, 12, tzinfo=timezone.utc),
    names=("web",),
    addresses=("10.0.0.4",),
    sites=(Site("nginx", ("a.example",), ("80",), "/var/www/a/current", "/var/www/a/7", ("unix:/run/a",), "/etc/x"),),
    pools=(Pool("www", "/etc/php/pool.d/www.conf", "www-data", "/run/php.sock", "/var/www"),),
    units=(Unit("odoo.service", "/opt/odoo", "odoo", "odoo-bin", ("/etc/odoo.conf",), True),),
    containers=(
        Container(
            name="db",
            tool="podman",
            image="mariadb:11",
            is_running=True,
            project="portal",
            service="db",
            folder="/srv/portal",
            engine="mysql",
            ports=("127.0.0.1:3307->3306",),
            addresses=("10.88.0.2",),
            volumes=(Volume("/srv/portal/data", "/var/lib/mysql", "data"),),
        ),
    ),
    listeners=(Listener("0.0.0.0", 80, "nginx"),),
    cron=(CronLine("/etc/cron.d/a", "root", "php", ("/var/www/a/artisan",)),),
    configurations=(
        Configuration(
            "/var/www/a/7/.env",
            "laravel",
            "/var/www/a/7",
            (
                DatabaseReference("mysql", "a", host="db", port=3307, user="a", prefix="a_", addresses=("10.0.0.5",)),
                DatabaseReference("sqlite", path="/var/www/a/7/a.sqlite", socket="/run/x"),
            ),
            ("/var/www/a/7/storage/app",),
            "https://a.example",
            "app",
        ),
    ),
    databases=(
        FoundDatabase(
            engine="postgresql",
            name="a",
            instance="/run/postgresql:5433",
            socket="/run/postgresql",
            host="127.0.0.1",
            port=5433,
            container="db",
            owner="a",
            size_bytes=1,
            tables=2,
            writes=3,
            writes_since=NOON,
            written=NOON,
            clients=("10.0.0.4",),
            users=("a",),
            is_system=True,
        ),
    ),
    sqlite_files=(SqliteFile("/var/www/a/7/a.sqlite", "/var/www/a/7", 4096, NOON),),
    trees=(Tree("/var/www/a/7", 10, 2, 1, NOON, True),),
    unreadable=(Unreadable("nginx", "nginx -T", "it ended with status 1"),),
)
KINDS = (
    *(Discovered, Configuration, Container, CronLine, DatabaseReference, FoundDatabase, Listener, Pool, Site),
    *(SqliteFile, Tree, Unit, Unreadable, Volume),
)
SCHEMA = json.loads((SCHEMAS / "discovered.schema.json").read_bytes())
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
IS_DISCOVERED = Validator(SCHEMA, format_checker=CALENDAR)


def is_read(data: Any) -> bool:
    try:
        read_discovered(data, "test")
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


def test_a_look_comes_back_equal_and_what_is_empty_is_left_out() -> None:
    data = json.loads(write_json(FULL.to_data()))
    IS_DISCOVERED.validate(data)
    assert read_discovered(read_json(write_json(data), "test"), "test") == FULL
    bare = Discovered("web", FULL.at)
    assert bare.to_data() == {"schema": discovered.DISCOVERED_SCHEMA, "server": "web", "at": NOON}
    assert read_discovered(bare.to_data(), "test") == bare


def test_the_example_holds_every_field_that_there_is() -> None:
    keys = {str(key) for path in walk(json.loads(write_json(FULL.to_data()))) for key in path}
    fields = {field.name for kind in KINDS for field in dataclasses.fields(kind)}
    assert fields <= keys
    definitions = {kind.__name__[0].lower() + kind.__name__[1:]: kind for kind in KINDS[1:]}
    assert set(SCHEMA["$defs"]) == set(definitions)
    for name, kind in definitions.items():
        assert set(SCHEMA["$defs"][name]["properties"]) == {field.name for field in dataclasses.fields(kind)}


ODD: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 0.5, 2**63, "", "x", "X", "x\n", "../x", "x" * 4096, "x" * 4097, [], {}, [None]),
    *(["x"], [{}], [["x"]], {"x": 1}, ["x"] * 5001, "2026-11-22T12:00:00Z\n", "2026-02-30T12:00:00Z", NOON),
)


def test_reader_and_schema_agree_on_every_change_of_a_value() -> None:
    whole = json.loads(write_json(FULL.to_data()))
    bare = {name: value for name, value in whole.items() if isinstance(value, str)}
    pieces = [bare, *({**bare, name: value} for name, value in whole.items() if name not in bare)]
    differing = [
        (path, repr(odd)[:40])
        for data in pieces
        for path in walk(data)
        if data is bare or path[0] not in bare
        for odd in ODD
        if is_read(made := change(data, path, odd)) != IS_DISCOVERED.is_valid(made)
    ]
    assert differing == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_known_or_missing_is_refused(kind: Any) -> None:
    data = {"password": "x"}
    with pytest.raises(ValueError, match=r"(unknown field 'password'|without)"):
        plain.read_plain(kind, data)
    with pytest.raises(TypeError, match="cannot be a list"):
        plain.read_plain(kind, [])
    for known in dataclasses.fields(kind):
        assert not re.search("pass|secret|token|key", known.name), "a look has no place for a secret"


def test_what_is_refused_names_its_subject_and_keeps_its_text_short() -> None:
    with pytest.raises(RecordRefused, match="a look at web") as refused:
        read_discovered({**FULL.to_data(), "x" * 10000: 1}, "a look at web")
    assert len(refused.value.message) < 300
    assert not is_read({"schema": "x" * 100000})
