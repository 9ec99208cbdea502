"""Sections and `key = value` lines, as ini files, `.properties` files and pools of PHP-FPM write them."""

from __future__ import annotations

import re

LINE_LIMIT = 4096

_SECTION = re.compile(r"\[([^\]]{1,200})\]")
_SIGN = re.compile(r"[=:]")


def read_ini(text: str) -> dict[str, dict[str, str]]:
    """Section -> key -> value; what stands before the first section is in the section ``. The last line counts."""
    sections: dict[str, dict[str, str]] = {}
    section = ""
    for line in text.splitlines():
        heading, sign = _SECTION.fullmatch(line.strip()), _SIGN.search(line)
        if heading:
            section = heading[1].strip()
            sections.setdefault(section, {})
        elif sign and len(line) < LINE_LIMIT and not line.lstrip().startswith((";", "#", "[")):
            sections.setdefault(section, {})[line[: sign.start()].strip()] = _read_value(line[sign.end() :].strip())
    return sections


def _read_value(raw: str) -> str:
    if len(raw) > 1 and raw[0] in "\"'" and raw.find(raw[0], 1) > 0:
        return raw[1 : raw.index(raw[0], 1)]
    return re.split(r"\s[;#]", raw)[0].strip()
