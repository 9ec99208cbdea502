"""CodeIgniter 3 and 4, and OpenSID, which is made of the third."""

from __future__ import annotations

from typing import Any

from ...record.discovered import Configuration, DatabaseReference
from ..base import FrameworkReader, Place
from ..languages.address import make_reference, name_engine, read_address
from ..languages.literal import dig, dig_text
from ..languages.php import read_php


def _read_group(group: Any) -> DatabaseReference | None:
    """One connection: the keys of version 3 in lower case, those of version 4 in mixed case."""
    words = {str(key).lower(): dig_text(group, key) for key in group} if isinstance(group, dict) else {}
    if words.get("dsn"):
        return read_address(words["dsn"])
    driver = words.get("dbdriver", "") or "mysqli"
    engine = name_engine(words.get("subdriver", "") if driver == "pdo" else driver)
    prefix = words.get("dbprefix", "")
    name, host, user = (words.get(key, "") for key in ("database", "hostname", "username"))
    return make_reference(engine, name, host, words.get("port", ""), "", user, prefix) if name else None


def read_third(text: str, place: Place) -> Configuration | None:
    """`application/config/database.php`: every group of `$db`."""
    groups = dig(read_php(text), "$db")
    if not isinstance(groups, dict):
        return None
    return place.make("codeigniter", [*map(_read_group, groups.values())], place.keep("uploads", "assets/uploads"))


def read_fourth(text: str, place: Place) -> Configuration | None:
    """`app/Config/Database.php`: every property that is a connection, but for that of tests."""
    values = read_php(text)
    found = [_read_group(group) for name, group in values.items() if name.startswith("$") and name != "$tests"]
    if not any(found):
        return None  # the usual case: all of it stands in .env
    return place.make("codeigniter", found, place.keep("writable/uploads", "public/uploads"))


def read_opensid(text: str, place: Place) -> Configuration | None:
    """`desa/config/database.php`; the folder `desa` holds all that is the village's own."""
    groups = dig(read_php(text), "$db")
    if not isinstance(groups, dict):
        return None
    return place.make("opensid", [*map(_read_group, groups.values())], place.keep("desa", "storage/app"))


READERS = (
    FrameworkReader("codeigniter", read_third, ("application/config/database.php",)),
    FrameworkReader("codeigniter", read_third, ("application/config/production/database.php",)),
    FrameworkReader("codeigniter", read_fourth, ("app/Config/Database.php",)),
    FrameworkReader("opensid", read_opensid, ("desa/config/database.php",)),
)
