"""Compares what came back with what was counted, and takes from the table of contents what could not be restored."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ...flow.process import Shell
from ...record.census import Census, compare_censuses
from ..base import Examined
from .census import add_values, find_bootstrap, read_values, take_census
from .contents import Contents, Entry
from .scratch import Cluster

ROWS = "rows"
WORKERS = 2
"""Further processes of the server that count a large table: nobody else wants anything of it."""

_KINDS = {"AGGREGATE": "routine", "FUNCTION": "routine", "PROCEDURE": "routine"}
_ACCESS_WORDS = {"FUNCTION": "routine", "PROCEDURE": "routine", "AGGREGATE": "routine"}


def examine_cluster(cluster: Cluster, expected: Census, database: str, shell: Shell) -> Examined:
    """Counts the restored database by the code that counted its source."""
    restored = cluster.restored
    with cluster.reach(database, cluster.admin).open_session(shell) as session:
        session.execute(f"SET max_parallel_workers_per_gather = {WORKERS}")
        found = add_values(take_census(session, find_bootstrap(expected)), read_values(session))
    roles = {role: value for role, value in found.objects["role"].items() if role != cluster.restorer}
    found = replace(found, objects={**found.objects, "role": roles})  # PostgreSQL leaves it the multirange types
    contents = restored.contents or Contents("", "", ())
    found = fill_in(expected, found, contents, restored.skipped)
    differences = compare_censuses(expected, found, with_content=False)
    return Examined(found, differences, len(differences), ROWS)


def fill_in(expected: Census, found: Census, contents: Contents, skipped: Sequence[Entry]) -> Census:
    """What a dump carries and a restore by an ordinary role cannot show."""
    objects = {kind: dict(names) for kind, names in found.objects.items()}
    for kind, name in (
        *_vouch_roles(expected, skipped),
        *_vouch_extensions(objects.get("extension", {}), contents),
        *_vouch_skipped(skipped),
        *_vouch_database(expected, contents),
    ):
        if name in expected.objects.get(kind, {}):
            objects.setdefault(kind, {})[name] = expected.objects[kind][name]
    counts = {name: count for name, count in found.counts.items() if name in expected.counts}
    return replace(found, objects={kind: names for kind, names in objects.items() if names}, counts=counts)


def _vouch_roles(expected: Census, skipped: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Superusers are stand-ins without their rights; who only owns what was skipped owns nothing here."""
    for role, value in expected.objects.get("role", {}).items():
        if value or skipped:
            yield "role", role


def _vouch_extensions(present: Iterable[str], contents: Contents) -> Iterator[tuple[str, str]]:
    """Their version is that of the packages here, whatever it was there."""
    for extension in present:
        if extension in contents.names.get("EXTENSION", ()):
            yield "extension", extension


def _vouch_skipped(skipped: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    for entry in skipped:
        yield _KINDS.get(entry.kind, entry.kind.lower()), entry.name
        if entry.kind == "ACL":
            yield "access", _name_access(entry)


def _vouch_database(expected: Census, contents: Contents) -> Iterator[tuple[str, str]]:
    """What belongs to the database itself: pg_restore brings it back only when it makes the database too."""
    for entry in contents.entries:
        if entry.kind == "ACL" and entry.tag.startswith("DATABASE "):
            yield "access", "database " + entry.tag.partition(" ")[2]
        if entry.kind in ("DATABASE", "DATABASE PROPERTIES"):
            yield from _read_properties(entry, expected)


def _name_access(entry: Entry) -> str:
    """`FUNCTION f(integer)` in schema s -> `routine s.f(integer)`."""
    for word in ("LARGE OBJECT", "FOREIGN DATA WRAPPER", "FOREIGN SERVER"):
        if entry.tag.startswith(word + " "):
            return entry.tag.replace(word, word.lower(), 1)
    word, _unused, tag = entry.tag.partition(" ")
    space = f"{entry.namespace}." if entry.namespace else ""
    return f"{_ACCESS_WORDS.get(word, word.lower())} {space}{tag}"


def _read_properties(entry: Entry, expected: Census) -> Sequence[tuple[str, str]]:
    """The settings and the limit of a database that its entry would bring back as they were."""
    found = [("setting", name) for name in expected.objects.get("setting", {}) if _sets(entry, name, expected)]
    limit = expected.objects.get("database", {}).get("connection limit", "-1")
    if f"CONNECTION LIMIT = {limit}" in entry.definition:
        found.append(("database", "connection limit"))
    return found


def _sets(entry: Entry, name: str, expected: Census) -> bool:
    parameter = re.escape(name.rpartition(" ")[2])
    for value in re.findall(rf' SET "?{parameter}"? TO (.*?);\n', entry.definition, re.DOTALL):
        plain = re.sub(r"[\s'\"]", "", value)
        digest = hashlib.sha256(plain.encode("utf-8", "surrogateescape")).hexdigest()[:12]
        if digest == expected.objects["setting"][name]:
            return True
    return False
