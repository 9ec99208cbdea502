"""Records out of JSON by the fields of their own dataclass: nothing unknown, of another type, or endless."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_type_hints

from .wire import format_time, parse_time

Plain = TypeVar("Plain")

WHOLE_LIMIT = 2**63 - 1
TEXT_LIMIT = 4096
COUNT_LIMIT = 5000
"""So many entries a list may have, and so many characters a text."""

PATTERN = "pattern"
"""The key of a field's metadata: what the whole of a text, or of each text of a list, must match."""


def read_plain(kind: type[Plain], data: Any) -> Plain:
    """A frozen dataclass whose fields are texts, whole numbers, truths, times, other such records, or tuples of them.

    A field that is not given has its default. Raises TypeError or ValueError that names the field.
    """
    if not isinstance(data, Mapping):
        raise TypeError(f"a {kind.__name__} cannot be a {type(data).__name__}")
    left, given = dict(data), {}
    for known, hint in _find_fields(cast("Any", kind)):
        if known.name in left:
            given[known.name] = _read(known, hint, left.pop(known.name))
        elif known.default is MISSING:
            raise ValueError(f"{kind.__name__} without {known.name!r}")
    if left:
        raise ValueError(f"{kind.__name__} with the unknown field {str(min(left, key=str))[:80]!r}")
    return kind(**given)


@cache
def _find_fields(kind: Any) -> list[tuple[Field[Any], Any]]:
    hints = get_type_hints(kind)
    return [(known, hints[known.name]) for known in fields(kind)]


def _read(known: Field[Any], hint: Any, value: Any) -> Any:
    entry, *more = get_args(hint) or (None,)
    if not more:
        return _read_one(known, hint, value)
    if not isinstance(value, (list, tuple)) or len(value) > COUNT_LIMIT:
        raise TypeError(f"{known.name!r} is not a list of at most {COUNT_LIMIT}")
    return tuple(_read_one(known, entry, each) for each in value)


def _read_one(known: Field[Any], kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
        return read_plain(kind, value)
    if kind is datetime:
        return parse_time(str(value))
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise TypeError(f"{known.name!r} holds a {type(value).__name__}")
    if kind is int and not 0 <= value <= WHOLE_LIMIT:
        raise ValueError(f"{known.name!r} is out of bounds")
    if kind is str:
        _require_text(known, value)
    return value


def _require_text(known: Field[Any], text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise ValueError(f"{known.name!r} holds {len(text)} characters")
    if not re.fullmatch(known.metadata.get(PATTERN, r"[\s\S]*"), text):
        raise ValueError(f"{known.name!r} cannot be {text[:80]!r}")


def write_plain(record: Any) -> dict[str, Any]:
    """What `read_plain` reads back to an equal record; what is empty, zero or false is left out where it may be."""
    required = {known.name for known in fields(record) if known.default is MISSING}
    return {name: _write(value) for name, value in vars(record).items() if value or name in required}


def cut_plain(data: Any) -> Any:
    """What `write_plain` made, with texts and lists no longer than they may be."""
    if isinstance(data, dict):
        return {name: cut_plain(value) for name, value in data.items()}
    if isinstance(data, list):
        return [cut_plain(value) for value in data[:COUNT_LIMIT]]
    return data[:TEXT_LIMIT] if isinstance(data, str) else data


def _write(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, tuple):
        return [_write(each) for each in value]
    return write_plain(value) if is_dataclass(value) else value
