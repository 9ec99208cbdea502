"""Which entries of an archive a restore without superuser's rights can bring back, and which it must leave out."""

from __future__ import annotations

import re

from ...errors import ToolMissing
from .contents import Contents, Entry

SUPERUSER_ONLY = frozenset(
    {
        "ACCESS METHOD",
        "CAST",
        "EVENT TRIGGER",
        "EXTENSION",
        "FOREIGN DATA WRAPPER",
        "OPERATOR CLASS",
        "OPERATOR FAMILY",
        "PROCEDURAL LANGUAGE",
        "PUBLICATION",
        "PUBLICATION TABLE",
        "PUBLICATION TABLES IN SCHEMA",
        "SECURITY LABEL",
        "SERVER",
        "SUBSCRIPTION",
        "TEXT SEARCH PARSER",
        "TEXT SEARCH TEMPLATE",
        "TRANSFORM",
        "USER MAPPING",
    }
)
"""Kinds that only a superuser may make, or that reach out of the database."""

ROUTINES = frozenset({"AGGREGATE", "FUNCTION", "PROCEDURE"})
HOLDERS = frozenset({"SEQUENCE", "TABLE", "TABLE DATA"})
"""Without these nothing could be compared."""

SAFE_LANGUAGES = frozenset({"sql", "plpgsql", "plperl", "pltcl"})
ALLOWED_EXTENSIONS = frozenset(
    {
        "address_standardizer", "amcheck", "autoinc", "bloom", "earthdistance", "insert_username", "moddatetime",
        "pg_buffercache", "pg_stat_statements", "pgrouting", "pgrowlocks", "pgstattuple", "postgis",
        "postgis_raster", "postgis_tiger_geocoder", "postgis_topology", "postgres_fdw", "refint", "unaccent", "vector",
        "xml2",
    }
)  # fmt: skip
"""Besides those that PostgreSQL itself calls trusted: they give an ordinary role no way to files or processes."""


def choose_skipped(contents: Contents) -> tuple[Entry, ...]:
    """The entries that are compared from the table of contents only, with all that stands upon them.

    Raises ToolMissing where a table stands upon one: then only a superuser could restore it.
    """
    known = {entry.id for entry in contents.entries}
    skipped: dict[int, Entry] = {}
    for entry in contents.entries:
        if entry.kind == "EXTENSION" or _is_about_extension(entry):
            continue
        if _needs_superuser(entry, known):
            skipped[entry.id] = entry
    grows = True
    while grows:
        more = {e.id: e for e in contents.entries if e.id not in skipped and any(need in skipped for need in e.needs)}
        skipped.update(more)
        grows = bool(more)
    for entry in skipped.values():
        if entry.kind in HOLDERS:
            raise ToolMissing(
                f"{entry.kind.lower()} {entry.name} cannot be restored without superuser's rights",
                "restore it by hand on a server of its own to prove it",
            )
    return tuple(entry for entry in contents.entries if entry.id in skipped)


def choose_kept(contents: Contents, skipped: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """What pg_restore is told to bring back."""
    left_out = {entry.id for entry in skipped}
    return tuple(
        entry
        for entry in contents.entries
        if entry.id not in left_out and entry.kind != "EXTENSION" and not _is_about_extension(entry)
    )


def _is_about_extension(entry: Entry) -> bool:
    return entry.kind == "COMMENT" and entry.tag.startswith("EXTENSION ")


def _needs_superuser(entry: Entry, known: set[int]) -> bool:
    if entry.kind in SUPERUSER_ONLY:
        return True
    if entry.kind in ROUTINES:
        return _is_privileged_routine(entry)
    if entry.kind == "TYPE":
        return "INPUT = " in entry.definition
    if entry.kind in ("ACL", "DEFAULT ACL"):
        return "SET SESSION AUTHORIZATION" in entry.definition or _is_foreign_access(entry, known)
    return False


def _is_privileged_routine(entry: Entry) -> bool:
    language = re.search(r"\n    LANGUAGE (\S+)", entry.definition)
    return " LEAKPROOF" in entry.definition or bool(language and language.group(1).strip('"') not in SAFE_LANGUAGES)


def _is_foreign_access(entry: Entry, known: set[int]) -> bool:
    """Rights to what the server or an extension brought along."""
    if entry.tag == "SCHEMA public" or entry.tag.startswith("DATABASE ") or entry.kind == "DEFAULT ACL":
        return False
    return entry.namespace == "pg_catalog" or not any(need in known for need in entry.needs)
