"""Reads archives of pg_dump's custom format in passing: the table of contents, and whether every block is whole.

The format is that of pg_backup_archiver.c and pg_backup_custom.c of PostgreSQL 13 to 17 (versions 1.14 to 1.16).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

MAGIC = b"PGDMP"
CUSTOM_FORMAT = 1
INTEGER_SIZE, OFFSET_SIZE = 4, 8
KNOWN_VERSIONS = ((1, 14), (1, 15), (1, 16))
HEAD_LIMIT_BYTES = 256 << 20
FIRST_TRY_BYTES = 1 << 16
DATA_BLOCK = 1
LARGE_OBJECTS_BLOCK = 3
COUNT_LIMIT = 10_000_000


class Malformed(ValueError):
    """These bytes are no archive, or not a whole one; says why."""


class _Incomplete(Exception):
    """The head goes on in bytes that have not come yet."""


@dataclass(frozen=True)
class Entry:
    """One line of the table of contents. `kind` is pg_dump's word, such as `TABLE DATA`; `needs` are entry ids."""

    id: int
    kind: str
    namespace: str
    tag: str
    owner: str
    definition: str
    has_data: bool
    needs: tuple[int, ...]

    @property
    def name(self) -> str:
        """Schema and name, as the census names things."""
        return f"{self.namespace}.{self.tag}" if self.namespace else self.tag


@dataclass(frozen=True)
class Contents:
    """The head of an archive: who made it from what, and the table of contents in its order."""

    server_version: str
    dump_version: str
    entries: tuple[Entry, ...]

    @cached_property
    def names(self) -> dict[str, frozenset[str]]:
        """Kind -> the names of its entries."""
        found: dict[str, set[str]] = {}
        for entry in self.entries:
            found.setdefault(entry.kind, set()).add(entry.name)
        return {kind: frozenset(names) for kind, names in found.items()}


class _Cursor:
    """Reads the values of a head one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self.at = at
        self._data = data

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if self.at + count > len(self._data):
            raise _Incomplete
        self.at += count
        return self._data[self.at - count : self.at]

    def byte(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def integer(self) -> int:
        """A sign byte and the magnitude, little-endian."""
        raw = self.take(1 + INTEGER_SIZE)
        value = int.from_bytes(raw[1:], "little")
        return -value if raw[0] else value

    def text(self) -> str | None:
        """A length and bytes; None for a length below zero."""
        length = self.integer()
        if length > HEAD_LIMIT_BYTES:
            raise Malformed("a text of its head is too long")
        return None if length < 0 else self.take(length).decode("utf-8", "surrogateescape")

    def texts(self) -> list[str]:
        """Texts up to the first None."""
        found: list[str] = []
        while True:
            text = self.text()
            if text is None:
                return found
            found.append(text)


def _read_head(data: bytes) -> tuple[Contents, int]:
    """(contents, where the blocks begin); raises Malformed or _Incomplete."""
    cursor = _Cursor(data, 0)
    cursor.take(len(MAGIC))
    version = (cursor.byte(), cursor.byte())
    cursor.byte()
    if version not in KNOWN_VERSIONS:
        raise Malformed(f"archive version {version[0]}.{version[1]} is not known")
    if (cursor.byte(), cursor.byte(), cursor.byte()) != (INTEGER_SIZE, OFFSET_SIZE, CUSTOM_FORMAT):
        raise Malformed("it is not an archive of the custom format")
    if version >= (1, 15):
        cursor.byte()
    else:
        cursor.integer()
    for _unused in range(7):
        cursor.integer()
    cursor.text()
    server_version, dump_version = cursor.text() or "", cursor.text() or ""
    count = cursor.integer()
    if not 0 <= count <= COUNT_LIMIT:
        raise Malformed("its table of contents has no sensible length")
    entries = tuple(_read_entry(cursor, version) for _unused in range(count))
    return Contents(server_version, dump_version, entries), cursor.at


def _read_entry(cursor: _Cursor, version: tuple[int, int]) -> Entry:
    number, has_data = cursor.integer(), cursor.integer() != 0
    cursor.text()
    cursor.text()
    tag, kind = cursor.text() or "", cursor.text() or ""
    cursor.integer()
    definition = cursor.text() or ""
    cursor.text()
    cursor.text()
    namespace = cursor.text() or ""
    cursor.text()
    cursor.text()
    if version >= (1, 16):
        cursor.integer()
    owner = cursor.text() or ""
    cursor.text()
    needs = tuple(int(text) for text in cursor.texts() if text.isdecimal())
    cursor.take(1 + OFFSET_SIZE)
    return Entry(number, kind, namespace, tag, owner, definition, has_data, needs)


class HeadReader:
    """Collects the head of an archive from its first bytes; `contents` once it is whole."""

    def __init__(self) -> None:
        self.contents: Contents | None = None
        self._head = bytearray()
        self._next_try = FIRST_TRY_BYTES

    def take(self, chunk: memoryview) -> bytes:
        """The next bytes; gives back those that follow the head, once. Raises Malformed."""
        if self.contents is not None:
            return b""
        self._head += chunk
        if self._head[: len(MAGIC)] != MAGIC[: len(self._head)]:
            raise Malformed("it does not begin as an archive of pg_dump")
        if len(self._head) < self._next_try:
            return b""
        self._next_try = 2 * len(self._head)
        return self._try()

    def finish(self) -> tuple[Contents, bytes]:
        """After the last byte: the contents, and what `take` would give back. Raises Malformed without a whole head."""
        rest = b"" if self.contents is not None else self._try()
        if self.contents is None:
            raise Malformed("it ends in its table of contents")
        return self.contents, rest

    def _try(self) -> bytes:
        try:
            self.contents, end = _read_head(bytes(self._head))
        except _Incomplete:
            if len(self._head) > HEAD_LIMIT_BYTES:
                raise Malformed("its table of contents does not end") from None
            return b""
        rest = bytes(self._head[end:])
        self._head.clear()
        return rest


_BLOCK, _ROWS, _OBJECT, _PIECES = range(4)
"""What comes next: the head of a block, data of a table, the number of a large object, data of one."""


class BlockReader:
    """Walks over the blocks behind a head without keeping them. Raises Malformed as soon as one cannot be right."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self._rest = b""
        self._skip = 0
        self._state = _BLOCK

    def take(self, chunk: bytes | memoryview) -> None:
        """The next bytes behind the head."""
        if self._skip >= len(chunk):
            self._skip -= len(chunk)
            return
        data = self._rest + bytes(chunk[self._skip :])
        self._skip = 0
        at = self._walk(data)
        self._skip = max(0, at - len(data))
        self._rest = data[at:]

    def finish(self, entries: Sequence[Entry]) -> None:
        """After the last byte: every entry with data has had its block, and nothing is cut."""
        if self._skip or self._rest or self._state != _BLOCK:
            raise Malformed("it ends within a block")
        missing = [entry for entry in entries if entry.has_data and entry.id not in self.seen]
        if missing:
            raise Malformed(f"the data of {missing[0].name} are missing")

    def _walk(self, data: bytes) -> int:
        """How far it came; beyond the end of `data` where a piece goes on."""
        at, end = 0, len(data)
        while at + 6 <= end or (self._state != _BLOCK and at + 5 <= end):
            if self._state == _BLOCK:
                self._open_block(data[at], *_INTEGER.unpack_from(data, at + 1))
                at += 6
            elif self._state == _OBJECT:
                self._state = _PIECES if _INTEGER.unpack_from(data, at)[1] else _BLOCK
                at += 5
            else:
                at = self._walk_pieces(data, at, end)
        return at

    def _open_block(self, kind: int, sign: int, number: int) -> None:
        if kind not in (DATA_BLOCK, LARGE_OBJECTS_BLOCK) or sign:
            raise Malformed("a block has no proper beginning")
        self.seen.add(number)
        self._state = _ROWS if kind == DATA_BLOCK else _OBJECT

    def _walk_pieces(self, data: bytes, at: int, end: int) -> int:
        unpack = _INTEGER.unpack_from
        while at + 5 <= end:
            sign, length = unpack(data, at)
            if sign:
                raise Malformed("a piece of data has no proper length")
            at += 5 + length
            if length == 0:
                self._state = _BLOCK if self._state == _ROWS else _OBJECT
                break
        return at


_INTEGER = struct.Struct("<BI")
