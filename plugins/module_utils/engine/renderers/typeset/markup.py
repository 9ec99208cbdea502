"""Typst source out of values: every text is a string literal, so nothing from a server can become markup or code."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..language import clean, shorten

SHOWN_CHARACTERS = 400
LONG_WORD = 28
PIECE = 12
"""A word that is longer than LONG_WORD, which no id of ours is, may be broken after each PIECE to stay in its cell."""

BREAK = "\\u{200b}"

# What the fonts within Typst are known to hold; PDF/A forbids a text that no font can show.
_KNOWN = re.compile(
    "[^ -~\xa1-\xac\xae-\u017f\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u2030\u20ac"
    "\u2192\u2212\xd7\u2264\u2265\u2713\u2717]"
)


class Code(str):
    """Typst code that is whole and safe."""

    __slots__ = ()


def literal(value: object) -> Code:
    """A value as a Typst string: one line, shortened, and characters that no font has written as their number."""
    if isinstance(value, Code):
        return value
    shown = _KNOWN.sub(_name_character, clean(shorten(str(value), SHOWN_CHARACTERS)).replace("\xa0", " "))
    words = (_break(word) for word in shown.split(" "))
    return Code(f'"{" ".join(words)}"')


def _name_character(match: re.Match[str]) -> str:
    return f"U+{ord(match[0]):04X}"


def _break(word: str) -> str:
    step = PIECE if len(word) > LONG_WORD else LONG_WORD
    pieces = [word[at : at + step] for at in range(0, len(word), step)]
    return BREAK.join(piece.replace("\\", "\\\\").replace('"', '\\"') for piece in pieces)


def array(values: Iterable[object]) -> Code:
    """A Typst array of strings; the comma after the last makes one of a single value too."""
    return Code("(" + "".join(f"{literal(value)}, " for value in values) + ")")


def call(function: str, *arguments: object, **named: object) -> Code:
    """`#function("a", "b", name: "c")`, a line of its own."""
    told: list[str] = [literal(argument) for argument in arguments]
    told += [f"{key.replace('_', '-')}: {literal(value)}" for key, value in named.items()]
    return Code(f"#{function}({', '.join(told)})")
