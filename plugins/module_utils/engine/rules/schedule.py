"""When something is due again: runs by their category, checks by their application's policy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ..record import level as levels
from ..record.application import Application
from ..record.policy import DAILY, INTERVAL_S, MONTHLY, NEVER, OVERDUE_FACTOR
from ..record.quiet import LOUD, Quiet
from ..record.receipt import Receipt
from .proof import RunProof

EARLY_FACTOR = 0.9
"""Something is due when nine tenths of its interval are over: what is weekly by intent must not slip by a day a week
because last week's took a minute longer."""

REREAD_S = INTERVAL_S[MONTHLY]
"""Every stored run is read again to its end after this many seconds, for disks forget."""


def interval_of(category: str) -> float:
    """Seconds between two runs of a category; a word that is none counts as daily, the strictest."""
    return INTERVAL_S.get(category, INTERVAL_S[DAILY])


def is_due(last: datetime | None, interval_s: float, now: datetime) -> bool:
    """Whether something that was done at `last` (None: never) and is done every `interval_s` should be done now."""
    return last is None or (now - last).total_seconds() >= EARLY_FACTOR * interval_s


def is_overdue(last: datetime, interval_s: float, now: datetime, quiet: Quiet = LOUD) -> bool:
    """Whether so much more than the interval has gone by, quiet days left out, that something must be wrong."""
    return quiet.measure_s(last, now) > OVERDUE_FACTOR * interval_s


def count_missed(last: datetime, until: datetime, interval_s: float, quiet: Quiet = LOUD) -> int:
    """How many runs should have begun after `last` and before `until`, and did not; quiet days do not count.

    A run is missed when half an interval more than its due time is over: one at 1.6 intervals is one missed, 2.6 two.
    The first is missed at the very second of `due_time`.
    """
    return max(0, int(quiet.measure_s(last, until) / interval_s - (OVERDUE_FACTOR - 1)))


def due_time(last: datetime, interval_s: float, quiet: Quiet = LOUD) -> datetime:
    """By when the next run after `last` must have begun, or it is missed; quiet days do not count."""
    return quiet.put_off(last, last + timedelta(seconds=OVERDUE_FACTOR * interval_s))


def checks_due(
    application: Application, runs: Sequence[Receipt], checks: Iterable[Receipt], now: datetime
) -> list[tuple[str, str]]:
    """(run id, depth) of every stored run that is due for a check, the longest unproved first.

    `runs` are the receipts of what is stored, oldest first; `checks` all check receipts of the application, oldest
    first. The depth is `compared` for the newest sound run when the last comparison of any run is as old as the
    policy says, else `readable` for runs that were not read to their end for REREAD_S. A damaged run is not checked
    again: it is replaced, not proved.
    """
    state = _State(runs, checks)
    sound = [run for run in runs if run.has_succeeded and state.proofs[run.id].level != levels.DAMAGED]
    due: list[tuple[datetime, str, str]] = []
    for run in sound:
        if run is sound[-1] and _is_comparison_due(application, state, now):
            due.append((state.last_compared or run.began, run.id, levels.COMPARED))
        elif is_due(state.last_read.get(run.id), REREAD_S, now):
            due.append((state.last_read.get(run.id, run.began), run.id, levels.READABLE))
    return [(run_id, depth) for _unused, run_id, depth in sorted(due)]


class _State:
    """What the checks so far have shown of the stored runs."""

    def __init__(self, runs: Iterable[Receipt], checks: Iterable[Receipt]) -> None:
        self.proofs = {run.id: RunProof.begin_with(run) for run in runs}
        self.last_read: dict[str, datetime] = {}
        self.last_compared: datetime | None = None
        for check in checks:
            if check.run_id in self.proofs:
                self.proofs[check.run_id] = self.proofs[check.run_id].take(check)
            if levels.is_at_least(check.level, levels.READABLE):
                self.last_read[check.run_id] = check.ended
            if check.level == levels.COMPARED:
                self.last_compared = check.ended


def _is_comparison_due(application: Application, state: _State, now: datetime) -> bool:
    wanted = application.check.restore
    return wanted != NEVER and is_due(state.last_compared, interval_of(wanted), now)
