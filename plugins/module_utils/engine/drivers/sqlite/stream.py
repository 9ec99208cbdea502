"""The raw stream of a database: the bytes of its file, which say themselves how many they should be."""

from __future__ import annotations

import os
from pathlib import Path

from ...errors import RestoreFailed, StoredDamaged
from ...flow.pipeline import write_to
from .connection import MAGIC

HEADER_BYTES = 100


class Shape:
    """Looks at the header in passing and counts (sqlite.org/fileformat2.html, "the database header")."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._header = b""

    def take(self, chunk: memoryview) -> None:
        """The next bytes."""
        self._header += bytes(chunk[: HEADER_BYTES - len(self._header)])
        self.size_bytes += len(chunk)

    @property
    def is_foreign(self) -> bool:
        """Whether what came so far cannot be the beginning of a database."""
        return not MAGIC.startswith(self._header[: len(MAGIC)])

    def find_fault(self) -> str:
        """What is wrong with the stream now that it has ended; empty when it is whole."""
        if self.is_foreign or self.size_bytes < HEADER_BYTES:
            return "it does not begin as a SQLite database does"
        page_bytes = int.from_bytes(self._header[16:18], "big")
        promised = (65536 if page_bytes == 1 else page_bytes) * int.from_bytes(self._header[28:32], "big")
        if self.size_bytes != promised:
            return f"it has {self.size_bytes} bytes, its header says {promised}"
        return ""


class DatabaseReading:
    """Whether a stored stream is a whole database: see base.Reading."""

    def __init__(self, subject: str = "database") -> None:
        self._subject = subject
        self._shape = Shape()

    def take(self, chunk: memoryview) -> None:
        """The next raw bytes, in order."""
        self._shape.take(chunk)

    def finish(self) -> None:
        """Raises StoredDamaged for a stream that is no database, or less or more than one."""
        fault = self._shape.find_fault()
        if fault:
            raise StoredDamaged.unreadable(self._subject, fault)


class DatabaseSink:
    """Writes the stream into a new file: see base.Sink."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._shape = Shape()
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._fail(error) from error
        self._write = write_to(self._descriptor)

    def take(self, chunk: memoryview) -> None:
        """The next raw bytes; refuses at once what does not begin as a database, and a disk that is full."""
        self._shape.take(chunk)
        if self._shape.is_foreign:
            raise RestoreFailed.ended(self._path.name, self._shape.find_fault())
        try:
            self._write(chunk)
        except OSError as error:
            raise self._fail(error) from error

    def finish(self) -> None:
        """All of it is on disk, and it is as much as its header says."""
        fault = self._shape.find_fault()
        if fault:
            raise RestoreFailed.ended(self._path.name, fault)
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Closes the file, whole or not."""
        os.close(self._descriptor)

    def _fail(self, error: OSError) -> RestoreFailed:
        return RestoreFailed.ended(self._path.name, error.strerror or str(error))
