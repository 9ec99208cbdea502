"""Bytes that records travel as: canonical JSON, UTC times, and limits for what comes from elsewhere."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ..errors import RecordRefused

SIZE_LIMIT_BYTES = 4 * 1024 * 1024
DEPTH_LIMIT = 12
TEXT_LIMIT = 65536
SEAL_DIGITS = 16

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
TIME_PATTERN = r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"


def write_json(value: Any) -> bytes:
    """Canonical JSON: sorted keys, ASCII, indented by one space, a newline at the end. Equal values, equal bytes."""
    return (json.dumps(value, sort_keys=True, ensure_ascii=True, indent=1) + "\n").encode("ascii")


def write_line(value: Any) -> bytes:
    """One line of JSON lines, in the same canonical order."""
    return (json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":")) + "\n").encode("ascii")


def read_json(data: bytes, subject: str, size_limit: int = SIZE_LIMIT_BYTES) -> dict[str, Any]:
    """A JSON object out of untrusted bytes.

    Raises RecordRefused for more than `size_limit` bytes, more than DEPTH_LIMIT levels, a text of more than
    TEXT_LIMIT characters, numbers that are not finite, or anything but an object; `subject` names the origin.
    """
    if len(data) > size_limit:
        raise RecordRefused.malformed(subject, f"{len(data)} bytes, more than {size_limit}")
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise RecordRefused.malformed(subject, f"not JSON ({type(error).__name__})") from error
    if not isinstance(value, dict):
        raise RecordRefused.malformed(subject, "not an object")
    reason = find_excess(value)
    if reason:
        raise RecordRefused.malformed(subject, reason)
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _read_finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_read_finite)


def find_excess(value: Any, depth: int = 1) -> str:
    """Why this value is too deep or holds too long a text; empty when it is neither."""
    if not isinstance(value, (dict, list)):
        return _find_long_text([value])
    if depth > DEPTH_LIMIT:
        return f"more than {DEPTH_LIMIT} levels deep"
    children = [*value.values()] if isinstance(value, dict) else value
    inner = [find_excess(child, depth + 1) for child in children if isinstance(child, (dict, list))]
    return _find_long_text([*value, *children]) or next(filter(None, inner), "")


def _find_long_text(values: list[Any]) -> str:
    longest = max([len(value) for value in values if isinstance(value, str)], default=0)
    return f"a text of {longest} characters" if longest > TEXT_LIMIT else ""


def hash_bytes(data: bytes) -> str:
    """Lower-case hexadecimal sha256."""
    return hashlib.sha256(data).hexdigest()


def write_sealed(value: Any) -> str:
    """A value as one line of ASCII after its own checksum, for what we write and read again ourselves."""
    text = json.dumps(value, separators=(",", ":"))
    return f"{hash_bytes(text.encode('ascii'))[:SEAL_DIGITS]} {text}"


def read_sealed(line: str) -> Any:
    """The value of such a line; ValueError where it is not as it was written."""
    seal, _unused, text = line.partition(" ")
    if hash_bytes(text.encode("ascii", "replace"))[:SEAL_DIGITS] != seal:
        raise ValueError("the seal of a line is broken")
    return json.loads(text)


def hash_value(value: Any) -> str:
    """sha256 of the canonical JSON of a value: two equal configurations have equal hashes."""
    return hash_bytes(write_json(value))


def format_time(moment: datetime) -> str:
    """An aware time as `2026-11-22T20:01:00Z`; fractions of a second are cut off."""
    return moment.astimezone(timezone.utc).strftime(TIME_FORMAT)


def parse_time(text: str) -> datetime:
    """The reverse of `format_time`; ValueError for anything else."""
    if not re.fullmatch(TIME_PATTERN, text):
        raise ValueError(f"not a time in UTC: {text[:40]!r}")
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=timezone.utc)


def omit_empty(value: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping without None, empty texts, lists and mappings; zero and False stay."""
    return {key: item for key, item in value.items() if item is not None and item != "" and item != [] and item != {}}
