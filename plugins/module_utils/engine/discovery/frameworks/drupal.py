"""Drupal: `$databases` of each site below `sites/`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...record.discovered import Configuration, DatabaseReference
from ..base import FrameworkReader, Place
from ..languages.address import make_reference, name_engine
from ..languages.literal import dig, dig_text
from ..languages.php import read_php


def read_drupal(text: str, place: Place) -> Configuration | None:
    """`sites/default/settings.php`; one that an installer has not filled names nothing and is none."""
    values = read_php(text)
    databases = dig(values, "$databases")
    if not isinstance(databases, dict) or not databases:
        return None
    site = place.file.rpartition("/")[0]
    private = dig_text(values, "$settings", "file_private_path")
    folders = place.keep(f"{site}/files") + ([private] if private else [])
    return place.make("drupal", [*_read_targets(databases)], folders)


def _read_targets(databases: dict[str, Any]) -> Iterator[DatabaseReference | None]:
    for targets in databases.values():
        for target in targets.values() if isinstance(targets, dict) else ():
            engine = name_engine(dig_text(target, "driver"))
            words = [dig_text(target, key) for key in ("database", "host", "port", "unix_socket", "username", "prefix")]
            if words[0]:
                yield make_reference(engine, *words)


READERS = (FrameworkReader("drupal", read_drupal, ("sites/*/settings.php", "sites/*/settings.local.php")),)
