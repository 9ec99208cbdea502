"""Yii 2: the component `db` of the basic and of the advanced template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...record.discovered import Configuration, DatabaseReference
from ..base import FrameworkReader, Place
from ..languages.address import read_address
from ..languages.literal import dig, dig_text
from ..languages.php import read_php


def read_yii(text: str, place: Place) -> Configuration | None:
    """The array that the file returns: a connection itself, or components of which some are connections."""
    returned = dig(read_php(text), "return")
    connections = [*_find_connections(returned, 0)]
    if not connections:
        return None
    found = [_read_connection(connection) for connection in connections]
    return place.make("yii2", found, place.keep("web/uploads", "uploads", "frontend/web/uploads"))


def _find_connections(values: Any, depth: int) -> Iterator[dict[str, Any]]:
    if not isinstance(values, dict) or depth > 3:
        return
    if "dsn" in values:
        yield values
    for value in values.values():
        yield from _find_connections(value, depth + 1)


def _read_connection(values: dict[str, Any]) -> DatabaseReference | None:
    reference = read_address(dig_text(values, "dsn"))
    if reference is None:
        return None
    user, prefix = dig_text(values, "username")[:200], dig_text(values, "tablePrefix")[:200]
    return DatabaseReference(**{**vars(reference), "user": user, "prefix": prefix})


READERS = (FrameworkReader("yii2", read_yii, ("config/db.php", "common/config/main-local.php", "config/web.php")),)
