"""SLiMS (Senayan): the nodes of version 9, the constants of the versions before it."""

from __future__ import annotations

from ...record.discovered import Configuration
from ..base import FrameworkReader, Place
from ..languages.address import make_reference
from ..languages.literal import dig, dig_text
from ..languages.php import read_php

FOLDERS = ("files", "images", "repository")


def read_nodes(text: str, place: Place) -> Configuration | None:
    """`config/database.php` that returns nodes; that of Laravel returns connections."""
    nodes = dig(read_php(text), "return", "nodes")
    if not isinstance(nodes, dict):
        return None
    words = [[dig_text(node, key) for key in ("database", "host", "port", "", "username")] for node in nodes.values()]
    return place.make("slims", [make_reference("mysql", *each) for each in words if each[0]], place.keep(*FOLDERS))


def read_constants(text: str, place: Place) -> Configuration | None:
    """`sysconfig.local.inc.php`."""
    values = read_php(text)
    name, host, port, user = (dig_text(values, key) for key in ("DB_NAME", "DB_HOST", "DB_PORT", "DB_USERNAME"))
    reference = make_reference("mysql", name, host, port, user=user) if name else None
    return place.make("slims", [reference], place.keep(*FOLDERS))


READERS = (
    FrameworkReader("slims", read_nodes, ("config/database.php",)),
    FrameworkReader("slims", read_constants, ("sysconfig.local.inc.php", "config/sysconfig.local.inc.php")),
)
