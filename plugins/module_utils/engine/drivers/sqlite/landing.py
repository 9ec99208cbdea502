"""How a database file comes back to its own place: written beside it, checked and counted, then exchanged by rename."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ...errors import TargetRefused
from ...flow.exchange import Exchange
from ...flow.files import fsync_folder, remove_tree
from ...record.source import Source
from ..base import Confirmed, Goal, Landing

COMPANIONS = ("-wal", "-shm", "-journal")
"""A journal that stayed behind would be played into the new database and destroy it."""


class SqliteLanding:
    """See base.Landing."""

    replaces_at_once = False

    def __init__(self, source: Source, consent: Confirmed) -> None:
        self._exchange = Exchange(source.path)
        self._exchange.prove()
        self._label = source.label
        self.is_there, self.room = self._exchange.is_there, self._exchange.room
        self._consent = consent
        path = self._exchange.path
        self.steps: Sequence[str] = [
            f"write beside {path}, let SQLite check it, compare with the backup",
            f"exchange it with {path} and its journals by rename"
            if self.is_there
            else f"put it at {path}, where nothing is now",
        ]

    @property
    def target(self) -> Confirmed:
        """See base.Landing."""
        return self._consent.at(self._exchange.staging)

    def prepare(self) -> Sequence[str]:
        """See base.Landing."""
        self._exchange.begin()
        return ()

    def take_over(self) -> Sequence[str]:
        """See base.Landing. Owner and mode are those of the old file; without one, the owner of its folder."""
        exchange = self._exchange
        new = exchange.staging / self._label
        model = os.stat(exchange.path if exchange.path.exists() else exchange.path.parent)
        with suppress(PermissionError):  # an ordinary user gives nothing away
            os.chown(new, model.st_uid, model.st_gid)
        if exchange.path.exists():
            new.chmod(model.st_mode & 0o7777)
        for companion in COMPANIONS:
            remove_tree(Path(f"{exchange.path}{companion}"))
        exchange.swap(new)
        fsync_folder(exchange.path.parent)
        exchange.forget()
        return ()

    def close(self) -> None:
        """Removes what was not exchanged."""
        self._exchange.end()


@contextmanager
def open_landing(source: Source, goal: Goal) -> Iterator[Landing]:
    """See Driver.open_landing."""
    if not isinstance(goal, Confirmed):
        raise TargetRefused.has_no_place(source.label, "only a database of a server can get another name")
    landing = SqliteLanding(source, goal)
    try:
        yield landing
    finally:
        landing.close()
