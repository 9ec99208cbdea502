"""What a file of PHP assigns: variables, constants, properties and the array it returns. Comments are no text."""

from __future__ import annotations

import re
from typing import Any, cast

from .literal import NUMBER, SIGN, TEXT, WORD, Parser, Token

PATH_LIMIT = 8

_PIECE = re.compile(
    r"""(?P<space>\s+|/\*[\s\S]*?(?:\*/|\Z)|(?://|\#(?!\[))[^\n]*?(?=\n|\?>|\Z))
    |(?P<close>\?>)
    |(?P<heredoc><<<[ \t]*(?P<quote>["']?)(?P<label>[A-Za-z_]\w*)(?P=quote)\r?\n)
    |(?P<single>'(?:[^'\\]|\\[\s\S]?)*(?:'|\Z))
    |(?P<double>"(?:[^"\\]|\\[\s\S]?)*(?:"|\Z))
    |(?P<number>\d[\w.]*)
    |(?P<word>\$?[A-Za-z_\\][\w\\]*)
    |(?P<sign>===|!==|==|!=|<=|>=|=>|->|::|\?\?=|\?\?|\.=|[\s\S])""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def read_php(text: str) -> dict[str, Any]:
    """The values by their names: `$db` -> `default` -> `hostname`, `DB_NAME`, `return`.

    Of two assignments the later one counts, of two constants the first, as in PHP. A branch that is not taken is
    read too. Raises ValueError for what is nested too deep.
    """
    values: dict[str, Any] = {}
    parser = Parser(_split(text), "=>", ".", frozenset({"array"}), values)
    while parser.at < len(parser.tokens):
        token = parser.take()
        if token.kind != WORD:
            continue
        if token.value.startswith("$"):
            _read_assignment(parser, token.value, values)
        elif token.value == "return":
            values["return"] = parser.read_value()
        elif token.value.lower() in ("define", "const"):
            _read_constant(parser, values)
    return values


def _read_constant(parser: Parser, values: dict[str, Any]) -> None:
    parser.skip("(")
    name = parser.take()
    if parser.skip(",") or parser.skip("="):
        values.setdefault(name.value, parser.read_value())


def _read_assignment(parser: Parser, name: str, values: dict[str, Any]) -> None:
    path = [name]
    while len(path) < PATH_LIMIT:
        if parser.peek() == (SIGN, "->") and parser.peek(1).kind == WORD:
            parser.take()
            path.append(parser.take().value)
        elif parser.peek() == (SIGN, "[") and parser.peek(2) == (SIGN, "]"):
            parser.take()
            path.append(parser.take().value)
            parser.take()
        else:
            break
    if not parser.skip("="):
        return
    value = parser.read_value()
    for key in path[:-1]:
        below = values.get(key)
        if not isinstance(below, dict):
            below = values[key] = {}
        values = below
    values[path[-1]] = value


def _split(text: str) -> list[Token]:
    """The tokens of everything between `<?php` and `?>`."""
    tokens: list[Token] = []
    at = _find_open(text, 0)
    while at < len(text):
        match = cast("re.Match[str]", _PIECE.match(text, at))  # its last choice takes any character
        at = match.end()
        if match["close"]:
            tokens.append(Token(SIGN, ";"))
            at = _find_open(text, at)
        elif match["heredoc"]:
            at = _take_heredoc(text, at, match["label"], tokens)
        elif not match["space"]:
            tokens.append(_name_token(match))
    return tokens


def _find_open(text: str, at: int) -> int:
    found = re.compile(r"<\?(?:php|=)?", re.IGNORECASE).search(text, at)
    return found.end() if found else len(text)


def _take_heredoc(text: str, at: int, label: str, tokens: list[Token]) -> int:
    end = re.compile(rf"^[ \t]*{label}\b", re.MULTILINE).search(text, at)
    if end is None:
        return len(text)
    tokens.append(Token(TEXT, text[at : end.start()].rstrip("\n")))
    return end.end()


def _name_token(match: re.Match[str]) -> Token:
    if match["single"] is not None:
        return Token(TEXT, re.sub(r"\\([\\'])", r"\1", match["single"][1:-1]))
    if match["double"] is not None:
        return _read_double(match["double"][1:-1])
    if match["number"]:
        return Token(NUMBER, match["number"])
    return Token(WORD, match["word"]) if match["word"] else Token(SIGN, match["sign"])


def _read_double(text: str) -> Token:
    """A text in double quotes; one that holds a variable is a word that nobody knows."""
    if re.search(r"(?<!\\)\$[A-Za-z_{]|\{\$", text):
        return Token(WORD, '"')
    return Token(TEXT, re.sub(r"\\([\\\"$nrt])", lambda found: _ESCAPES.get(found[1], found[1]), text))
