"""Holds a server still for the few milliseconds in which two connections begin to see the same; and lets go in time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from ...flow.process import Shell
from .client import Access, ServerError, Version, quote_name
from .session import Session, open_session

LOCK_WAIT_S = 3
"""How long running changes are waited for: behind this wait, others queue."""

TABLE_WAIT_S = 30
"""How long a table that somebody has locked is waited for."""

HOLD_S = 5.0
"""How long commits are paused at most, should the dump hang before it begins."""

STAGES: Sequence[str] = (
    "BACKUP STAGE START",
    "BACKUP STAGE FLUSH",
    "BACKUP STAGE BLOCK_DDL",
    "BACKUP STAGE BLOCK_COMMIT",
)
GLOBAL_LOCK: Sequence[str] = ("FLUSH TABLES WITH READ LOCK",)
STAGES_RELEASE = (10, 4)


class Standstill:
    """A lock on every commit of a server, held by a connection of its own.

    `is_held` tells whether it was had at all; `release` ends it, once, and tells whether it had held until then.
    """

    def __init__(self, access: Access, shell: Shell) -> None:
        self.is_held = False
        self._access = access
        self._shell = shell
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._timer = threading.Timer(HOLD_S, self.release)
        self._timer.daemon = True

    def begin(self, version: Version, note: Callable[[int], None]) -> str:
        """Tries to have the lock; empty, or why it could not be had. `note` is told the number of the connection."""
        has_stages = version.is_mariadb and version.release >= STAGES_RELEASE
        try:
            session = self._stack.enter_context(open_session(self._access, self._shell, lock_wait_s=LOCK_WAIT_S))
            note(session.connection_id)
            for statement in STAGES if has_stages else GLOBAL_LOCK:
                session.send(statement)
        except ServerError as error:
            self._stack.close()
            return error.text
        self.is_held = True
        self._timer.start()
        return ""

    def release(self) -> bool:
        """Lets every commit go on."""
        with self._lock:
            was_held, self.is_held = self.is_held, False
            if was_held:
                self._timer.cancel()
                self._stack.close()
            return was_held


def lock_tables(session: Session, tables: Sequence[str]) -> str:
    """Keeps tables without snapshots from changing until the session ends; empty, or why that cannot be had."""
    if any("\\" in name for name in tables):
        return "a name with a backslash cannot be locked"
    try:
        session.send("LOCK TABLES " + ", ".join(f"{quote_name(name)} READ" for name in tables))
    except ServerError as error:
        return error.text
    return ""
