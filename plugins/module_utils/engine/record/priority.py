"""The priority list of the procedure's row 2: every application with its category, the reason, and what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..errors import RecordRefused
from .application import NAME_PATTERN
from .find import Find
from .plain import PATTERN, read_plain, write_plain
from .register import SERVER_PATTERN

PRIORITIES_SCHEMA = "diskominfo.backup/priorities/1"

IN_REGISTER = "registered"
PROPOSED = "proposed"

WRITTEN = "written"
CHANGING = "changing"
PUBLIC = "public"
LARGE = "large"
QUIET = "quiet"
UNCLASSIFIED = "unclassified"
CHOSEN = "chosen"
REASONS = (WRITTEN, CHANGING, PUBLIC, LARGE, QUIET, UNCLASSIFIED, CHOSEN)
"""Why a category is proposed: its database is written to, its files change, the public uses it, it is large, nothing
happens in it, nobody can tell (so it is daily, and somebody has to look), or a person chose it in the register."""

ADDED, REMOVED, CATEGORY, CONTENT = "added", "removed", "category", "content"
CHANGES = (ADDED, REMOVED, CATEGORY, CONTENT)


@dataclass(frozen=True)
class PriorityEntry:
    """One application on one server. `state` is registered or proposed, `contents` the keys of what is backed up."""

    server: str = field(metadata={PATTERN: SERVER_PATTERN})
    name: str = field(metadata={PATTERN: NAME_PATTERN})
    title: str
    category: str
    state: str
    reasons: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    owner: str = ""

    @property
    def is_flagged(self) -> bool:
        """Whether nobody could tell how important it is."""
        return UNCLASSIFIED in self.reasons


@dataclass(frozen=True)
class Change:
    """One difference from the last accepted list: `what` is one of CHANGES."""

    server: str
    name: str
    what: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Acceptance:
    """Who accepted a list, and when."""

    by: str
    at: datetime


@dataclass(frozen=True)
class PriorityList:
    """The list as it is now. `finds` are all finds of the search, `changes` the differences from the list that
    `accepted` tells of, None while none was accepted. `proposals` are entries for the register: server -> mappings."""

    entries: tuple[PriorityEntry, ...]
    finds: tuple[Find, ...]
    accepted: Acceptance | None = None
    changes: tuple[Change, ...] = ()
    proposals: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        """The JSON object of docs/schemas/priorities.schema.json."""
        return {
            "schema": PRIORITIES_SCHEMA,
            "accepted": write_plain(self.accepted) if self.accepted else None,
            "entries": [write_plain(entry) for entry in self.entries],
            "finds": [find.to_data() for find in self.finds],
            "changes": [write_plain(change) for change in self.changes],
            "proposals": {server: list(entries) for server, entries in self.proposals.items()},
        }


def read_priorities(data: Mapping[str, Any], subject: str) -> PriorityList:
    """An accepted list out of its JSON object, as far as the next one is held against it; RecordRefused for another."""
    try:
        if data.get("schema") != PRIORITIES_SCHEMA:
            raise ValueError(f"the schema is {str(data.get('schema'))[:80]!r}")
        return PriorityList(
            tuple(read_plain(PriorityEntry, entry) for entry in data["entries"]),
            tuple(read_plain(Find, find) for find in data["finds"]),
            read_plain(Acceptance, data["accepted"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RecordRefused.malformed(subject, f"{type(error).__name__}: {error}") from error


def compare_lists(before: PriorityList, after: tuple[PriorityEntry, ...]) -> tuple[Change, ...]:
    """What differs from the accepted list, application by application."""
    old = {(entry.server, entry.name): entry for entry in before.entries}
    new = {(entry.server, entry.name): entry for entry in after}
    changes = []
    for key in sorted({*old, *new}):
        if key not in old:
            changes.append(Change(*key, ADDED, "", new[key].category))
        elif key not in new:
            changes.append(Change(*key, REMOVED, old[key].category))
        else:
            changes += _compare_entries(old[key], new[key])
    return tuple(changes)


def _compare_entries(old: PriorityEntry, new: PriorityEntry) -> list[Change]:
    changes = []
    if old.category != new.category:
        changes.append(Change(new.server, new.name, CATEGORY, old.category, new.category))
    if set(old.contents) != set(new.contents):
        lost = ", ".join(sorted({*old.contents} - {*new.contents}))
        gained = ", ".join(sorted({*new.contents} - {*old.contents}))
        changes.append(Change(new.server, new.name, CONTENT, lost, gained))
    return changes
