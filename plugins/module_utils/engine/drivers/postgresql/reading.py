"""A look at an archive without restoring it: every block is there and whole."""

from __future__ import annotations

from ...errors import StoredDamaged
from ...record.census import Census
from .census import find_missing
from .contents import BlockReader, HeadReader, Malformed

SUBJECT = "archive of pg_dump"


class ArchiveReading:
    """As drivers/base.py describes a Reading. What `pg_restore -f /dev/null` would find, found in passing."""

    def __init__(self, expected: Census) -> None:
        self._expected = expected
        self._head = HeadReader()
        self._blocks = BlockReader()

    def take(self, chunk: memoryview) -> None:
        """See Reading."""
        try:
            if self._head.contents is None:
                self._blocks.take(self._head.take(chunk))
            else:
                self._blocks.take(chunk)
        except Malformed as error:
            raise StoredDamaged.unreadable(SUBJECT, str(error)) from error

    def finish(self) -> None:
        """See Reading."""
        try:
            contents, rest = self._head.finish()
            self._blocks.take(rest)
            self._blocks.finish(contents.entries)
        except Malformed as error:
            raise StoredDamaged.unreadable(SUBJECT, str(error)) from error
        missing = find_missing(contents, self._expected)
        if missing:
            raise StoredDamaged.unreadable(SUBJECT, f"{missing[0]} is missing ({len(missing)} in all)")
