"""Whether a backup of a database would begin well: asked of the server, changing nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...errors import BackupError, SourceUnreadable, ToolMissing
from ...flow.process import Shell
from ...record.finding import RED, YELLOW, Finding
from .census import read_major
from .client import Programs
from .pieces import ENABLED
from .session import Access, Session

COLLATION_KNOWN = 15
"""The first version that remembers by which collation a database was sorted."""

SHOWN = 5
"""How many things of one kind are named."""

_RELATIONS = f"FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE {ENABLED}"
_NAME = "to_json(format('%I.%I', n.nspname, c.relname))"

_IS_SUPERUSER = "(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
_MISSING_RIGHTS: Mapping[str, str] = {
    "schemas it may not use": f"""SELECT to_json(n.nspname) FROM pg_namespace AS n WHERE {ENABLED}
 AND NOT has_schema_privilege(n.oid, 'USAGE')""",
    "tables it may not read": f"""SELECT {_NAME} {_RELATIONS} AND c.relkind IN ('r', 'p')
 AND NOT has_table_privilege(c.oid, 'SELECT')""",
    "sequences it may not read": f"""SELECT {_NAME} {_RELATIONS}
 AND CASE c.relkind WHEN 'S' THEN NOT has_sequence_privilege(c.oid, 'SELECT') END""",
    "tables whose rows are hidden from it by row security": f"""SELECT {_NAME} {_RELATIONS}
 AND c.relkind IN ('r', 'p') AND row_security_active(c.oid)""",
    "large objects it may not read": f"""SELECT to_json(m.oid) FROM pg_largeobject_metadata AS m
 WHERE NOT {_IS_SUPERUSER} AND NOT pg_has_role(m.lomowner, 'USAGE') AND NOT EXISTS (
 SELECT FROM aclexplode(m.lomacl) AS a WHERE a.privilege_type = 'SELECT'
 AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))""",
    "subscriptions, which only a superuser may read": f"""SELECT to_json(s.subname) FROM pg_subscription AS s
 JOIN pg_database AS d ON d.oid = s.subdbid WHERE d.datname = current_database() AND NOT {_IS_SUPERUSER}""",
    "user mappings it may not read": f"""SELECT to_json(u.srvname || ' for ' || u.usename)
 FROM pg_user_mappings AS u WHERE u.umoptions IS NULL AND NOT {_IS_SUPERUSER}""",
}
"""What would be missing from a dump, silently or by its failure, and how to ask for it."""

_OTHER_COLLATION = """SELECT json_build_array(d.datcollversion, pg_database_collation_actual_version(d.oid))
 FROM pg_database AS d WHERE d.datname = current_database()
 AND d.datcollversion <> pg_database_collation_actual_version(d.oid)"""


def probe_database(access: Access, label: str, programs: Programs, shell: Shell) -> list[Finding]:
    """Every finding, under the source's label; none when a backup can begin and its check can follow."""
    with access.open_session(shell) as session:
        return list(_ask(session, access.subject, label, programs))


def tell(error: BackupError, severity: str, label: str) -> Finding:
    """An error as what a probe found."""
    return Finding(error.slug, severity, label, error.message, error.hint)


def _ask(session: Session, subject: str, label: str, programs: Programs) -> Iterator[Finding]:
    major = read_major(session)
    try:
        programs.for_server("pg_dump", major)
    except ToolMissing as error:
        yield tell(error, RED, label)
    missing = list(_find_missing_rights(session))
    if missing:
        yield tell(SourceUnreadable.too_few_rights(subject, missing), RED, label)
    if major >= COLLATION_KNOWN:
        yield from _ask_collation(session, subject, label)
    try:
        programs.of_server("postgres", major)
    except ToolMissing as error:
        yield tell(error, YELLOW, label)


def _find_missing_rights(session: Session) -> Iterator[str]:
    for what, question in _MISSING_RIGHTS.items():
        names = session.query(question)
        if names:
            yield f"{what}: {_shorten(names)}"


def _shorten(names: Sequence[object]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(str(name) for name in names[:SHOWN]) + more


def _ask_collation(session: Session, subject: str, label: str) -> Iterator[Finding]:
    """Indexes of text that were sorted by another version of the system's library may be out of order."""
    for version, actual in session.query(_OTHER_COLLATION):
        message = f"{subject} was sorted by version {version} of its collation, the system now has {actual}"
        hint = "REINDEX DATABASE, then ALTER DATABASE ... REFRESH COLLATION VERSION"
        yield Finding("collation_changed", YELLOW, label, message, hint)
