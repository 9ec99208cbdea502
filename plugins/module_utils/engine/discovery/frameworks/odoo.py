"""Odoo: the section `[options]`. It may serve every database of its account, then none is named."""

from __future__ import annotations

from ...record.discovered import Configuration
from ..base import FrameworkReader, Place
from ..languages.address import make_reference
from ..languages.ini import read_ini


def read_odoo(text: str, place: Place) -> Configuration | None:
    """`odoo.conf`, where False is how nothing is written."""
    values = read_ini(text).get("options", {})
    if not {"db_host", "db_user", "db_name", "addons_path"} & set(values):
        return None
    words = {key: "" if value in ("False", "None") else value for key, value in values.items()}
    host, port, user = (words.get(key, "") for key in ("db_host", "db_port", "db_user"))
    names = [name.strip() for name in words.get("db_name", "").split(",")]
    found = [make_reference("postgresql", name, host, port, user=user or "odoo") for name in names]
    return place.make("odoo", found, [words.get("data_dir", "")])


READERS = (
    FrameworkReader(
        "odoo",
        read_odoo,
        ("odoo.conf", "config/odoo.conf"),
        ("/etc/odoo.conf", "/etc/odoo*/*.conf", "/etc/odoo-server.conf"),
    ),
)
