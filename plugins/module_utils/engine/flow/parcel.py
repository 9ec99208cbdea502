"""A run on its way between machines: a plain ustar archive of a few files, which anybody's tar unpacks too."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from ..errors import StoredDamaged

CHUNK_BYTES = 1 << 20


def pack_parcel(files: Iterable[tuple[str, BinaryIO]], sink: BinaryIO) -> int:
    """Writes the files, read from where they stand to their end, under their names; how many bytes they hold.

    One pass in constant memory. Raises what reading and writing raise; a file that shrank meanwhile is an OSError.
    """
    total = 0
    with tarfile.open(fileobj=sink, mode="w|", bufsize=CHUNK_BYTES, format=tarfile.USTAR_FORMAT) as archive:
        for name, stream in files:
            member = tarfile.TarInfo(name)
            member.mode, member.size = 0o600, os.fstat(stream.fileno()).st_size
            archive.addfile(member, stream)
            total += member.size
    return total


def unpack_parcel(source: BinaryIO) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Every file of a parcel: its name and its content in portions, to be taken before the next file is asked for.

    Nothing is written, and what is no regular file is refused, so a name is only a text. Raises StoredDamaged for
    anything that is not whole.
    """
    with _name_damage(), tarfile.open(fileobj=source, mode="r|", bufsize=CHUNK_BYTES) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isreg() else None
            if stream is None:
                raise StoredDamaged.unreadable(member.name, "what was sent is not a regular file")
            yield member.name, _read_portions(stream)


def _read_portions(stream: IO[bytes]) -> Iterator[bytes]:
    with _name_damage():
        yield from iter(lambda: stream.read(CHUNK_BYTES), b"")


@contextmanager
def _name_damage() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise StoredDamaged.unreadable("what was sent", str(error)) from error
