"""One member of an archive: ustar with pax records, the way our own call of GNU tar writes it, and nothing else.

An archive is only ever restored where it was made here, so whatever GNU tar would not write for us is refused: that
leaves an altered archive no room to mean one thing to this reader and another to the program that unpacks it.
The format: POSIX.1-2017, pax, "ustar Interchange Format"; sparse files: GNU tar's manual, "PAX Format, Version 1.0".
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

BLOCK_BYTES = 512
ZERO_BLOCK = bytes(BLOCK_BYTES)
PAX = b"x"

FILE = "file"
DIRECTORY = "directory"
SYMLINK = "symlink"
HARDLINK = "hardlink"
DEVICES: tuple[str, ...] = ("character device", "block device")
KINDS: Mapping[bytes, str] = {
    b"0": FILE,
    b"1": HARDLINK,
    b"2": SYMLINK,
    b"3": DEVICES[0],
    b"4": DEVICES[1],
    b"5": DIRECTORY,
    b"6": "fifo",
}
"""Type flag -> what the member is."""

ATTRIBUTE_KEYS: tuple[bytes, ...] = (b"SCHILY.acl.", b"SCHILY.xattr.")
_PLAIN_KEYS = frozenset((b"gid", b"gname", b"linkpath", b"mtime", b"path", b"size", b"uid", b"uname"))
_SPARSE_KEYS = frozenset((b"GNU.sparse.major", b"GNU.sparse.minor", b"GNU.sparse.name", b"GNU.sparse.realsize"))

_OWNER = re.compile(rb"([0-7]{7})\0([0-7]{7})\0([0-7]{7})\0")
_DEVICE = re.compile(rb"([0-7]{7})\0([0-7]{7})\0")
_LARGEST = (1 << 63) - 1


class MalformedArchive(Exception):
    """The stream is no archive that was made here; says why."""


class Member(NamedTuple):
    """A member's header. `size` counts the content with its holes, `stored` the bytes that follow without padding.

    `mtime` is seconds as text, with as many decimals as were archived; `attributes` are ACLs and extended attributes by
    their pax key; `device` is `major:minor` of a device.
    """

    path: bytes
    kind: str
    mode: int
    uid: int
    gid: int
    mtime: str
    size: int
    stored: int
    link: bytes
    is_sparse: bool
    attributes: Mapping[bytes, bytes]
    device: str


NO_RECORDS: Mapping[bytes, bytes] = {}


def require_checksum(block: bytes) -> None:
    """Raises MalformedArchive for a header that GNU tar would skip in search of the next one."""
    # adler32 counts a plain sum of bytes modulo 65521 in its lower half: 256 bytes cannot reach that.
    low = zlib.adler32(block[:256]) & 0xFFFF
    high = zlib.adler32(block[256:]) & 0xFFFF
    field = block[148:156]
    if b"%06o\0 " % (low + high - 2 - sum(field) + 8 * 0x20) != field:
        raise MalformedArchive("the checksum of a header is wrong")


def read_size(block: bytes) -> int:
    """How many bytes follow a header, as the header itself says."""
    digits = block[124:135]
    try:
        if block[135] or not digits.isdigit():
            raise ValueError
        return int(digits, 8)
    except ValueError as error:
        raise _complain_of_number() from error


def _complain_of_number() -> MalformedArchive:
    return MalformedArchive("a number in a header is not written as GNU tar writes it")


def read_records(data: bytes) -> dict[bytes, bytes]:
    """Pax records, `length key=value newline` each; every key once."""
    records: dict[bytes, bytes] = {}
    position, length = 0, len(data)
    while position < length:
        space = data.find(b" ", position, position + 20)
        digits = data[position:space]
        end = position + int(digits) if space > 0 and digits.isdigit() else 0
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if not equals or key in records or data[end - 1 : end] != b"\n":
            raise MalformedArchive("a pax record is not well formed")
        records[key] = value
        position = end
    return records


def read_member(block: bytes, records: Mapping[bytes, bytes]) -> Member:
    """The member that a header block and the pax records before it describe. Raises MalformedArchive."""
    kind, link, prefix, device = _read_rest(block[156:])
    mode, uid, gid = _read_owner(block[100:124])
    path = prefix + _read_text(block[:100])
    size = stored = read_size(block)
    is_sparse, attributes = False, NO_RECORDS
    mtime = records.get(b"mtime")
    if len(records) > (mtime is not None):
        _require_known(records)
        uid, gid = _read_decimal(records, b"uid", uid), _read_decimal(records, b"gid", gid)
        size = stored = _read_decimal(records, b"size", stored)
        path, link = records.get(b"path", path), records.get(b"linkpath", link)
        if b"GNU.sparse.name" in records:
            path, size, is_sparse = records[b"GNU.sparse.name"], _read_decimal(records, b"GNU.sparse.realsize", 0), True
        attributes = {key: value for key, value in records.items() if key.startswith(ATTRIBUTE_KEYS)}
        if b"\0" in path or b"\0" in link:
            raise MalformedArchive("a member has a zero byte in its name")
    if kind != FILE and (stored or is_sparse):
        raise MalformedArchive("a member has content where none can be")
    seconds = mtime.decode("ascii", "replace") if mtime else str(int(block[136:147], 8))
    return Member(path, kind, mode, uid, gid, seconds, size, stored, link, is_sparse, attributes, device)


@lru_cache(maxsize=256)
def _read_rest(rest: bytes) -> tuple[str, bytes, bytes, str]:
    """(kind, link, prefix of the path, device) from what stands behind the numbers, which most members share."""
    if rest[101:109] != b"ustar\x0000":
        raise MalformedArchive("a header is none of the ustar format")
    kind = KINDS.get(rest[:1])
    if kind is None:
        raise MalformedArchive(f"a member is of type {rest[:1]!a}, which is never archived here")
    prefix = _read_text(rest[189:344])
    numbers = _DEVICE.match(rest, 173)
    device = ""
    if kind in DEVICES:
        if numbers is None:
            raise _complain_of_number()
        device = f"{int(numbers[1], 8)}:{int(numbers[2], 8)}"
    return kind, _read_text(rest[1:101]), prefix + b"/" if prefix else b"", device


@lru_cache(maxsize=256)
def _read_owner(fields: bytes) -> tuple[int, int, int]:
    """(mode, uid, gid)."""
    numbers = _OWNER.match(fields)
    if numbers is None:
        raise _complain_of_number()
    return int(numbers[1], 8), int(numbers[2], 8), int(numbers[3], 8)


def _require_known(records: Mapping[bytes, bytes]) -> None:
    """Refuses any key that is never written here, and a sparse file of another version or with a part of its keys."""
    unknown = [key for key in records if key not in _PLAIN_KEYS and not key.startswith(ATTRIBUTE_KEYS)]
    if not unknown:
        return
    version = records.get(b"GNU.sparse.major"), records.get(b"GNU.sparse.minor")
    if frozenset(unknown) != _SPARSE_KEYS or version != (b"1", b"0"):
        raise MalformedArchive(f"a pax record is never written here: {ascii(unknown[0])[:80]}")


def _read_decimal(records: Mapping[bytes, bytes], key: bytes, default: int) -> int:
    digits = records.get(key)
    if digits is None:
        return default
    if not digits.isdigit() or len(digits) > 19 or int(digits) > _LARGEST:
        raise MalformedArchive(f"a pax record holds no number: {key!a}")
    return int(digits)


def _read_text(field: bytes) -> bytes:
    return field.split(b"\0", 1)[0]
