"""What is stored, and how far each run is proved: out of an index in the server's state, so that only new receipts are
read. The receipts are the truth: an index that is absent, damaged or made from other files is made again out of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .books.index import Entry, Index, Listing, Stamp, look_at
from .record.receipt import CHECK, RUN, Receipt
from .record.wire import format_time, read_sealed, write_sealed
from .rules.proof import find_level
from .station import Station
from .version import VERSION

FOLDER = "index"
FORM = "list 1"


class StoredRun(NamedTuple):
    """A run that the store holds: when it began as its receipt writes it, its bytes, its evidence level."""

    application: str
    id: str
    began: str
    size_bytes: int
    level: str


class Stock(NamedTuple):
    """The stored runs of an application, oldest first, and a sentence for each receipt that could not be read and each
    run that has none."""

    runs: Sequence[StoredRun]
    problems: Sequence[str]


def list_stored(station: Station, application: str) -> Stock:
    """What the store holds of an application. The index is brought up to date where it can be written."""
    held = station.store.runs(application)
    folder = station.catalogue.folder_of(application)
    seen = look_at(folder)
    learned = _Learned(station, application)
    recorded: set[str] = set()
    if seen is not None:
        listing = Listing(folder, seen)
        recorded.update(listing.ids)
        _bring_up_to_date(learned, station, listing, [identity for identity in held if identity in recorded])
    runs = [StoredRun(application, identity, *learned.runs[identity]) for identity in held if identity in learned.runs]
    absent = [f"{identity}: stored, but no receipt here tells of it" for identity in held if identity not in recorded]
    return Stock(runs, list(dict.fromkeys([*learned.problems, *absent])))


@dataclass
class _Learned:
    """Of runs their line of the list, of checks which run they are of; what could not be read."""

    station: Station
    application: str
    runs: dict[str, list[Any]] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def recall(self, entry: Entry | None, listing: Listing) -> Stamp | None:
        """Takes over what the index knows, if all files that it was made from are there as they were."""
        if entry and listing.begins_with(entry.stamp) and listing.holds_files_of(entry.stamp):
            with suppress(ValueError):
                self.runs, self.checks = read_sealed(entry.lines[0])
                return entry.stamp
        return None

    def learn(self, new: Sequence[str], missing: Sequence[str]) -> None:
        """Reads the checks among new receipts and the runs that are missing here. Runs that are stored no longer are
        not read."""
        known = {*self.runs, *missing}
        fresh: dict[str, list[Receipt]] = {run_id: [] for run_id in missing}
        older: dict[str, list[str]] = {run_id: [] for run_id in missing}
        before = dict(self.checks)
        for check in self._read(CHECK, new):
            self.checks[check.id] = check.run_id
            if check.run_id in known:
                fresh.setdefault(check.run_id, []).append(check)
        for identity, run_id in before.items():
            if run_id in fresh:
                older.setdefault(run_id, []).append(identity)
        for run in self._read(RUN, sorted(fresh)):
            checks = [*self._read(CHECK, older.get(run.id, ())), *fresh[run.id]]
            self.runs[run.id] = [format_time(run.began), run.size_bytes, find_level(run, checks)[0]]

    def _read(self, kind: str, ids: Sequence[str]) -> Iterator[Receipt]:
        for identity, _data, receipt, complaint in self.station.catalogue.walk(self.application, (kind,), ids):
            if receipt is None:
                self.problems.append(f"{identity}: {complaint}")
            elif receipt.kind == kind:
                yield receipt


def _bring_up_to_date(learned: _Learned, station: Station, listing: Listing, held: Sequence[str]) -> None:
    """Where something could not be read the index stays as it was, so that the next list tells of it again."""
    index = Index(station.state / FOLDER, f"{FORM} {VERSION}")
    stamp = learned.recall(index.read(station.server.name, learned.application), listing)
    now = listing.stamp_after(stamp)
    new = listing.ids[stamp.count if stamp else 0 :]
    missing = [identity for identity in held if identity not in learned.runs]
    learned.learn(new, missing)
    if (missing or now != stamp) and not learned.problems:
        entry = Entry(now, {}, [write_sealed([learned.runs, learned.checks])])
        index.write(station.server.name, learned.application, entry)
