"""One application's past, read receipt by receipt in constant memory: what a row, a report and its questions need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from ..record import level as levels
from ..record.quiet import LOUD, Quiet
from ..record.receipt import CHECK, COPY, PRUNE, RESTORE, RUN, Failure, Receipt, StoreTrace
from ..record.report import (
    CHECKED_AGAIN,
    NO_ACTION,
    RAN_AGAIN,
    REPAIRED,
    RETRIED,
    CheckEntry,
    Period,
    RepairEntry,
    RestoreEntry,
)
from ..record.zone import ZONE_OFFSETS_H
from .counts import count_things, name_databases
from .proof import FOUND_WANTING, RunProof
from .reasons import MISSED_SLUG, describe_restore, find_failure, tell_missed
from .schedule import count_missed
from .tracked import TRACKED_RUNS, Days, Runs, TrackedRun, Trouble

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a server's clock may be ahead of ours before its receipts count as dated in the future."""

HOUR_S = 3600
DAY_S = 24 * HOUR_S


class Past:
    """Takes an application's receipts, oldest first, and keeps what a report on `period` made at `now` must know.

    Runs after the period are left out; checks and prunings after it still tell about the runs within it. On days that
    are `quiet` nothing is missed.
    """

    def __init__(self, period: Period, now: datetime, interval_s: float, quiet: Quiet = LOUD) -> None:
        self.period, self.interval_s, self.quiet = period, interval_s, quiet
        self._offset_s = ZONE_OFFSETS_H[period.zone] * HOUR_S
        self.moment = min(now, period.ended)
        self.horizon = now + CLOCK_TOLERANCE
        self.cutoff = period.ended if period.ended < now else self.horizon
        self.runs = Runs()
        self.last_run: Receipt | None = None
        self.last_stored: StoreTrace | None = None
        self.newest: Receipt | None = None
        self.first_good: datetime | None = None
        self.older_good: TrackedRun | None = None
        self.last_compared: datetime | None = None
        self.restore_s: float | None = None
        self.consecutive_failures = 0
        self.counts: Counter[str] = Counter()
        self.unchanged_runs, self.unchanged_since = 0, self.moment
        self.databases: tuple[str, ...] = ()
        self.restarted_at: datetime | None = None
        self.future_receipts = 0
        self.warnings: list[str] = []
        self.checks: list[CheckEntry] = []
        self.repairs: list[RepairEntry] = []
        self.restores: list[RestoreEntry] = []
        self.run_spans: list[tuple[datetime, datetime]] = []
        self.check_spans: list[tuple[datetime, datetime]] = []
        self.trouble: Trouble | None = None
        self.days = Days()

    def take(self, receipt: Receipt) -> None:
        """The next receipt."""
        if receipt.ended >= self.horizon:
            self.future_receipts += 1
            return
        if receipt.kind == RUN and receipt.ended >= self.cutoff:
            return
        if self.newest and not receipt.previous and receipt.kind != COPY and self._is_within(receipt):
            self.restarted_at = receipt.began
        self.newest = receipt
        if receipt.is_safety:
            return
        if receipt.kind == RUN:
            self._take_run(receipt)
        elif receipt.kind == CHECK:
            self._take_check(receipt)
        elif receipt.kind == COPY:
            self._take_copy(receipt)
        elif receipt.kind == PRUNE:
            self._take_prune(receipt)
        elif receipt.kind == RESTORE:
            self._take_restore(receipt)

    @property
    def last_good(self) -> TrackedRun | None:
        """The newest run that succeeded, is still stored and was not found damaged."""
        return next((run for run in self._remembered() if run.is_good), None)

    def find(self, run_id: str) -> TrackedRun | None:
        """One of the runs that are remembered."""
        if run_id in self.runs.ids:
            return self.runs[self.runs.ids.index(run_id)]
        return self.older_good if self.older_good and self.older_good.id == run_id else None

    def _remembered(self) -> Iterator[TrackedRun]:
        yield from reversed(self.runs)
        if self.older_good:
            yield self.older_good

    def _replace(self, run: TrackedRun) -> None:
        if self.older_good and self.older_good.id == run.id:
            self.older_good = run
        else:
            self.runs.replace(run)

    def _is_within(self, receipt: Receipt) -> bool:
        return self.period.began <= receipt.ended < self.cutoff

    def _take_run(self, receipt: Receipt) -> None:
        if self.last_run:
            self._note_gap(self.last_run.began, receipt.began)
        self._remember(receipt)
        self.last_run = receipt
        self.last_stored = receipt.store or self.last_stored
        self.warnings = []
        if self._is_within(receipt):
            self.counts[receipt.status] += 1
            self.run_spans.append((receipt.began, max(receipt.began, receipt.ended)))
        if receipt.has_succeeded:
            self._note_success(receipt)
        else:
            self.consecutive_failures += 1
            action = RETRIED if receipt.retry_of else NO_ACTION
            self._note_trouble(receipt.began, find_failure(receipt), action=action)

    def _remember(self, receipt: Receipt) -> None:
        store, places = receipt.store, {}
        if receipt.has_succeeded:
            places = {store.path if store else "": store is None or store.is_same_disk}
        proof = RunProof.begin_with(receipt)
        run = TrackedRun(receipt.id, receipt.began, receipt.has_succeeded, receipt.size_bytes, proof, places)
        dropped = self.runs.append(run)
        if dropped and dropped.is_good:
            self.older_good = dropped
        self.days.note(self.day_of(min(receipt.began, receipt.ended)), run.standing)

    def _note_day(self, run: TrackedRun) -> None:
        """The day of a run that stands otherwise now, unless another run followed on the same day."""
        day = self.day_of(run.began)
        last = next((held for held in reversed(self.runs) if self.day_of(held.began) == day), run)
        if last.id == run.id:
            self.days.note(day, run.standing)

    def day_of(self, moment: datetime) -> int:
        """The day since 1970 in the zone of the period."""
        return int((moment.timestamp() + self._offset_s) // DAY_S)

    def _note_gap(self, last: datetime, until: datetime) -> None:
        missed = self._count_missed(last, until)
        if missed:
            due = self.quiet.put_off(last, last + timedelta(seconds=self.interval_s))
            self._note_trouble(due, tell_missed(last, due))
            before = self._count_missed(last, min(until, max(last, self.period.began)))
            self.counts[MISSED_SLUG] += missed - before

    def note_silence(self) -> int:
        """After the last receipt: how many runs have been missed since, counted as if the next began at the moment."""
        if self.last_run is None:
            return 0
        self._note_gap(self.last_run.began, self.moment)
        return self._count_missed(self.last_run.began, self.moment)

    def _count_missed(self, last: datetime, until: datetime) -> int:
        return count_missed(last, until, self.interval_s, self.quiet)

    def _note_success(self, receipt: Receipt) -> None:
        self.consecutive_failures = 0
        self.first_good = self.first_good or receipt.began
        databases = name_databases(receipt.parts)
        if databases and databases == self.databases:
            self.unchanged_runs += 1
        else:
            self.databases, self.unchanged_runs, self.unchanged_since = databases, 0, receipt.began
        self._note_repair(receipt, RETRIED if receipt.retry_of else RAN_AGAIN)

    def _note_trouble(self, since: datetime, cause: Failure, run_id: str = "", action: str = NO_ACTION) -> None:
        if self.trouble is None:
            self.trouble = Trouble(since, cause, run_id)
        elif self.trouble.cause.slug == MISSED_SLUG:
            self.trouble.cause = cause
        if action != NO_ACTION:
            self.trouble.action = action

    def _note_repair(self, receipt: Receipt, action: str) -> None:
        trouble, self.trouble = self.trouble, None
        if trouble and self._is_within(receipt):
            who = receipt.application, receipt.server
            self.repairs.append(RepairEntry(*who, trouble.since, trouble.cause, action, receipt.ended, REPAIRED))

    def _take_check(self, receipt: Receipt) -> None:
        run = self.find(receipt.run_id)
        if run:
            self._note_proof(receipt, run)
        level = receipt.level
        if levels.is_at_least(level, levels.RESTORED):
            self.restore_s = receipt.duration_s
        if level == levels.COMPARED:
            self.last_compared = receipt.ended
        if not receipt.has_succeeded and find_failure(receipt).slug not in FOUND_WANTING:
            self.warnings.append(f"a check came to no result: {find_failure(receipt).message}")
        if self._is_within(receipt):
            self.check_spans.append((receipt.began, max(receipt.began, receipt.ended)))
            self.checks.append(self._describe_check(receipt))

    def _note_proof(self, receipt: Receipt, run: TrackedRun) -> None:
        proof = run.proof.take(receipt)
        before, after = run.proof.level, proof.level
        self._replace(replace(run, proof=proof))
        if after != before:
            self._note_day(replace(run, proof=proof))
        if after == levels.DAMAGED and before != levels.DAMAGED:
            self._note_trouble(receipt.began, proof.damage or find_failure(receipt), run.id)
        elif after != levels.DAMAGED and self.trouble and self.trouble.run_id == run.id:
            self._note_repair(receipt, CHECKED_AGAIN)

    def _describe_check(self, receipt: Receipt) -> CheckEntry:
        parts, last = receipt.parts, self.last_run
        counted = [part.census for part in parts if part.census]
        if not counted and last and last.id == receipt.run_id:
            counted = [part.census for part in last.parts if part.census]
        return CheckEntry(
            application=receipt.application,
            server=receipt.server,
            run_id=receipt.run_id,
            began=receipt.began,
            duration_s=receipt.duration_s,
            status=receipt.status,
            level=receipt.level,
            comparison=next((part.comparison for part in parts if part.comparison != "none"), "none"),
            expected=count_things(counted),
            found=count_things(part.found for part in parts),
            differences=tuple(difference for part in parts for difference in part.differences)[:TRACKED_RUNS],
            difference_count=sum(part.difference_count for part in parts),
            failure=None if receipt.has_succeeded else find_failure(receipt),
        )

    def _take_copy(self, receipt: Receipt) -> None:
        run = self.find(receipt.run_id)
        if run and receipt.has_succeeded and receipt.store:
            self._replace(replace(run, places={**run.places, receipt.store.path: receipt.store.is_same_disk}))
        elif not receipt.has_succeeded and self._is_within(receipt):
            self.warnings.append(f"a copy failed: {find_failure(receipt).message}")

    def _take_restore(self, receipt: Receipt) -> None:
        """How long the whole application took to come back."""
        is_whole = self.last_run is not None and len(receipt.parts) == len(self.last_run.parts)
        if is_whole and receipt.has_succeeded and levels.is_at_least(receipt.level, levels.RESTORED):
            self.restore_s = receipt.duration_s
        if self._is_within(receipt):
            self.restores.append(describe_restore(receipt))

    def _take_prune(self, receipt: Receipt) -> None:
        """A run that left one store may lie in another one still; a receipt that names no store means all."""
        left = receipt.store.path if receipt.store else None
        for run in filter(None, map(self.find, receipt.deleted)):
            places = {path: held for path, held in run.places.items() if left not in (None, path)}
            self._replace(replace(run, places=places))
