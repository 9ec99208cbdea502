"""Joomla: the properties of the class JConfig."""

from __future__ import annotations

from ...record.discovered import Configuration
from ..base import FrameworkReader, Place
from ..languages.address import make_reference, name_engine
from ..languages.literal import dig_text
from ..languages.php import read_php


def read_joomla(text: str, place: Place) -> Configuration | None:
    """`configuration.php`."""
    values = read_php(text)
    if "$dbprefix" not in values or "JConfig" not in text:
        return None
    engine = name_engine(dig_text(values, "$dbtype") or "mysqli")
    name, host, user, prefix = (dig_text(values, key) for key in ("$db", "$host", "$user", "$dbprefix"))
    reference = make_reference(engine, name, host, user=user, prefix=prefix) if name else None
    return place.make("joomla", [reference], place.keep("images", "media"), dig_text(values, "$live_site"))


READERS = (FrameworkReader("joomla", read_joomla, ("configuration.php",)),)
