"""Sources that fail: each is told by name, nothing of ours stays on the server, and the time limit holds."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql import locks
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.driver import MysqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    BackupError,
    DumpFailed,
    SourceLocked,
    SourceMissing,
    SourceUnreadable,
    TimeLimitReached,
    ToolMissing,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import ENVIRONMENT, Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.drills import back_up, prove
from ansible_collections.diskominfo.backup.tests.mariadb import PrivateServer

SENTINEL = 's3nt1nel "Rahasia" #\'\\'


@contextmanager
def account(server: PrivateServer, *grants: str) -> Iterator[str]:
    """An account that was granted this, with the sentinel for a password."""
    quoted = SENTINEL.replace("\\", "\\\\").replace("'", "\\'")
    server.run(f"CREATE OR REPLACE USER small@localhost IDENTIFIED BY '{quoted}'")
    try:
        for grant in grants:
            server.run(f"GRANT {grant} TO small@localhost")
        yield "small"
    finally:
        server.run("DROP USER small@localhost")


@contextmanager
def table_held(server: PrivateServer, database: str) -> Iterator[None]:
    """Somebody else has locked a table of the database for writing."""
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        server.run("LOCK TABLES t WRITE; SELECT SLEEP(8)", database)
        over.set()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    wait_until(
        lambda: "SLEEP" in server.run("SELECT INFO FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep'")
    )
    try:
        yield
    finally:
        number = server.run("SELECT ID FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep'")
        try:
            server.run(f"KILL {number}")
        finally:
            thread.join()


def wait_until(holds: object, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def write_password(folder: Path, password: str = SENTINEL) -> str:
    path = folder / "password"
    path.write_text(password + "\n")
    path.chmod(0o600)
    return str(path)
