"""`.env` files: Laravel, CodeIgniter 4, and whatever else reads its settings from one."""

from __future__ import annotations

from ...record.discovered import Configuration
from ..base import FrameworkReader, Place
from ..languages.address import make_reference
from ..languages.dotenv import read_dotenv
from ..languages.environment import find_references

LARAVEL_SQLITE = "database/database.sqlite"


def read_environment_file(text: str, place: Place) -> Configuration | None:
    """A `.env` with a database; others are none of ours."""
    values = read_dotenv(text)
    is_laravel = place.files.is_there(place.join("artisan"))
    references = find_references(values)
    if is_laravel and values.get("DB_CONNECTION") == "sqlite" and not any(references):
        references = [make_reference("sqlite", place.join(LARAVEL_SQLITE))]
    if not any(references) and not any("DB_" in key or "DATABASE" in key for key in values):
        return None
    url = values.get("APP_URL") or values.get("app.baseURL") or ""
    if is_laravel:
        return place.make("laravel", references, place.keep("storage/app", "public/uploads"), url)
    is_codeigniter = place.files.is_there(place.join("spark"))
    folders = place.keep("writable/uploads", "public/uploads") if is_codeigniter else place.keep("uploads")
    return place.make("codeigniter" if is_codeigniter else "generic", references, folders, url)


READERS = (FrameworkReader("environment", read_environment_file, (".env", ".env.local", ".env.production")),)
