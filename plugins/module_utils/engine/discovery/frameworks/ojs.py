"""OJS, OMP and OPS: an ini file with the name of a PHP file, and a data folder outside of the site."""

from __future__ import annotations

from ...record.discovered import Configuration
from ..base import FrameworkReader, Place
from ..languages.address import make_reference, name_engine
from ..languages.ini import read_ini


def read_ojs(text: str, place: Place) -> Configuration | None:
    """`config.inc.php` with a section `[database]`."""
    sections = read_ini(text)
    database = sections.get("database")
    if not database or "driver" not in database:
        return None
    name, host, port, user = (database.get(key, "") for key in ("name", "host", "port", "username"))
    socket, engine = database.get("unix_socket", ""), name_engine(database["driver"])
    reference = make_reference(engine, name, host, port, socket, user) if name else None
    folders = [sections.get("files", {}).get("files_dir", ""), *place.keep("public")]
    return place.make("ojs", [reference], folders, sections.get("general", {}).get("base_url", ""))


READERS = (FrameworkReader("ojs", read_ojs, ("config.inc.php",)),)
