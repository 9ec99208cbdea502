"""A throwaway server: nobody's accounts, no network, in a cell; begun from a template, ended by SIGKILL."""

from __future__ import annotations

import os
import re
import secrets
import select
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from ...errors import ToolMissing
from ...flow.files import free_bytes, make_private_folder, open_stored, write_beside
from ...flow.isolation import Cell, Isolation, choose_isolation, enclose
from ...flow.process import Process, Shell
from ...record.census import Census
from ...record.source import DatabaseSource
from ..base import Scratch
from .census import DATABASE, DEFAULT_CHARACTERS, DEFINER, NAME_CASE
from .client import Access, find_program, quote_name, quote_option
from .dump import Content

SERVERS = ("mariadbd",)
INSTALLERS = ("mariadb-install-db",)
SERVER_PACKAGE = "mariadb-server-core"

DATA = "data"
SOCKET = "server.sock"
BEGINNING = "begin.sql"
FILES = "files"
"""The only folder that LOAD DATA and INTO OUTFILE would be allowed, if anybody had the right."""

READY = b"ready for connections"
POLL_S = 0.02

SHAPE: Sequence[str] = (
    "--no-defaults",
    "--skip-log-bin",
    "--skip-networking",
    "--skip-performance-schema",
    "--skip-innodb-doublewrite",
    "--innodb-data-file-path=ibdata1:2M:autoextend",
    "--innodb-autoextend-increment=1",
    "--innodb-temp-data-file-path=ibtmp1:1M:autoextend",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
)
"""What template and server must have in common, and what makes both cheap: nothing of theirs outlives a crash."""

LARGE_LOG, SMALL_LOG = "--innodb-log-file-size=256M", "--innodb-log-file-size=8M"
LARGE_LOG_ROOM = 1 << 30
"""Free bytes from which on the redo log is large. It is a file with holes, and grows with what is restored. A small
one is full after some thousand rows, and then each further row waits for pages to be written."""

SERVER_OPTIONS: Sequence[str] = (
    "--innodb-buffer-pool-size=256M",
    "--innodb-buffer-pool-load-at-startup=OFF",
    "--max-allowed-packet=1G",
    "--event-scheduler=OFF",
    "--local-infile=0",
    "--skip-symbolic-links",
    "--skip-name-resolve",
    "--skip-stack-trace",
    "--skip-sync-frm",
    f"--socket={SOCKET}",
    f"--secure-file-priv=../{FILES}",
    "--tmpdir=.",
    "--datadir=.",
    f"--init-file=../{BEGINNING}",
)
INSTALLER_OPTIONS = ("--auth-root-authentication-method=normal", "--skip-test-db", "--force")

# The arguments are the installer with its options. What it leaves is mostly zeros that take room: copied, they do not.
MAKE_TEMPLATE = (
    f'mkdir made && "$0" "$@" --datadir="$PWD/made" >&2 && cp -r --sparse=always made {DATA} && '
    f"tar -cSf template.tar {DATA}"
)
# Standard input is the template; the arguments are the server with its options.
BEGIN_SERVER = f'tar -xSf - && mkdir {FILES} && cd {DATA} && exec "$0" "$@" < /dev/null'

TEMPLATES = Path("/var/cache/diskominfo-backup")
"""Where prepared data folders are kept between checks (7 MB; making one takes half a second and more)."""

TABLES_OF_RIGHTS = ("global_priv", "db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv", "roles_mapping")


@dataclass(frozen=True)
class Instance(Scratch):
    """A running throwaway server. `path` is the folder of its cell.

    `restorer` owns the database and nothing else; `administrator` counts what came. `content` gathers what was
    restored. Clients run in the cell too: a dump speaks to them first. `shell` finds them.
    """

    cell: Cell
    restorer: Access
    administrator: Access
    shell: Shell | None = None
    content: Content = field(default_factory=Content)

    def wrap(self, argv: Sequence[str]) -> list[str]:
        """A client, to be run in the cell."""
        return self.cell.wrap(argv)


@contextmanager
def open_instance(
    source: DatabaseSource, expected: Census, templates: Path, shell: Shell, place: Path
) -> Iterator[Instance]:
    """A server with an empty database of the source's name. Raises ToolMissing for programs and isolation."""
    server = find_program(shell, SERVERS, SERVER_PACKAGE)
    isolation = choose_isolation(shell, place)
    shape = choose_shape(free_bytes(place))
    template = find_template(isolation, server, shape, templates, shell, place)
    cell = enclose(isolation, place, shell)
    instance = Instance(cell.path, cell, _make_access(cell, source), _make_access(cell, source), shell)
    cell.show(BEGINNING, _write_beginning(instance, expected))
    options = [*shape, *SERVER_OPTIONS, f"--lower-case-table-names={expected.counts.get(NAME_CASE, 0)}"]
    process = _begin(cell, shell, template, [server, *options])
    try:
        yield instance
    finally:
        process.kill()
        process.await_end()
        process.close_pipes()


def choose_shape(room_bytes: int) -> Sequence[str]:
    """SHAPE with a redo log as large as helps and as there is room for."""
    return (*SHAPE, LARGE_LOG if room_bytes >= LARGE_LOG_ROOM else SMALL_LOG)


def mark_shape(shape: Sequence[str]) -> str:
    """What tells templates of different shapes apart."""
    return sha256(" ".join((*shape, *INSTALLER_OPTIONS)).encode("ascii")).hexdigest()[:8]


def _begin(cell: Cell, shell: Shell, template: Path, argv: Sequence[str]) -> Process:
    """The server, once it takes connections."""
    ready = threading.Event()

    def listen(line: bytes) -> None:
        if READY in line:
            ready.set()

    with open_stored(template) as packed:
        process = shell.start(cell.wrap(["sh", "-c", BEGIN_SERVER, *argv]), stdin=packed.fileno(), taker=listen)
    ended = select.poll()
    ended.register(process.stdout, select.POLLIN)
    while not ready.wait(POLL_S):
        shell.require_time()
        if ended.poll(0):
            tail = process.await_end().stderr_tail
            process.close_pipes()
            raise ToolMissing.unusable(SERVERS[0], _find_error(tail))
    return process


def _find_error(tail: str) -> str:
    lines = tail.strip().splitlines() or ["it ended without a word"]
    return next((line for line in lines if "[ERROR]" in line), lines[-1])


def find_template(
    isolation: Isolation, server: str, shape: Sequence[str], templates: Path, shell: Shell, place: Path
) -> Path:
    """A packed data folder as the server's own installer makes it, kept in `templates` where that can be."""
    if shell.isolation is not None:  # another image has another one
        return _make_template(isolation, shape, shell, place)
    build = os.stat(server)
    name = f"{SERVERS[0]}-{build.st_mtime_ns:x}-{build.st_size:x}-{mark_shape(shape)}.tar"
    if not (templates / name).is_file():
        made = _make_template(isolation, shape, shell, place)
        try:
            _keep(made, templates, name)
        except OSError:
            return made
    return templates / name


def _make_template(isolation: Isolation, shape: Sequence[str], shell: Shell, place: Path) -> Path:
    installer = find_program(shell, INSTALLERS, SERVER_PACKAGE)
    workshop = place / "workshop"
    workshop.mkdir()
    cell = enclose(isolation, workshop, shell)
    finished = shell.run(cell.wrap(["sh", "-c", MAKE_TEMPLATE, installer, *shape, *INSTALLER_OPTIONS]))
    if finished.trace.status != 0:
        raise ToolMissing.unusable(INSTALLERS[0], _find_error(finished.trace.stderr_tail))
    return cell.path / "template.tar"


def _keep(made: Path, templates: Path, name: str) -> None:
    """Nothing of an owner's has run in it. Templates of other builds go."""
    make_private_folder(templates)
    with open_stored(made) as stream:
        content = stream.read()
    for former in templates.glob(f"{SERVERS[0]}-*.tar"):
        former.unlink()
    write_beside(templates / name, content, is_durable=False)


def _make_access(cell: Cell, source: DatabaseSource) -> Access:
    """An account whose name nobody can guess, in an options file that is seen in the cell."""
    name = "t" + secrets.token_hex(10)
    lines = [
        "[client]",
        f"user={quote_option(name)}",
        f"socket={quote_option(f'{DATA}/{SOCKET}')}",
        "protocol=socket",
        "",
    ]
    return Access(cell.show(f"{name}.cnf", "\n".join(lines)), source.name)


def _write_beginning(instance: Instance, expected: Census) -> str:
    """The statements that the server itself runs before it listens: every known account goes, two new ones come."""
    name = quote_name(instance.restorer.database)
    restorer, administrator = (
        quote_name(access.options.stem) for access in (instance.restorer, instance.administrator)
    )
    statements = ["SET NAMES utf8mb4"]
    statements += ["TRUNCATE TABLE mysql." + table for table in TABLES_OF_RIGHTS]
    statements += [
        "FLUSH PRIVILEGES",
        f"CREATE DATABASE {name} {choose_characters(expected)}",
        f"CREATE USER {administrator}@localhost",
        f"GRANT ALL PRIVILEGES ON *.* TO {administrator}@localhost WITH GRANT OPTION",
        f"CREATE USER {restorer}@localhost",
        f"GRANT ALL PRIVILEGES ON {quote_pattern(instance.restorer.database)}.* TO {restorer}@localhost",
        f"GRANT SET USER ON *.* TO {restorer}@localhost",
    ]
    statements += _write_stand_ins(expected, quote_pattern(instance.restorer.database))
    return "".join(statement + ";\n" for statement in statements)


def _write_stand_ins(expected: Census, pattern: str) -> Iterator[str]:
    """The accounts that views and code run as, with rights on the one database and no way to log in.

    A view on a view cannot be made where the inner one's account is missing (1449).
    """
    for definer in expected.objects.get(DEFINER, {}):
        name, _unused, host = definer.rpartition("@")
        if not definer.isprintable():
            continue
        account = f"{quote_name(name)}@{quote_name(host)}" if host else quote_name(name)
        yield f"CREATE USER {account} ACCOUNT LOCK" if host else f"CREATE ROLE {account}"
        yield f"GRANT ALL PRIVILEGES ON {pattern}.* TO {account}"


def quote_pattern(name: str) -> str:
    """A database name in a grant, where `%` and `_` would stand for others."""
    return quote_name(re.sub(r"([\\%_])", r"\\\1", name))


def choose_characters(expected: Census) -> str:
    """The default character set and collation that the source's database had."""
    words = expected.objects.get(DATABASE, {}).get(DEFAULT_CHARACTERS, "").split(" ")
    if len(words) != 2 or not all(re.fullmatch(r"[A-Za-z0-9_]{1,64}", word) for word in words):
        return "CHARACTER SET utf8mb4"
    return f"CHARACTER SET {words[0]} COLLATE {words[1]}"
