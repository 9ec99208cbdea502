"""Sections and `key = value` lines, as ini files, `.properties` files and pools of PHP-FPM write them."""

from __future__ import annotations

import re

_SECTION = re.compile(r"\s*\[([^\]]{1,200})\]\s*")
_LINE = re.compile(r"\s*([^=;#\s\[][^=:]*?)\s*[=:]\s*(.*?)\s*")


def read_ini(text: str) -> dict[str, dict[str, str]]:
    """Section -> key -> value; what stands before the first section is in the section ``. The last line counts."""
    sections: dict[str, dict[str, str]] = {}
    section = ""
    for line in text.splitlines():
        heading = _SECTION.fullmatch(line)
        if heading:
            section = heading[1].strip()
            sections.setdefault(section, {})
        elif len(line) < 4096 and (found := _LINE.fullmatch(line)):
            sections.setdefault(section, {})[found[1]] = _read_value(found[2])
    return sections


def _read_value(raw: str) -> str:
    if len(raw) > 1 and raw[0] in "\"'" and raw.find(raw[0], 1) > 0:
        return raw[1 : raw.index(raw[0], 1)]
    return re.split(r"\s[;#]", raw)[0].strip()
