"""How streams are made smaller and large again: zstd, or gzip where zstd is not installed."""

from __future__ import annotations

import os
import shutil
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
