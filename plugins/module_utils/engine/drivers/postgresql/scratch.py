"""A throwaway server: a copy of a prepared cluster, running in a cell without network, gone with its block."""

from __future__ import annotations

import os
import secrets
import select
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ...errors import TargetRefused, ToolMissing
from ...flow.files import make_private_folder, write_beside
from ...flow.isolation import Cell, choose_isolation, enclose
from ...flow.process import Process, Shell
from ...record.census import Census
from ..base import Scratch
from .census import MAJOR
from .client import Address, Programs
from .contents import Contents, Entry
from .session import Access

FOLDER = "cluster"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107
"""Bytes of a socket's path that the kernel takes (unix(7))."""

READY = b"ready to accept connections"
POLL_S = 0.01
TEMPLATES = Path("/var/cache/diskominfo-backup")

SETTINGS = (
    "listen_addresses=",
    "unix_socket_directories=..",
    "unix_socket_permissions=0700",
    "shared_preload_libraries=",
    "session_preload_libraries=",
    "local_preload_libraries=",
    "dynamic_shared_memory_type=mmap",
    "archive_mode=off",
    "autovacuum=off",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "wal_level=minimal",
    "wal_init_zero=off",
    "wal_recycle=off",
    "max_wal_senders=0",
    "max_wal_size=8GB",
    "checkpoint_timeout=1d",
    "max_logical_replication_workers=0",
    "max_connections=20",
    "shared_buffers=256MB",
    "maintenance_work_mem=256MB",
    "jit=off",
    "log_min_messages=log",
    "log_min_error_statement=panic",
)
"""Nothing from outside is loaded or sent anywhere, nothing is kept: the data are gone in minutes anyway. No statement
is logged, because statements hold data."""


# Standard input is the template; the arguments are the server with its options.
UNPACK_AND_START = 'tar -x -f - && exec "$0" "$@" < /dev/null'

SERVICE_DATABASE = "template0"
TRIMMING = (
    ("template1", "UPDATE pg_database SET datallowconn = true WHERE datname = 'template0'", "DROP DATABASE postgres"),
    ("template0", "UPDATE pg_database SET datistemplate = false WHERE oid = 1", "DROP DATABASE template1"),
)
"""Database and statements of the server's own mode for one user, which reads a statement a line."""


@dataclass
class Restored:
    """What a restore into a throwaway server has noted for the comparison."""

    contents: Contents | None = None
    skipped: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Start:
    """A server on its way up."""

    process: Process
    ready: threading.Event
    shell: Shell

    def await_end(self) -> None:
        """Returns once the server takes connections; ToolMissing where it ended instead. May be called again."""
        while not self.ready.is_set():
            self.shell.require_time()
            if self.process.stdout < 0 or select.select([self.process.stdout], [], [], POLL_S)[0]:
                self.process.close_pipes()
                self.shell.require_time()
                said = self.process.wait().stderr_tail.strip()
                raise ToolMissing.unusable("postgres", said or "it did not start")


@dataclass(frozen=True)
class Cluster(Scratch):
    """A throwaway server that starts. `admin` is its only superuser, under a name that no dump can know."""

    cell: Cell
    admin: str
    expected: Census
    major: int
    programs: Programs
    start: Start
    restorer: str = field(default_factory=lambda: "restorer_" + secrets.token_hex(6))
    restored: Restored = field(default_factory=Restored)

    @property
    def creator(self) -> str:
        """A role that lends its members the right to make things, while these are restored."""
        return self.restorer.replace("restorer", "creator")

    def reach(self, database: str, user: str) -> Access:
        """How clients speak with it, from within the same cell, once it has started; see Start."""
        self.start.await_end()
        parameters = {"host": str(self.cell.path), "user": user, "dbname": database, "client_encoding": "UTF8"}
        address = Address({**parameters, "application_name": "check"}, self.cell.wrap)
        return Access(address, self.programs.of_server("psql", self.major), "the throwaway server")


@contextmanager
def open_cluster(expected: Census, programs: Programs, templates: Path, shell: Shell, place: Path) -> Iterator[Cluster]:
    """A server of the version that `expected` was counted on, below `place`. It starts while the archive comes.

    Raises ToolMissing without its programs or without any isolation.
    """
    major = expected.counts.get(MAJOR, 0)
    program = programs.of_server("postgres", major)
    isolation = choose_isolation(shell, place)
    room = place / "server"
    room.mkdir(mode=0o700)
    cell = enclose(isolation, room, shell)
    if len(os.fsencode(cell.path / SOCKET_NAME)) > SOCKET_PATH_LIMIT:
        raise TargetRefused.unusable(str(cell.path), "its path is too long for a socket")
    with ExitStack() as stack:
        admin, packed = _find_cluster(cell, program, templates, shell, stack)
        start = _start(cell, program, shell, packed)
    try:
        yield Cluster(cell.path, cell, admin, expected, major, programs, start)
    finally:
        start.process.kill()
        start.process.close_pipes()
        start.process.await_end()


def _find_cluster(
    cell: Cell, postgres: str, templates: Path, shell: Shell, stack: ExitStack
) -> tuple[str, BinaryIO | None]:
    """The name of a superuser, and the template of its cluster; None where that was made in the cell just now."""
    if shell.isolation is not None:  # another image has another one
        admin = "admin_" + secrets.token_hex(6)
        _make_cluster(cell, postgres, admin, shell)
        return admin, None
    mark = os.stat(postgres)
    stem = f"{Path(postgres).parts[-3]}-{mark.st_mtime_ns:x}-{mark.st_size:x}-"
    for template in sorted(templates.glob(f"{stem}*.tar")):
        return template.stem[len(stem) :], stack.enter_context(template.open("rb"))
    admin = "admin_" + secrets.token_hex(6)
    _make_cluster(cell, postgres, admin, shell)
    with suppress(OSError):
        _keep_template(cell, templates, f"{stem}{admin}.tar", shell)
    return admin, None


def _make_cluster(cell: Cell, postgres: str, admin: str, shell: Shell) -> None:
    """One database is enough, and every file less makes a copy faster: template0 stays, where nobody else connects."""
    initdb = str(Path(postgres).with_name("initdb"))
    options = ["-N", "-A", "trust", "-U", admin, "-E", "UTF8", "--locale=C", "--wal-segsize=1", "-D", FOLDER]
    shell.run(cell.wrap([initdb, *options])).trace.require_success()
    for database, *script in TRIMMING:
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as lines:
            with os.fdopen(writing, "wb") as stream:
                stream.write("\n".join([*script, ""]).encode("ascii"))
            argv = [postgres, "--single", "-D", FOLDER, "-c", "fsync=off", database]
            shell.run(cell.wrap(argv), stdin=lines.fileno()).trace.require_success()


def _keep_template(cell: Cell, templates: Path, name: str, shell: Shell) -> None:
    """For the next time; nothing of an owner's has run in it yet. Templates of other builds of this version go."""
    make_private_folder(templates)
    packed = bytearray()
    process = shell.start(cell.wrap(["tar", "-c", "-f", "-", FOLDER]))
    try:
        while chunk := os.read(process.stdout, 1 << 20):
            packed += chunk
    finally:
        process.close_pipes()
    process.wait().require_success()
    for former in templates.glob(f"{name.split('-', 1)[0]}-*.tar"):
        former.unlink()
    write_beside(templates / name, bytes(packed), is_durable=False)


def _start(cell: Cell, postgres: str, shell: Shell, packed: BinaryIO | None) -> Start:
    """Nobody waits for it yet. `packed`: the cluster, where it does not lie in the cell."""
    ready = threading.Event()

    def take(line: bytes) -> None:
        if READY in line:
            ready.set()

    argv = [postgres, "-D", FOLDER, *(part for setting in SETTINGS for part in ("-c", setting))]
    if packed is None:
        process = shell.start(cell.wrap(argv), taker=take)
    else:
        process = shell.start(cell.wrap(["sh", "-c", UNPACK_AND_START, *argv]), stdin=packed.fileno(), taker=take)
    return Start(process, ready, shell)
