"""Recalls an application's past without reading its receipts again: from the index beside them, brought up to date."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from .books.catalogue import Catalogue, find_breaks
from .books.index import Entry, Facts, Index, Listing, look_at
from .record.quiet import LOUD, Quiet
from .record.receipt import Receipt
from .record.report import Period
from .record.wire import hash_bytes
from .rules.memory import FORMAT
from .rules.past import Past
from .rules.tiers import Tier, build_tiers, count_tiers, extend_tiers, recall_past
from .version import VERSION

FOLDER = "index"
"""Where the index lies in an evidence folder."""

SERVER_FOLDER = "past"
"""Where a server keeps its own, beside that of what it stores (listing.py)."""

FILES_LOOKED_AT = 100_000
"""That a receipt came or went is seen at each report; so many are also looked at one by one (size, times, inode), the
next ones at the next report. So a city's are all looked at each time, a province's within some weeks."""


class Recalled(NamedTuple):
    """A past, and a sentence for each receipt that was altered, removed or added (record/evidence.py)."""

    past: Past
    breaks: Sequence[str]


@dataclass
class Effort:
    """How many applications came out of the index as they were, were continued by new receipts, were made anew out of
    all receipts, or were read past the index; and the seconds that all but the first took."""

    recalled: int = 0
    continued: int = 0
    rebuilt: int = 0
    read: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class _Case:
    """Whose past, and what its pasts in the index depend on."""

    catalogue: Catalogue
    folder: Path
    server: str
    application: str
    now: datetime
    interval_s: float
    zone: str
    quiet: Quiet

    @property
    def key(self) -> str:
        return f"{self.interval_s} {self.zone} {self.quiet.key}".rstrip()


class Memory:
    """The index at `root` over the catalogues that `open_catalogue` gives for a server. Ask for applications in the
    same order at each report, then `conclude`."""

    def __init__(
        self, root: Path, open_catalogue: Callable[[str], Catalogue], files_looked_at: int = FILES_LOOKED_AT
    ) -> None:
        self._index = Index(root, f"{FORMAT} {VERSION}")
        self._find_catalogue = lru_cache(maxsize=16)(open_catalogue)
        self._turn = _Turn(self._index.read_cursor(), files_looked_at)
        self.effort = Effort()

    def recall(
        self, server: str, application: str, period: Period, now: datetime, interval_s: float, quiet: Quiet = LOUD
    ) -> Recalled:
        """The past of an application for a report on `period`: the same as `Past` has after all of its receipts."""
        catalogue = self._find_catalogue(server)
        case = _Case(
            catalogue, catalogue.folder_of(application), server, application, now, interval_s, period.zone, quiet
        )
        seen = look_at(case.folder)
        if seen is None:
            return self._read(case, period)
        entry = self._find(case, seen, lambda facts: 2 * count_tiers(facts["ends"], period, now))
        try:
            past = recall_past(_read_tiers(entry), period, now, interval_s, quiet)
        except ValueError:
            entry = self._rebuild(case, seen)
            past = recall_past(_read_tiers(entry), period, now, interval_s, quiet)
        return Recalled(past, entry.facts["breaks"]) if past else self._read(case, period)

    def conclude(self) -> None:
        """Notes where to go on with looking at files."""
        self._index.write_cursor(self._turn.cursor)

    def _find(self, case: _Case, seen: tuple[int, int, int], count: Callable[[Facts], int]) -> Entry:
        """The entry as the files are now, with as many lines as are needed at least."""
        entry = self._index.read(case.server, case.application, count)
        is_looked_at = self._turn.take(f"{case.server}/{case.application}", entry.stamp.count if entry else 0)
        if entry is None or entry.facts["key"] != case.key:
            return self._rebuild(case, seen)
        if entry.stamp.folder == seen and entry.stamp.is_settled and not is_looked_at:
            self.effort.recalled += 1
            return entry
        listing = Listing(case.folder, seen)
        if not listing.begins_with(entry.stamp) or (is_looked_at and not listing.holds_files_of(entry.stamp)):
            return self._rebuild(case, seen)
        return self._continue(case, entry, listing) or self._rebuild(case, seen)

    def _continue(self, case: _Case, entry: Entry, listing: Listing) -> Entry | None:
        """The entry with what came since; None where only a look at all receipts tells what that means."""
        began = time.perf_counter()
        new = listing.ids[entry.stamp.count :]
        stamp = listing.stamp_after(entry.stamp)
        if stamp != entry.stamp:
            whole = self._index.read(case.server, case.application)
            if whole is None or whole.stamp != entry.stamp or len(whole.lines) != 2 * len(whole.facts["ends"]):
                return None  # it is damaged, or another report was quicker
            entry = whole
        facts, lines = entry.facts, entry.lines
        if new:
            links = _Links()
            receipts = list(links.follow(case.catalogue.walk(case.application, ids=new)))
            if facts["breaks"] or links.breaks or not links.continue_from(facts["head"]):
                return None
            with suppress(ValueError):
                tiers = extend_tiers(_read_tiers(entry), receipts, case.now, case.interval_s, case.zone, case.quiet)
                facts, lines = _write_facts(case, tiers, links.head, []), _write_tiers(tiers)
            if lines is entry.lines:
                return None
        if stamp != entry.stamp:
            self._index.write(case.server, case.application, Entry(stamp, facts, lines))
        self.effort.continued += bool(new)
        self.effort.recalled += not new
        self.effort.seconds += time.perf_counter() - began
        return Entry(stamp, facts, lines)

    def _rebuild(self, case: _Case, seen: tuple[int, int, int]) -> Entry:
        began = time.perf_counter()
        listing, links = Listing(case.folder, seen), _Links()
        stamp = listing.stamp_after(None)
        receipts = links.follow(case.catalogue.walk(case.application, ids=listing.ids))
        tiers = build_tiers(receipts, case.now, case.interval_s, case.zone, case.quiet)
        facts = _write_facts(case, tiers, links.head, [*links.breaks, *find_breaks(links.found)])
        entry = Entry(stamp, facts, _write_tiers(tiers))
        self._index.write(case.server, case.application, entry)
        self.effort.rebuilt += 1
        self.effort.seconds += time.perf_counter() - began
        return entry

    def _read(self, case: _Case, period: Period) -> Recalled:
        began = time.perf_counter()
        past, breaks = Past(period, case.now, case.interval_s, case.quiet), list[str]()
        for receipt in case.catalogue.follow(case.application, breaks):
            past.take(receipt)
        self.effort.read += 1
        self.effort.seconds += time.perf_counter() - began
        return Recalled(past, breaks)


class _Turn:
    """Whose files are looked at one by one this time: those after the cursor, until enough are."""

    def __init__(self, cursor: str, files: int) -> None:
        self.cursor = ""
        self._began_after = cursor
        self._left = files

    def take(self, place: str, count: int) -> bool:
        """Whether it is this one's turn, with so many files."""
        if self._began_after:
            self._began_after = "" if place == self._began_after else self._began_after
            return False
        if self._left <= 0:
            return False
        self._left -= count
        self.cursor = place if self._left <= 0 else ""
        return True


@dataclass
class _Links:
    """The chain of receipts that passed by."""

    found: dict[str, tuple[str, str]] = field(default_factory=dict)
    breaks: list[str] = field(default_factory=list)

    def follow(self, walk: Iterator[tuple[str, bytes, Receipt | None, str]]) -> Iterator[Receipt]:
        """The receipts among what lies there."""
        for identity, data, receipt, complaint in walk:
            if receipt is None:
                self.breaks.append(f"{identity}: {complaint}")
            else:
                self.found[identity] = hash_bytes(data), receipt.previous
                yield receipt

    @property
    def head(self) -> str:
        """The hash that the next receipt must name; empty where only a look at all can tell."""
        if not self.found:
            return ""
        last = list(self.found.values())[-1][0]
        return "" if any(previous == last for _unused, previous in self.found.values()) else last

    def continue_from(self, head: str) -> bool:
        """Whether each follows the one before, the first the head, or begins anew."""
        for sha256, previous in self.found.values():
            if previous not in ("", head) or not head:
                return False
            head = sha256
        return True


def _read_tiers(entry: Entry) -> list[Tier]:
    lines = iter(entry.lines)
    return [Tier(end, past, after) for end, past, after in zip(entry.facts["ends"], lines, lines)]


def _write_tiers(tiers: Sequence[Tier]) -> list[str]:
    return [line for tier in tiers for line in (tier.past, tier.after)]


def _write_facts(case: _Case, tiers: Sequence[Tier], head: str, breaks: Sequence[str]) -> dict[str, object]:
    return {"key": case.key, "head": head, "breaks": list(breaks), "ends": [tier.end for tier in tiers]}
