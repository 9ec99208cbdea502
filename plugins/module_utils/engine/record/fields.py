"""Reads a mapping field by field, gathers every problem, then raises once; an unknown key is a problem too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ..errors import ConfigurationError

Choice = TypeVar("Choice")

SHORTEST_S = 0.001
LONGEST_S = 366 * 86400.0

_KEY = re.compile(r"[a-z_]{1,40}")
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Unresolved:
    """Stands for a value, or for a whole mapping, that could not be found out: `reason` says why."""

    reason: str


class Problems:
    """Every problem of one reading, in the order in which they were met."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, subject: str, field: str, complaint: str, remedy: str) -> None:
        """`subject` names the application, `field` the key, `remedy` what to write instead. Told once is enough."""
        problem = f"{subject}: {field}: {complaint}; {remedy}"
        if problem not in self.found:
            self.found.append(problem)

    def raise_if_any(self) -> None:
        """Raises one ConfigurationError that holds them all."""
        if self.found:
            raise ConfigurationError.has_problems(self.found)


class Fields:
    """One mapping from outside. Each reader takes a key out; `finish` complains of what nobody asked for.

    A reader that meets a problem notes it and returns its default, so that reading goes on to the next problem. Where
    a secret may stand in any place, `tells_values` is false: then no complaint repeats what was given.
    """

    def __init__(
        self, value: Any, subject: str, problems: Problems, prefix: str = "", *, tells_values: bool = True
    ) -> None:
        self.subject = subject
        self.problems = problems
        self.prefix = prefix
        self._tells_values = tells_values
        self._known: list[str] = []
        if not isinstance(value, Mapping):
            self.complain("", f"must be a mapping, not {type(value).__name__}", "write 'key: value' lines")
            value = {}
        self._left: dict[str, Any] = {str(key): item for key, item in value.items()}

    def complain(self, key: str, complaint: str, remedy: str) -> None:
        """Notes a problem of `key` (empty: of the mapping itself)."""
        field = ".".join(filter(None, (self.prefix, key))) or "configuration"
        self.problems.add(self.subject, field, complaint, remedy)

    def _show(self, value: Any) -> str:
        return repr(value) if self._tells_values else "the given value"

    def _take(self, key: str) -> Any:
        self._known.append(key)
        return self._left.pop(key, None)

    def text(self, key: str, default: str | None = "", pattern: str = "", example: str = "") -> str:
        """A text; `default` None means it must be given; `pattern` must match the whole of it."""
        value = self._take(key)
        if value is None or (value == "" and default is None):
            if default is None:
                self.complain(key, "is missing", f"for example {key}: {example or '...'}")
            return default or ""
        if not isinstance(value, str) or (pattern and not re.fullmatch(pattern, value)):
            self.complain(key, f"cannot be {self._show(value)}", f"for example {key}: {example or 'some text'}")
            return default or ""
        return str(value)

    def path(self, key: str, default: str | None = "") -> str:
        """An absolute path without a trailing slash and without '..'."""
        is_empty = self._left.get(key) == "" and default is not None
        value = self.text(key, default, example="/var/www/sippn")
        if is_empty or (value and not _is_path(value)):
            self.complain(key, f"{self._show(value)} is not an absolute path", "write it from the root, without '..'")
            return default or ""
        return value.rstrip("/") or value[:1]

    def paths(self, key: str) -> tuple[str, ...]:
        """A list of absolute paths, each as `path` wants it."""
        values = self.texts(key)
        for value in values:
            if not _is_path(value):
                self.complain(
                    key, f"{self._show(value)} is not an absolute path", "write it from the root, without '..'"
                )
        return tuple(value.rstrip("/") or value[:1] for value in values)

    def choice(self, key: str, choices: Mapping[str, Choice], default: str) -> Choice:
        """One of the keys of `choices`; its value is returned."""
        value = self._take(key)
        if value is None:
            return choices[default]
        if not isinstance(value, str) or value not in choices:
            self.complain(key, f"cannot be {self._show(value)}", "use one of: " + ", ".join(choices))
            return choices[default]
        return choices[value]

    def whole(self, key: str, default: int, minimum: int = 0, maximum: int = 2**53) -> int:
        """A whole number within the bounds."""
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            self.complain(key, f"cannot be {self._show(value)}", f"write a whole number from {minimum} to {maximum}")
            return default
        return int(value)

    def truth(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self._take(key)
        if value is not None and not isinstance(value, bool):
            self.complain(key, f"cannot be {self._show(value)}", "write true or false")
        return value if isinstance(value, bool) else default

    def duration(self, key: str, default: float) -> float:
        """Seconds, written as a number or as `90s`, `30m`, `6h`, `2d`."""
        value = self._take(key)
        if value is None:
            return default
        seconds = _read_seconds(value)
        if seconds > LONGEST_S:
            self.complain(key, f"{self._show(value)} is longer than 366d", "write a shorter one")
        elif seconds < SHORTEST_S:
            self.complain(key, f"cannot be {self._show(value)}", "write a duration such as 90s, 30m, 6h or 2d")
        return round(seconds, 3) if SHORTEST_S <= seconds <= LONGEST_S else default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, none of them empty."""
        values = self._listing(key)
        good = tuple(value for value in values if isinstance(value, str) and value)
        if len(good) != len(values):
            self.complain(key, "holds something that is not a text", "write a list of texts")
        return good

    def within(self, key: str) -> Fields:
        """The mapping below `key`, empty when it is not given; the caller finishes it."""
        value = self._take(key)
        return self._open({} if value is None else value, key)

    def each(self, key: str) -> Iterator[Fields]:
        """The mappings of the list below `key`; the caller finishes each."""
        for index, value in enumerate(self._listing(key)):
            yield self._open(value, f"{key}[{index}]")

    def raw(self, key: str) -> Any:
        """Whatever is there, or None; the caller judges it."""
        return self._take(key)

    def finish(self) -> None:
        """Complains of every key that no reader asked for."""
        for key in sorted(self._left):
            told = key if self._tells_values or _KEY.fullmatch(key) else "a key that is no word"
            self.complain(told, "is not known", "known here: " + ", ".join(sorted(set(self._known))))

    def _listing(self, key: str) -> Sequence[Any]:
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, (list, tuple)):
            self.complain(key, "must be a list", "begin each entry with '- '")
            return []
        return value

    def _open(self, value: Any, key: str) -> Fields:
        prefix = f"{self.prefix}.{key}" if self.prefix else key
        return Fields(value, self.subject, self.problems, prefix, tells_values=self._tells_values)


def _is_path(value: str) -> bool:
    return value.startswith("/") and "\0" not in value and ".." not in value.split("/")


def _read_seconds(value: Any) -> float:
    """Seconds; 0 for what is no duration."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(min(max(value, 0), LONGEST_S + 1))
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) * _SECONDS[match[2]] if match else 0.0


def format_duration(seconds: float) -> str:
    """Seconds as a text that `Fields.duration` reads back to the same number: `5400s`, `0.25s`."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
