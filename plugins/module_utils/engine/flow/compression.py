"""How streams are made smaller and large again: zstd, or gzip where zstd is not installed."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import StoredDamaged
from .process import PATH


@dataclass(frozen=True)
class Codec:
    """One way to compress: `suffix` ends the file's name, the other two are argument lists of filters."""

    name: str
    suffix: str
    compress: tuple[str, ...]
    decompress: tuple[str, ...]

    def enclose(self, data: bytes) -> bytes:
        """A whole file of this kind that holds `data`, without a program: for at most SMALL_BYTES.

        zstd's is one block that is stored as it is, RFC 8878, 3.1.1: magic number; a frame header that says 4 bytes of
        content size and a single segment; the last block, raw, with its size; the content.
        """
        if self.suffix == "gz":
            compressor = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
            return compressor.compress(data) + compressor.flush()
        header = _ZSTD_MAGIC + b"\xa0" + len(data).to_bytes(4, "little")
        return header + (1 | len(data) << 3).to_bytes(3, "little") + data


SMALL_BYTES = 4096
"""What fits into one block of a disk takes no less of it when it is smaller, and a program that compresses it takes
milliseconds to start."""

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_GZIP_LEVEL = 6
_GZIP_WINDOW = 31  # the largest window, and gzip's header without a name or a time

BOUNDED: tuple[str, ...] = ("-B2M", "--zstd=ovlog=1")


def make_codec(method: str, level: int, threads: int, path: str = PATH) -> Codec:
    """The codec of a configuration. `auto` looks for zstd in `path`; `threads` 0 means min(2, cores).

    Jobs of 2 MiB that share nothing (-B, ovlog) keep zstd at 20 MiB of memory for a stream of any length, where its
    own choice goes from 15 to 68. They cost no time, and 1.5 to 2.5 percent of size.
    """
    if method == "gzip" or (method == "auto" and shutil.which("zstd", path=path) is None):
        return Codec("gzip", "gz", ("gzip", "-n", "-c", f"-{min(level, 9)}"), DECOMPRESS["gz"])
    count = threads or min(2, os.cpu_count() or 1)
    return Codec("zstd", "zst", ("zstd", "-q", "-c", f"-{level}", f"-T{count}", *BOUNDED), DECOMPRESS["zst"])


DECOMPRESS: Mapping[str, tuple[str, ...]] = {
    "gz": ("gzip", "-d", "-c"),
    "zst": ("zstd", "-q", "-d", "-c"),
}
"""Suffix of a stored file -> the filter that reads it."""


def find_decompression(name: str) -> tuple[str, ...]:
    """The filter for a stored file by its name's ending; StoredDamaged for an ending that was never written."""
    suffix = name.rpartition(".")[2]
    if suffix not in DECOMPRESS:
        raise StoredDamaged.unreadable(name, "its name has no known ending")
    return DECOMPRESS[suffix]
