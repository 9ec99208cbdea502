"""Whether a backup of a database would begin well, and would be whole; and what keeps its checks from going far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from ...errors import BackupError, SourceUnreadable, ToolMissing
from ...flow.process import Shell
from ...record.finding import RED, YELLOW, Finding
from ...record.source import DatabaseSource
from .census import VIEWS
from .client import (
    CLIENT_PACKAGE,
    SYSTEM_SCHEMAS,
    Version,
    explained,
    find_program,
    open_access,
    quote_name,
    read_version,
)
from .dump import find_tool
from .rights import find_missing_rights, may_lock, read_grants
from .scratch import SERVER_PACKAGE, SERVERS
from .session import Session, open_session


def probe_database(source: DatabaseSource, shell: Shell, table_wait_s: int) -> Iterator[Finding]:
    """Every finding; after one that makes the others unknowable, no more."""
    try:
        tool = find_tool(shell)
        refuse_system_schema(source)
        with ExitStack() as stack:
            access = stack.enter_context(open_access(source))
            stack.enter_context(explained(source, table_wait_s))
            session = stack.enter_context(open_session(access, shell, lock_wait_s=table_wait_s))
            server = read_server_version(session)
            grants = read_grants(session)
            require_rights(source, grants, server)
            yield from _compare_versions(source, tool.version, server)
            yield from _find_broken_views(source, session)
            yield from _ask_for_lock(source, grants, server)
    except BackupError as error:
        yield Finding(error.slug, RED, source.label, error.message, error.hint)
        return
    yield from _look_for_server(source, shell)


def read_server_version(session: Session) -> Version:
    """The version that the server gives for itself."""
    return read_version(session.send("SELECT VERSION()")[0][0])


def refuse_system_schema(source: DatabaseSource) -> None:
    """Raises SourceUnreadable for what belongs to the server and not to an application."""
    if source.name.lower() in SYSTEM_SCHEMAS:
        raise SourceUnreadable.refused(source.address, "it belongs to the server itself")


def require_rights(source: DatabaseSource, grants: Sequence[str], server: Version) -> None:
    """Raises SourceUnreadable where the account would not see all of the database, or of its accounts."""
    missing = find_missing_rights(grants, source.name, server, source.credentials)
    if missing:
        raise SourceUnreadable.too_few_rights(source.address, missing)


def _compare_versions(source: DatabaseSource, tool: Version, server: Version) -> Iterator[Finding]:
    if tool.is_mariadb == server.is_mariadb and tool.release >= server.release:
        return
    message = f"the dump program is of {tool.product} {tool.text}, the server of {server.product} {server.text}"
    hint = f"install the client programs of the server's release ({CLIENT_PACKAGE} or mysql-client)"
    yield Finding(ToolMissing.slug, RED, source.label, message, hint)


def _find_broken_views(source: DatabaseSource, session: Session) -> Iterator[Finding]:
    """A dump stops in the middle at a view whose tables are gone."""
    for _unused, name, *_others in session.query(VIEWS):
        errors = [row[3] for row in session.query(f"CHECK TABLE {quote_name(name)}") if row[2].lower() == "error"]
        if errors:
            message = f"{source.address}: view {name} cannot be dumped: {errors[0]}"
            yield Finding(SourceUnreadable.slug, RED, source.label, message, "repair the view or drop it")


def _ask_for_lock(source: DatabaseSource, grants: Sequence[str], server: Version) -> Iterator[Finding]:
    if not may_lock(grants, server):
        message = f"{source.address}: without the right RELOAD rows are counted in the dump's own stream"
        yield Finding(SourceUnreadable.slug, YELLOW, source.label, message, "grant RELOAD ON *.* to the backup's user")


def _look_for_server(source: DatabaseSource, shell: Shell) -> Iterator[Finding]:
    try:
        find_program(shell, SERVERS, SERVER_PACKAGE)
    except ToolMissing as error:
        message = f"{source.address}: backups cannot be restored for proof here: {error.message}"
        yield Finding(error.slug, YELLOW, source.label, message, error.hint)
