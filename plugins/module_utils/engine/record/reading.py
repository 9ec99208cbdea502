"""Reads a receipt that may come from a hostile server: every field is checked, nothing is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import RecordRefused
from . import level as levels
from .census import Census, Difference
from .receipt import (
    FAILED,
    KINDS,
    RECEIPT_SCHEMA,
    SUCCEEDED,
    TRIGGERS,
    Failure,
    Host,
    Part,
    ProcessTrace,
    Receipt,
    Runner,
    StoredFile,
    StoreTrace,
)
from .wire import parse_time


def read_receipt(data: Mapping[str, Any], subject: str) -> Receipt:
    """A receipt out of its JSON object, which may come from a hostile server: every field is checked for its type.

    Raises RecordRefused, naming `subject`, for another schema, an unknown field, a missing one or a wrong type.
    """
    try:
        return _read_receipt(_Reading(data))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
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
            raise TypeError(f"{key} is a {type(value).__name__}")
        return value

    def text(self, key: str, default: str | None = "") -> str:
        return str(self.take(key, str, default))

    def one_of(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise ValueError(f"{key} is {value!r}")
        return value

    def whole(self, key: str) -> int:
        return int(self.take(key, int, 0))

    def number(self, key: str) -> float:
        return float(self.take(key, (int, float), 0.0))

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.take(key, list, [])
        if not all(isinstance(value, str) for value in values):
            raise TypeError(f"{key} holds something that is not a text")
        return tuple(values)

    def each(self, key: str) -> list[_Reading]:
        return [_Reading(item) for item in self.take(key, list, [])]

    def below(self, key: str) -> _Reading | None:
        value = self.left.pop(key, None)
        return None if value is None else _Reading(value)

    def table(self, key: str, kind: Any) -> dict[str, Any]:
        values = self.take(key, dict, {})
        if not all(isinstance(name, str) and isinstance(item, kind) for name, item in values.items()):
            raise TypeError(f"{key} holds a value of another type")
        return dict(values)

    def finish(self) -> None:
        if self.left:
            raise ValueError("unknown field " + ", ".join(sorted(self.left)))


def _read_receipt(reading: _Reading) -> Receipt:
    reading.one_of("schema", (RECEIPT_SCHEMA,))
    host, runner = reading.below("host") or _Reading({}), reading.below("runner") or _Reading({})
    receipt = Receipt(
        id=reading.text("id", None),
        kind=reading.one_of("kind", KINDS),
        server=reading.text("server", None),
        application=reading.text("application", None),
        title=reading.text("title"),
        owner=reading.text("owner"),
        category=reading.text("category"),
        trigger=reading.one_of("trigger", TRIGGERS),
        began=parse_time(reading.text("began", None)),
        ended=parse_time(reading.text("ended", None)),
        duration_s=reading.number("duration_s"),
        status=reading.one_of("status", (SUCCEEDED, FAILED)),
        host=Host(host.text("os"), host.text("python"), host.text("boot_id")),
        runner=Runner(runner.text("version"), runner.text("sha256")),
        config_hash=reading.text("config_hash"),
        failure=_read_failure(reading.below("failure")),
        run_id=reading.text("run_id"),
        retry_of=reading.text("retry_of"),
        warnings=reading.texts("warnings"),
        parts=tuple(_read_part(item) for item in reading.each("parts")),
        store=_read_store(reading.below("store")),
        processes=tuple(_read_process(item) for item in reading.each("processes")),
        previous=reading.text("previous"),
        target=reading.text("target"),
        deleted=reading.texts("deleted"),
    )
    for used in (host, runner, reading):
        used.finish()
    return receipt


def _read_failure(reading: _Reading | None) -> Failure | None:
    if reading is None:
        return None
    failure = Failure(reading.text("slug", None), reading.text("message", None), reading.text("hint"))
    reading.finish()
    return failure


def _read_store(reading: _Reading | None) -> StoreTrace | None:
    if reading is None:
        return None
    store = StoreTrace(
        reading.text("type"),
        reading.text("path"),
        reading.whole("device"),
        reading.whole("free_bytes"),
        bool(reading.take("is_same_disk", bool, False)),
    )
    reading.finish()
    return store


def _read_process(reading: _Reading) -> ProcessTrace:
    trace = ProcessTrace(
        reading.texts("argv"), reading.whole("status"), reading.number("duration_s"), reading.text("stderr_tail")
    )
    reading.finish()
    return trace


def _read_stored(reading: _Reading) -> StoredFile:
    stored = StoredFile(reading.text("name", None), reading.whole("size_bytes"), reading.text("sha256", None))
    reading.finish()
    return stored


def _read_census(reading: _Reading | None) -> Census | None:
    if reading is None:
        return None
    objects = _Reading(reading.take("objects", dict, {}))
    census = Census(
        rows=reading.table("rows", int),
        objects={kind: objects.table(kind, str) for kind in list(objects.left)},
        counts=reading.table("counts", int),
        digest=reading.text("digest"),
        consistency=reading.text("consistency"),
    )
    reading.finish()
    return census


def _read_part(reading: _Reading) -> Part:
    stored = reading.below("file")
    part = Part(
        kind=reading.text("kind", None),
        engine=reading.text("engine", None),
        name=reading.text("name", None),
        path=reading.text("path", None),
        status=reading.one_of("status", (SUCCEEDED, FAILED)),
        failure=_read_failure(reading.below("failure")),
        duration_s=reading.number("duration_s"),
        file=_read_stored(stored) if stored else None,
        asides=tuple(_read_stored(item) for item in reading.each("asides")),
        raw_bytes=reading.whole("raw_bytes"),
        tool=reading.text("tool"),
        server_version=reading.text("server_version"),
        census=_read_census(reading.below("census")),
        notes=reading.texts("notes"),
        level=reading.one_of("level", (*levels.LADDER, levels.DAMAGED), levels.NONE),
        comparison=reading.one_of("comparison", ("none", "rows", "content"), "none"),
        found=_read_census(reading.below("found")),
        differences=tuple(_read_difference(item) for item in reading.each("differences")),
        difference_count=reading.whole("difference_count"),
    )
    reading.finish()
    return part


def _read_difference(reading: _Reading) -> Difference:
    difference = Difference(reading.text("what"), reading.text("expected"), reading.text("found"))
    reading.finish()
    return difference
