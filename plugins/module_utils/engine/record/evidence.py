"""What a report is made from: a register and the receipts, whoever keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from .installed import Installed
from .note import Note
from .receipt import Receipt
from .register import Register
from .schedule import Schedule
from .search import Search


class Evidence(Protocol):
    """The evidence folder, one server's own records, or the results of one play: a report cannot tell which."""

    @property
    def register(self) -> Register:
        """Every application that there ought to be receipts of."""

    def receipts(self, server: str, application: str, breaks: list[str]) -> Iterable[Receipt]:
        """All receipts of one application, oldest first, of every kind. A new walk at each call.

        By its end `breaks` has been given a sentence for each that cannot be read, was altered, removed or added.
        """

    def contacts(self, server: str) -> Iterable[Receipt]:
        """The receipts of kind `contact` of one server, oldest first: when it could not be reached."""

    def unregistered(self) -> Iterable[tuple[str, str]]:
        """(server, application) of all that has receipts and does not stand in the register, in order."""

    def notes(self, refused: list[str]) -> Iterable[Note]:
        """What people added, oldest first; `refused` is given a sentence for each note that cannot be read."""

    def registered_since(self, server: str, application: str) -> datetime | None:
        """When the register first held this application, aware UTC; None where nobody noted it.

        An application without any receipt is `pending` for one interval from then, and `missed` afterwards; when
        nothing is known it is `missed` at once, since silence must not look well.
        """

    def schedule(self, server: str) -> Schedule | None:
        """When everything on this server begins, as it was accepted last; None where nothing was."""

    def installed(self) -> Mapping[str, Installed] | None:
        """Server -> what was seen installed there last; None where this evidence is no place to know it from."""

    def search(self) -> Search:
        """What the servers were found to hold; NOT_SEARCHED where nobody looked."""
