"""What all servers together were found to hold, and what a person accepted of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .discovered import Discovered
from .priority import PriorityList


@dataclass(frozen=True)
class Search:
    """Server -> the newest look at it, and the last one before that saw something else; both may be missing.

    `accepted` is the last accepted priority list.
    """

    looks: Mapping[str, Discovered] = field(default_factory=dict)
    earlier: Mapping[str, Discovered] = field(default_factory=dict)
    accepted: PriorityList | None = None


NOT_SEARCHED = Search()
