"""The accounts that may use a database, as statements that make them again: names, password verifiers, grants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...flow.files import open_new
from .client import Version, quote_name
from .session import Session

Account = tuple[str, str]
"""Name and host; a role has no host."""

ASIDE = "accounts.sql"
GRANTEES = (
    "SELECT User, Host FROM mysql.db WHERE DATABASE() LIKE Db "
    "UNION SELECT User, Host FROM mysql.tables_priv WHERE Db = DATABASE() "
    "UNION SELECT User, Host FROM mysql.columns_priv WHERE Db = DATABASE() "
    "UNION SELECT User, Host FROM mysql.procs_priv WHERE Db = DATABASE()"
)
ROLES = "SELECT User, Host, Role FROM mysql.roles_mapping"
EVERYTHING = "GRANT ALL PRIVILEGES ON *.* "
"""Who may do that administers the server; a role's maker is its member, and no account of an application."""

HEADER = "-- The accounts of a database, to be read by the server's administrator before the dump.\n"


def write_accounts(session: Session, version: Version, folder: Path) -> Path:
    """A file (0600) in `folder` with the accounts that were granted something on the session's database."""
    path = folder / ASIDE
    with open_new(path) as stream:
        stream.write(HEADER.encode("ascii"))
        for statement in list_statements(session, version):
            stream.write(statement.encode("utf-8", "surrogateescape") + b";\n")
    return path


def list_statements(session: Session, version: Version) -> Iterator[str]:
    """First every account, then what each was granted: a grant may name another account."""
    granted = {}
    for account in find_accounts(session, version):
        lines = [row[0] for row in session.query(f"SHOW GRANTS FOR {_quote_account(account, version)}")]
        if not any(line.startswith(EVERYTHING) for line in lines):
            granted[account] = lines
    for account in granted:
        yield _tell_account(session, account, version)
    for lines in granted.values():
        yield from lines


def find_accounts(session: Session, version: Version) -> list[Account]:
    """Accounts with a right on the database itself, by a role or by their own name; not those with rights on all."""
    found = {(row[0], row[1]) for row in session.query(GRANTEES)}
    if version.is_mariadb:
        mapping = [((row[0], row[1]), (row[2], "")) for row in session.query(ROLES)]
        _follow(found, mapping)
    return sorted(found)


def _follow(found: set[Account], mapping: list[tuple[Account, Account]]) -> None:
    """Adds the members of roles that were found, then the roles of all members."""
    while added := {member for member, role in mapping if role in found} - found:
        found |= added
    while added := {role for member, role in mapping if member in found} - found:
        found |= added


def _tell_account(session: Session, account: Account, version: Version) -> str:
    quoted = _quote_account(account, version)
    if not account[1] and version.is_mariadb:
        return f"CREATE ROLE IF NOT EXISTS {quoted}"
    statement = session.query(f"SHOW CREATE USER {quoted}")[0][0]
    return statement.replace("CREATE USER ", "CREATE USER IF NOT EXISTS ", 1)


def _quote_account(account: Account, version: Version) -> str:
    name, host = account
    return quote_name(name) if not host and version.is_mariadb else f"{quote_name(name)}@{quote_name(host)}"
