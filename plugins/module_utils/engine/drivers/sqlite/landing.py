"""How a database file comes back to its own place: written beside it, checked and counted, then exchanged by rename."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ...flow.files import fsync_folder, remove_tree
from ..base import ExchangeLanding

COMPANIONS = ("-wal", "-shm", "-journal")
"""A journal that stayed behind would be played into the new database and destroy it."""


class SqliteLanding(ExchangeLanding):
    """See base.Landing."""

    @property
    def steps(self) -> Sequence[str]:
        """See base.Landing."""
        path = self.exchange.path
        return [
            f"write beside {path}, let SQLite check it, compare with the backup",
            f"exchange it with {path} and its journals by rename"
            if self.is_there
            else f"put it at {path}, where nothing is now",
        ]

    def take_over(self) -> Sequence[str]:
        """See base.Landing. Owner and mode are those of the old file; without one, the owner of its folder."""
        exchange = self.exchange
        new = exchange.staging / self.label
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
