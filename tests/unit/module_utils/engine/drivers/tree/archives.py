"""Archives made by hand: what GNU tar would write, and what only an enemy does."""

from __future__ import annotations

from collections.abc import Mapping

END = bytes(1024)
MTIME = 1_700_000_000


def pad(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def write_header(
    path: bytes, flag: bytes = b"0", size: int = 0, link: bytes = b"", prefix: bytes = b"", mode: int = 0o644
) -> bytearray:
    block = bytearray(512)
    block[0 : len(path)] = path
    block[100:108] = b"%07o\0" % mode
    block[108:116] = block[116:124] = b"%07o\0" % 1000
    block[124:136] = b"%011o\0" % size
    block[136:148] = b"%011o\0" % MTIME
    block[156:157] = flag
    block[157 : 157 + len(link)] = link
    block[257:265] = b"ustar\x0000"
    block[329:337] = block[337:345] = b"%07o\0" % 0
    block[345 : 345 + len(prefix)] = prefix
    return seal_header(block)


def seal_header(block: bytearray) -> bytearray:
    """The same header with a right checksum."""
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return block


def write_record(key: bytes, value: bytes) -> bytes:
    size = len(key) + len(value) + 3
    while len(b"%d" % size) + len(key) + len(value) + 3 != size:
        size = len(b"%d" % size) + len(key) + len(value) + 3
    return b"%d %s=%s\n" % (size, key, value)


def write_records(records: Mapping[bytes, bytes]) -> bytes:
    data = b"".join(write_record(key, value) for key, value in records.items())
    return bytes(write_header(b"./PaxHeaders/x", b"x", len(data))) + pad(data)


def write_member(
    path: bytes,
    content: bytes = b"",
    flag: bytes = b"0",
    link: bytes = b"",
    records: Mapping[bytes, bytes] | None = None,
    mode: int = 0o644,
) -> bytes:
    before = write_records(records) if records else b""
    return before + bytes(write_header(path, flag, len(content), link, mode=mode)) + pad(content)


def write_sparse(path: bytes, size: int, pieces: list[tuple[int, bytes]], numbers: list[int] | None = None) -> bytes:
    """A sparse file of version 1.0; `numbers` replaces the map that its pieces have."""
    plain = [len(pieces), *(number for offset, piece in pieces for number in (offset, len(piece)))]
    text = b"".join(b"%d\n" % number for number in (plain if numbers is None else numbers))
    stored = pad(text) + b"".join(piece for _unused, piece in pieces)
    records = {
        b"GNU.sparse.major": b"1",
        b"GNU.sparse.minor": b"0",
        b"GNU.sparse.name": path,
        b"GNU.sparse.realsize": b"%d" % size,
    }
    return write_member(b"./GNUSparseFile.0/x", stored, records=records)


ROOT = write_member(b"./", flag=b"5", mode=0o755)


def write_archive(*members: bytes) -> bytes:
    """A whole archive, its root first."""
    return b"".join((ROOT, *members, END))
