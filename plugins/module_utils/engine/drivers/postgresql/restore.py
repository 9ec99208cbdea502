"""Brings an archive back into a throwaway server, as a role that may do nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ...errors import RestoreFailed, ToolMissing
from ...flow.files import open_new
from ...flow.process import Shell
from .census import FIRST, find_bootstrap
from .client import quote_identifier as name
from .client import quote_literal as literal
from .contents import Contents, Entry, HeadReader, Malformed
from .scratch import SERVICE_DATABASE, Cluster
from .session import Session, StatementFailed
from .sieve import ALLOWED_EXTENSIONS, choose_kept, choose_skipped

ARCHIVE = "archive.dump"
LIST = "contents.list"
JOBS_LIMIT = 4
RESTORER_RIGHTS = "LOGIN NOSUPERUSER BYPASSRLS"

CAN_LZ4 = "SELECT to_json(name) FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
LZ4 = "-c default_toast_compression=lz4"
"""From PostgreSQL 14 on, where it was built so: long values are compressed in a fraction of the time. What a column of
the dump asks for goes before it."""


class FileSink:
    """Keeps an archive as a file of a folder, for whoever restores it with pg_restore."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._head = HeadReader()
        try:
            self._stream: BinaryIO = open_new(path)
        except OSError as error:
            raise RestoreFailed.ended(path.name, error.strerror or str(error)) from error

    def take(self, chunk: memoryview) -> None:
        """See Sink."""
        try:
            self._head.take(chunk)
            self._stream.write(chunk)
        except Malformed as error:
            raise RestoreFailed.ended(self._path.name, str(error)) from error

    def finish(self) -> None:
        """See Sink."""
        self.read_contents()
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def read_contents(self) -> Contents:
        """After the last byte; raises RestoreFailed."""
        try:
            return self._head.finish()[0]
        except Malformed as error:
            raise RestoreFailed.ended(self._path.name, str(error)) from error

    def close(self) -> None:
        """Nothing more comes."""
        self._stream.close()


class ClusterSink(FileSink):
    """Fills a throwaway server: the archive is kept in its cell until it is whole, then restored by several at once."""

    def __init__(self, cluster: Cluster, database: str, shell: Shell) -> None:
        self._cluster = cluster
        self._database = database
        self._shell = shell
        self._options = ""
        super().__init__(cluster.cell.path / ARCHIVE)

    def finish(self) -> None:
        """See Sink. Raises ToolMissing for what cannot be had here, RestoreFailed for what does not come back."""
        contents = self.read_contents()
        self._stream.flush()
        skipped = choose_skipped(contents)
        kept = choose_kept(contents, skipped)
        schemas = [entry for entry in kept if entry.kind == "SCHEMA"]
        try:
            self._prepare_server(contents)
            with self._cluster.reach(self._database, self._cluster.admin).open_session(self._shell) as session:
                self._prepare_database(session)
                self._options = LZ4 if session.query(CAN_LZ4) else ""
                self._restore(schemas, 1)
                configured = self._create_extensions(session)
                self._open_schemas(session)
                rest = [entry for entry in kept if entry.kind != "SCHEMA"]
                self._restore(rest, min(JOBS_LIMIT, os.cpu_count() or 1))
                self._tidy(session, configured)
        except StatementFailed as error:
            raise RestoreFailed.ended(self._database, error.message) from error
        self._cluster.restored.contents = contents
        self._cluster.restored.skipped = skipped
        os.unlink(self._path)

    def _prepare_server(self, contents: Contents) -> None:
        expected = self._cluster.expected
        known = dict(expected.objects.get("role", {}))
        known.setdefault(find_bootstrap(expected), FIRST)
        for entry in contents.entries:
            known.setdefault(entry.owner, "")
        roles = {role: value for role, value in known.items() if role and not role.startswith("pg_")}
        with self._cluster.reach(SERVICE_DATABASE, self._cluster.admin).open_session(self._shell) as session:
            self._create_roles(session, roles)
            self._create_database(session, dict(expected.objects.get("database", {})))

    def _create_roles(self, session: Session, roles: Mapping[str, str]) -> None:
        """Stand-ins that cannot log in. Those of superusers belong to all others: what they own may need any right."""
        restorer, creator = name(self._cluster.restorer), name(self._cluster.creator)
        session.execute(f"CREATE ROLE {restorer} {RESTORER_RIGHTS}")
        session.execute(f"CREATE ROLE {creator} NOLOGIN")
        for role in sorted(roles):
            session.execute(f"CREATE ROLE {name(role)} NOLOGIN BYPASSRLS IN ROLE {creator} ROLE {restorer}")
        plain = ", ".join(name(role) for role in sorted(roles) if not roles[role])
        for role in [role for role in sorted(roles) if roles[role] and plain]:
            session.execute(f"GRANT {plain} TO {name(role)}")

    def _create_database(self, session: Session, wanted: dict[str, str]) -> None:
        """As the source's: an encoding or a locale decides what fits into it."""
        options = {
            "OWNER": name(wanted.get("owner") or self._cluster.restorer),
            "TEMPLATE": "template0",
            "ENCODING": literal(wanted.get("encoding", "UTF8")),
            "LC_COLLATE": literal(wanted.get("collation", "C")),
            "LC_CTYPE": literal(wanted.get("character type", "C")),
        }
        if wanted.get("provider") == "i":
            options["LOCALE_PROVIDER"] = "icu"
            options["ICU_LOCALE"] = literal(wanted.get("locale", ""))
        told = " ".join(f"{key} = {value}" for key, value in options.items())
        try:
            session.execute(f"CREATE DATABASE {name(self._database)} {told}")
        except StatementFailed as error:
            raise ToolMissing(
                f"no throwaway database like {self._database} can be made here: {error.message}",
                f"install the locale {wanted.get('collation', '')}: dpkg-reconfigure locales",
            ) from error

    def _prepare_database(self, session: Session) -> None:
        """The schema `public` as a dump of this version finds it on the source's server."""
        if self._cluster.expected.objects.get("schema") and "public" not in self._cluster.expected.objects["schema"]:
            session.execute("DROP SCHEMA public")
        elif self._cluster.major < 15:
            session.execute(f"ALTER SCHEMA public OWNER TO {name(find_bootstrap(self._cluster.expected))}")

    def _create_extensions(self, session: Session) -> list[str]:
        """What no ordinary role may do; returns the tables of extensions whose rows the dump holds."""
        wanted = self._cluster.expected.objects.get("extension", {})
        for extension, value in sorted(wanted.items()):
            self._require_extension(session, extension)
            schema = name(value.partition(" in ")[2])
            session.execute(f"CREATE EXTENSION IF NOT EXISTS {name(extension)} SCHEMA {schema} CASCADE")
        tables = session.query(
            "SELECT to_json(t::regclass::text) FROM pg_extension AS e, unnest(e.extconfig) AS t"
            " JOIN pg_class AS c ON c.oid = t WHERE c.relkind = 'r'"
        )
        for table in tables:
            session.execute(f"ALTER TABLE {table} OWNER TO {name(self._cluster.restorer)}")
        return tables

    def _require_extension(self, session: Session, extension: str) -> None:
        found = session.query(
            "SELECT to_json(bool_or(trusted)) FROM pg_available_extension_versions"
            f" WHERE name = {literal(extension)} HAVING count(*) > 0"
        )
        if not found:
            package = f"the package with the extension {extension} for PostgreSQL {self._cluster.major}"
            raise ToolMissing(f"extension not found: {extension}", f"install {package}")
        if not found[0] and extension not in ALLOWED_EXTENSIONS:
            raise ToolMissing(
                f"extension {extension} is not allowed in a throwaway server", "restore it by hand to prove it"
            )

    def _open_schemas(self, session: Session) -> None:
        """Who owns something need not be allowed to make it any more; while it is restored, it must be."""
        creator = name(self._cluster.creator)
        for schema in session.query("SELECT to_json(format('%I', nspname)) FROM pg_namespace WHERE nspname !~ '^pg_'"):
            session.execute(f"GRANT CREATE ON SCHEMA {schema} TO {creator}")

    def _tidy(self, session: Session, configured: Sequence[str]) -> None:
        creator = name(self._cluster.creator)
        for table in configured:
            session.execute(f"ALTER TABLE {table} OWNER TO {name(self._cluster.admin)}")
        session.execute(f"DROP OWNED BY {creator}")
        session.execute(f"DROP ROLE {creator}")

    def _restore(self, entries: Sequence[Entry], jobs: int) -> None:
        """Runs pg_restore for these entries, in the order of the archive; the first error ends it."""
        if not entries:
            return
        cell = self._cluster.cell
        listed = cell.path / f"{entries[0].id}.{LIST}"
        with open_new(listed) as stream:
            stream.write("".join(f"{entry.id};\n" for entry in entries).encode("ascii"))
        for path in (listed, self._path):
            path.chmod(0o644)
        address = self._cluster.reach(self._database, self._cluster.restorer).address
        argv = [self._cluster.programs.of_server("pg_restore", self._cluster.major), "-w", "--exit-on-error"]
        where = address.conninfo(options=self._options)
        argv += ["--no-tablespaces", f"--jobs={jobs}", f"--use-list={listed}", "-d", where]
        trace = self._shell.run(cell.wrap([*argv, str(self._path)])).trace
        if trace.status != 0:
            complaints = [line for line in trace.stderr_tail.splitlines() if "error" in line] or ["it said nothing"]
            raise RestoreFailed.ended(self._database, complaints[0])


@contextmanager
def open_sink(sink: FileSink) -> Iterator[FileSink]:
    """The sink, closed afterwards."""
    try:
        yield sink
    finally:
        sink.close()
