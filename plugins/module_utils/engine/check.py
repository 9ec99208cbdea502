"""Proves what is stored: its bytes, its structure, that it comes back, and that it equals what was in the source."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from .act import Act, Outcome, perform
from .drivers.base import Target
from .errors import BackupDiffers, RestoreFailed, StoredDamaged, ToolMissing
from .flow.sandbox import open_place
from .record import level as levels
from .record.application import Application
from .record.census import SHOWN_DIFFERENCES
from .record.receipt import CHECK, FAILED, Part, Receipt, describe_failure
from .retrieval import Retrieval
from .station import Station

NO_RETRIES: Mapping[str, str] = MappingProxyType({})
FOUND_WANTING = (StoredDamaged, BackupDiffers, RestoreFailed)
"""Faults of what is stored; any other fault is one of the check itself and lowers nothing."""


def check_server(
    station: Station, wanted: Sequence[tuple[Application, Receipt, str]], retries: Mapping[str, str] = NO_RETRIES
) -> list[Receipt]:
    """Checks runs, several side by side; the receipts in the order given. Raises only NotRecorded.

    `wanted`: an application, the run receipt to prove, and the depth: `readable` or `compared`. `retries`: run id ->
    the failed check that is repeated.
    """

    def prove(one: tuple[Application, Receipt, str]) -> Receipt:
        application, run, depth = one
        return check_run(station, application, run, depth, retries.get(run.id, ""))

    with ThreadPoolExecutor(max_workers=station.lanes.heavy) as workers:
        return list(workers.map(prove, wanted))


def check_run(station: Station, application: Application, run: Receipt, depth: str, retry_of: str = "") -> Receipt:
    """Checks every part of one run up to `depth`, also after one has failed."""
    return perform(station, application, CHECK, lambda act: _check_parts(act, run, depth), retry_of, run.id)


def _check_parts(act: Act, run: Receipt, depth: str) -> Outcome:
    act.station.store.open()
    parts = tuple(_check_part(act, run, part, depth) for part in run.parts)
    failures = [part.failure for part in parts if part.failure]
    if not failures and not _is_receipt_intact(act, run):
        parts = tuple(replace(part, level=levels.DAMAGED) for part in parts)
        failures = [describe_failure(StoredDamaged.hash_differs("receipt.json"))]
    return Outcome(parts, failures[0] if failures else None, run_id=run.id)


def _is_receipt_intact(act: Act, run: Receipt) -> bool:
    """The receipt beside the files and the one in the records must be the same bytes."""
    station = act.station
    return station.store.read_receipt(run.application, run.id) == station.catalogue.read(run.application, run.id)


def _check_part(act: Act, run: Receipt, part: Part, depth: str) -> Part:
    began_s = time.monotonic()
    climb = _Climb(Retrieval(act, run, part))
    try:
        with open_place(act.station.scratch_of(run.application)) as place:
            climb.ascend(place, depth)
    except Exception as error:  # pylint: disable=broad-exception-caught
        climb.fall(error)
    return replace(climb.checked, duration_s=time.monotonic() - began_s)


@dataclass
class _Climb:
    """One part's way up the levels: `checked` holds the highest that was reached so far."""

    retrieval: Retrieval
    checked: Part = field(init=False)

    def __post_init__(self) -> None:
        part = self.retrieval.part
        self.checked = Part(part.kind, part.engine, part.name, part.path, file=part.file, level=levels.WRITTEN)

    def fall(self, error: Exception) -> None:
        """What the fault means for the level."""
        level = levels.DAMAGED if isinstance(error, FOUND_WANTING) else self.checked.level
        self.checked = replace(self.checked, status=FAILED, failure=describe_failure(error), level=level)

    def reach(self, level: str) -> None:
        """One level more is proved."""
        self.checked = replace(self.checked, level=level)

    def ascend(self, place: Path, depth: str) -> None:
        """Up to `depth`; raises at the level that does not hold. Where no throwaway place can be had for this kind of
        source, its structure is read instead, and a note says why no more could be done."""
        if depth == levels.COMPARED:
            try:
                with self.retrieval.open_scratch(place) as target:
                    self.retrieval.restore(target)
                    self.reach(levels.RESTORED)
                    self._compare(target, place)
                return
            except ToolMissing as error:
                self.checked = replace(self.checked, notes=(f"not restored: {error.message}; {error.hint}",))
        self.retrieval.read()
        self.reach(levels.READABLE)

    def _compare(self, target: Target, place: Path) -> None:
        examined = self.retrieval.examine(target, place)
        self.checked = replace(
            self.checked,
            census=self.retrieval.census,
            found=examined.found,
            comparison=examined.comparison,
            differences=tuple(examined.differences[:SHOWN_DIFFERENCES]),
            difference_count=examined.difference_count,
        )
        if examined.difference_count:
            first = examined.differences[0]
            told = f"{first.what}: expected {first.expected}, found {first.found}"
            raise BackupDiffers.from_source(self.checked.name, examined.difference_count, told)
        self.reach(levels.COMPARED)
