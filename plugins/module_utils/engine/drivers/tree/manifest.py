"""The manifest of a tree: one JSON line for every member, and how two manifests differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from json.encoder import encode_basestring_ascii as quote
from pathlib import Path
from typing import Any, BinaryIO

from ...record.census import SHOWN_DIFFERENCES, Difference
from .headers import DEVICES, DIRECTORY, FILE, HARDLINK, SYMLINK, MalformedArchive, Member

SUFFIX = "manifest.jsonl"
LINE_LIMIT_BYTES = 128 * 1024
SHOWN_CHARACTERS = 200
BATCH_LINES = 512

COUNTED: Mapping[str, str] = {
    FILE: "files",
    DIRECTORY: "directories",
    SYMLINK: "symlinks",
    HARDLINK: "hardlinks",
    "fifo": "fifos",
    DEVICES[0]: "devices",
    DEVICES[1]: "devices",
}
"""Kind of a member -> what a census counts it as; beside them `bytes`, the content of all files with their holes."""

ROOT_ALONE = frozenset(("gid", "uid", "privileged"))
"""Fields that only root can restore."""

NO_EXTRA: Mapping[str, str] = {"attributes": "", "privileged": ""}
_USER_ATTRIBUTES = (b"SCHILY.acl.", b"SCHILY.xattr.user.", b"SCHILY.xattr.system.posix_acl_")


class Manifest:
    """Visits the members of an archive, writes their lines to `stream` (if there is one), counts and hashes them.

    `limit_bytes`: more content than that cannot be right, and is refused before it is hashed.
    """

    def __init__(self, stream: BinaryIO | None = None, limit_bytes: int | None = None) -> None:
        self._stream = stream
        self._limit_bytes = limit_bytes
        self._hash = hashlib.sha256()
        self._lines: list[str] = []
        self._counts = {"bytes": 0}

    def begin(self, member: Member) -> bool:
        """Asks for the hash of files, and of nothing else."""
        if member.kind != FILE:
            return False
        total = self._counts["bytes"] = self._counts["bytes"] + member.size
        if self._limit_bytes is not None and total > self._limit_bytes:
            raise MalformedArchive("it holds more than its source did")
        return True

    def end(self, member: Member, sha256: str) -> None:
        """Adds the member's line."""
        name = COUNTED[member.kind]
        self._counts[name] = self._counts.get(name, 0) + 1
        self._lines.append(write_entry(member, sha256))
        if len(self._lines) >= BATCH_LINES:
            self._flush()

    def _flush(self) -> None:
        batch = "".join(self._lines).encode("ascii")
        self._lines.clear()
        self._hash.update(batch)
        if self._stream:
            self._stream.write(batch)

    def conclude(self) -> tuple[dict[str, int], str]:
        """(what was counted, the sha256 of all lines); to be called after the last member."""
        self._flush()
        return dict(self._counts), self._hash.hexdigest()


def write_entry(member: Member, sha256: str) -> str:
    """One line: keys in alphabetical order, bytes that are no UTF-8 as lone surrogates (Python's surrogateescape).

    `path` is relative to the root, which is `.`; `mode` is octal, `mtime` in seconds with its decimals; `attributes`
    and `privileged` are digests of what any user can set and of what only root can.
    """
    path, kind, mode, uid, gid, mtime, size, _unused, target, _unused2, attributes, device_number = member
    extra = _digest_attributes(attributes) if attributes else NO_EXTRA
    device = f'"device":"{device_number}",' if device_number else ""
    link = f'"link":{_write_text(target)},' if target else ""
    content = f'"sha256":"{sha256}","size":{size},' if sha256 else ""
    return (
        f'{{{extra["attributes"]}{device}"gid":{gid},{link}"mode":"{mode:04o}","mtime":{quote(mtime)},'
        f'"path":{_write_text(strip_path(path))},{extra["privileged"]}{content}"type":"{kind}","uid":{uid}}}\n'
    )


def strip_path(path: bytes) -> bytes:
    """The path below the root, without the `./` that our archives begin every name with."""
    return path[2:].rstrip(b"/") or b"."


def _write_text(text: bytes) -> str:
    return quote(text.decode("utf-8", "surrogateescape"))


def _digest_attributes(attributes: Mapping[bytes, bytes]) -> Mapping[str, str]:
    groups: dict[str, list[bytes]] = {}
    for key, value in sorted(attributes.items()):
        name = "attributes" if key.startswith(_USER_ATTRIBUTES) else "privileged"
        groups.setdefault(name, []).append(b"%d %s=%d %s\n" % (len(key), key, len(value), value))
    digests = {name: hashlib.sha256(b"".join(parts)).hexdigest() for name, parts in groups.items()}
    return {**NO_EXTRA, **{name: f'"{name}":"{digest}",' for name, digest in digests.items()}}


@dataclass
class Differences:
    """The first differences, and how many there are in all."""

    shown: list[Difference] = field(default_factory=list)
    count: int = 0

    def add(self, what: str, expected: Any, found: Any) -> None:
        """Each text is cut to what a receipt can carry."""
        self.count += 1
        if len(self.shown) < SHOWN_DIFFERENCES:
            self.shown.append(Difference(*(str(text)[:SHOWN_CHARACTERS] for text in (what, expected, found))))


def compare_manifests(expected: Path, found: Path, as_root: bool, differences: Differences) -> None:
    """Adds every difference, in constant memory. Other than `as_root`, what only root can restore is left aside.

    `expected` may have been altered by anybody: a line that is none is a difference.
    """
    with open(expected, "rb") as left_stream, open(found, "rb") as right_stream:
        left, right = _read_line(left_stream), _read_line(right_stream)
        while left or right:
            lefts, rights = True, True
            if left != right:
                one, other = _Entry(left), _Entry(right)
                lefts, rights = one.order <= other.order, other.order <= one.order
                _compare(one if lefts else None, other if rights else None, as_root, differences)
            left = _read_line(left_stream) if lefts else left
            right = _read_line(right_stream) if rights else right


def _read_line(stream: BinaryIO) -> bytes:
    return stream.readline(LINE_LIMIT_BYTES)


class _Entry:
    """A line that was read; `order` is its place in an archive sorted by name: a folder before what it holds."""

    def __init__(self, line: bytes) -> None:
        self.fields = _read_fields(line)
        self.path = str(self.fields.get("path"))
        self.type = str(self.fields.get("type"))
        names = [] if self.path == "." else _to_bytes(self.path).split(b"/")
        self.order = (not line, names)


def _read_fields(line: bytes) -> Mapping[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        fields = None
    return fields if isinstance(fields, dict) else {"path": line.decode("ascii", "replace"), "type": "broken line"}


def _to_bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte: nothing that was written here
        return text.encode("utf-8", "surrogatepass")


def _compare(left: _Entry | None, right: _Entry | None, as_root: bool, differences: Differences) -> None:
    """Two lines of one path, or one line whose path the other manifest does not have."""
    if left and right:
        for name in sorted({*left.fields, *right.fields} - (frozenset() if as_root else ROOT_ALONE)):
            expected, found = left.fields.get(name, "none"), right.fields.get(name, "none")
            if expected != found:
                differences.add(f"{name} of {left.path}", expected, found)
    elif left and (as_root or left.type not in DEVICES):
        differences.add(f"{left.type} {left.path}", "present", "missing")
    elif right:
        differences.add(f"{right.type} {right.path}", "missing", "present")
