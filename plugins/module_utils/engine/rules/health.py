"""Questions that are asked of every application and every server: one question, one function, one finding."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Optional

from ..record.finding import RED, YELLOW, Finding
from ..record.note import Note
from ..record.receipt import CREDENTIALS
from ..record.report import ApplicationRow
from .counts import is_counted
from .drift import SLUGS as DRIFTS
from .past import Past
from .schedule import is_overdue
from .sizes import ANOMALY_RUNS, SHRUNK_RED

DAY_S = 86400.0
SHRUNK_YELLOW = -0.25
GROWN = 1.0
GROWN_BYTES = 10_000_000
"""Twice the usual size is worth a look only where it is this many bytes more."""
UNPUNCTUAL_S = 3600.0
"""A night's run may begin so much earlier than the one before."""

FAILURES_YELLOW = 2
FAILURES_RED = 3
ROOM_YELLOW = 3.0
ROOM_RED = 1.5
"""Room for so many rounds of all applications of a server must be left in its store."""


@dataclass(frozen=True)
class Facts:
    """What a question may know of an application: its row, its past, and how often it is compared (None: never).

    `breaks`: a sentence for each of its receipts that was altered, removed or added (record/evidence.py). `notes`:
    what people said of it. `registered`: the keys of what the register lists for it. `unchanged_days`: for so many
    days its databases may stay the same (0: for ever).
    """

    row: ApplicationRow
    past: Past
    check_interval_s: float | None
    breaks: Sequence[str] = ()
    notes: Sequence[Note] = ()
    registered: Collection[str] = ()
    unchanged_days: int = 0


@dataclass(frozen=True)
class ServerFacts:
    """What a question may know of a server: its store's room when it was last seen, and what one round needs."""

    server: str
    free_bytes: int
    round_bytes: int
    seen: datetime


Question = Callable[[Facts, datetime], Optional[Finding]]
ServerQuestion = Callable[[ServerFacts, datetime], Optional[Finding]]


def _tell(facts: Facts, slug: str, severity: str, message: str, hint: str, **numbers: float) -> Finding:
    name = facts.row.application
    return Finding(slug, severity, name, f"{name}: {message}", hint, numbers)


def ask_damaged(facts: Facts, _now: datetime) -> Finding | None:
    """Was the last run found wanting after it had been stored?"""
    if not facts.row.is_damaged:
        return None
    hint = "run a new backup at once, check it, and examine the disk of the store"
    return _tell(facts, "damaged_run", RED, "what is stored of the last run is damaged", hint)


def ask_older_damaged(facts: Facts, _now: datetime) -> Finding | None:
    """Is any earlier stored run damaged?"""
    count = facts.past.runs.damaged
    if not count:
        return None
    hint = "examine the disk of the store; do not rely on those runs for restoring"
    return _tell(facts, "damaged_older_run", YELLOW, f"{count} earlier stored runs are damaged", hint, count=count)


def ask_stale(facts: Facts, now: datetime) -> Finding | None:
    """Is the newest good run older than it may be, or is there none at all although something ran?"""
    row, good = facts.row, facts.row.last_good
    hint = "set right what the reason of the row names, then run the backup by hand"
    if good is None:
        return _tell(facts, "never_good", RED, "no good backup exists", hint) if facts.past.last_run else None
    if not is_overdue(good, facts.past.interval_s, now, facts.past.quiet) or not row.needs_somebody:
        return None
    days = (now - good).total_seconds() / DAY_S
    return _tell(facts, "stale", RED, f"the newest good backup is {days:.1f} days old", hint, age_s=days * DAY_S)


def ask_failing(facts: Facts, _now: datetime) -> Finding | None:
    """Has it failed several times in a row?"""
    count = facts.row.consecutive_failures
    if count < FAILURES_YELLOW:
        return None
    severity = RED if count >= FAILURES_RED else YELLOW
    hint = "what fails every time does not mend itself: follow the remedy of the reason"
    return _tell(facts, "failing", severity, f"failed {count} times in a row", hint, count=count)


def ask_shrunk(facts: Facts, now: datetime) -> Finding | None:
    """Is the last run much smaller than usual? An emptied table or an unmounted folder looks like that."""
    change = _usable_change(facts)
    if change is None or change > SHRUNK_YELLOW:
        return None
    message = f"{-change:.0%} smaller than usual"
    known = next((note for note in reversed(facts.notes) if note.is_in_force(now)), None)
    if known:
        message = f"{message}, acknowledged by {known.name} until {known.until:%Y-%m-%d}: {known.text}"
        return _tell(facts, "shrunk_acknowledged", YELLOW, message, "see that it is what was meant", change=change)
    severity = RED if change <= SHRUNK_RED else YELLOW
    hint = "see whether something was deleted or not mounted before older runs are pruned"
    return _tell(facts, "shrunk", severity, message, hint, change=change)


def ask_dropped(facts: Facts, _now: datetime) -> Finding | None:
    """Was something in the last run that the register does not list any more? The next run will be without it."""
    stored = (f"{part.engine}:{part.path}" for part in facts.row.parts if part.kind != CREDENTIALS)
    dropped = [key for key in stored if facts.registered and key not in facts.registered]
    if not dropped:
        return None
    hint = "see whether that was meant; put it back into the register if not"
    message = f"the last run has {', '.join(dropped)}, which the register lists no more"
    return _tell(facts, "part_dropped", YELLOW, message, hint, count=len(dropped))


def ask_grown(facts: Facts, _now: datetime) -> Finding | None:
    """Is the last run much larger than usual?"""
    change, size_bytes = _usable_change(facts), facts.row.size_bytes
    if change is None or size_bytes is None or change < GROWN:
        return None
    if size_bytes - size_bytes / (1 + change) < GROWN_BYTES:
        return None
    hint = "see whether a log, a cache or a copy of a backup lies within the source; exclude it in the register"
    return _tell(facts, "grown", YELLOW, f"{change:.0%} larger than usual", hint, change=change)


def _usable_change(facts: Facts) -> float | None:
    return facts.row.size_change if sum(facts.past.runs.succeeded) > ANOMALY_RUNS else None


def ask_unchanged(facts: Facts, _now: datetime) -> Finding | None:
    """Have its databases been the same for longer than the policy allows? Perhaps the application uses another by now.

    A static site has no database, and a folder that stays the same is nothing to be told of.
    """
    past, last = facts.past, facts.row.last_good
    age_s = (last - past.unchanged_since).total_seconds() if last else 0.0
    if not facts.unchanged_days or not past.unchanged_runs or age_s < facts.unchanged_days * DAY_S - UNPUNCTUAL_S:
        return None
    hint = "see whether the application still uses the database that the register names; or set check.unchanged_days"
    slug, what = "unchanged", "its databases have not changed"
    if any(map(is_counted, past.databases)):
        slug, what = "unchanged_counts", "the size and the row counts of its databases have not changed"
    message = f"{what} for {age_s / DAY_S:.0f} days"
    return _tell(facts, slug, YELLOW, message, hint, age_s=age_s, count=past.unchanged_runs)


def ask_unproved(facts: Facts, now: datetime) -> Finding | None:
    """Is the last comparison with the source longer ago than the policy of the application allows?"""
    interval_s, since = facts.check_interval_s, facts.row.last_compared or facts.past.first_good
    if interval_s is None or since is None or not is_overdue(since, interval_s, now):
        return None
    hint = f"run: diskominfo-backup check {facts.row.application}; if it cannot restore here, its receipt says why"
    if facts.row.last_compared is None:
        return _tell(facts, "never_proved", YELLOW, "no run was ever restored and compared", hint)
    age_s = (now - since).total_seconds()
    message = f"restored and compared last {age_s / DAY_S:.0f} days ago"
    return _tell(facts, "unproved", YELLOW, message, hint, age_s=age_s)


def ask_same_disk(facts: Facts, _now: datetime) -> Finding | None:
    """Does every copy lie on the disk of the source?"""
    if not facts.row.copies or facts.row.copies_elsewhere:
        return None
    hint = "put the store on another disk or server: one broken disk takes the source and its backup"
    return _tell(facts, "same_disk", RED, "every copy lies on the disk of the source", hint)


def ask_breaks(facts: Facts, _now: datetime) -> Finding | None:
    """Are all receipts there, as they were written?"""
    if not facts.breaks:
        return None
    hint = "compare the evidence with the receipts on the server; find out who may write there"
    message = f"its records were altered or are not complete: {facts.breaks[0]}"
    return _tell(facts, "broken_chain", RED, message, hint, count=len(facts.breaks))


def ask_chain(facts: Facts, _now: datetime) -> Finding | None:
    """Did the chain of receipts begin anew in the period?"""
    if facts.past.restarted_at is None:
        return None
    hint = "right after a server was rebuilt; otherwise find out who removed its records"
    return _tell(facts, "chain_restarted", YELLOW, "the chain of its receipts began anew", hint)


def ask_clock(facts: Facts, _now: datetime) -> Finding | None:
    """Are there receipts dated in the future?"""
    count = facts.past.future_receipts
    if not count:
        return None
    hint = "set the clock of the server (timedatectl); receipts from the future are not counted"
    return _tell(facts, "future_receipts", YELLOW, f"{count} receipts are dated in the future", hint, count=count)


QUESTIONS: tuple[Question, ...] = (
    ask_damaged,
    ask_stale,
    ask_breaks,
    ask_failing,
    ask_shrunk,
    ask_dropped,
    ask_older_damaged,
    ask_unproved,
    ask_grown,
    ask_unchanged,
    ask_chain,
    ask_clock,
    ask_same_disk,
)
"""In the order in which people should read the answers."""


def ask_room(facts: ServerFacts, _now: datetime) -> Finding | None:
    """Is there room for the next rounds in the store?"""
    if not facts.round_bytes or facts.free_bytes >= ROOM_YELLOW * facts.round_bytes:
        return None
    severity = RED if facts.free_bytes < ROOM_RED * facts.round_bytes else YELLOW
    message = f"{facts.server}: {facts.free_bytes} bytes free in the store, one round takes {facts.round_bytes}"
    numbers = {"free_bytes": facts.free_bytes, "round_bytes": facts.round_bytes}
    hint = "enlarge the store, or keep fewer runs (retention) of the largest applications"
    return Finding("low_room", severity, facts.server, message, hint, numbers)


SERVER_QUESTIONS: tuple[ServerQuestion, ...] = (ask_room,)

SLUGS: tuple[str, ...] = (
    "damaged_run",
    "never_good",
    "stale",
    "broken_chain",
    "failing",
    "shrunk",
    "shrunk_acknowledged",
    "part_dropped",
    "damaged_older_run",
    "never_proved",
    "unproved",
    "grown",
    "unchanged",
    "unchanged_counts",
    "chain_restarted",
    "future_receipts",
    "same_disk",
    "low_room",
    "note_refused",
    "delivery_failed",
    *DRIFTS,
)
"""Every slug that a question can answer with."""


def ask(facts: Facts, now: datetime) -> tuple[Finding, ...]:
    """Every finding about an application."""
    return tuple(filter(None, (question(facts, now) for question in QUESTIONS)))


def ask_server(facts: ServerFacts, now: datetime) -> tuple[Finding, ...]:
    """Every finding about a server."""
    return tuple(filter(None, (question(facts, now) for question in SERVER_QUESTIONS)))
