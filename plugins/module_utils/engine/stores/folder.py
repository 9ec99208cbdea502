"""The folder of one run, wherever it lies: brought from another server, on a disk that was carried in. Only read."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from ..errors import RunNotFound, StoredDamaged, StoreUnavailable
from ..flow.files import free_bytes, open_stored
from ..record.reading import read_receipt
from ..record.receipt import RUN, Receipt, StoreTrace
from ..record.wire import read_json
from .base import Deposit

RECEIPT = "receipt.json"
TYPE = "folder"


class FolderStore:
    """See stores/base.py: it holds one run and takes nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read_run(self) -> Receipt:
        """The receipt of the run that lies here; RunNotFound, RecordRefused."""
        data = self.read_receipt(self._path.name, self._path.name)
        run = read_receipt(read_json(data, str(self._path)), str(self._path))
        if run.kind != RUN:
            raise RunNotFound.absent(run.application, str(self._path))
        return run

    def open(self) -> None:
        """Nothing is remembered of it."""

    def probe(self) -> None:
        """As `open`."""

    def inspect(self) -> StoreTrace:
        """See Store."""
        return StoreTrace(TYPE, str(self._path), self._path.stat().st_dev, free_bytes(self._path), False)

    def require_room(self, needed_bytes: int) -> None:
        """It takes nothing, so it needs no room."""

    def open_deposit(self, application: str, run_id: str) -> AbstractContextManager[Deposit]:
        """It takes nothing: StoreUnavailable."""
        raise StoreUnavailable.unusable(str(self._path), f"{application}/{run_id} cannot be stored: it is only read")

    def runs(self, application: str) -> Sequence[str]:  # noqa: ARG002
        """None that anybody may count on."""
        return ()

    def applications(self) -> Sequence[str]:
        """As `runs`."""
        return ()

    def read_receipt(self, application: str, run_id: str) -> bytes:
        """See Store."""
        try:
            with open_stored(self._path / RECEIPT) as stream:
                return stream.read()
        except OSError as error:
            raise RunNotFound.absent(application, run_id) from error

    def get(self, application: str, run_id: str, name: str) -> BinaryIO:  # noqa: ARG002
        """See Store."""
        try:
            return open_stored(self._path / name)
        except OSError as error:
            raise StoredDamaged.missing(name) from error

    def delete(self, application: str, run_id: str) -> None:
        """Nothing is deleted here: RunNotFound."""
        raise RunNotFound.absent(application, run_id)

    def sweep(self, application: str) -> Sequence[str]:  # noqa: ARG002
        """Nothing is half done here."""
        return ()
