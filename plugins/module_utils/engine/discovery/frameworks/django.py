"""Django: what stands literally in DATABASES of a settings file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...record.discovered import Configuration, DatabaseReference
from ..base import FrameworkReader, Place
from ..languages.address import make_reference, name_engine
from ..languages.literal import Computed, dig, dig_text
from ..languages.python import read_python


def read_django(text: str, place: Place) -> Configuration | None:
    """`settings.py`, or a file of a folder `settings`; the root is where `manage.py` lies."""
    values = read_python(text)
    databases = dig(values, "DATABASES")
    if databases is None:
        return None
    here = Place(place.files, place.file, _find_root(place))
    found = [*_read_databases(databases, here)] if isinstance(databases, dict) else []
    media = dig(values, "MEDIA_ROOT")
    return here.make("django", found, [here.join(path) for path in _find_paths(media)] or here.keep("media"))


def _find_root(place: Place) -> str:
    folder = place.root
    for _level in range(4):
        if place.files.is_there(f"{folder}/manage.py"):
            return folder
        folder = folder.rpartition("/")[0]
    return place.root


def _read_databases(databases: dict[str, Any], place: Place) -> Iterator[DatabaseReference | None]:
    for database in databases.values():
        engine = name_engine(dig_text(database, "ENGINE"))
        if engine == "sqlite":
            yield from (make_reference(engine, place.join(path)) for path in _find_paths(dig(database, "NAME")))
        else:
            words = [dig_text(database, key) for key in ("NAME", "HOST", "PORT", "", "USER")]
            yield make_reference(engine, *words) if words[0] else None


def _find_paths(value: Any) -> list[str]:
    """A path that stands there, or that is joined to the root: `BASE_DIR / "db.sqlite3"`."""
    texts = value.texts if isinstance(value, Computed) else [value] if isinstance(value, str) else []
    path = "/".join(text.strip("/") if index else text for index, text in enumerate(texts))
    return [path.lstrip("/") if isinstance(value, Computed) else path] if path else []


READERS = (FrameworkReader("django", read_django, ("settings.py", "settings/*.py")),)
