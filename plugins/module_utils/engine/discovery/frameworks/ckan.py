"""CKAN: the section `[app:main]` of its ini file."""

from __future__ import annotations

from ...record.discovered import Configuration
from ..base import FrameworkReader, Place
from ..languages.address import read_address
from ..languages.ini import read_ini


def read_ckan(text: str, place: Place) -> Configuration | None:
    """`ckan.ini` or `production.ini` with `sqlalchemy.url`."""
    values = read_ini(text).get("app:main", {})
    if "sqlalchemy.url" not in values:
        return None
    found = [read_address(values.get(key, "")) for key in ("sqlalchemy.url", "ckan.datastore.write_url")]
    return place.make("ckan", found, [values.get("ckan.storage_path", "")], values.get("ckan.site_url", ""))


READERS = (
    FrameworkReader("ckan", read_ckan, ("ckan.ini", "production.ini"), ("/etc/ckan/*/ckan.ini", "/etc/ckan/*/*.ini")),
)
