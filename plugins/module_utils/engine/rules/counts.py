"""What was in a source, in counts, and whether that changed."""

from __future__ import annotations

from collections.abc import Iterable

from ..record.census import Census
from ..record.receipt import Part

DATED = ("postgresql",)
"""Engines whose dumps are never the same twice, because they tell when they were made."""


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
    """A text for each stored database, equal in two runs when it did not change between them: the hash of what is
    stored, or, where a dump holds the time at which it was made, its size and what was counted in it."""
    stored = (part for part in parts if part.kind == "database" and part.file)
    return tuple(_tell_content(part) if part.engine in DATED else part.file.sha256 for part in stored if part.file)


def _tell_content(part: Part) -> str:
    return f"{part.raw_bytes} {sorted(count_things([part.census]).items())}"
