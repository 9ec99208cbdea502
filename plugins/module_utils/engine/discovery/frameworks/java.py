"""Java: the data sources of Spring and of Tomcat, by their JDBC addresses."""

from __future__ import annotations

import html
import re
from typing import Any

from ...record.discovered import Configuration, DatabaseReference
from ..base import FrameworkReader, Place
from ..languages.address import read_address
from ..languages.ini import read_ini
from ..languages.yaml import read_yaml

_COMMENT = re.compile(r"<!--[\s\S]*?(?:-->|\Z)")
_RESOURCE = re.compile(r"<(?:Resource|bean|property|Environment)\b([^<>]{1,8192})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w.-])([\w.-]+) ?= ?(?:"([^"]*)"|'([^']*)')""")


def _fill(text: str) -> str:
    """A text in which `${NAME:default}` stands for its default."""
    return re.sub(r"\$\{[\w.]+:([^}]*)\}", r"\1", text)


def _join(address: str, user: str) -> DatabaseReference | None:
    found = read_address(address)
    return DatabaseReference(**{**vars(found), "user": found.user or _plain(user)}) if found else None


def _plain(user: str) -> str:
    return user if re.fullmatch(r"[\w.@-]{1,200}", user) else ""


def read_properties(text: str, place: Place) -> Configuration | None:
    """`application.properties`."""
    values = {key: _fill(value) for section in read_ini(text).values() for key, value in section.items()}
    found = [
        _join(value, values.get(re.sub("(jdbc-)?url$", "username", key), ""))
        for key, value in values.items()
        if key.endswith("url") and value.startswith("jdbc:")
    ]
    return place.make("spring", found) if found else None


def read_application(text: str, place: Place) -> Configuration | None:
    """`application.yml`: every mapping with a `url` that is a JDBC address."""
    found: list[DatabaseReference | None] = []
    _gather(read_yaml(text), found)
    return place.make("spring", found) if found else None


def _gather(values: Any, found: list[DatabaseReference | None]) -> None:
    """Goes as deep as the reader of YAML does."""
    if isinstance(values, list):
        values = dict(enumerate(values))
    for key, value in values.items() if isinstance(values, dict) else ():
        address = _fill(value) if isinstance(value, str) else ""
        if str(key).endswith("url") and address.startswith("jdbc:"):
            found.append(_join(address, _fill(str(values.get("username", "")))))
        _gather(value, found)


def read_tomcat(text: str, place: Place) -> Configuration | None:
    """`context.xml` and `server.xml`: the attribute `url` of a Resource."""
    found = []
    for element in _RESOURCE.findall(_COMMENT.sub("", text)):
        pairs = _ATTRIBUTE.findall(element)
        values = {name: html.unescape(double or single) for name, double, single in pairs}
        address = values.get("url") or values.get("jdbcUrl") or ""
        if address.startswith("jdbc:"):
            found.append(_join(address, values.get("username", "")))
    return place.make("tomcat", found) if found else None


READERS = (
    FrameworkReader(
        "spring",
        read_properties,
        (
            "application.properties",
            "config/application.properties",
            "application-prod.properties",
            "WEB-INF/classes/application.properties",
        ),
    ),
    FrameworkReader(
        "spring",
        read_application,
        ("application.yml", "application.yaml", "config/application.yml", "WEB-INF/classes/application.yml"),
    ),
    FrameworkReader(
        "tomcat",
        read_tomcat,
        ("META-INF/context.xml",),
        (
            "/etc/tomcat*/Catalina/*/*.xml",
            "/etc/tomcat*/context.xml",
            "/etc/tomcat*/server.xml",
            "/opt/tomcat*/conf/*.xml",
        ),
    ),
)
