"""Writes XML: texts and attributes escaped, characters that XML does not have written as their number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape

from .language import clean, shorten

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHOWN_CHARACTERS = 2000

_NOT_XML = re.compile("[\ufffe\uffff]")


def show(text: str) -> str:
    """A text from a server as one line of character data."""
    seen = _NOT_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", clean(shorten(text, SHOWN_CHARACTERS)))
    return escape(seen, {'"': "&quot;"})


def element(name: str, attributes: Mapping[str, object] | None = None, content: str = "") -> str:
    """One element; `content` is markup already, attributes are texts; those that are None are left out."""
    told = "".join(f' {key}="{show(str(value))}"' for key, value in (attributes or {}).items() if value is not None)
    return f"<{name}{told}>{content}</{name}>" if content else f"<{name}{told}/>"
