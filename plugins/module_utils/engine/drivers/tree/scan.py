"""Follows an archive as its bytes pass, in constant memory: every member, the sha256 of every file, the proper end."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from .headers import (
    BLOCK_BYTES,
    NO_RECORDS,
    PAX,
    ZERO_BLOCK,
    MalformedArchive,
    Member,
    read_member,
    read_records,
    read_size,
    require_checksum,
)

RECORDS_LIMIT_BYTES = 16 * 1024 * 1024
PIECES_LIMIT = 2 * 1024 * 1024
"""How many pieces the map of a sparse file may have: 32 MiB of numbers."""

END_BYTES = 2 * BLOCK_BYTES
_ZEROS = bytes(1024 * 1024)


class Visitor(Protocol):
    """Is told of every member, in order."""

    def begin(self, member: Member) -> bool:
        """A member begins; whether the sha256 of its content is wanted. May raise what it refuses."""

    def end(self, member: Member, sha256: str) -> None:
        """All of its content has passed; `sha256` is empty where it was not wanted."""


class Scanner:
    """Takes an archive in chunks of any size. Raises MalformedArchive as soon as it cannot be one that was made here.

    `is_trusted`: it comes from tar itself, whose checksums need not be reckoned again. `check` is called now and then
    while the holes of sparse files are hashed, and may raise.
    """

    def __init__(self, visitor: Visitor, is_trusted: bool = False, check: Callable[[], None] = lambda: None) -> None:
        self._visitor = visitor
        self._is_trusted = is_trusted
        self._check = check
        self._step: Callable[[memoryview, int], int] = self._read_header
        self._wanted = BLOCK_BYTES
        self._gathered = b""
        self._records: Mapping[bytes, bytes] = NO_RECORDS
        self._member: Member
        self._is_hashed = False
        self._hash = hashlib.sha256()
        self._left = 0
        self._padding = 0
        self._map = array("Q")
        self._digits = b""
        self._pieces: Iterator[tuple[int, int]] = iter(())
        self._position = 0
        self._tail_bytes = 0

    def take(self, chunk: memoryview) -> None:
        """The next bytes, in order."""
        position, length = 0, len(chunk)
        while position < length:
            position = self._step(chunk, position)

    @property
    def has_ended(self) -> bool:
        """Whether the zeros behind the last member have begun."""
        return self._tail_bytes > 0

    def finish(self) -> None:
        """Raises MalformedArchive unless the stream ended where an archive ends: with two blocks of zeros at least."""
        if self._tail_bytes < END_BYTES or self._tail_bytes % BLOCK_BYTES:
            raise MalformedArchive("it has no proper end")

    def _gather(self, chunk: memoryview, position: int) -> tuple[bytes, int]:
        """(`_wanted` bytes, or none while they are not complete, the position behind what was used)."""
        end = position + self._wanted - len(self._gathered)
        block = self._gathered + bytes(chunk[position:end])
        if len(block) < self._wanted:
            self._gathered = block
            return b"", len(chunk)
        self._gathered = b""
        return block, end

    def _read_header(self, chunk: memoryview, position: int) -> int:
        end = position + BLOCK_BYTES
        if self._gathered or end > len(chunk):
            block, end = self._gather(chunk, position)
            if not block:
                return end
        else:
            block = bytes(chunk[position:end])
        if block == ZERO_BLOCK:
            return self._begin_tail(end)
        if not self._is_trusted:
            require_checksum(block)
        if block[156:157] == PAX:
            self._expect_records(read_size(block))
        else:
            self._begin(read_member(block, self._records))
        return end

    def _begin_tail(self, position: int) -> int:
        if self._records:
            raise MalformedArchive("a pax header has no member")
        self._tail_bytes, self._step = BLOCK_BYTES, self._read_tail
        return position

    def _expect_records(self, size: int) -> None:
        if self._records or not 0 < size <= RECORDS_LIMIT_BYTES:
            raise MalformedArchive("a pax header follows another one, or is empty or too large")
        self._left = size
        self._wanted = size + -size % BLOCK_BYTES
        self._step = self._read_records

    def _read_records(self, chunk: memoryview, position: int) -> int:
        data, position = self._gather(chunk, position)
        if data:
            self._records = read_records(data[: self._left])
            self._wanted, self._step = BLOCK_BYTES, self._read_header
        return position

    def _begin(self, member: Member) -> None:
        self._records = NO_RECORDS
        self._member = member
        self._is_hashed = self._visitor.begin(member)
        if not member.stored:
            self._visitor.end(member, hashlib.sha256().hexdigest() if self._is_hashed else "")
            return
        self._hash = hashlib.sha256()
        self._left = member.stored
        self._padding = -member.stored % BLOCK_BYTES
        self._step = self._read_content
        if member.is_sparse:
            del self._map[:]
            self._digits, self._step = b"", self._read_map

    def _read_content(self, chunk: memoryview, position: int) -> int:
        end = min(position + self._left, len(chunk))
        if self._is_hashed:
            self._hash.update(chunk[position:end])
        self._left -= end - position
        if self._left:
            return end
        if self._member.is_sparse:
            self._seek_piece()
            return end
        self._end_content()
        return self._skip_padding(chunk, end)

    def _end_content(self) -> None:
        self._visitor.end(self._member, self._hash.hexdigest() if self._is_hashed else "")
        self._left, self._step = self._padding, self._skip_padding

    def _skip_padding(self, chunk: memoryview, position: int) -> int:
        end = min(position + self._left, len(chunk))
        self._left -= end - position
        if not self._left:
            self._step = self._read_header
        return end

    def _read_map(self, chunk: memoryview, position: int) -> int:
        """Decimal numbers, a line each, padded to whole blocks: how many pieces, then offset and size of each."""
        block, position = self._gather(chunk, position)
        if not block:
            return position
        self._left -= BLOCK_BYTES
        *lines, self._digits = (self._digits + block).split(b"\n")
        for line in lines:
            if not line.isdigit() or len(line) > 19:
                raise MalformedArchive("the map of a sparse file is not well formed")
            self._map.append(int(line))
        needed = 1 + 2 * self._map[0] if self._map else 1
        if len(self._map) == needed:
            self._begin_pieces()
        elif len(self._map) > needed or needed > 2 * PIECES_LIMIT or self._left < BLOCK_BYTES:
            raise MalformedArchive("the map of a sparse file is not well formed")
        return position

    def _begin_pieces(self) -> None:
        """Raises for pieces that overlap, leave the file, or are not what is stored."""
        offsets, sizes = self._map[1::2], self._map[2::2]
        end = 0
        for offset, size in zip(offsets, sizes):
            if offset < end:
                raise MalformedArchive("the pieces of a sparse file overlap")
            end = offset + size
        if end > self._member.size or sum(sizes) != self._left:
            raise MalformedArchive("the pieces of a sparse file are not as large as it says")
        self._pieces = zip(offsets, sizes)
        self._position = 0
        self._seek_piece()

    def _seek_piece(self) -> None:
        """Hashes the hole before the next piece that has content; behind the last one the file ends."""
        self._step = self._read_content
        for offset, size in self._pieces:
            self._hash_hole(offset - self._position)
            self._position, self._left = offset + size, size
            if size:
                return
        self._hash_hole(self._member.size - self._position)
        self._end_content()

    def _hash_hole(self, size: int) -> None:
        while self._is_hashed and size > 0:
            self._hash.update(memoryview(_ZEROS)[:size])
            size -= len(_ZEROS)
            self._check()

    def _read_tail(self, chunk: memoryview, position: int) -> int:
        if bytes(chunk[position:]).strip(b"\0"):
            raise MalformedArchive("something lies behind its end")
        self._tail_bytes += len(chunk) - position
        return len(chunk)
