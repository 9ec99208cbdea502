"""Counts a copy while it is already being compressed: that costs hardly more time than to compress it alone."""

from __future__ import annotations

from pathlib import Path

from ...flow.companion import Companion
from ...flow.process import Shell
from ...record.census import Census
from .census import take_census
from .connection import UNSHARED, connect


class Recount(Companion):
    """The census of a copy that nobody writes any more, on a connection of its own; begins at once."""

    def __init__(self, copy: Path, shell: Shell) -> None:
        super().__init__()
        self._copy = copy
        self._shell = shell
        self._census = Census()
        self._fault: BaseException | None = None
        self.start()

    def work(self) -> None:
        """Keeps what was counted, or why it could not be."""
        try:
            with connect(str(self._copy), UNSHARED, self._shell) as connection:
                self._census = take_census(connection)
        except BaseException as fault:  # pylint: disable=broad-exception-caught
            self._fault = fault

    def conclude(self) -> Census:
        """Waits for the count. Raises what SQLite raised (sqlite3.Error)."""
        self.await_end()
        if self._fault:
            raise self._fault
        return self._census
