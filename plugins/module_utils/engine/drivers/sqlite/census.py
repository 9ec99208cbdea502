"""What is in a SQLite database: the rows of every table, and a digest of every definition."""

from __future__ import annotations

import hashlib
import sqlite3

from ...record.census import Census

SETTINGS: tuple[str, ...] = ("application_id", "auto_vacuum", "encoding", "page_size", "user_version")
"""Pragmas that live in the file and decide how an application reads it."""

DIGEST_DIGITS = 16


def take_census(connection: sqlite3.Connection) -> Census:
    """Counts within the connection's transaction; `digest` stays empty. Raises sqlite3.Error.

    `rows` holds every table that has pages of its own, WITHOUT ROWID and the tables below a full-text index included,
    without SQLite's own (`sqlite_stat1`). `objects` holds `table`, `index`, `trigger`, `view`, `virtual table` with the
    first 16 digits of the sha256 of their definition, `sequence` and `setting` with their values.
    """
    rows: dict[str, int] = {}
    objects: dict[str, dict[str, str]] = {"setting": _read_settings(connection)}
    query = "SELECT type, name, rootpage, sql FROM sqlite_master ORDER BY type, name"
    for kind, name, page, definition in connection.execute(query).fetchall():
        if name == "sqlite_sequence":
            objects["sequence"] = _read_sequences(connection)
        if definition is None or name.startswith("sqlite_"):
            continue
        is_virtual = kind == "table" and not page
        objects.setdefault("virtual table" if is_virtual else kind, {})[name] = _digest(definition)
        if kind == "table" and page and _can_be_said(name):
            rows[name] = _count_rows(connection, name)
    return Census(rows=rows, objects=objects)


def _can_be_said(name: str) -> bool:
    """Whether SQL can name it: not with a zero byte, nor what is not UTF-8. The digest covers such tables too."""
    try:
        return b"\0" not in name.encode("utf-8")
    except UnicodeEncodeError:
        return False


def _count_rows(connection: sqlite3.Connection, name: str) -> int:
    quoted = name.replace('"', '""')
    return int(connection.execute(f'SELECT count(*) FROM main."{quoted}"').fetchone()[0])  # noqa: S608 - quoted


def _read_settings(connection: sqlite3.Connection) -> dict[str, str]:
    return {name: str(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in SETTINGS}


def _read_sequences(connection: sqlite3.Connection) -> dict[str, str]:
    """The last value given out by each AUTOINCREMENT."""
    return {str(name): str(value) for name, value in connection.execute("SELECT name, seq FROM sqlite_sequence")}


def _digest(definition: str) -> str:
    """Of the words only: how they are spaced says nothing."""
    words = " ".join(definition.split()).encode("utf-8", "surrogateescape")
    return hashlib.sha256(words).hexdigest()[:DIGEST_DIGITS]
