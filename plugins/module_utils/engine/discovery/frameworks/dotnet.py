"""ASP.NET: the connection strings of appsettings.json and web.config."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from ...record.discovered import Configuration
from ..base import FrameworkReader, Place
from ..languages.address import read_address

_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*[\s\S]*?(?:\*/|\Z)')
_XML_COMMENT = re.compile(r"<!--[\s\S]*?(?:-->|\Z)")
_ADDED = re.compile(r"""\bconnectionString\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def read_settings(text: str, place: Place) -> Configuration | None:
    """`appsettings.json`, which may hold comments and a comma before a closing bracket."""
    bare = _COMMENT.sub(lambda found: found[1] or "", text)
    values: Any = json.loads(re.sub(r",(\s*[}\]])", r"\1", bare))
    strings = values.get("ConnectionStrings") if isinstance(values, dict) else None
    if not isinstance(strings, dict) or not strings:
        return None
    return place.make("dotnet", [read_address(text) for text in strings.values() if isinstance(text, str)])


def read_web_config(text: str, place: Place) -> Configuration | None:
    """`web.config` with an element of `connectionStrings`."""
    pairs = _ADDED.findall(_XML_COMMENT.sub("", text))
    found = [read_address(html.unescape(double or single)) for double, single in pairs]
    return place.make("dotnet", found) if found else None


READERS = (
    FrameworkReader("dotnet", read_settings, ("appsettings.json", "appsettings.Production.json")),
    FrameworkReader("dotnet", read_web_config, ("web.config", "Web.config")),
)
