"""The part of YAML that compose files and configurations use: mappings, lists, plain and quoted texts."""

from __future__ import annotations

import re
from typing import Any

DEPTH_LIMIT = 20

_Line = tuple[int, str]


def read_yaml(text: str) -> Any:
    """Mappings with text keys, lists, and scalars as texts; of several documents the first.

    Anchors, tags and folded texts are kept as they stand. Raises ValueError for what is too deep.
    """
    lines: list[_Line] = []
    for line in text.splitlines():
        bare = line.split("\t#")[0].rstrip()
        if bare.startswith(("---", "...")):
            if lines:
                break
            continue
        content = bare.lstrip(" ")
        if content and not content.startswith("#"):
            lines.append((len(bare) - len(content), content))
    return _read_block(lines, 0, 0)[0] if lines else None


def _read_block(lines: list[_Line], at: int, depth: int) -> tuple[Any, int]:
    """The mapping or list that begins at line `at`, and the line after it."""
    if depth > DEPTH_LIMIT:
        raise ValueError(f"more than {DEPTH_LIMIT} levels deep")
    indent, content = lines[at]
    if content == "-" or content.startswith("- "):
        return _read_list(lines, at, indent, depth)
    return _read_mapping(lines, at, indent, depth)


def _read_mapping(lines: list[_Line], at: int, indent: int, depth: int) -> tuple[Any, int]:
    values: dict[str, Any] = {}
    while at < len(lines) and lines[at][0] >= indent:
        found = _split_key(lines[at][1]) if lines[at][0] == indent else None
        at += 1
        if not found:
            continue  # the lines of a text that is folded, or no YAML
        key, raw = _read_scalar(found[0]), _strip_comment(found[1])
        if raw and not raw.startswith(("&", "!", "|", ">")):
            values[key] = _read_inline(raw)
        elif at < len(lines) and (lines[at][0] > indent or (lines[at][0] == indent and lines[at][1][:1] == "-")):
            values[key], at = _read_block(lines, at, depth + 1)
        else:
            values[key] = ""
    return values, at


def _read_list(lines: list[_Line], at: int, indent: int, depth: int) -> tuple[Any, int]:
    values: list[Any] = []
    while at < len(lines) and lines[at][0] == indent and lines[at][1][:1] == "-":
        content = lines[at][1][1:]
        rest = content.lstrip(" ")
        if not rest:
            at += 1
            if at < len(lines) and lines[at][0] > indent:
                value, at = _read_block(lines, at, depth + 1)
                values.append(value)
        elif _split_key(rest):
            lines[at] = (indent + 1 + len(content) - len(rest), rest)
            value, at = _read_block(lines, at, depth + 1)
            values.append(value)
        else:
            values.append(_read_inline(_strip_comment(rest)))
            at += 1
    while at < len(lines) and lines[at][0] > indent:
        at += 1
    return values, at


def _split_key(content: str) -> tuple[str, str] | None:
    """Key and value of `key: value`; None for anything else."""
    begin = content.find(content[0], 1) if content[0] in "\"'" else 0
    sign = content.find(":", max(begin, 0))
    while 0 <= sign < len(content) - 1 and content[sign + 1] != " ":
        sign = content.find(":", sign + 1)
    if begin < 0 or sign <= 0 or " #" in content[:sign] or content[0] in "[{#&*!|>%@`":
        return None
    return content[:sign].strip(), content[sign + 1 :].strip()


def _strip_comment(raw: str) -> str:
    if raw.startswith(('"', "'")):
        end = raw.find(raw[0], 1)
        return raw[: end + 1] if end > 0 else raw
    return re.split(r"(?:^|\s)#", raw)[0].rstrip()


def _read_inline(raw: str) -> Any:
    """A scalar, or a list or mapping on one line whose entries hold no comma."""
    if raw.startswith("[") and raw.endswith("]"):
        return [_read_scalar(entry.strip()) for entry in raw[1:-1].split(",") if entry.strip()]
    if raw.startswith("{") and raw.endswith("}"):
        pairs = [entry.partition(":") for entry in raw[1:-1].split(",") if ":" in entry]
        return {_read_scalar(key.strip()): _read_scalar(value.strip()) for key, _colon, value in pairs}
    return _read_scalar(raw)


def _read_scalar(raw: str) -> str:
    if len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "\"'":
        return raw[1:-1]
    return raw
