"""A throwaway server: nobody's accounts, no network, in a cell; begun from a template, ended by SIGKILL."""

from __future__ import annotations

import re
import secrets
import select
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from ...errors import ToolMissing
from ...flow.files import remove_tree
from ...flow.isolation import Cell, Isolation, choose_isolation, enclose
from ...flow.process import Process, Shell
from ...record.census import Census
from ...record.source import DatabaseSource
from ..base import Scratch
from .census import DATABASE, DEFAULT_CHARACTERS, NAME_CASE
from .client import Access, find_program, quote_name, quote_option
from .dump import Content

SERVERS = ("mariadbd",)
INSTALLERS = ("mariadb-install-db",)
SERVER_PACKAGE = "mariadb-server-core"

DATA = "data"
SOCKET = "server.sock"
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
    "--innodb-log-file-size=8M",
    "--innodb-data-file-path=ibdata1:2M:autoextend",
    "--innodb-autoextend-increment=1",
    "--innodb-temp-data-file-path=ibtmp1:1M:autoextend",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
)
"""What template and server must have in common, and what makes both cheap: nothing of theirs outlives a crash."""

SERVER_OPTIONS: Sequence[str] = (
    *SHAPE,
    "--innodb-buffer-pool-size=128M",
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
)

# The arguments are the installer with its options; what it made may be read by the users of later cells.
MAKE_TEMPLATE = f'mkdir {DATA} && "$0" "$@" --datadir="$PWD/{DATA}" >&2 && chmod -R a+rX {DATA}'
# The arguments are the template and the server with its options.
BEGIN_SERVER = f'cp -r "$0" {DATA} && mkdir {FILES} && cd {DATA} && exec "$@"'

TABLES_OF_RIGHTS = ("global_priv", "db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv", "roles_mapping")


@dataclass(frozen=True)
class Instance(Scratch):
    """A running throwaway server. `path` is the folder of its cell.

    `restorer` owns the database and nothing else; `administrator` counts what came. `content` gathers what was
    restored. Clients run in the cell too: a dump speaks to them first.
    """

    cell: Cell
    restorer: Access
    administrator: Access
    content: Content = field(default_factory=Content)


@contextmanager
def open_instance(source: DatabaseSource, expected: Census, shell: Shell, place: Path) -> Iterator[Instance]:
    """A server with an empty database of the source's name. Raises ToolMissing for programs and isolation."""
    server = find_program(shell, SERVERS, SERVER_PACKAGE)
    isolation = choose_isolation(shell, place)
    template = find_template(isolation, server, shell, place)
    cell = enclose(isolation, place, shell, [template])
    instance = Instance(cell.path, cell, _make_access(cell, source), _make_access(cell, source))
    (cell.path / "begin.sql").write_text(_write_beginning(instance, expected), "utf-8", "surrogateescape")
    options = [*SERVER_OPTIONS, f"--init-file={cell.path}/begin.sql"]
    options.append(f"--lower-case-table-names={expected.counts.get(NAME_CASE, 0)}")
    process = _begin(cell, shell, [str(template), server, *options])
    try:
        yield instance
    finally:
        process.kill()
        process.await_end()
        process.close_pipes()


def _begin(cell: Cell, shell: Shell, arguments: Sequence[str]) -> Process:
    ready = threading.Event()

    def listen(line: bytes) -> None:
        if READY in line:
            ready.set()

    process = shell.start(cell.wrap(["sh", "-c", BEGIN_SERVER, *arguments]), taker=listen)
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


def find_template(isolation: Isolation, server: str, shell: Shell, place: Path) -> Path:
    """The prepared data folder beside `place`, made when this release of the server has none yet (0.5 s, 15 MB).

    It holds only what the server's own installer put there. Whoever uses `place` has its parent for himself.
    """
    version = shell.run([server, "--version"]).stdout
    kind = sha256(version + " ".join(SHAPE).encode("ascii")).hexdigest()[:12]
    template = place.parent.resolve() / f"template-{SERVERS[0]}-{kind}"
    if not template.is_dir():
        _make_template(isolation, shell, place, template)
    return template


def _make_template(isolation: Isolation, shell: Shell, place: Path, template: Path) -> None:
    installer = find_program(shell, INSTALLERS, SERVER_PACKAGE)
    workshop = place / "workshop"
    workshop.mkdir()
    cell = enclose(isolation, workshop, shell)
    extra = ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
    finished = shell.run(cell.wrap(["sh", "-c", MAKE_TEMPLATE, installer, *SHAPE, *extra]))
    if finished.trace.status != 0:
        raise ToolMissing.unusable(INSTALLERS[0], _find_error(finished.trace.stderr_tail))
    for old in template.parent.glob(f"template-{SERVERS[0]}-*"):
        remove_tree(old)
    with suppress(FileExistsError):
        (cell.path / DATA).rename(template)
    remove_tree(workshop)


def _make_access(cell: Cell, source: DatabaseSource) -> Access:
    """An account whose name nobody can guess, in an options file that is seen in the cell."""
    name = "t" + secrets.token_hex(10)
    options = cell.path / f"{name}.cnf"
    lines = ["[client]", f"user={quote_option(name)}", f"socket={quote_option(f'{DATA}/{SOCKET}')}", "protocol=socket", ""]
    options.write_text("\n".join(lines), "ascii")
    return Access(options, source.name)


def _write_beginning(instance: Instance, expected: Census) -> str:
    """The statements that the server itself runs before it listens: every known account goes, two new ones come."""
    name = quote_name(instance.restorer.database)
    restorer, administrator = (quote_name(access.options.stem) for access in (instance.restorer, instance.administrator))
    statements = [f"DELETE FROM mysql.{table}" for table in TABLES_OF_RIGHTS]
    statements += [
        "FLUSH PRIVILEGES",
        f"CREATE DATABASE {name} {choose_characters(expected)}",
        f"CREATE USER {administrator}@localhost",
        f"GRANT ALL PRIVILEGES ON *.* TO {administrator}@localhost WITH GRANT OPTION",
        f"CREATE USER {restorer}@localhost",
        f"GRANT ALL PRIVILEGES ON {quote_pattern(instance.restorer.database)}.* TO {restorer}@localhost",
        f"GRANT SET USER ON *.* TO {restorer}@localhost",
    ]
    return "".join(statement + ";\n" for statement in statements)


def quote_pattern(name: str) -> str:
    """A database name in a grant, where `%` and `_` would stand for others."""
    return quote_name(re.sub(r"([\\%_])", r"\\\1", name))


def choose_characters(expected: Census) -> str:
    """The default character set and collation that the source's database had."""
    words = expected.objects.get(DATABASE, {}).get(DEFAULT_CHARACTERS, "").split(" ")
    if len(words) != 2 or not all(re.fullmatch(r"[A-Za-z0-9_]{1,64}", word) for word in words):
        return "CHARACTER SET utf8mb4"
    return f"CHARACTER SET {words[0]} COLLATE {words[1]}"
