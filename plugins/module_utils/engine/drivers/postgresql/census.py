"""Counts one database in one session: rows of every table, and a digest of everything that is defined in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...record.census import SNAPSHOT, Census
from .contents import Contents, Entry
from .definitions import write_questions
from .pieces import BOOTSTRAP, ENABLED
from .session import Session

NAMES_LIMIT = 2000
"""A kind with more names is told as their number and one digest of all, so that a receipt stays readable."""

LOCKS_AT_ONCE = 500
ALWAYS_NAMED = frozenset({"database", "extension", "role", "schema", "setting"})
"""Kinds that a throwaway server is made from."""

MAJOR = "server major version"
LARGE_OBJECT_BYTES = "bytes of large objects"
VALUE = "sequence value"
FIRST = "bootstrap"
FIRST_USUALLY = "postgres"

_LISTED_TABLES = f"""SELECT json_build_array(n.nspname || '.' || c.relname, format('%I.%I', n.nspname, c.relname),
 w.condition) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 LEFT JOIN pg_depend AS x ON x.deptype = 'e' AND x.classid = 'pg_class'::regclass AND x.objid = c.oid
 LEFT JOIN (SELECT k.relation, k.condition FROM pg_extension AS e,
 unnest(e.extconfig, e.extcondition) AS k(relation, condition)) AS w ON w.relation = c.oid
 WHERE c.relkind = 'r' AND {ENABLED} AND (x.objid IS NULL OR w.relation IS NOT NULL)"""

_ALL_TABLES = f"""SELECT to_json(format('%I.%I', n.nspname, c.relname)) FROM pg_class AS c
 JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND {ENABLED}"""

_LISTED_SEQUENCES = f"""SELECT json_build_array(n.nspname || '.' || c.relname, format('%I.%I', n.nspname, c.relname))
 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 LEFT JOIN pg_depend AS x ON x.deptype = 'e' AND x.classid = 'pg_class'::regclass AND x.objid = c.oid
 WHERE c.relkind = 'S' AND {ENABLED} AND x.objid IS NULL"""

_IN_CONTENTS = {
    "materialized view": "MATERIALIZED VIEW",
    "sequence": "SEQUENCE SET",
    "table": "TABLE",
    "trigger": "TRIGGER",
    "view": "VIEW",
}
"""Kinds of a census that are entries of an archive, by the same name."""

_SET_VALUE = re.compile(r", (-?\d+), (true|false)\);\s*$")


def read_bootstrap(session: Session) -> str:
    """The name of the superuser that initdb made: a dump speaks of it by name."""
    return str(session.query(f"SELECT to_json(rolname) FROM pg_roles WHERE oid = {BOOTSTRAP}")[0])


def find_bootstrap(census: Census) -> str:
    """The name of the first superuser of the server that was counted."""
    return next((role for role, value in census.objects.get("role", {}).items() if value == FIRST), FIRST_USUALLY)


def take_census(session: Session, bootstrap: str) -> Census:
    """Everything that the session sees but for the values of sequences, which stand outside of every snapshot.

    Its first superuser is called `bootstrap`.
    """
    objects: dict[str, dict[str, str]] = {}
    for question in write_questions(bootstrap):
        for kind, name, digest in session.query(question):
            objects.setdefault(kind, {})[name] = digest
    counts = {MAJOR: read_major(session), **_count_bytes(session)}
    rows = _count_rows(session)
    return Census(rows, {kind: _condense(kind, names) for kind, names in objects.items()}, counts, "", SNAPSHOT)


def add_values(census: Census, values: Mapping[str, str]) -> Census:
    """The census with the values of its sequences."""
    return replace(census, objects={**census.objects, VALUE: _condense(VALUE, values)}) if values else census


def read_major(session: Session) -> int:
    """15 for PostgreSQL 15.18."""
    return int(session.query("SELECT current_setting('server_version_num')")[0]) // 10000


def _count_rows(session: Session) -> dict[str, int]:
    """Own rows of every table that holds some; of an extension's tables, those that a dump takes along."""
    rows = {}
    for name, table, condition in session.query(_LISTED_TABLES):
        rows[name] = int(session.query(f"SELECT count(*) FROM ONLY {table} {condition or ''}")[0])
    return rows


def read_values(session: Session) -> dict[str, str]:
    """What the sequences of a database that rests stand at."""
    values = {}
    for name, sequence in session.query(_LISTED_SEQUENCES):
        last, is_called = session.query(f"SELECT json_build_array(last_value, is_called) FROM {sequence}")[0]
        values[name] = _tell_value(str(last), bool(is_called))
    return values


def _tell_value(last: str, is_called: bool) -> str:
    return f"after {last}" if is_called else f"before {last}"


def read_dumped_values(contents: Contents) -> dict[str, str]:
    """What the archive will set the sequences to; raises ValueError for an entry that sets nothing."""
    return {entry.name: _read_value(entry) for entry in contents.entries if entry.kind == "SEQUENCE SET"}


def _read_value(entry: Entry) -> str:
    found = _SET_VALUE.search(entry.definition)
    if found is None:
        raise ValueError(f"sequence {entry.name} has no value")
    return _tell_value(found.group(1), found.group(2) == "true")


def _count_bytes(session: Session) -> dict[str, int]:
    """Only a superuser may read the pages of all large objects at once."""
    if not session.query("SELECT to_json(rolsuper) FROM pg_roles WHERE rolname = current_user")[0]:
        return {}
    return {LARGE_OBJECT_BYTES: int(session.query("SELECT coalesce(sum(length(data)), 0) FROM pg_largeobject")[0])}


def _condense(kind: str, names: Mapping[str, str]) -> dict[str, str]:
    if kind in ALWAYS_NAMED or len(names) <= NAMES_LIMIT:
        return dict(names)
    text = "\0".join(f"{name}\0{names[name]}" for name in sorted(names))
    return {f"all {len(names)}": hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]}


def find_missing(contents: Contents, census: Census) -> list[str]:
    """What was counted and is not in the table of contents of its dump."""
    missing = [f"rows of {name}" for name in census.rows if name not in contents.names.get("TABLE DATA", ())]
    for kind, entry_kind in _IN_CONTENTS.items():
        missing += _miss(contents, census.objects.get(kind, {}), kind, entry_kind)
    return missing


def _miss(contents: Contents, names: Mapping[str, str], kind: str, entry_kind: str) -> Sequence[str]:
    if len(names) == 1 and next(iter(names)).startswith("all "):
        return ()
    return [f"{kind} {name}" for name in names if name not in contents.names.get(entry_kind, ())]


def freeze_view(session: Session) -> str:
    """Begins to see one moment, with every table of it locked against being dropped or altered; its number for others.

    Locks come before the moment is chosen, and once more after it for what was made in between.
    """
    tables = session.query(_ALL_TABLES)
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    _lock(session, tables)
    snapshot = str(session.query("SELECT to_json(pg_export_snapshot())")[0])
    locked = set(tables)
    _lock(session, [table for table in session.query(_ALL_TABLES) if table not in locked])
    return snapshot


def _lock(session: Session, tables: Sequence[str]) -> None:
    """The lock that a dump takes."""
    for first in range(0, len(tables), LOCKS_AT_ONCE):
        names = ", ".join(f"ONLY {name}" for name in tables[first : first + LOCKS_AT_ONCE])
        session.execute(f"LOCK TABLE {names} IN ACCESS SHARE MODE")


def estimate_bytes(session: Session) -> int:
    """A guess of the size of a dump: what the database takes on disk."""
    return int(session.query("SELECT pg_database_size(current_database())")[0])
