"""Which clusters this server has, and which databases they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import BackupError
from ...flow.process import Shell
from ...record.source import DatabaseSource
from .client import open_address
from .session import Access

SOCKET_FOLDERS = (Path("/run/postgresql"),)
SOCKET_NAME = re.compile(r"\.s\.PGSQL\.(\d+)")
SERVICE_DATABASES = ("postgres", "template1")
"""Where the list is asked for; somebody may have dropped the first."""

_LIST = """SELECT json_build_array(d.datname, r.rolname, CASE WHEN has_database_privilege(d.oid, 'CONNECT')
 THEN pg_database_size(d.oid) ELSE 0 END, d.datallowconn, d.datistemplate)
 FROM pg_database AS d JOIN pg_roles AS r ON r.oid = d.datdba ORDER BY d.datname"""


@dataclass(frozen=True)
class ListedDatabase:
    """One database of an instance. `source` is how the register would name it; templates are the server's own."""

    source: DatabaseSource
    owner: str
    size_bytes: int
    allows_connections: bool
    is_template: bool


def find_instances(folders: Sequence[Path] = SOCKET_FOLDERS) -> list[DatabaseSource]:
    """The clusters that listen on this server, by their sockets; each as a source without a name."""
    found = []
    for folder in folders:
        for path in sorted(folder.glob(".s.PGSQL.*")):
            port = SOCKET_NAME.fullmatch(path.name)
            if port and path.is_socket():
                found.append(DatabaseSource("postgresql", socket=str(folder), port=int(port.group(1))))
    return found


def list_databases(instance: DatabaseSource, psql: str, shell: Shell) -> list[ListedDatabase]:
    """Every database of one instance, also those that allow no connections. Raises what keeps us from asking."""
    *others, last = SERVICE_DATABASES
    for database in others:
        try:
            return _list(replace(instance, name=database), psql, shell)
        except BackupError:
            shell.require_time()
    return _list(replace(instance, name=last), psql, shell)


def _list(source: DatabaseSource, psql: str, shell: Shell) -> list[ListedDatabase]:
    with ExitStack() as stack:
        address = stack.enter_context(open_address(source, "diskominfo-backup"))
        rows = stack.enter_context(Access(address, psql, source.instance).open_session(shell)).query(_LIST)
    return [ListedDatabase(replace(source, name=name), *rest) for name, *rest in rows]
