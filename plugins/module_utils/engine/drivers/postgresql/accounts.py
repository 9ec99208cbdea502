"""The accounts of one database as SQL: its roles with password verifiers, settings and memberships."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from ...flow.files import open_new
from .client import quote_literal
from .session import Session

SUFFIX = "globals.sql"
WITHOUT_VERIFIERS = "password verifiers are left out: only a superuser may read them"
LEFT_OUT = "accounts are left out, as the register wishes"

ROLE = r'("(?:[^"]|"")*"|[a-z_][a-z0-9_$]*)'
MAKING = re.compile(rf"^(?:CREATE|ALTER) ROLE {ROLE}[ ;]")
JOINING = re.compile(rf"^GRANT {ROLE} TO (?P<member>{ROLE})[ ;]")

_HEAD = """-- Roles that own something in this database or were granted something, and their members.
-- For a new server, before the dump: psql -X -v ON_ERROR_STOP=1 -d postgres -f FILE
"""

_ATTRIBUTES = """concat_ws(' ', CASE WHEN r.rolsuper THEN 'SUPERUSER' ELSE 'NOSUPERUSER' END,
 CASE WHEN r.rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END,
 CASE WHEN r.rolcreaterole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END,
 CASE WHEN r.rolcreatedb THEN 'CREATEDB' ELSE 'NOCREATEDB' END,
 CASE WHEN r.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,
 CASE WHEN r.rolreplication THEN 'REPLICATION' ELSE 'NOREPLICATION' END,
 CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END, 'CONNECTION LIMIT ' || r.rolconnlimit,
 {verifier}, 'VALID UNTIL ' || quote_literal(r.rolvaliduntil))"""


def write_accounts(session: Session, roles: Sequence[str], place: Path) -> tuple[Path, tuple[str, ...]]:
    """(file of mode 0600, notes) for the `roles` of a census and all who are their members."""
    is_superuser = bool(session.query("SELECT to_json(rolsuper) FROM pg_roles WHERE rolname = current_user")[0])
    catalogue = "pg_authid" if is_superuser else "pg_roles"
    verifier = "'PASSWORD ' || quote_literal(r.rolpassword)" if is_superuser else "NULL"
    known = _choose(roles)
    lines = [
        *session.query(
            f"{known} SELECT to_json(format(E'CREATE ROLE %I;\\nALTER ROLE %I WITH %s;', r.rolname, r.rolname,"
            f" {_ATTRIBUTES.format(verifier=verifier)}))"
            f" FROM {catalogue} AS r JOIN chosen AS c ON c.oid = r.oid ORDER BY r.rolname"
        ),
        *session.query(
            f"{known} SELECT to_json(format('GRANT %I TO %I%s;', g.rolname, m.rolname,"
            " CASE WHEN a.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END)) FROM pg_auth_members AS a"
            " JOIN pg_roles AS g ON g.oid = a.roleid JOIN pg_roles AS m ON m.oid = a.member"
            " JOIN chosen AS c ON c.oid = m.oid WHERE g.oid IN (SELECT oid FROM chosen) OR g.rolname ~ '^pg_'"
            " GROUP BY g.rolname, m.rolname, a.admin_option ORDER BY g.rolname, m.rolname"
        ),
        *session.query(
            f"{known} SELECT to_json(format('ALTER ROLE %I SET %I TO %s;', r.rolname, split_part(v, '=', 1),"
            f" {_VALUE})) FROM pg_db_role_setting AS s JOIN chosen AS c ON c.oid = s.setrole"
            " JOIN pg_roles AS r ON r.oid = c.oid, unnest(s.setconfig) AS v WHERE s.setdatabase = 0"
            " ORDER BY r.rolname, v"
        ),
    ]
    path = place / SUFFIX
    with open_new(path) as stream:
        stream.write("\n".join([_HEAD, *lines, ""]).encode("utf-8", "surrogateescape"))
    os.chmod(path, 0o600)
    return path, () if is_superuser else (WITHOUT_VERIFIERS,)


_VALUE = """CASE WHEN lower(split_part(v, '=', 1)) IN ('search_path', 'datestyle', 'temp_tablespaces',
 'local_preload_libraries', 'session_preload_libraries') THEN substr(v, strpos(v, '=') + 1)
 ELSE quote_literal(substr(v, strpos(v, '=') + 1)) END"""


def _choose(roles: Sequence[str]) -> str:
    """The named roles and, from there downwards, every member; never the first superuser or the server's own."""
    names = ", ".join(quote_literal(role) for role in roles) or "NULL"
    return f"""WITH RECURSIVE found(oid) AS (
 SELECT r.oid FROM pg_roles AS r WHERE r.rolname IN ({names}) AND r.oid >= 16384
 UNION SELECT a.member FROM pg_auth_members AS a JOIN found AS f ON a.roleid = f.oid WHERE a.member >= 16384),
 chosen AS (SELECT DISTINCT oid FROM found)"""


def find_role(line: str) -> str:
    """Whom a statement makes, changes or makes a member; empty for any other line."""
    making, joining = MAKING.match(line), JOINING.match(line)
    quoted = making[1] if making else joining["member"] if joining else ""
    return quoted.strip('"').replace('""', '"')
