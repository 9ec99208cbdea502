"""What a file of Python assigns literally at its outermost level. It is read as text, never compiled."""

from __future__ import annotations

import re
from typing import Any, cast

from .literal import CLOSERS, NEWLINE, NUMBER, SIGN, TEXT, WORD, Parser, Token

_PIECE = re.compile(
    r"""(?P<space>[^\S\n]+|\#[^\n]*|\\\n)
    |(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>\"\"\"|'''|["'])
    |(?P<number>\d[\w.]*)
    |(?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<sign>==|!=|<=|>=|\+=|[\s\S])""",
    re.VERBOSE,
)


def read_python(text: str) -> dict[str, Any]:
    """The values by their names. Of two assignments the later one counts. Raises ValueError for what is too deep."""
    values: dict[str, Any] = {}
    parser = Parser(_split(text), ":", "+", frozenset({"dict"}), values)
    is_line_start = True
    while parser.at < len(parser.tokens):
        token = parser.take()
        if is_line_start and token.kind == WORD and parser.skip("="):
            values[token.value] = parser.read_value()
        elif is_line_start and token.kind == WORD:
            _read_item(parser, token.value, values)
        is_line_start = token == (SIGN, NEWLINE) or parser.peek() == (SIGN, NEWLINE)
    return values


def _read_item(parser: Parser, name: str, values: dict[str, Any]) -> None:
    """`DATABASES["default"]["NAME"] = ...` after a mapping of that name."""
    holder, keys = values, [name]
    while parser.peek() == (SIGN, "[") and parser.peek(2) == (SIGN, "]"):
        parser.take()
        keys.append(parser.take().value)
        parser.take()
    if len(keys) == 1 or not parser.skip("="):
        return
    for key in keys[:-1]:
        below = holder.get(key)
        if not isinstance(below, dict):
            return
        holder = below
    holder[keys[-1]] = parser.read_value()


def _split(text: str) -> list[Token]:
    """The tokens; the end of a line is one too, but not within brackets."""
    tokens: list[Token] = []
    at = depth = 0
    while at < len(text):
        match = cast("re.Match[str]", _PIECE.match(text, at))  # its last choice takes any character
        at = match.end()
        if match["quote"]:
            at = _take_text(text, at, match["prefix"].lower(), match["quote"], tokens)
        elif match["word"]:
            tokens.append(Token(WORD, match["word"]))
        elif match["number"]:
            tokens.append(Token(NUMBER, match["number"]))
        elif match["sign"] and (match["sign"] != NEWLINE or depth <= 0):
            depth += (match["sign"] in CLOSERS) - (match["sign"] in CLOSERS.values())
            tokens.append(Token(SIGN, match["sign"]))
    return tokens


def _take_text(text: str, at: int, prefix: str, quote: str, tokens: list[Token]) -> int:
    """Takes a text to its closing quote, or to the end of the file."""
    body = re.compile(rf"(?:[^\\{quote[0]}]+|\\[\s\S]?|{quote[0]}(?!{quote[1:]}))*" if quote[1:] else _body(quote))
    found = cast("re.Match[str]", body.match(text, at))
    value = found[0] if "r" in prefix else re.sub(r"\\([\\'\"])", r"\1", found[0])
    tokens.append(Token(WORD, '"') if "f" in prefix and "{" in value else Token(TEXT, value))
    return found.end() + len(quote)


def _body(quote: str) -> str:
    return rf"(?:[^\\{quote}\n]+|\\[\s\S]?)*"
