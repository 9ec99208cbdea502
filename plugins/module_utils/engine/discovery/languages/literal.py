"""Values that stand literally in a program's text: read, never executed; what is computed stays unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

TEXT = "text"
WORD = "word"
NUMBER = "number"
SIGN = "sign"

DEPTH_LIMIT = 40
CLOSERS: Mapping[str, str] = {"(": ")", "[": "]", "{": "}"}
NEWLINE = "\n"
ENDS = frozenset({",", ";", ")", "]", "}", "=>", "=", NEWLINE})
KNOWN_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "none": None}


class Token(NamedTuple):
    """A piece of a program: a text without its quotes, a word, a number or a sign."""

    kind: str
    value: str


@dataclass(frozen=True)
class Computed:
    """A value that only the program itself knows; `texts` are those that its expression holds."""

    texts: tuple[str, ...] = ()


@dataclass
class Parser:
    """Reads values out of tokens. `arrow` stands between key and value, `join` between texts that are one.

    `openers` are the words before a bracket that make it an array; `names` are the values seen so far.
    """

    tokens: Sequence[Token]
    arrow: str
    join: str
    openers: frozenset[str]
    names: Mapping[str, Any] = field(default_factory=dict)
    at: int = 0

    def peek(self, ahead: int = 0) -> Token:
        """The token to come; an end sign after the last."""
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else Token(SIGN, "")

    def take(self) -> Token:
        """The next token."""
        token = self.peek()
        self.at += 1
        return token

    def skip(self, sign: str) -> bool:
        """Whether the next token was this sign, which then is behind us."""
        is_there = self.peek() == (SIGN, sign)
        self.at += is_there
        return is_there

    def read_value(self, depth: int = 0) -> Any:
        """A text, a number as text, a truth, None, a mapping (lists have keys `0`, `1`), or Computed."""
        if depth > DEPTH_LIMIT:
            raise ValueError(f"more than {DEPTH_LIMIT} levels deep")
        parts: list[Any] = []
        is_computed = False
        while not self._is_at_end():
            if self.skip(self.join) and parts:
                continue
            part = self._read_part(depth)
            is_computed |= isinstance(part, Computed)
            parts.append(part)
        if len(parts) == 1:
            return parts[0]
        if parts and not is_computed and all(isinstance(part, str) for part in parts):
            return "".join(parts)
        return Computed(tuple(_find_texts(parts)))

    def _is_at_end(self) -> bool:
        token = self.peek()
        return token.kind == SIGN and (token.value in ENDS or token.value in (self.arrow, ""))

    def _read_part(self, depth: int) -> Any:
        token = self.take()
        if token.kind in (TEXT, NUMBER):
            return token.value
        if token.kind == WORD:
            return self._read_word(token.value, depth)
        if token.value in CLOSERS:
            return self._read_items(CLOSERS[token.value], depth)
        return Computed()

    def _read_word(self, word: str, depth: int) -> Any:
        if self.peek() == (SIGN, "(") and word.lower() in self.openers:
            self.take()
            return self._read_items(")", depth)
        if word.lower() in KNOWN_WORDS:
            return KNOWN_WORDS[word.lower()]
        is_bare = self._is_at_end() or self.peek() == (SIGN, self.join)
        known = self.names.get(word) if is_bare else None
        return Computed() if known is None else known

    def _read_items(self, closer: str, depth: int) -> dict[str, Any]:
        items: dict[str, Any] = {}
        count = 0
        while not self.skip(closer) and self.at < len(self.tokens):
            before = self.at
            value = self.take().value if self._is_at_keyword() else self.read_value(depth + 1)
            if self.skip(self.arrow) or self.skip("="):
                items[str(value)] = self.read_value(depth + 1)
            elif self.at > before:
                items[str(count)] = value
                count += 1
            if not self.skip(",") and self.at == before:
                self.take()  # a closer that does not belong here
        return items

    def _is_at_keyword(self) -> bool:
        return self.peek().kind == WORD and self.peek(1) == (SIGN, "=")


def _find_texts(values: Sequence[Any]) -> list[str]:
    found: list[str] = []
    for value in values:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, Computed):
            found += value.texts
        elif isinstance(value, dict):
            found += _find_texts(list(value.values()))
    return found


def dig(values: Any, *keys: str) -> Any:
    """What lies below the keys; None where nothing does."""
    for key in keys:
        values = values.get(key) if isinstance(values, dict) else None
    return values


def dig_text(values: Any, *keys: str) -> str:
    """The text below the keys; empty for anything else."""
    found = dig(values, *keys)
    return found if isinstance(found, str) else ""
