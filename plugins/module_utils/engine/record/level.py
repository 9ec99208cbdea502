"""How far a run is proved: the only words that a report may use for it, from nothing to compared."""

from __future__ import annotations

from collections.abc import Iterable

NONE = "none"
WRITTEN = "written"
INTACT = "intact"
READABLE = "readable"
RESTORED = "restored"
COMPARED = "compared"
DAMAGED = "damaged"

LADDER: tuple[str, ...] = (NONE, WRITTEN, INTACT, READABLE, RESTORED, COMPARED)
"""From the least to the most; `damaged` stands outside: a later check that failed."""


def is_at_least(level: str, wanted: str) -> bool:
    """Whether `level` is as high as `wanted`; `damaged` is below everything."""
    return level != DAMAGED and LADDER.index(level) >= LADDER.index(wanted)


def find_lowest(levels: Iterable[str]) -> str:
    """The level of a whole is that of its weakest part; of nothing: `none`."""
    found = list(levels)
    if DAMAGED in found:
        return DAMAGED
    return min(found, key=LADDER.index, default=NONE)
