"""Row 2 of the procedure: what was searched becomes the priority list, is written for people, and may be accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .books.searches import Searches, write_listing
from .errors import RecordRefused
from .record.discovered import Discovered, read_discovered
from .record.find import SERVER, UNKNOWN, Find
from .record.priority import PriorityList
from .record.register import Register
from .record.search import Search
from .renderers.priorities import FORMATS, tell_priorities
from .rules.claims import Claims, judge_search
from .rules.proposals import make_priority_list

FOLDER = "priorities"
RECENT = timedelta(hours=1)
"""A search from before does not count as made for this list."""


@dataclass(frozen=True)
class Prioritized:
    """The list, the paths of its forms, and whether anything differs from before."""

    listed: PriorityList
    paths: tuple[str, ...]
    is_changed: bool


def read_look(server: str, data: Mapping[str, Any], now: datetime) -> Discovered:
    """What `server` says it found, as seen `now`: neither its clock nor its own name for itself is believed.

    Raises RecordRefused.
    """
    look = read_discovered(data, f"what {server} found")
    if look.server != server:
        raise RecordRefused.malformed(f"what {server} found", "it is of another server")
    return replace(look, at=now)


def prioritize(
    register: Register, search: Search, now: datetime, silent: Iterable[tuple[str, str]] = ()
) -> PriorityList:
    """The list as it is known now; `silent` are servers that could not be searched, each with what was said instead."""
    claims = judge_search(register, search, now, now - RECENT) or Claims((), ())
    listed = make_priority_list(register, claims, search.looks, search.accepted)
    doubts = [Find(server, SERVER, f"server:{server}", UNKNOWN, "", reason) for server, reason in silent]
    named = {find.key for find in doubts}
    finds = [find for find in listed.finds if find.key not in named]
    ordered = tuple(sorted([*finds, *doubts], key=lambda find: find.order))
    return PriorityList(listed.entries, ordered, listed.accepted, listed.changes, listed.proposals)


def add_looks(search: Search, looks: Iterable[Discovered]) -> Search:
    """The same with looks that are not kept, for who must write nothing."""
    return Search({**search.looks, **{look.server: look for look in looks}}, search.earlier, search.accepted)


def keep_priorities(
    root: Path,
    register: Register,
    looks: Iterable[Discovered],
    now: datetime,
    accepted_by: str,
    language: str,
    silent: Iterable[tuple[str, str]] = (),
) -> Prioritized:
    """Keeps the looks in the evidence folder, writes the list in every form below `priorities/`, and keeps it as
    accepted where a person is named. Raises NotRecorded, RecordRefused."""
    searches = Searches(root)
    changes = [searches.keep_look(look) for look in looks]
    doubts = [*silent]
    listed = prioritize(register, searches.read_search(), now, doubts)
    if accepted_by:
        changes.append(searches.accept(listed, accepted_by, now))
        listed = prioritize(register, searches.read_search(), now, doubts)
    paths = []
    for suffix, render in FORMATS.items():
        changes.append(write_listing(root, f"{FOLDER}/priorities.{suffix}", render(listed, language)))
        paths.append(str(root / FOLDER / f"priorities.{suffix}"))
    return Prioritized(listed, tuple(paths), any(changes))


def tell_list(listed: PriorityList, language: str) -> list[str]:
    """The list in some lines, for who started the search."""
    return [*tell_priorities(listed, language)]
