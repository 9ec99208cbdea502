"""Moodle: the object $CFG, with the data folder that lies outside of the site."""

from __future__ import annotations

from ...record.discovered import Configuration
from ..base import FrameworkReader, Place
from ..languages.address import make_reference, name_engine
from ..languages.literal import dig, dig_text
from ..languages.php import read_php


def read_moodle(text: str, place: Place) -> Configuration | None:
    """`config.php`, where it sets `$CFG`."""
    values = dig(read_php(text), "$CFG")
    if not isinstance(values, dict) or not {"dataroot", "dbname", "dbtype"} & set(values):
        return None
    socket, port = dig_text(values, "dboptions", "dbsocket"), dig_text(values, "dboptions", "dbport")
    engine = name_engine(dig_text(values, "dbtype"))
    name, host, user, prefix = (dig_text(values, key) for key in ("dbname", "dbhost", "dbuser", "prefix"))
    reference = make_reference(engine, name, host, port, _keep_path(socket), user, prefix) if name else None
    return place.make("moodle", [reference], [dig_text(values, "dataroot")], dig_text(values, "wwwroot"))


def _keep_path(socket: str) -> str:
    """`dbsocket` may be a truth too."""
    return socket if socket.startswith("/") else ""


READERS = (FrameworkReader("moodle", read_moodle, ("config.php",)),)
