"""One application's receipts become its row: what a report says of it, and nothing that no receipt says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress

from ..record import level as levels
from ..record import report as words
from ..record.note import Note
from ..record.receipt import Failure, Receipt
from ..record.report import ApplicationRow, PartRow, RepairEntry
from ..record.schedule import Schedule
from .counts import count_things
from .past import Past
from .proof import RunProof
from .reasons import find_failure, tell_missed
from .schedule import due_time
from .sizes import measure_change
from .tracked import Trouble

SHOWN_WARNINGS = 20
SHOWN_CHARACTERS = 500


@dataclass(frozen=True)
class Subject:
    """Whom a row is about.

    `is_registered` False: there are receipts only. `is_observed` False: the report was limited to other servers, so
    the row keeps what is known and silence means nothing. `registered_since` is None where nobody noted it,
    `schedule` is None where none was accepted.
    """

    server: str
    application: str
    title: str
    owner: str
    category: str
    is_registered: bool = True
    is_observed: bool = True
    registered_since: datetime | None = None
    schedule: Schedule | None = None


def make_row(
    subject: Subject, past: Past, contact: Receipt | None = None, notes: Sequence[Note] = ()
) -> ApplicationRow:
    """The row of one application from its past, which has taken every receipt; `contact` is the newest of its server,
    `notes` are what people said of it. Findings are not asked here: see rules/health.py.
    """
    due = _find_due(subject, past)
    missed = past.note_silence() if _is_late(subject, past, due) else 0
    status, reason = _judge(subject, past, contact, missed)
    if reason and past.trouble is None:
        past.trouble = Trouble(contact.began if contact and status == words.UNREACHABLE else past.moment, reason)
    last, good = past.last_run, past.last_good
    proof = past.runs.proofs[-1] if past.runs else None
    warnings = [*(last.warnings if last else ()), *past.warnings]
    is_active = status != words.RETIRED
    return ApplicationRow(
        application=subject.application,
        title=subject.title,
        owner=subject.owner,
        server=subject.server,
        category=subject.category,
        status=status,
        reason=reason,
        as_of=past.newest.ended if past.newest else None,
        began=last.began if last else None,
        ended=last.ended if last else None,
        duration_s=last.duration_s if last else None,
        size_bytes=last.size_bytes if last and last.has_succeeded else None,
        size_change=_measure_change(past, notes),
        level=proof.level if proof else levels.NONE,
        comparison=proof.comparison if proof else "none",
        last_good=good.began if good else None,
        last_good_age_s=(past.moment - good.began).total_seconds() if good else None,
        last_compared=past.last_compared,
        restore_s=past.restore_s,
        next_run=_find_next_run(subject, past) if is_active else None,
        due=due if is_active else None,
        succeeded_runs=past.counts[words.SUCCEEDED],
        failed_runs=past.counts[words.FAILED],
        missed_runs=past.counts[words.MISSED],
        consecutive_failures=past.consecutive_failures,
        places=tuple(sorted(filter(None, good.places))) if good else (),
        copies=len(good.places) if good else 0,
        copies_elsewhere=sum(not is_same_disk for is_same_disk in good.places.values()) if good else 0,
        warnings=tuple(warning[:SHOWN_CHARACTERS] for warning in warnings[:SHOWN_WARNINGS]),
        warning_count=len(warnings),
        parts=_make_parts(last, proof),
        history=past.runs.history,
        days=past.days.tell(past.day_of(past.moment - timedelta(seconds=1))),
    )


def _judge(subject: Subject, past: Past, contact: Receipt | None, missed: int) -> tuple[str, Failure | None]:
    """The status and its reason; the order of the questions is the order of what is known for certain."""
    if not subject.is_registered:
        return words.RETIRED, None
    if subject.is_observed and _is_silent(past, contact):
        return words.UNREACHABLE, find_failure(contact) if contact else None
    if past.last_run is None:
        return _judge_unrun(subject, past)
    if missed:
        return words.MISSED, tell_missed(past.last_run.began, _find_due(subject, past))
    if not past.last_run.has_succeeded:
        return words.FAILED, find_failure(past.last_run)
    proof = past.runs.proofs[-1]
    return words.SUCCEEDED, proof.damage if proof.level == levels.DAMAGED else None


def _is_silent(past: Past, contact: Receipt | None) -> bool:
    if contact is None or contact.has_succeeded:
        return False
    return past.newest is None or contact.ended > past.newest.ended


def _judge_unrun(subject: Subject, past: Past) -> tuple[str, Failure | None]:
    due = _find_due(subject, past)
    if due is not None and past.moment < due:
        return words.PENDING, None
    return words.MISSED, tell_missed(None, due)


def _is_late(subject: Subject, past: Past, due: datetime | None) -> bool:
    return subject.is_registered and subject.is_observed and (due is None or past.moment >= due)


def _find_due(subject: Subject, past: Past) -> datetime | None:
    if past.last_run:
        return due_time(past.last_run.began, past.interval_s, past.quiet)
    since = subject.registered_since
    return past.quiet.put_off(since, since + timedelta(seconds=past.interval_s)) if since else None


def _find_next_run(subject: Subject, past: Past) -> datetime | None:
    """As the schedule says that was accepted last; None where there is none, for then nobody knows."""
    entry = subject.schedule.entry_of(subject.application) if subject.schedule else None
    return subject.schedule.next_of(entry, past.moment) if subject.schedule and entry else None


def _measure_change(past: Past, notes: Sequence[Note]) -> float | None:
    """The last run against the usual ones before it; None where it failed."""
    if not past.last_run or not past.last_run.has_succeeded:
        return None
    runs = past.runs
    began, sizes = [*compress(runs.began, runs.succeeded)], [*compress(runs.sizes, runs.succeeded)]
    return measure_change(began, sizes, notes)


def _make_parts(last: Receipt | None, proof: RunProof | None) -> tuple[PartRow, ...]:
    return tuple(
        PartRow(
            kind=part.kind,
            engine=part.engine,
            name=part.name,
            path=part.path,
            status=part.status,
            size_bytes=sum(stored.size_bytes for stored in part.files),
            level=proof.level_of(part) if proof else levels.NONE,
            failure=part.failure,
            counted=count_things([part.census]),
            notes=part.notes,
        )
        for part in (last.parts if last else ())
    )


def make_open_repair(row: ApplicationRow, past: Past) -> RepairEntry | None:
    """The line of a failure that nothing has repaired so far; None when nothing is wrong with the application."""
    trouble = past.trouble
    if trouble is None or not row.needs_somebody:
        return None
    who = row.application, row.server
    return RepairEntry(*who, trouble.since, trouble.cause, trouble.action, None, words.OPEN)
