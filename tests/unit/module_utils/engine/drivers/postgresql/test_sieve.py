from __future__ import annotations

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.contents import (
    Contents,
    Entry,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.sieve import (
    choose_kept,
    choose_skipped,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ToolMissing


def make(number: int, kind: str, tag: str = "x", definition: str = "", needs: tuple[int, ...] = ()) -> Entry:
    return Entry(number, kind, "public", tag, "app", definition, False, needs)


def sift(*entries: Entry) -> tuple[list[int], list[int]]:
    """(ids that are skipped, ids that are kept)."""
    contents = Contents("15", "15", entries)
    skipped = choose_skipped(contents)
    return [entry.id for entry in skipped], [entry.id for entry in choose_kept(contents, skipped)]


def test_what_an_ordinary_role_may_make_is_kept() -> None:
    plpgsql = "CREATE FUNCTION f() RETURNS int\n    LANGUAGE plpgsql\n    AS $$ LANGUAGE c $$;"
    entries = make(1, "TABLE"), make(2, "FUNCTION", definition=plpgsql), make(3, "TYPE", definition="AS ENUM ()")
    assert sift(*entries) == ([], [1, 2, 3])


@pytest.mark.parametrize(
    ("kind", "definition"),
    [
        ("EVENT TRIGGER", ""),
        ("FUNCTION", "CREATE FUNCTION f()\n    LANGUAGE c\n"),
        ("PROCEDURE", "CREATE PROCEDURE f()\n    LANGUAGE plpython3u\n"),
        ("FUNCTION", "CREATE FUNCTION f()\n    LANGUAGE sql LEAKPROOF\n"),
        ("TYPE", "CREATE TYPE t (\n    INTERNALLENGTH = 4,\n    INPUT = x"),
        ("ACL", "SET SESSION AUTHORIZATION x;\nGRANT SELECT ON t TO y;"),
    ],
)
def test_what_only_a_superuser_may_make_is_left_out_with_all_that_stands_upon_it(kind: str, definition: str) -> None:
    first = make(1, kind, definition=definition, needs=(9,))
    assert sift(first, make(2, "VIEW", needs=(1,)), make(3, "ACL", needs=(2,)), make(9, "VIEW")) == ([1, 2, 3], [9])


def test_an_extension_is_left_out_and_what_stands_upon_it_is_kept() -> None:
    entries = make(1, "EXTENSION"), make(2, "COMMENT", "EXTENSION hstore", needs=(1,)), make(3, "TABLE", needs=(1,))
    assert sift(*entries) == ([], [3])


def test_rights_to_what_an_extension_brought_are_left_out_and_those_to_a_schema_kept() -> None:
    entries = make(1, "ACL", "FUNCTION f()", needs=(77,)), make(2, "ACL", "SCHEMA public", needs=(78,))
    assert sift(*entries, make(3, "DEFAULT ACL", "DEFAULT PRIVILEGES"), make(4, "ACL", "DATABASE app")) == (
        [1],
        [2, 3, 4],
    )


@pytest.mark.parametrize("kind", ["TABLE", "SEQUENCE", "TABLE DATA"])
def test_a_table_upon_what_only_a_superuser_may_make_cannot_be_proved(kind: str) -> None:
    with pytest.raises(ToolMissing, match=f"{kind.lower()} public.x cannot be restored"):
        sift(make(1, "FUNCTION", definition="\n    LANGUAGE internal"), make(2, kind, needs=(1,)))
