"""Reads a receipt that may come from a hostile server: every field is checked, nothing is believed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import RecordRefused
from . import level as levels
from .application import NAME_PATTERN
from .census import LOCKED, NO_CONSISTENCY, SNAPSHOT, Census, Difference
from .hooks import HOOK_NAMES
from .policy import INTERVAL_S
from .receipt import (
    CONTACT,
    FAILED,
    FILE_PATTERN,
    HASH_PATTERN,
    ID_PATTERN,
    KINDS,
    PART_KINDS,
    RECEIPT_SCHEMA,
    SUCCEEDED,
    TRIGGERS,
    Failure,
    HookTrace,
    Host,
    Part,
    ProcessTrace,
    Receipt,
    Runner,
    StoredFile,
    StoreTrace,
    read_id_time,
)
from .register import SERVER_PATTERN
from .wire import parse_time

WHOLE_LIMIT = 2**63 - 1
SECONDS_LIMIT = 10**12
SLUG_PATTERN = r"[a-z][a-z0-9_]{0,63}"
CATEGORIES: tuple[str, ...] = ("", *INTERVAL_S)
CONSISTENCIES: tuple[str, ...] = (SNAPSHOT, LOCKED, NO_CONSISTENCY)
COMPARISONS: tuple[str, ...] = ("none", "rows", "content")
LEVELS: tuple[str, ...] = (*levels.LADDER, levels.DAMAGED)


def read_receipt(data: Mapping[str, Any], subject: str) -> Receipt:
    """A receipt out of its JSON object, which may come from a hostile server: every field is checked.

    What may become a name on a disk (ids, names of server, application and files) has no slash and no leading dot.
    Raises RecordRefused, naming `subject`, for another schema, an unknown field, a missing one, a wrong type or value.
    """
    try:
        return _read_receipt(_Reading(data))
    except (TypeError, ValueError) as error:
        raise RecordRefused.malformed(subject, f"{type(error).__name__}: {error}") from error


class _Reading:
    """Takes typed values out of a mapping; anything left over or of another type is a ValueError."""

    def __init__(self, data: Any) -> None:
        if not isinstance(data, Mapping):
            raise TypeError(f"a mapping was expected, not {type(data).__name__}")
        self.left: dict[str, Any] = dict(data)

    def take(self, key: str, kind: Any, default: Any = None) -> Any:
        value = self.left.pop(key, default)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise TypeError(f"{key[:80]!r} is a {type(value).__name__}")
        return value

    def text(self, key: str, default: str | None = "", pattern: str = "") -> str:
        value = str(self.take(key, str, default))
        if pattern and value != default and not re.fullmatch(pattern, value):
            raise ValueError(f"{key[:80]!r} is {value[:80]!r}")
        return value

    def one_of(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise ValueError(f"{key[:80]!r} is {value[:80]!r}")
        return value

    def whole(self, key: str, default: int | None = 0, minimum: int = 0) -> int:
        value = int(self.take(key, int, default))
        if not minimum <= value <= WHOLE_LIMIT:
            raise ValueError(f"{key[:80]!r} is out of bounds")
        return value

    def seconds(self, key: str) -> float:
        value = self.take(key, (int, float))
        if not 0 <= value <= SECONDS_LIMIT:
            raise ValueError(f"{key[:80]!r} is out of bounds")
        return float(value)

    def texts(self, key: str, default: tuple[str, ...] | None = (), pattern: str = r"[\s\S]*") -> tuple[str, ...]:
        values = self.take(key, (list, tuple), default)
        if not all(isinstance(value, str) and re.fullmatch(pattern, value) for value in values):
            raise TypeError(f"{key} holds something that does not belong there")
        return tuple(values)

    def each(self, key: str) -> list[_Reading]:
        return [_Reading(item) for item in self.take(key, list, [])]

    def below(self, key: str) -> _Reading | None:
        value = self.left.pop(key, None)
        return None if value is None else _Reading(value)

    def counts(self, key: str) -> dict[str, int]:
        table: dict[str, int] = dict(self.take(key, dict, {}))
        if {*map(type, table.values())} - {int} or min(table.values(), default=0) < 0:
            raise TypeError(f"{key[:80]!r} holds something that is no count")
        if max(table.values(), default=0) > WHOLE_LIMIT:
            raise ValueError(f"{key[:80]!r} holds a count out of bounds")
        return table

    def digests(self, key: str) -> dict[str, str]:
        table: dict[str, str] = dict(self.take(key, dict, {}))
        if {*map(type, table.values())} - {str}:
            raise TypeError(f"{key[:80]!r} holds something that is no text")
        return table

    def finish(self) -> None:
        if self.left:
            raise ValueError(f"unknown field {min(self.left)[:80]!r}")


def _read_receipt(reading: _Reading) -> Receipt:
    reading.one_of("schema", (RECEIPT_SCHEMA,))
    receipt = Receipt(
        id=reading.text("id", None, ID_PATTERN),
        kind=reading.one_of("kind", KINDS),
        server=reading.text("server", None, SERVER_PATTERN),
        application=reading.text("application", "", NAME_PATTERN),
        title=reading.text("title"),
        owner=reading.text("owner"),
        category=reading.one_of("category", CATEGORIES, ""),
        trigger=reading.one_of("trigger", TRIGGERS),
        began=parse_time(reading.text("began", None)),
        ended=parse_time(reading.text("ended", None)),
        duration_s=reading.seconds("duration_s"),
        status=reading.one_of("status", (SUCCEEDED, FAILED)),
        host=_read_host(_Reading(reading.take("host", Mapping))),
        runner=_read_runner(_Reading(reading.take("runner", Mapping))),
        config_hash=reading.text("config_hash", "", HASH_PATTERN),
        failure=_read_failure(reading.below("failure")),
        run_id=reading.text("run_id", "", ID_PATTERN),
        retry_of=reading.text("retry_of", "", ID_PATTERN),
        safety_id=reading.text("safety_id", "", ID_PATTERN),
        warnings=reading.texts("warnings"),
        parts=tuple(_read_part(item) for item in reading.each("parts")),
        store=_read_store(reading.below("store")),
        processes=tuple(_read_process(item) for item in reading.each("processes")),
        hooks=tuple(_read_hook(item) for item in reading.each("hooks")),
        previous=reading.text("previous", "", HASH_PATTERN),
        target=reading.text("target"),
        deleted=reading.texts("deleted", (), ID_PATTERN),
    )
    reading.finish()
    _refuse_contradictions(receipt)
    return receipt


def _refuse_contradictions(receipt: Receipt) -> None:
    read_id_time(receipt.id)
    if (receipt.kind == CONTACT) == bool(receipt.application):
        raise ValueError(f"a receipt of kind {receipt.kind} with the application {receipt.application!r}")
    if receipt.has_succeeded == bool(receipt.failure):
        raise ValueError(f"the status {receipt.status} does not go with its failure")


def _read_host(reading: _Reading) -> Host:
    host = Host(reading.text("os", None), reading.text("python", None), reading.text("boot_id", None))
    reading.finish()
    return host


def _read_runner(reading: _Reading) -> Runner:
    runner = Runner(reading.text("version", None), reading.text("sha256", None, HASH_PATTERN + "|"))
    reading.finish()
    return runner


def _read_failure(reading: _Reading | None) -> Failure | None:
    if reading is None:
        return None
    slug = reading.text("slug", None, SLUG_PATTERN)
    failure = Failure(slug, reading.text("message", None), reading.text("hint", None))
    reading.finish()
    return failure


def _read_store(reading: _Reading | None) -> StoreTrace | None:
    if reading is None:
        return None
    store = StoreTrace(
        reading.text("type", None),
        reading.text("path", None),
        reading.whole("device", None),
        reading.whole("free_bytes", None),
        bool(reading.take("is_same_disk", bool)),
    )
    reading.finish()
    return store


def _read_process(reading: _Reading) -> ProcessTrace:
    trace = ProcessTrace(
        reading.texts("argv", None),
        reading.whole("status", None, -WHOLE_LIMIT),
        reading.seconds("duration_s"),
        reading.text("stderr_tail", None),
    )
    reading.finish()
    return trace


def _read_hook(reading: _Reading) -> HookTrace:
    trace = HookTrace(
        reading.one_of("name", HOOK_NAMES),
        reading.texts("argv", None),
        reading.whole("status", None, -WHOLE_LIMIT),
        reading.seconds("duration_s"),
        reading.text("output_tail", None),
    )
    reading.finish()
    return trace


def _read_stored(reading: _Reading | None) -> StoredFile | None:
    if reading is None:
        return None
    name = reading.text("name", None, FILE_PATTERN)
    stored = StoredFile(name, reading.whole("size_bytes", None), reading.text("sha256", None, HASH_PATTERN))
    reading.finish()
    return stored


def _read_census(reading: _Reading | None) -> Census | None:
    if reading is None:
        return None
    objects = _Reading(reading.take("objects", dict, {}))
    census = Census(
        rows=reading.counts("rows"),
        objects={kind: objects.digests(kind) for kind in list(objects.left)},
        counts=reading.counts("counts"),
        digest=reading.text("digest"),
        consistency=reading.one_of("consistency", CONSISTENCIES),
    )
    reading.finish()
    return census


def _read_part(reading: _Reading) -> Part:
    part = Part(
        kind=reading.one_of("kind", PART_KINDS),
        engine=reading.text("engine", None, SLUG_PATTERN),
        name=reading.text("name", None),
        path=reading.text("path"),
        status=reading.one_of("status", (SUCCEEDED, FAILED)),
        failure=_read_failure(reading.below("failure")),
        duration_s=reading.seconds("duration_s"),
        file=_read_stored(reading.below("file")),
        asides=tuple(filter(None, map(_read_stored, reading.each("asides")))),
        raw_bytes=reading.whole("raw_bytes"),
        tool=reading.text("tool"),
        server_version=reading.text("server_version"),
        census=_read_census(reading.below("census")),
        notes=reading.texts("notes"),
        level=reading.one_of("level", LEVELS, levels.NONE),
        comparison=reading.one_of("comparison", COMPARISONS, "none"),
        found=_read_census(reading.below("found")),
        differences=tuple(_read_difference(item) for item in reading.each("differences")),
        difference_count=reading.whole("difference_count"),
    )
    reading.finish()
    return part


def _read_difference(reading: _Reading) -> Difference:
    difference = Difference(reading.text("what", None), reading.text("expected", None), reading.text("found", None))
    reading.finish()
    return difference
