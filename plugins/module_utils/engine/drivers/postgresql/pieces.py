"""Pieces of SQL that the questions of a census are put together from."""

from __future__ import annotations

from .client import quote_literal

_NAME = r'("[^"]+"|[a-z_][a-z0-9_$]*)'
_CAST = rf"::({_NAME}\.)?{_NAME}( varying| precision)?(\([0-9,]+\))?( with(out)? time zone)?(\[\])*"

ENABLED = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
"""Schemas that are not the server's own."""

BOOTSTRAP = 10
"""The number of the superuser that initdb made."""


def shorten(expression: str) -> str:
    """A digest of a text that needs no leave of the cryptographic policy for md5."""
    return f"left(encode(sha256(convert_to({expression}, getdatabaseencoding())), 'hex'), 12)"


def make_plain(expression: str) -> str:
    """An expression or a definition without what changes when it is read back."""
    without = f"regexp_replace({expression}, {quote_literal(_CAST)}, '', 'g')"
    return f"regexp_replace({without}, '[[:space:]()]', '', 'g')"


def digest(*parts: str) -> str:
    """A digest of several values, of which each may be missing."""
    return shorten(f"concat_ws('|', {', '.join(f'coalesce(({part})::text, chr(1))' for part in parts)})")


def name_role(role: str) -> str:
    """The name of a role by its number."""
    return f"(SELECT p.name FROM people AS p WHERE p.oid = {role})"


def is_own(catalogue: str, number: str) -> str:
    """Only what no extension has brought along."""
    return (
        "NOT EXISTS (SELECT FROM pg_depend AS x WHERE x.deptype = 'e'"
        f" AND x.classid = 'pg_catalog.{catalogue}'::regclass AND x.objid = {number})"
    )


def ask_access(what: str, acl: str, letter: str, owner: str, rest: str) -> str:
    """Rights that differ from what an owner grants by making the thing."""

    def tell(rights: str) -> str:
        who = "coalesce((SELECT p.name FROM people AS p WHERE p.oid = a.{0}), 'public')"
        one = f"concat_ws(' ', {who.format('grantee')}, a.privilege_type, a.is_grantable, {who.format('grantor')})"
        return f"(SELECT string_agg({one}, ',' ORDER BY {one} COLLATE \"C\") FROM aclexplode({rights}) AS a)"

    usual = f"acldefault('{letter}', {owner})"
    return (
        f"SELECT 'access', {what}, {digest(tell(acl))} {rest}"
        f" AND {acl} IS NOT NULL AND {tell(acl)} IS DISTINCT FROM {tell(usual)}"
    )
