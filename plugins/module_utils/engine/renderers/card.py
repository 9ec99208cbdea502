"""The recovery card as text and as a page: what a person prints, and types from, when nothing of ours is left."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ..record.card import Card, CardPart
from .html.markup import Markup, fill, join
from .html.page import wrap_page
from .language import Language, clean

MAIN = """<main><h1>{title}</h1><p class="soft">{subtitle}</p><table>{facts}</table><p>{warning}</p>
<h2>{first}</h2>{opening}{parts}<p>{closing}</p></main>"""
FACT = "<tr><th>{name}</th><td>{value}</td></tr>"
PART = '<section><h2>{title}</h2><p class="soft">{about}</p>{commands}</section>'
COMMAND = '<pre style="white-space:pre-wrap;overflow-wrap:anywhere"><code>{value}</code></pre>'
SERVED = ("mysql", "postgresql")
INDENT = "    "
"""What stands before a command in the text, and before nothing else."""


def render_card_text(card: Card, language: str) -> bytes:
    """The card as plain text; every line that begins with four spaces is a command."""
    chosen = Language(language)
    lines = [chosen.say("card.title", application=clean(card.title)), "=" * 72, clean(_tell_subtitle(card)), ""]
    lines += [f"{name}: {clean(value)}" for name, value in _tell_facts(card, chosen)]
    lines += ["", chosen.word("card.warning"), "", chosen.word("card.first"), INDENT + card.opening]
    for part in card.parts:
        lines += [
            "",
            f"{clean(part.name)} ({clean(_tell_about(part, chosen))})",
            *(INDENT + command for command in part.commands),
        ]
    lines += ["", chosen.word(_choose_closing(card)), ""]
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def render_card_html(card: Card, language: str) -> bytes:
    """The card as a page of one file, for paper too."""
    chosen = Language(language)
    parts = join(
        fill(PART, title=part.name, about=_tell_about(part, chosen), commands=_show_commands(part))
        for part in card.parts
    )
    title = chosen.say("card.title", application=card.title)
    content = fill(
        MAIN,
        title=title,
        subtitle=_tell_subtitle(card),
        facts=join(fill(FACT, name=name, value=value) for name, value in _tell_facts(card, chosen)),
        warning=chosen.word("card.warning"),
        first=chosen.word("card.first"),
        opening=_show_command(card.opening),
        parts=parts,
        closing=chosen.word(_choose_closing(card)),
    )
    return wrap_page(title, content, chosen)


def _show_commands(part: CardPart) -> Markup:
    return join(_show_command(command) for command in part.commands)


def _show_command(command: str) -> Markup:
    """Whole and as it is: a command that was shortened or made visible is none."""
    return Markup(COMMAND.format(value=escape(command, quote=False)))


def _tell_subtitle(card: Card) -> str:
    return " - ".join(filter(None, (f"{card.server}/{card.application}", card.owner)))


def _tell_facts(card: Card, language: Language) -> Iterator[tuple[str, str]]:
    """Name and value of what a person wants to know first."""
    yield language.word("card.run"), f"{card.run_id} ({language.moment(card.began, card.zone)})"
    yield language.word("card.folder"), f"{card.server}:{card.folder}"
    sizes = language.size(card.size_bytes), language.size(card.raw_bytes)
    yield language.word("card.size"), language.say("card.sizes", stored=sizes[0], raw=sizes[1])
    yield language.word("card.level"), language.word(f"level.{card.level}")
    yield language.word("card.proved"), language.moment(card.last_compared, card.zone)
    yield language.word("card.time"), language.duration(card.restore_s)


def _tell_about(part: CardPart, language: Language) -> str:
    tool = f"{part.engine} {part.server_version}".strip()
    return ", ".join((language.word(f"kind.{part.kind}"), tool, part.place, language.size(part.raw_bytes)))


def _choose_closing(card: Card) -> str:
    if card.has_accounts:
        return "card.with_accounts"
    is_served = any(part.engine in SERVED for part in card.parts)
    return "card.without_accounts" if is_served else "card.last"
