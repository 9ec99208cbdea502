"""Which clusters this server has, and which databases they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import BackupError
from ...flow.process import Shell
from ...record.discovered import FoundDatabase
from ...record.source import DEFAULT_PORTS, DatabaseSource
from .client import open_address
from .session import Access

SOCKET_FOLDERS = (Path("/run/postgresql"),)
SOCKET_NAME = re.compile(r"\.s\.PGSQL\.(\d+)")
SERVICE_DATABASES = ("postgres", "template1")
"""Where the list is asked for; somebody may have dropped the first."""

_LOOK = """SELECT json_build_array(d.datname, r.rolname, CASE WHEN has_database_privilege(d.oid, 'CONNECT')
 THEN pg_database_size(d.oid) ELSE 0 END, d.datistemplate OR d.datname = 'postgres',
 COALESCE(s.tup_inserted + s.tup_updated + s.tup_deleted, 0),
 COALESCE(to_char(COALESCE(s.stats_reset, pg_postmaster_start_time()) AT TIME ZONE 'UTC',
 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), ''),
 ARRAY(SELECT DISTINCT COALESCE(host(a.client_addr), 'localhost') FROM pg_stat_activity AS a
 WHERE a.datid = d.oid AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend' ORDER BY 1),
 ARRAY(SELECT DISTINCT u.rolname FROM aclexplode(d.datacl) AS g JOIN pg_roles AS u ON u.oid = g.grantee ORDER BY 1))
 FROM pg_database AS d JOIN pg_roles AS r ON r.oid = d.datdba
 LEFT JOIN pg_stat_database AS s ON s.datid = d.oid ORDER BY d.datname"""


def find_instances(folders: Sequence[Path] = SOCKET_FOLDERS) -> list[DatabaseSource]:
    """The clusters that listen on this server, by their sockets; each as a source without a name."""
    found = []
    for folder in folders:
        for path in sorted(folder.glob(".s.PGSQL.*")):
            port = SOCKET_NAME.fullmatch(path.name)
            if port and path.is_socket():
                found.append(DatabaseSource("postgresql", socket=str(folder), port=int(port.group(1))))
    return found


def look_at_instance(instance: DatabaseSource, psql: str, shell: Shell) -> list[FoundDatabase]:
    """Every database of one instance, templates too, with its activity. Raises what keeps us from asking."""
    port = instance.port or DEFAULT_PORTS["postgresql"]
    address = instance.instance if instance.host else replace(instance, socket="", port=port).instance
    return [
        FoundDatabase(
            engine="postgresql",
            name=name,
            instance=address,
            socket=instance.socket,
            host=instance.host,
            port=port,
            owner=owner,
            size_bytes=size_bytes,
            writes=writes,
            writes_since=since,
            clients=tuple(clients),
            users=tuple(sorted({owner, *users})),
            is_system=is_system,
        )
        for name, owner, size_bytes, is_system, writes, since, clients, users in _ask(instance, psql, shell, _LOOK)
    ]


def _ask(instance: DatabaseSource, psql: str, shell: Shell, statement: str) -> list[Any]:
    *others, last = SERVICE_DATABASES
    for database in others:
        try:
            return _ask_in(replace(instance, name=database), psql, shell, statement)
        except BackupError:
            shell.require_time()
    return _ask_in(replace(instance, name=last), psql, shell, statement)


def _ask_in(source: DatabaseSource, psql: str, shell: Shell, statement: str) -> list[Any]:
    with ExitStack() as stack:
        address = stack.enter_context(open_address(source, "diskominfo-backup"))
        return stack.enter_context(Access(address, psql, source.instance).open_session(shell)).query(statement)
