"""How a tree comes back to its own place: unpacked beside it, compared, then exchanged by rename."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import chain, count
from pathlib import Path

from ...record.source import Source, TreeSource
from ..base import Confirmed, ExchangeLanding

BESIDE = ".before-restore"
"""Ends the name of what was there, where the backup brings something of the same name."""


class TreeLanding(ExchangeLanding):
    """See base.Landing. What the register excludes moves from the old folder to the new one."""

    def __init__(self, source: Source, consent: Confirmed) -> None:
        super().__init__(source, consent)
        self._exclude = source.exclude if isinstance(source, TreeSource) else ()

    @property
    def steps(self) -> Sequence[str]:
        """See base.Landing."""
        return list(self._tell())

    def _tell(self) -> Iterator[str]:
        path = self.exchange.path
        yield f"unpack into {self.exchange.staging} and compare with the backup, file by file"
        if self.is_there:
            yield f"exchange it with {path} by rename"
            yield from (f"keep what the register excludes: {pattern}" for pattern in self._exclude)
            yield "remove the former folder: the safety backup holds it"
        else:
            yield f"put it at {path}, where nothing is now"

    def take_over(self) -> Sequence[str]:
        """See base.Landing."""
        exchange = self.exchange
        exchange.swap(exchange.staging / self.label)
        carried = carry(exchange.former, exchange.path, self._exclude)
        exchange.forget()
        return [_tell_kept(name, kept) for name, kept in carried.items()]


def carry(former: Path, path: Path, exclude: Sequence[str]) -> dict[str, str]:
    """Moves what `exclude` names from one folder to the other: name -> the one that it has there, in order.

    An old run may hold what is excluded now; what was there goes beside it then.
    """
    moved = {}
    for name in find_excluded(former, exclude):
        target = _find_free(path / name)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(former / name, target)
        moved[name] = str(target.relative_to(path))
    return moved


def _find_free(path: Path) -> Path:
    """`path` itself, else the first name beside it that nothing has."""
    beside = f"{path.name}{BESIDE}"
    names = chain([path.name, beside], (f"{beside}-{number}" for number in count(2)))
    return next(free for free in map(path.with_name, names) if not os.path.lexists(free))


def _tell_kept(name: str, kept: str) -> str:
    if name == kept:
        return f"kept, as it is in no backup: {name}"
    return f"the backup holds {name}, which the register excludes now: what was there is kept as {kept}"


def find_excluded(folder: Path, exclude: Sequence[str]) -> list[str]:
    """Names below `folder` that the patterns of a register mean, without what lies below such a name."""
    found = []
    patterns = [pattern.rstrip("/") for pattern in exclude]
    for top, folders, files in os.walk(folder):
        base = os.path.relpath(top, folder)
        for name in sorted([*folders, *files]):
            whole = name if base == "." else f"{base}/{name}"
            if any(_matches(whole, name, pattern) for pattern in patterns):
                found.append(whole)
                if name in folders:
                    folders.remove(name)
    return sorted(found)


def _matches(whole: str, name: str, pattern: str) -> bool:
    """As tar matches: a pattern with a leading slash from the top, name by name; any other on a name alone."""
    if not pattern.startswith("/"):
        return fnmatchcase(name, _plain(pattern))
    wanted, given = pattern[1:].split("/"), whole.split("/")
    return len(wanted) == len(given) and all(map(fnmatchcase, given, map(_plain, wanted)))


def _plain(pattern: str) -> str:
    r"""A pattern of tar as fnmatch has it: `\*` is an asterisk, `[*]` there."""
    return re.sub(r"\\(.)", r"[\1]", pattern)
