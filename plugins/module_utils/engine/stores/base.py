"""The contract of a store: runs appear whole or not at all, and lie there as plain files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from ..record.receipt import Receipt, StoredFile, StoreTrace


class Deposit(Protocol):
    """One run that is being stored. Nothing of it is listed by `runs` before the block has ended without an error."""

    place: Path
    """A private folder (0700) on the store's file system for scratch files of this run; swept with the deposit."""

    def put(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A new file (0600, O_EXCL, never through a link) to be written in order; fsynced when its block ends.

        Raises StoreFull when the room ends, StoreUnavailable for other faults of the disk.
        """

    def seal(self, receipt: Receipt, files: Sequence[StoredFile]) -> None:
        """Writes SHA256SUMS and receipt.json; the block's end then makes the run visible by one rename.

        Without it, or with any exception in the block, nothing of the run stays.
        """


class Store(Protocol):
    """A place for runs: <application>/<run id>/<files>. Names are checked: nothing outside is ever touched."""

    def open(self) -> None:
        """Proves that this is the store it was (marker file, mount), begins it where it is new.

        Raises StoreUnavailable. To be called before anything else.
        """

    def probe(self) -> None:
        """Raises what `open` would raise, and changes nothing; a store that would be begun is well."""

    def inspect(self) -> StoreTrace:
        """Where it is and how much is free, for receipts; `is_same_disk` False (the caller knows the sources)."""

    def require_room(self, needed_bytes: int) -> None:
        """Raises StoreFull when fewer bytes are free."""

    def open_deposit(self, application: str, run_id: str) -> AbstractContextManager[Deposit]:
        """See Deposit. A run id that exists already is a StoreUnavailable."""

    def runs(self, application: str) -> Sequence[str]:
        """Run ids, oldest first, of what is whole."""

    def applications(self) -> Sequence[str]:
        """Every application that has runs here, registered or not."""

    def read_receipt(self, application: str, run_id: str) -> bytes:
        """The bytes of receipt.json; RunNotFound when there is no such run."""

    def get(self, application: str, run_id: str, name: str) -> BinaryIO:
        """A stored file, opened for reading, never through a link. StoredDamaged.missing when it is not there."""

    def delete(self, application: str, run_id: str) -> None:
        """Removes one run: first out of sight by a rename, then its files. RunNotFound when there is none."""

    def sweep(self, application: str) -> Sequence[str]:
        """Removes what died half done of this application; the run ids that it belonged to. Needs its lock."""
