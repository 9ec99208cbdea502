"""Which servers of MariaDB and MySQL this machine has, and which databases they hold."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ...flow.process import Shell
from ...record.discovered import FoundDatabase
from ...record.source import DatabaseSource
from .client import SYSTEM_SCHEMAS, Access, ServerError, explained, open_access
from .session import Row, open_session

SOCKET_PATTERNS = ("/run/mysqld/*.sock", "/var/lib/mysql*/*.sock", "/run/mysql/*.sock")
"""Where the packages of Debian, Red Hat and SUSE keep their sockets. A folder that all may write to is none of them."""

LOCK_WAIT_S = 5

_SCHEMAS = """SELECT s.SCHEMA_NAME, COUNT(t.TABLE_NAME), COALESCE(SUM(t.DATA_LENGTH + t.INDEX_LENGTH), 0),
 COALESCE(DATE_FORMAT(MAX(t.UPDATE_TIME), '%Y-%m-%dT%H:%i:%sZ'), '') FROM information_schema.SCHEMATA AS s
 LEFT JOIN information_schema.TABLES AS t ON t.TABLE_SCHEMA = s.SCHEMA_NAME GROUP BY s.SCHEMA_NAME"""
_CLIENTS = """SELECT DISTINCT DB, SUBSTRING_INDEX(HOST, ':', 1) FROM information_schema.PROCESSLIST
 WHERE DB IS NOT NULL AND ID <> CONNECTION_ID()"""
_USERS = "SELECT DISTINCT Db, User FROM mysql.db"
_WRITES = """SELECT OBJECT_SCHEMA, SUM(COUNT_WRITE), DATE_FORMAT(NOW() - INTERVAL (SELECT VARIABLE_VALUE
 FROM performance_schema.global_status WHERE VARIABLE_NAME = 'UPTIME') SECOND, '%Y-%m-%dT%H:%i:%sZ')
 FROM performance_schema.table_io_waits_summary_by_table GROUP BY OBJECT_SCHEMA"""
"""Counted since the server began, where its performance schema is on."""


def find_instances(patterns: Sequence[str] = SOCKET_PATTERNS) -> list[DatabaseSource]:
    """The servers that listen on this machine, by their sockets; each as a source without a name."""
    found = sorted({path for pattern in patterns for path in glob.glob(pattern) if Path(path).is_socket()})
    return [DatabaseSource("mysql", socket=path) for path in found if not path.endswith("x.sock")]


def look_at_instance(instance: DatabaseSource, shell: Shell) -> list[FoundDatabase]:
    """Every database of one instance, its own schemas too. Raises what keeps us from asking.

    What the account may not know stays empty: the counters of writes, and who may use a database.
    """
    with open_access(replace(instance, name="")) as access, explained(instance, LOCK_WAIT_S):
        with open_session(access, shell, lock_wait_s=LOCK_WAIT_S) as session:
            port = int(session.query("SELECT @@global.port")[0][0])
            schemas, clients = session.query(_SCHEMAS), session.query(_CLIENTS)
        users = [(unescape_pattern(row[0]), row[1]) for row in _ask(access, shell, _USERS)]
        writes = {row[0]: row for row in _ask(access, shell, _WRITES)}
    address = instance.instance if instance.host else replace(instance, socket="", port=port).instance
    return [
        FoundDatabase(
            engine="mysql",
            name=name,
            instance=address,
            socket=instance.socket,
            host=instance.host,
            port=instance.port or port,
            size_bytes=int(size),
            tables=int(tables),
            written=written,
            clients=tuple(sorted({row[1] for row in clients if row[0] == name})),
            users=tuple(sorted({user for database, user in users if database == name})),
            writes=int(writes[name][1]) if name in writes else 0,
            writes_since=writes[name][2] if name in writes else "",
            is_system=name in SYSTEM_SCHEMAS,
        )
        for name, tables, size, written in schemas
    ]


def unescape_pattern(pattern: str) -> str:
    """A name out of a grant's pattern, in which a backslash makes `_` and `%` mean themselves."""
    return re.sub(r"\\([_%])", r"\1", pattern)


def _ask(access: Access, shell: Shell, statement: str) -> list[Row]:
    """The rows of a statement, none where it is refused: a refusal ends the session it was asked in."""
    with suppress(ServerError), open_session(access, shell, lock_wait_s=LOCK_WAIT_S) as session:
        return session.query(statement)
    return []
