"""How a database comes back on a running server: filled under a name of its own, compared, then renamed into place."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...errors import BackupError, RestoreFailed, SourceUnreadable, TargetRefused, ToolMissing
from ...flow.process import Shell
from ...record.census import Census, compare_censuses
from ..base import Confirmed, Examined, Goal, Landing, Stored, Target
from .accounts import SUFFIX, find_role
from .census import MAJOR, add_values, find_bootstrap, read_major, read_values, take_census
from .client import Programs
from .client import quote_identifier as name
from .client import quote_literal as literal
from .comparison import ROWS, fill_in
from .contents import Contents
from .restore import ARCHIVE, FileSink
from .session import Access, Session, StatementFailed

SERVICE_DATABASE = "postgres"
NEW, OLD = "__new", "__old"
NAME_BYTES = 63
TRIES = 20
"""Whoever connects between the end of the others and the rename is ended in the next try."""

HIDDEN = re.compile(r"'(?:SCRAM-SHA-256\$|md5)[^']*'")


@dataclass
class Filled:
    """What was noted while it was filled."""

    contents: Contents = field(default_factory=lambda: Contents("", "", ()))


@dataclass(frozen=True)
class Live(Target):
    """A database of a running server that a landing has made empty. `path` is a scratch folder.

    `is_alike` tells whether the server's major version is that of the backup.
    """

    access: Access
    programs: Programs
    major: int
    is_alike: bool
    filled: Filled = field(default_factory=Filled)


class LiveSink(FileSink):
    """Keeps the archive until it is whole, then has pg_restore fill the database; the first error ends it."""

    def __init__(self, target: Live, subject: str, shell: Shell) -> None:
        self._target, self._subject, self._shell = target, subject, shell
        self._archive = target.path / ARCHIVE
        super().__init__(self._archive)

    def finish(self) -> None:
        """See Sink."""
        self._target.filled.contents = self.read_contents()
        self._stream.flush()
        address = self._target.access.address
        argv = [self._target.programs.for_server("pg_restore", self._target.major), "-w", "--exit-on-error"]
        argv += ["--no-tablespaces", "-d", address.conninfo()]
        descriptor = os.open(self._archive, os.O_RDONLY | os.O_CLOEXEC)
        try:
            process = self._shell.start(address.wrap(argv), stdin=descriptor, secrets=address.secrets)
            process.close_pipes()
            trace = process.wait()
        finally:
            os.close(descriptor)
        if trace.status != 0:
            complaints = [line for line in trace.stderr_tail.splitlines() if "error" in line] or ["it said nothing"]
            raise RestoreFailed.ended(self._subject, complaints[0])
        os.unlink(self._archive)


def examine_live(target: Live, expected: Census, shell: Shell) -> Examined:
    """Counts the database by the code that counted its source. Of another major version only rows and names are held
    against each other: it writes definitions in other words."""
    with target.access.open_session(shell) as session:
        found = add_values(take_census(session, find_bootstrap(expected)), read_values(session))
    found = fill_in(expected, found, target.filled.contents, ())
    pair = (expected, found) if target.is_alike else (name_only(expected), name_only(found))
    differences = compare_censuses(*pair, with_content=False)
    return Examined(found, differences, len(differences), ROWS)


COMPARABLE = frozenset({"materialized view", "role", "routine", "schema", "sequence", "table", "trigger", "view"})


def name_only(census: Census) -> Census:
    """Rows, and the names of kinds that every version has."""
    kinds = {kind: dict.fromkeys(names, "") for kind, names in census.objects.items() if kind in COMPARABLE}
    return replace(census, objects=kinds, counts={})


class PostgresqlLanding:
    """See base.Landing. The exchange is one transaction of two renames: it happens as a whole or not at all."""

    replaces_at_once = False

    def __init__(self, database: str, goal: Goal, stored: Stored, programs: Programs, shell: Shell) -> None:
        self._is_over = isinstance(goal, Confirmed)
        self._final = database if isinstance(goal, Confirmed) else goal.name
        self._stored, self._programs, self._shell = stored, programs, shell
        self.steps: Sequence[str] = ()
        self.is_there = self._is_made = self._is_exchanged = self._is_done = False
        self._major = 0
        self._missing: set[str] = set()

    def look(self, access: Access, place: Path) -> None:
        """Everything that could be in the way is raised here."""
        self._access, self.room = access, place
        self._service = self._reach(SERVICE_DATABASE)
        with self._service.open_session(self._shell) as session:
            self._require_server(session)
            self.is_there = self._has(session, self._final)
            self._require_names(session)
            known = set(session.query("SELECT to_json(rolname) FROM pg_roles"))
        roles = {*self._stored.census.objects.get("role", {}), *map(find_role, self._read_accounts())}
        self._missing = roles - {*known, ""}
        self._programs.for_server("pg_restore", self._major)
        is_alike = self._major == self._stored.census.counts.get(MAJOR, 0)
        self.target = Live(place, self._reach(self._working), self._programs, self._major, is_alike)
        self.steps = list(self._tell())

    def _require_names(self, session: Session) -> None:
        """Nobody else's database may have a name that is made, renamed to or dropped here."""
        if not self._is_over:
            if self.is_there:
                raise TargetRefused.is_taken(f"database {self._final}")
            return
        needed = [self._working, self._former] if self.is_there else [self._working]
        taken = [database for database in needed if self._has(session, database)]
        if taken:
            raise TargetRefused.needs_names(self._final, taken)

    def _require_server(self, session: Session) -> None:
        self._major = read_major(session)
        stored = self._stored.census.counts.get(MAJOR, 0)
        if self._major < stored:
            here, there = f"PostgreSQL {stored}", f"PostgreSQL {self._major}"
            raise TargetRefused.older_server(self._final, here, there)
        if not session.query("SELECT to_json(rolsuper) FROM pg_roles WHERE rolname = current_user")[0]:
            raise SourceUnreadable.too_few_rights(self._access.subject, ["SUPERUSER, to make roles and databases"])
        for extension in sorted(self._stored.census.objects.get("extension", {})):
            found = f"SELECT to_json(count(*)) FROM pg_available_extensions WHERE name = {literal(extension)}"
            if not session.query(found)[0]:
                package = f"the package with the extension {extension} for PostgreSQL {self._major}"
                raise ToolMissing(f"extension not found: {extension}", f"install {package}")

    def _reach(self, database: str) -> Access:
        address = self._access.address
        parameters = {**address.parameters, "dbname": database}
        return replace(self._access, address=replace(address, parameters=parameters))

    @staticmethod
    def _has(session: Session, database: str) -> bool:
        return bool(session.query(f"SELECT to_json(1) FROM pg_database WHERE datname = {literal(database)}"))

    @property
    def _working(self) -> str:
        """The name while it is filled; cut so that the mark stays."""
        if not self._is_over:
            return self._final
        return self._final.encode()[: NAME_BYTES - len(NEW)].decode("utf-8", "ignore") + NEW

    @property
    def _former(self) -> str:
        return self._working.removesuffix(NEW) + OLD

    def _tell(self) -> Iterator[str]:
        brought = sorted(self._missing) if SUFFIX in self._stored.asides else []
        if brought:
            yield f"make the roles that are missing, with their passwords and memberships: {', '.join(brought)}"
        yield from self._name_missing()
        yield f"make database {self._working}, fill it as a superuser, count it and compare with the backup"
        if self.is_there:
            yield f"end the connections to {self._final}, exchange both in one transaction, drop the former one"
        elif self._is_over:
            yield f"rename it to {self._final}, where nothing is now"

    def _name_missing(self) -> Iterator[str]:
        if not self._is_over:
            yield f"connection limits, settings and rights of the database itself are not set on {self._final}"
        if self._missing and SUFFIX not in self._stored.asides:
            yield f"the backup has no accounts: made without a password and a login: {', '.join(sorted(self._missing))}"

    def prepare(self) -> Sequence[str]:
        """See base.Landing."""
        with self._service.open_session(self._shell) as session:
            try:
                self._make_roles(session)
                session.execute(f"CREATE DATABASE {name(self._working)} {self._write_options()}")
                self._is_made = True
            except StatementFailed as error:
                told = HIDDEN.sub("'***'", error.message)
                raise RestoreFailed.ended(self._final, told) from error
        return list(self._name_missing())

    def _read_accounts(self) -> list[str]:
        path = self._stored.asides.get(SUFFIX)
        return path.read_text("utf-8", "surrogateescape").splitlines() if path else []

    def _make_roles(self, session: Session) -> None:
        """Those that are missing, as the backup has them; who is there keeps settings and memberships as they are."""
        made = set()
        for line in self._read_accounts():
            role = find_role(line)
            if role in self._missing:
                made.add(role)
                session.execute(line.rstrip(";"))
        for role in sorted(self._missing - made):
            session.execute(f"CREATE ROLE {name(role)} NOLOGIN")

    def _write_options(self) -> str:
        wanted = dict(self._stored.census.objects.get("database", {}))
        options = {
            "TEMPLATE": "template0",
            "OWNER": name(wanted["owner"]) if wanted.get("owner") else "",
            "ENCODING": literal(wanted.get("encoding", "UTF8")),
            "LC_COLLATE": literal(wanted.get("collation", "C")),
            "LC_CTYPE": literal(wanted.get("character type", "C")),
            "LOCALE_PROVIDER": "icu" if wanted.get("provider") == "i" else "",
            "ICU_LOCALE": literal(wanted.get("locale", "")) if wanted.get("provider") == "i" else "",
        }
        return " ".join(f"{key} = {value}" for key, value in options.items() if value)

    def take_over(self) -> Sequence[str]:
        """See base.Landing."""
        self._is_done = True
        if not self._is_over:
            return ()
        self._exchange_again(TRIES)
        return self._set_properties()

    def _exchange_again(self, tries: int) -> None:
        try:
            self._exchange()
        except StatementFailed:
            if tries == 1:
                self._is_done = False
                raise
            self._exchange_again(tries - 1)

    def _exchange(self) -> None:
        final, working, former = name(self._final), name(self._working), name(self._former)
        ending = "SELECT to_json(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = "
        with self._service.open_session(self._shell) as session:
            if not self._is_exchanged:
                session.query(ending + literal(self._final))
                session.execute("BEGIN")
                if self.is_there:
                    session.execute(f"ALTER DATABASE {final} RENAME TO {former}")
                session.execute(f"ALTER DATABASE {working} RENAME TO {final}")
                session.execute("COMMIT")
                self._is_exchanged = True
            if self.is_there:
                session.execute(f"DROP DATABASE {former}")

    def _set_properties(self) -> Sequence[str]:
        """Settings and rights of the database itself, in the words of the archive: its name is right only now."""
        notes = []
        for entry in self.target.filled.contents.entries:
            is_ours = entry.kind == "DATABASE PROPERTIES" or entry.tag.startswith("DATABASE ")
            if not is_ours or entry.kind not in ("ACL", "COMMENT", "DATABASE PROPERTIES", "SECURITY LABEL"):
                continue
            try:
                with self._service.open_session(self._shell) as session:
                    session.execute(entry.definition)
            except BackupError as error:
                notes.append(f"{entry.kind.lower()} of the database was not set: {error.message}")
        return notes

    def close(self) -> None:
        """Removes a database that did not take its place."""
        if self._is_made and not self._is_done:
            with suppress(BackupError), self._service.open_session(self._shell) as session:
                session.execute(f"DROP DATABASE IF EXISTS {name(self._working)}")


@contextmanager
def open_landing(landing: PostgresqlLanding, access: Access, place: Path) -> Iterator[Landing]:
    """See Driver.open_landing."""
    landing.look(access, place)
    try:
        yield landing
    finally:
        landing.close()
