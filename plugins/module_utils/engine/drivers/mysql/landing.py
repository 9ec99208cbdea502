"""How a database comes back on a running server: under a new name, or dropped and made again in its own place."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...errors import BackupError, RestoreFailed, SourceUnreadable, TargetRefused
from ...flow.files import open_new
from ...flow.process import Shell
from ...record.census import Census
from ...record.source import DatabaseSource
from ..base import Confirmed, Goal, Landing, Stored, Target
from .accounts import ASIDE, Account
from .census import DATABASE, DEFINER
from .client import (
    CLIENTS,
    Access,
    ServerError,
    Version,
    explained,
    find_program,
    open_access,
    quote_name,
    quote_text,
    read_version,
)
from .dump import Content
from .probe import read_server_version, refuse_system_schema
from .rights import ALL, collect_rights, read_grants
from .scratch import choose_characters
from .session import Session, open_session

NO_DATABASE = "information_schema"
"""Everybody may use it: what a session needs that makes a database."""

WAIT_S = 30
QUOTED = r"(?:`(?:[^`]|``)*`|'(?:[^']|'')*')"
ACCOUNT = rf"({QUOTED})(?:@({QUOTED}))?"
MAKING = re.compile(rf"^CREATE (?:USER|ROLE) IF NOT EXISTS {ACCOUNT}")
GIVING = re.compile(rf"^(?:GRANT|SET DEFAULT ROLE) (?:[^`']|{QUOTED})*? (?:TO|FOR) {ACCOUNT}")
KNOWN = "SELECT User, Host FROM mysql.user"
VERIFIER = re.compile(r" IDENTIFIED (?:BY PASSWORD '[^']*'|VIA .+?)(?= REQUIRE | WITH |$)")
"""The account is made with it; repeated in a grant it would change the password of an account that is there."""

IS_THERE = "SELECT 1 FROM information_schema.SCHEMATA WHERE BINARY SCHEMA_NAME = BINARY {name}"


@dataclass(frozen=True)
class Live(Target):
    """A database of a running server that a landing has made empty. `path` is a scratch folder.

    `is_alike` tells whether name and release are those of the backup, so that definitions can be compared.
    """

    restorer: Access
    is_alike: bool
    content: Content = field(default_factory=Content)

    @property
    def administrator(self) -> Access:
        """Who counts: the same account."""
        return self.restorer

    def wrap(self, argv: Sequence[str]) -> list[str]:
        """The client runs as it is."""
        return list(argv)


def require_not_older(subject: str, stored: str, server: Version) -> None:
    """Raises TargetRefused for a server of an earlier major version, or of the other product."""
    version = read_version(stored)
    if not version.release[0]:
        return
    if version.is_mariadb != server.is_mariadb or server.release < version.release:
        here, there = f"{version.product} {version.text}", f"{server.product} {server.text}"
        raise TargetRefused.older_server(subject, here, there)


class MysqlLanding:
    """See base.Landing."""

    def __init__(self, source: DatabaseSource, goal: Goal, stored: Stored, shell: Shell, place: Path) -> None:
        self._source, self._stored, self._shell, self._place = source, stored, shell, place
        self._is_over = isinstance(goal, Confirmed)
        self.name = source.name if isinstance(goal, Confirmed) else goal.name
        self.room = place
        self.steps: Sequence[str] = ()
        self.is_there = self.replaces_at_once = False
        self._is_made = self._is_done = self._may_grant = False
        self._known: set[Account] = set()

    def look(self, access: Access) -> None:
        """Everything that could be in the way is raised here."""
        self._access = access
        version = read_version(self._stored.server_version)
        with explained(self._source, WAIT_S), open_session(access, self._shell) as session:
            server = read_server_version(session)
            require_not_older(self._source.label, self._stored.server_version, server)
            self.is_there = bool(session.query(IS_THERE.format(name=quote_text(self.name))))
            grants = read_grants(session)
            self._may_grant = any(" ON *.*" in line and line.endswith("WITH GRANT OPTION") for line in grants)
            if self._may_grant:
                self._known = {(row[0], row[1]) for row in session.query(KNOWN)}
        if ALL not in collect_rights(grants, self.name):
            raise SourceUnreadable.too_few_rights(self._source.address, [f"{ALL} ON {quote_name(self.name)}.*"])
        if self.is_there and not self._is_over:
            raise TargetRefused.is_taken(f"database {self.name}")
        self.replaces_at_once = self.is_there
        is_alike = self._is_over and server.release == version.release
        self.target = Live(self._place, replace(access, database=self.name), is_alike)
        self.steps = list(self._tell())

    def _tell(self) -> Iterator[str]:
        if self.is_there:
            yield "read the stored dump to its end: it must be whole before anything is dropped"
        accounts = list_accounts(self._stored.asides) if self._is_over else {}
        missing = [quoted for quoted, account in accounts.items() if account not in self._known]
        if missing and self._may_grant:
            yield f"make the accounts that are missing, with their grants: {', '.join(missing)}"
        yield from self._name_missing(accounts)
        if self.is_there:
            yield f"drop database {self.name} (the safety backup holds it)"
        yield f"make database {self.name}, fill it, count it and compare with the backup"

    def _name_missing(self, accounts: Mapping[str, Account]) -> Iterator[str]:
        """The accounts that will not come back by this restore."""
        if not self._is_over:
            yield f"accounts and grants stay as they are: nobody is granted anything on {self.name}"
        elif accounts and not self._may_grant:
            yield f"accounts do NOT come back, this account may not grant: {', '.join(accounts)}"
        elif not accounts:
            yield "accounts do NOT come back: none are in the backup"
            for definer in self._stored.census.objects.get(DEFINER, {}):
                yield f"views and code run as an account that must exist: {definer}"

    def prepare(self) -> Sequence[str]:
        """See base.Landing."""
        notes = list(self._name_missing(list_accounts(self._stored.asides)))
        if self._is_over and self._may_grant and ASIDE in self._stored.asides:
            self._make_accounts(self._stored.asides[ASIDE])
        with explained(self._source, WAIT_S), open_session(self._access, self._shell) as session:
            self._make_database(session)
        return notes

    def _make_database(self, session: Session) -> None:
        quoted = quote_name(self.name)
        if self._is_over:
            session.query(f"DROP DATABASE IF EXISTS {quoted}")
        session.query(f"CREATE DATABASE {quoted} {choose_characters(self._stored.census)}")
        self._is_made = True

    def _make_accounts(self, path: Path) -> None:
        """By the client: what a grant says cannot always be prepared. Who is there keeps password and grants."""
        script = self._place / "accounts-to-make.sql"
        with open_new(script) as stream:
            for line in path.read_text("utf-8", "surrogateescape").splitlines():
                if find_account(line) not in self._known:
                    stream.write((drop_verifier(line) + "\n").encode("utf-8", "surrogateescape"))
        argv = [find_program(self._shell, CLIENTS), *self._access.name_options(), "--batch", "--", NO_DATABASE]
        descriptor = os.open(script, os.O_RDONLY | os.O_CLOEXEC)
        try:
            process = self._shell.start(argv, stdin=descriptor, secrets=self._access.secrets)
            process.close_pipes()
            trace = process.wait()
        finally:
            os.close(descriptor)
        if trace.status != 0:
            last = (trace.stderr_tail.strip().splitlines() or ["it said nothing"])[-1]
            raise RestoreFailed.ended(f"accounts of {self.name}", VERIFIER.sub("", last))

    def take_over(self) -> Sequence[str]:
        """See base.Landing: it is in its place already."""
        self._is_done = True
        return ()

    def close(self) -> None:
        """A new database that did not come to be goes; what is half done in the place of the original stays."""
        if self._is_made and not self._is_done and not self._is_over:
            dropping = f"DROP DATABASE IF EXISTS {quote_name(self.name)}"
            with suppress(BackupError, ServerError), open_session(self._access, self._shell) as session:
                session.query(dropping)


@contextmanager
def open_landing(source: DatabaseSource, goal: Goal, stored: Stored, shell: Shell, place: Path) -> Iterator[Landing]:
    """See Driver.open_landing."""
    landing = MysqlLanding(source, goal, stored, shell, place)
    refuse_system_schema(replace(source, name=landing.name))
    with open_access(replace(source, name=NO_DATABASE), place) as access:
        landing.look(access)
        try:
            yield landing
        finally:
            landing.close()


def list_accounts(asides: Mapping[str, Path]) -> dict[str, Account]:
    """The accounts that a backup brings along: as SQL names them -> name and host."""
    if ASIDE not in asides:
        return {}
    lines = asides[ASIDE].read_text("utf-8", "surrogateescape").splitlines()
    makings = [found for found in map(MAKING.match, lines) if found]
    return {found[0].split(" IF NOT EXISTS ", 1)[1]: _read_account(found) for found in makings}


def find_account(line: str) -> Account | None:
    """Whom a statement makes or gives something; None for any other line."""
    found = MAKING.match(line) or GIVING.match(line)
    return _read_account(found) if found else None


def _read_account(found: re.Match[str]) -> Account:
    name, host = (text[1:-1].replace(text[0] * 2, text[0]) if text else "" for text in (found[1], found[2]))
    return name, host


def drop_verifier(line: str) -> str:
    """A grant without the password that older servers repeat in it; any other line as it is."""
    if not line.startswith("GRANT "):
        return line
    return VERIFIER.sub("", line.removesuffix(";")) + ";"


def name_only(census: Census) -> Census:
    """Rows and names: what can be compared where another name or release makes other texts of definitions."""
    kinds = {kind: dict.fromkeys(names, "") for kind, names in census.objects.items() if kind != DATABASE}
    return replace(census, objects=kinds, counts={})
