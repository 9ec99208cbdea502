"""How PostgreSQL's programs are found and called: which version, as whom, and every name quoted as data."""

from __future__ import annotations

import glob
import os
import pwd
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import SourceUnreadable, ToolMissing
from ...flow.container import lend_inside
from ...flow.credentials import lend
from ...flow.process import Shell
from ...record.source import DatabaseSource

PROGRAM_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
"""Where Debian and Red Hat keep the programs of each major version."""

CONNECT_TIMEOUT_S = 10
SUPERUSER = "postgres"
PASSWORD_LIMIT_BYTES = 4096


def quote_conninfo(parameters: Mapping[str, str]) -> str:
    """A connection string in which every value is data (PostgreSQL manual, 34.1.1.1); empty values are left out."""
    quoted = {key: value.replace("\\", "\\\\").replace("'", "\\'") for key, value in parameters.items() if value}
    return " ".join(f"{key}='{value}'" for key, value in quoted.items())


def quote_identifier(name: str) -> str:
    """A name as SQL reads it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """A text as SQL reads it while standard_conforming_strings is on."""
    return "'" + text.replace("'", "''") + "'"


def run_plainly(argv: Sequence[str]) -> list[str]:
    """The command as it is."""
    return list(argv)


@dataclass(frozen=True)
class Address:
    """How one database is reached: what a connection string says, and as whom or in what a client runs."""

    parameters: Mapping[str, str]
    wrap: Callable[[Sequence[str]], list[str]] = run_plainly
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def conninfo(self, **more: str) -> str:
        """The connection string; `more` overrides."""
        return quote_conninfo({**self.parameters, **more})


@contextmanager
def open_address(source: DatabaseSource, application_name: str) -> Iterator[Address]:
    """The address of a source; its password lies in a lent file of mode 0600 until the block ends.

    Raises SourceUnreadable for a password file that cannot be used.
    """
    parameters = {
        "host": source.socket or source.host,
        "port": str(source.port or ""),
        "user": source.user,
        "dbname": source.name,
        "application_name": application_name,
        "connect_timeout": str(CONNECT_TIMEOUT_S),
        "client_encoding": "UTF8",
    }
    if not source.password_file:
        yield _choose_user(source, parameters)
        return
    password = read_password(Path(source.password_file))
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    content = f"*:*:*:*:{escaped}\n"
    # pylint: disable-next=contextmanager-generator-missing-cleanup
    with lend_inside(source.container, content, user_inside(source)) if source.container else lend(content) as passfile:
        yield Address({**parameters, "passfile": str(passfile)}, secrets=(password,))


def read_password(path: Path) -> str:
    """The first line of a file that only its owner can read."""
    try:
        with path.open(encoding="utf-8") as stream:
            if os.fstat(stream.fileno()).st_mode & 0o077:
                raise SourceUnreadable.refused(str(path), "others may read it too; chmod it to 0600")
            return stream.readline(PASSWORD_LIMIT_BYTES).rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not text"
        raise SourceUnreadable.refused(str(path), reason) from error


def _choose_user(source: DatabaseSource, parameters: Mapping[str, str]) -> Address:
    """Over a local socket the server asks the system who calls, so root calls as the user that the server knows."""
    wanted = source.user or SUPERUSER
    if source.container:
        return Address({**parameters, "user": wanted})
    if source.host or os.geteuid() != 0 or not _has_user(wanted):
        return Address(parameters)
    become = ["setpriv", "--reuid", wanted, "--regid", str(pwd.getpwnam(wanted).pw_gid), "--init-groups", "--"]

    def wrap(argv: Sequence[str]) -> list[str]:
        return [*become, *argv]

    return Address({**parameters, "user": wanted}, wrap)


def user_inside(source: DatabaseSource) -> str:
    """As whom a client runs in the container of a source: over the local socket the server asks who calls."""
    return "" if source.host else source.user or SUPERUSER


def _has_user(name: str) -> bool:
    return any(entry.pw_name == name for entry in pwd.getpwall())


@dataclass(frozen=True)
class Programs:
    """The installed programs of all major versions, found by the folders of `patterns`."""

    patterns: Sequence[str] = PROGRAM_FOLDERS

    def find_majors(self, program: str) -> dict[int, str]:
        """Major version -> full path, for the versions that have the program."""
        found = {}
        for folder in [folder for pattern in self.patterns for folder in glob.glob(pattern)]:
            version = re.search(r"(\d+)/bin$", folder)
            if version and os.access(f"{folder}/{program}", os.X_OK):
                found[int(version.group(1))] = f"{folder}/{program}"
        return found

    def newest(self, program: str) -> str:
        """A client that talks with every older server; raises ToolMissing."""
        found = self.find_majors(program)
        if not found:
            raise ToolMissing.not_found(program, "postgresql-client")
        return found[max(found)]

    def for_server(self, program: str, major: int) -> str:
        """The client of the server's own version, or the next newer; raises ToolMissing where all are older."""
        found = {known: path for known, path in self.find_majors(program).items() if known >= major}
        if not found:
            raise ToolMissing.not_found(f"{program} {major} or newer", f"postgresql-client-{major}")
        return found[min(found)]

    def of_server(self, program: str, major: int) -> str:
        """A program of the server itself, of exactly this version; raises ToolMissing."""
        found = self.find_majors(program)
        if major not in found:
            raise ToolMissing.not_found(f"{program} {major}", f"postgresql-{major}")
        return found[major]


LIST_PROGRAMS = """for path in /usr/lib/postgresql/*/bin/$1 /usr/pgsql-*/bin/$1 /usr/local/bin/$1 /usr/bin/$1
do if [ -x "$path" ]; then echo "$path $("$path" --version)"; fi; done"""
NAMED_VERSION = re.compile(r"(\S+) .*?\(PostgreSQL\) (\d+)")


@dataclass(frozen=True)
class ProgramsInside(Programs):
    """The programs in a container or in its image, which `shell` reaches; `known` is asked once."""

    shell: Shell = field(default_factory=lambda: Shell(0.0))
    known: dict[str, dict[int, str]] = field(default_factory=dict)

    def find_majors(self, program: str) -> dict[int, str]:
        """See Programs."""
        if program not in self.known:
            self.known[program] = _list_programs(self.shell, program)
        return self.known[program]


def _list_programs(shell: Shell, program: str) -> dict[int, str]:
    said = shell.look(["sh", "-c", LIST_PROGRAMS, "sh", program]).stdout.decode("utf-8", "replace")
    found = [named.groups() for named in map(NAMED_VERSION.match, said.splitlines()) if named]
    return {int(major): path for path, major in reversed(found)}
