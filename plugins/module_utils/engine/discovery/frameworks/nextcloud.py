"""Nextcloud and ownCloud: the array $CONFIG, with its data folder."""

from __future__ import annotations

from ...record.discovered import Configuration
from ..base import FrameworkReader, Place
from ..languages.address import make_reference, name_engine
from ..languages.literal import dig, dig_text
from ..languages.php import read_php


def read_nextcloud(text: str, place: Place) -> Configuration | None:
    """`config/config.php`."""
    values = dig(read_php(text), "$CONFIG")
    if not isinstance(values, dict) or "dbtype" not in values:
        return None
    engine, data = name_engine(dig_text(values, "dbtype")), dig_text(values, "datadirectory") or place.join("data")
    name, host, user, prefix = (dig_text(values, key) for key in ("dbname", "dbhost", "dbuser", "dbtableprefix"))
    name = f"{data}/{name or 'owncloud'}.db" if engine == "sqlite" else name
    port = dig_text(values, "dbport")
    reference = make_reference(engine, name, host, port, user=user, prefix=prefix) if name else None
    return place.make("nextcloud", [reference], [data], dig_text(values, "overwrite.cli.url"))


READERS = (FrameworkReader("nextcloud", read_nextcloud, ("config/config.php",)),)
