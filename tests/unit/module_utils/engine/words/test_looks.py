from __future__ import annotations

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.discovered import (
    Configuration,
    DatabaseReference,
    Discovered,
    FoundDatabase,
    SqliteFile,
    Unreadable,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.words.looks import draw_look, tell_reference
from ansible_collections.diskominfo.backup.tests.records import NOON


def test_a_person_sees_applications_databases_and_what_is_unknown() -> None:
    reference = DatabaseReference("mysql", "portal", host="db", port=3307, prefix="p_")
    found = Discovered(
        "web",
        NOON,
        configurations=(Configuration("/srv/a/.env", "laravel", "/srv/a", (reference,), ("/srv/a/storage/app",)),),
        databases=(
            FoundDatabase("mysql", "portal", "localhost", size_bytes=5),
            FoundDatabase("mysql", "mysql", "localhost", is_system=True),
        ),
        sqlite_files=(SqliteFile("/srv/a/x.db", "/srv/a", 4096),),
        unreadable=(Unreadable("nginx", "nginx -T", "no\x1b[31m"),),
    )
    assert list(draw_look(found)) == [
        "web: 0 sites, 0 containers, 0 services",
        "laravel      /srv/a  (/srv/a/.env)",
        "             uses mysql portal at db:3307, tables p_*",
        "             keeps /srv/a/storage/app",
        "mysql        portal at localhost, 5 bytes",
        "sqlite       /srv/a/x.db, 4096 bytes",
        'unknown      nginx "nginx -T": "no\\u001b[31m"',
    ]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (DatabaseReference("sqlite", path="/a.db"), "sqlite /a.db"),
        (DatabaseReference("postgresql", user="odoo"), "postgresql any database of odoo at localhost"),
        (DatabaseReference("postgresql", "a", socket="/run/postgresql"), "postgresql a at /run/postgresql"),
    ],
)
def test_a_reference_is_told_in_few_words(reference: DatabaseReference, expected: str) -> None:
    assert tell_reference(reference) == expected
