"""Whether an account sees the whole of a database: what is hidden from it is silently missing in its dump."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .client import Version
from .session import Session

NEEDED = ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT")
"""Without one of these a dump ends with status 0 and lacks views, triggers or events."""

ALL = "ALL PRIVILEGES"
GRANT = re.compile(r"GRANT (.+?) ON (\*|`(?:[^`]|``)*`)\.(\*|`(?:[^`]|``)*`) TO ")
ROUTINES_LIST = "mysql.proc"


def read_grants(session: Session) -> list[str]:
    """The lines of SHOW GRANTS for the account of the session."""
    return [row[0] for row in session.query("SHOW GRANTS")]


def find_missing_rights(grants: Sequence[str], database: str, version: Version, with_accounts: bool) -> list[str]:
    """What the account would have to be granted, in the words of GRANT; empty when it sees all."""
    held = collect_rights(grants, database)
    missing = [f"{right} ON the database" for right in NEEDED if not held & {right, ALL}]
    missing += _find_hidden_routines(grants, version)
    if with_accounts and not may_read_accounts(grants):
        missing.append("SELECT ON mysql.* (or set credentials: false)")
    return missing


def collect_rights(grants: Iterable[str], database: str) -> set[str]:
    """The privileges on everything or on a whole database, out of the lines of SHOW GRANTS."""
    held: set[str] = set()
    for line in grants:
        found = GRANT.match(line)
        if found and found[3] == "*" and (found[2] == "*" or match_pattern(_unquote(found[2]), database)):
            held.update(_split(found[1]))
    return held


def _find_hidden_routines(grants: Iterable[str], version: Version) -> Iterator[str]:
    """The body of a routine is only shown to whom it belongs, or who reads the list of all."""
    allowed = {ALL, "SELECT", "SHOW_ROUTINE", "SHOW CREATE ROUTINE"}
    places = {("*", "*"), ("mysql", "*"), ("mysql", "proc")}
    for line in grants:
        found = GRANT.match(line)
        if found and (_unquote(found[2]), _unquote(found[3])) in places and allowed & set(_split(found[1])):
            return
    yield f"SELECT ON {ROUTINES_LIST}" if version.is_mariadb else "SHOW_ROUTINE ON *.*"


def may_lock(grants: Iterable[str], version: Version) -> bool:
    """Whether every commit of the server can be paused, which an exact count needs for a few milliseconds."""
    held = collect_rights((line for line in grants if " ON *.*" in line), "")
    return bool(held & {ALL, "RELOAD"} or (not version.is_mariadb and "FLUSH_TABLES" in held))


def may_read_accounts(grants: Iterable[str]) -> bool:
    """Whether the accounts and what they were granted can be read."""
    return bool(collect_rights(grants, "mysql") & {ALL, "SELECT"})


def _split(privileges: str) -> list[str]:
    return [part.strip().upper() for part in re.sub(r"\([^)]*\)", "", privileges).split(",")]


def _unquote(name: str) -> str:
    return name if name == "*" else name[1:-1].replace("``", "`")


def match_pattern(pattern: str, name: str) -> bool:
    r"""Whether a grant means a database name; `%` and `_` are wildcards unless a backslash stands before."""
    parts = re.findall(r"\\.|%|_|[^\\%_]+|\\", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    expression = "".join(
        wild.get(part) or re.escape(part[1:] if len(part) == 2 and part[0] == "\\" else part) for part in parts
    )
    return re.fullmatch(expression, name, re.DOTALL) is not None
