"""Private MariaDB servers for tests: in a folder of their own, as an ordinary user, gone with the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.ordinary import NOBODY

ROOT = "root"
FAST = (
    "--no-defaults",
    "--skip-log-bin",
    "--skip-performance-schema",
    "--skip-innodb-doublewrite",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-log-file-size=32M",
    "--innodb-buffer-pool-size=64M",
    "--max-allowed-packet=64M",
    "--bind-address=127.0.0.1",
    "--event-scheduler=OFF",
)


def find_free_port() -> int:
    """A TCP port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_owner(*argv: str) -> list[str]:
    """A command of whoever runs the servers: never the superuser."""
    if os.geteuid() != 0:
        return list(argv)
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--", *argv]


@dataclass
class PrivateServer:
    """A running server: its folder, which holds the socket too, and its TCP port."""

    folder: Path
    port: int
    options: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def socket(self) -> Path:
        return self.folder / "server.sock"

    def run(self, sql: str, database: str = "") -> str:
        """What the client answers to a script, as the administrator; a refusal is an error."""
        argv = [
            "mariadb",
            "--no-defaults",
            "--default-character-set=utf8mb4",
            "--batch",
            "--raw",
            "--skip-column-names",
        ]
        argv += [f"--socket={self.socket}", f"--user={ROOT}", "--max-allowed-packet=64M", "--", database]
        finished = subprocess.run(argv, input=sql.encode(), capture_output=True, check=False)
        if finished.returncode != 0:
            raise RuntimeError(finished.stderr.decode())
        return finished.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def create(self, name: str, script: str = "") -> DatabaseSource:
        """A new database, filled by a script."""
        quoted = "`" + name.replace("`", "``") + "`"
        self.run(f"DROP DATABASE IF EXISTS {quoted}; CREATE DATABASE {quoted} CHARACTER SET utf8mb4")
        if script:
            self.run(script, name)
        return self.source(name)

    def source(self, name: str, **more: Any) -> DatabaseSource:
        """How the register names a database of it, reached through the socket as the administrator."""
        return DatabaseSource("mysql", name=name, **{"socket": str(self.socket), "user": ROOT, **more})

    def start(self) -> None:
        """Starts it and waits until it takes connections."""
        argv = ["mariadbd", *FAST, f"--datadir={self.folder}/data", f"--socket={self.socket}", f"--port={self.port}"]
        log = (self.folder / "log").open("ab")
        with log:
            command = as_owner(*argv, f"--pid-file={self.folder}/pid", *self.options)
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self.run("SELECT 1")
                return
            except RuntimeError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text("utf-8", "replace")[-2000:])

    def stop(self) -> None:
        """Ends it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def count_sessions(self) -> int:
        """Connections of anybody but the one that asks."""
        query = (
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND COMMAND <> 'Daemon'"
        )
        return int(self.run(query))


@contextmanager
def run_server(*options: str) -> Iterator[PrivateServer]:
    """A new server, killed and removed when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="mariadb-", dir="/tmp"))
    server = PrivateServer(folder, find_free_port(), options)
    try:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        folder.chmod(0o711)
        installer = ["mariadb-install-db", "--no-defaults", f"--datadir={folder}/data", "--skip-test-db", "--force"]
        install = as_owner(*installer, "--auth-root-authentication-method=normal", "--innodb-log-file-size=32M")
        subprocess.run(install, check=True, stdin=subprocess.DEVNULL, capture_output=True, cwd="/")
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def meanwhile(work: Callable[[], object], pause_s: float = 0.0) -> Iterator[None]:
    """Repeats `work` beside the block; what it raised is raised at the end."""
    over = threading.Event()
    faults: list[BaseException] = []

    def repeat() -> None:
        try:
            while not over.is_set():
                work()
                over.wait(pause_s)
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if faults:
        raise faults[0]
