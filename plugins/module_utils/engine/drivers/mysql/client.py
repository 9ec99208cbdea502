"""How a server of MariaDB or MySQL is reached: which programs, by which address, and what their complaints mean."""

from __future__ import annotations

import os
import pwd
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...errors import BackupError, DumpFailed, SourceLocked, SourceMissing, SourceUnreadable, ToolMissing
from ...flow.container import lend_inside
from ...flow.credentials import lend
from ...flow.process import Shell
from ...record.source import DatabaseSource

CLIENTS = ("mariadb", "mysql")
DUMPERS = ("mariadb-dump", "mysqldump")
CLIENT_PACKAGE = "mariadb-client"
CHARACTERS = "utf8mb4"
CONTAINER_USER = "root"
"""Whom an image of a database server runs its programs as, and whom the server knows by that."""
CONNECT_TIMEOUT_S = 15

ABSENT = (2002, 2003, 2005, 2006, 2013, 1040, 1053)
REFUSED = (1044, 1045, 1049, 1130, 1251, 1524, 1698, 2059, 3118, 4151)
LOCKED = (1205,)
CHANGED = (1412,)
FORBIDDEN = (1142, 1143, 1227, 1370, 1345)

SYSTEM_SCHEMAS = ("information_schema", "mysql", "performance_schema", "sys")


class ServerError(Exception):
    """The server, or its client, refused a statement. `code` is 0 where it gave none."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def read_complaint(stderr: str) -> ServerError:
    """The error that the last line of a client's complaints with a number tells of."""
    for line in reversed(stderr.splitlines()):
        found = re.search(r"(?:ERROR |error: |\()(\d{4})(?: \([0-9A-Z]{5}\)|:|\))", line)
        if found:
            return ServerError(int(found[1]), line.strip())
    return ServerError(0, (stderr.strip().splitlines() or ["its client ended without a word"])[-1])


def explain(source: DatabaseSource, error: ServerError, waited_s: float) -> BackupError:
    """What a refusal means for the backup of `source`; `waited_s` is how long locks were waited for."""
    if error.code in ABSENT:
        return SourceMissing.no_answer(source.address, error.text)
    if error.code in REFUSED:
        return SourceUnreadable.login_refused(source.address, error.text)
    if error.code in LOCKED:
        return SourceLocked.waited(f"{source.address} ({error.text})", waited_s)
    if error.code in CHANGED:
        return DumpFailed.differs(source.address, error.text)
    if error.code in FORBIDDEN:
        return SourceUnreadable.too_few_rights(source.address, [error.text])
    return SourceUnreadable.refused(source.address, error.text)


@contextmanager
def explained(source: DatabaseSource, waited_s: float) -> Iterator[None]:
    """Turns every ServerError of the block into what it means."""
    try:
        yield
    except ServerError as error:
        raise explain(source, error, waited_s) from error


@dataclass(frozen=True)
class Access:
    """What a client needs to reach one database: an options file, and secrets that no record may show."""

    options: Path
    database: str
    secrets: tuple[str, ...] = ()

    def name_options(self) -> list[str]:
        """The first arguments of every client: no other options file is read, and names are read as utf8mb4."""
        return [f"--defaults-file={self.options}", f"--default-character-set={CHARACTERS}"]


@contextmanager
def open_access(source: DatabaseSource, place: Path | None = None) -> Iterator[Access]:
    """Lends the options file of a source; gone when the block ends. Raises SourceUnreadable for the password file.

    It lies in `place`, which is swept after a crash.
    """
    password = read_password(source)
    content = write_options(source, password)
    secrets = (password,) if password else ()
    # pylint: disable-next=contextmanager-generator-missing-cleanup
    with lend_inside(source.container, content) if source.container else lend(content, place) as options:
        yield Access(options, source.name, secrets)


def read_password(source: DatabaseSource) -> str:
    """The first line of the password file; empty where none is named. Raises SourceUnreadable."""
    if not source.password_file:
        return ""
    try:
        descriptor = os.open(source.password_file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, encoding="utf-8", errors="surrogateescape") as stream:
            is_open = stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077
            password = stream.readline(4096).rstrip("\r\n")
    except OSError as error:
        raise SourceUnreadable.refused(source.password_file, error.strerror or str(error)) from error
    if is_open:
        raise SourceUnreadable.refused(source.password_file, "other users may read it (chmod 600)")
    return password


def write_options(source: DatabaseSource, password: str = "") -> str:
    """The content of an options file. Its `[client]` group is read by every program that we start."""
    settings = {
        "user": source.user or (CONTAINER_USER if source.container else pwd.getpwuid(os.geteuid()).pw_name),
        "password": password,
        "host": source.host,
        "port": str(source.port or ""),
        "socket": source.socket,
        "protocol": "tcp" if source.host else "socket",
    }
    lines = [f"{key}={quote_option(value)}" for key, value in settings.items() if value]
    return "\n".join(["[client]", *lines, ""])


def quote_option(value: str) -> str:
    """A value of an options file: in double quotes, where a backslash and a quote need a backslash."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quote_name(name: str) -> str:
    """An identifier in backticks."""
    return "`" + name.replace("`", "``") + "`"


def quote_text(text: str) -> str:
    """A text of SQL whose content no parser, client or server, can take for anything else."""
    return f"CONVERT(x'{text.encode('utf-8', 'surrogateescape').hex()}' USING {CHARACTERS})"


def find_program(shell: Shell, names: Sequence[str], package: str = CLIENT_PACKAGE) -> str:
    """The first program that is installed; raises ToolMissing that names the first."""
    for name in names:
        try:
            return shell.find(name)
        except ToolMissing:
            continue
    raise ToolMissing.not_found(names[0], package)


@dataclass(frozen=True)
class Version:
    """A version: `text` such as `10.11.19-MariaDB`, `release` as (10, 11)."""

    text: str
    release: tuple[int, int]
    is_mariadb: bool

    @property
    def product(self) -> str:
        """`MariaDB` or `MySQL`."""
        return "MariaDB" if self.is_mariadb else "MySQL"


def read_version(text: str) -> Version:
    """What `SELECT VERSION()` gives, or `--version` of a program of either product; release (0, 0) when unknown."""
    found = (
        re.search(r"Distrib (([0-9]+)\.([0-9]+)[^\s,]*)", text)
        or re.search(r"from (([0-9]+)\.([0-9]+)[^\s,]*)", text)
        or re.search(r"(?:Ver |^)(([0-9]+)\.([0-9]+)[^\s,]*)", text)
    )
    release = (int(found[2]), int(found[3])) if found else (0, 0)
    return Version(found[1] if found else text.strip()[:80], release, "mariadb" in text.lower())
