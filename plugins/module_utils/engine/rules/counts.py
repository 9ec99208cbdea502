"""What was in a source, in counts, and whether that changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from ..record.census import Census
from ..record.receipt import Part

DATED = ("postgresql",)
"""Engines whose dumps are never the same twice, because they tell when they were made."""

SEQUENCES = "sequence value"
"""The kind of objects of a census that tells what the sequences of a database stand at."""

_COUNTED = "counted "


def count_things(censuses: Iterable[Census | None]) -> dict[str, int]:
    """What was counted in all of the censuses: tables, rows, objects by kind, files, bytes …"""
    total: dict[str, int] = {}
    for census in filter(None, censuses):
        counted = {"tables": len(census.rows), "rows": sum(census.rows.values())} if census.rows else {}
        counted.update((kind, len(names)) for kind, names in census.objects.items())
        for kind, count in (*counted.items(), *census.counts.items()):
            total[kind] = total.get(kind, 0) + count
    return total


def name_databases(parts: Iterable[Part]) -> tuple[str, ...]:
    """A text for each stored database, equal in two runs when it did not change between them.

    It is the hash of what is stored; or, where a dump holds the time at which it was made, its size, what was counted
    in it and what its sequences stand at. These say little of the content: rows that are only altered leave them alone.
    """
    stored = (part for part in parts if part.kind == "database" and part.file)
    return tuple(_tell_content(part) if part.engine in DATED else part.file.sha256 for part in stored if part.file)


def is_counted(database: str) -> bool:
    """Is this text of `name_databases` one that tells of sizes and counts, and nothing of the content?"""
    return database.startswith(_COUNTED)


def digest_values(census: Census | None) -> str:
    """A digest of what the sequences stand at, equal for a census that was written down small (memory.py)."""
    values = census.objects.get(SEQUENCES) if census else None
    if values:
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
    return census.digest if census else ""


def _tell_content(part: Part) -> str:
    return f"{_COUNTED}{part.raw_bytes} {sorted(count_things([part.census]).items())} {digest_values(part.census)}"
