"""Fills templates: a value that is not markup already is escaped, so nothing from a server can become markup."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from ..language import clean, shorten

SHOWN_CHARACTERS = 600
"""So much of one text is shown; the whole of it is in the receipt."""


class Markup(str):
    """A piece of HTML that is whole and safe."""

    __slots__ = ()


NOTHING = Markup("")


def fill(template: str, **values: object) -> Markup:
    """The template with its `{names}` replaced; texts are made visible, shortened and escaped, Markup goes in as is."""
    return Markup(template.format(**{name: show(value) for name, value in values.items()}))


def show(value: object) -> Markup:
    """A value as markup."""
    if isinstance(value, Markup):
        return value
    return _show_text(str(value))


@lru_cache(maxsize=2048)
def _show_text(text: str) -> Markup:
    """Labels, words and dates come again in every row."""
    return Markup(escape(clean(shorten(text, SHOWN_CHARACTERS)), quote=True))


def join(pieces: Iterable[Markup]) -> Markup:
    """The pieces one after the other."""
    return Markup("".join(pieces))


def fill_each(template: str, values: Iterable[object]) -> Markup:
    """The template once for each value, which it calls `{value}`."""
    return join(fill(template, value=value) for value in values)
