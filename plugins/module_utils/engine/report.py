"""Makes a report out of evidence, a period and the time: pure, with one application in memory at a time."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone

from .errors import ConfigurationError
from .record.application import Application
from .record.evidence import Evidence
from .record.find import REGISTERED, Find
from .record.finding import YELLOW, Finding
from .record.installed import Installed
from .record.note import Note
from .record.people import Person
from .record.policy import INTERVAL_S, NEVER
from .record.quiet import LOUD, Quiet
from .record.receipt import Failure, Receipt
from .record.report import (
    ApplicationRow,
    CheckEntry,
    Period,
    RepairEntry,
    Report,
    RestoreEntry,
)
from .record.zone import ZONE_OFFSETS_H
from .rules.claims import Claims, judge_search
from .rules.drift import Standing, judge_installed
from .rules.health import Facts, ServerFacts, ask, ask_server
from .rules.history import Subject, make_open_repair, make_row
from .rules.norms import Span, make_steps, merge_spans
from .rules.past import Past
from .rules.periods import read_days, tell_forms
from .rules.schedule import interval_of
from .rules.summary import make_report_id, order_of, summarise

Recalled = tuple[Past, Sequence[str]]
"""A past, and a sentence for each receipt that was altered, removed or added (record/evidence.py)."""

Recall = Callable[[str, str, Period, datetime, float, Quiet], Recalled]
"""Server, application, the period and `now` of the report, seconds between two runs, days on which nothing is missed ->
what is known; remember.py."""

SPANS_KEPT = 2000
"""So many spans of work are held before those that touch are made one."""


def make_recent_period(now: datetime, hours: float, zone: str = "Asia/Jakarta") -> Period:
    """The period that ends `now`; raises ConfigurationError for a zone that is not known."""
    _offset_of(zone)
    return Period(now - timedelta(hours=hours), now, zone)


def make_day_period(day: date, zone: str = "Asia/Jakarta") -> Period:
    """The whole day as the clocks of the zone count it; raises ConfigurationError for a zone that is not known."""
    midnight = datetime.combine(day, time(), timezone(_offset_of(zone))).astimezone(timezone.utc)
    return Period(midnight, midnight + timedelta(days=1), zone)


def make_named_period(text: str, now: datetime, zone: str = "Asia/Jakarta") -> Period:
    """The period that a person names, `2026-11-22`, `2026-W47`, `2026-11`, `last-week` ...: see rules/periods.py.

    Raises ConfigurationError for what cannot be meant, and for a zone that is not known.
    """
    days = read_days(text, now.astimezone(timezone(_offset_of(zone))).date())
    if days is None:
        raise ConfigurationError.has_problems([f"period: cannot be {text[:80]!r}; write {tell_forms()}"])
    return Period(make_day_period(days[0], zone).began, make_day_period(days[1], zone).ended, zone)


def _offset_of(zone: str) -> timedelta:
    if zone not in ZONE_OFFSETS_H:
        raise ConfigurationError.has_problems([f"zone: {zone!r} is not known; use one of: {', '.join(ZONE_OFFSETS_H)}"])
    return timedelta(hours=ZONE_OFFSETS_H[zone])


@contextmanager
def _without_collector() -> Iterator[None]:
    """Thousands of rows stay until the end, and nothing here refers to itself: to look through all of them again and
    again for what could be thrown away takes a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_without_collector()
def make_report(
    evidence: Evidence,
    period: Period,
    now: datetime,
    office: Mapping[str, str],
    sop: str,
    limit: Collection[str] | None = None,
    people: Sequence[Person] = (),
    recall: Recall | None = None,
) -> Report:
    """The report on `period` as it is known `now` (aware UTC).

    `office` holds the lines of the letterhead, `sop` the number of the procedure. `limit` names the servers that were
    asked: the rows of all others keep their last known status, and their silence is not held against them. `people`
    are the roles that stand below the report. `recall` knows an application's past without reading its receipts
    again; by default all of them are read.
    """
    refused: list[str] = []
    notes = [note for note in evidence.notes(refused) if note.at <= now]
    gathering = _Gathering(period, now, notes, recall or _read_all(evidence))
    installed = _read_installed(evidence)
    for server in evidence.register.servers:
        contact = gathering.find_contact(evidence.contacts(server.name))
        if installed is not None:
            since = contact.ended if contact and not contact.has_succeeded else period.began
            is_asked = limit is None or server.name in limit
            schedule, seen = evidence.schedule(server.name), installed.get(server.name)
            standing = Standing(server, schedule, seen, max(period.began, since), is_asked)
            is_later = seen is not None and gathering.is_after(seen.at)
            gathering.drifts += () if is_later else judge_installed(standing)
        for application in server.applications:
            subject = _describe(server.name, application, evidence, limit)
            gathering.add(subject, application, contact)
    for name in evidence.unregistered():
        gathering.add(_describe_retired(*name, evidence), None, None)
    gathering.take_claims(judge_search(evidence.register, evidence.search(), now, period.began))
    return replace(gathering.conclude(office, sop, refused), people=tuple(people))


def _read_installed(evidence: Evidence) -> Mapping[str, Installed] | None:
    """What is installed, where there is anything to compare: a schedule that was accepted, or one that is installed
    although none is, because the accepted one was lost."""
    installed, servers = evidence.installed(), [server.name for server in evidence.register.servers]
    found = [installed[server] for server in servers if server in installed] if installed else []
    is_planned = any(map(evidence.schedule, servers)) or any(seen.begins_backups for seen in found)
    return installed if is_planned else None


def _read_all(evidence: Evidence) -> Recall:
    def recall(
        server: str, application: str, period: Period, now: datetime, interval_s: float, quiet: Quiet
    ) -> Recalled:
        past, breaks = Past(period, now, interval_s, quiet), list[str]()
        for receipt in evidence.receipts(server, application, breaks):
            past.take(receipt)
        return past, breaks

    return recall


def _describe(server: str, application: Application, evidence: Evidence, limit: Collection[str] | None) -> Subject:
    return Subject(
        server=server,
        application=application.name,
        title=application.title,
        owner=application.owner,
        category=application.category,
        is_observed=limit is None or server in limit,
        registered_since=evidence.registered_since(server, application.name),
        schedule=evidence.schedule(server),
    )


def _describe_retired(server: str, application: str, evidence: Evidence) -> Subject:
    schedule = evidence.schedule(server)
    return Subject(server, application, application, "", "", is_registered=False, schedule=schedule)


class _Gathering:
    """What has been found so far, application by application."""

    def __init__(self, period: Period, now: datetime, notes: Sequence[Note], recall: Recall) -> None:
        self.period, self.now, self.notes, self.recall = period, now, notes, recall
        self.rows: list[ApplicationRow] = []
        self.checks: list[CheckEntry] = []
        self.repairs: list[RepairEntry] = []
        self.restores: list[RestoreEntry] = []
        self.run_spans: list[Span] = []
        self.check_spans: list[Span] = []
        self.stores: dict[str, ServerFacts] = {}
        self.drifts: list[Finding] = []
        self.finds: tuple[Find, ...] | None = None

    def find_contact(self, contacts: Iterable[Receipt]) -> Receipt | None:
        """The newest contact that is not after the period."""
        newest = None
        for contact in contacts:
            if not self.is_after(contact.ended):
                newest = contact
        return newest

    def is_after(self, moment: datetime) -> bool:
        """Whether it came after a period that is over: a report on that knows nothing of it."""
        return self.period.ended < self.now and moment >= self.period.ended

    def add(self, subject: Subject, application: Application | None, contact: Receipt | None) -> None:
        """One application: its past is recalled and forgotten."""
        interval_s = interval_of(subject.category)
        quiet = subject.schedule.rest if subject.schedule else LOUD
        past, breaks = self.recall(subject.server, subject.application, self.period, self.now, interval_s, quiet)
        self.restores += past.restores
        if application is None and past.newest and past.last_run is None:
            return  # It was restored here from elsewhere, and is nobody's backup.
        if application is None and past.newest:
            newest = past.newest
            subject = replace(subject, title=newest.title, owner=newest.owner, category=newest.category)
        about = subject.server, subject.application
        notes = [note for note in self.notes if (note.server, note.application) == about]
        row = make_row(subject, past, contact, notes)
        if application is not None:
            keys = {source.key for source in application.everything}
            days = application.check.unchanged_days
            facts = Facts(row, past, _check_interval(application), breaks, notes, keys, days)
            row = replace(row, check_interval_s=facts.check_interval_s, findings=ask(facts, past.moment))
            self._measure_room(row, past)
        self.rows.append(row)
        self.checks += past.checks
        self.repairs += past.repairs
        still_open = make_open_repair(row, past)
        if still_open:
            self.repairs.append(still_open)
        _gather_spans(self.run_spans, past.run_spans)
        _gather_spans(self.check_spans, past.check_spans)

    def _measure_room(self, row: ApplicationRow, past: Past) -> None:
        store, run = past.last_stored, past.last_run
        if store is None or run is None:
            return
        known = self.stores.get(row.server, ServerFacts(row.server, store.free_bytes, 0, run.ended))
        free_bytes = store.free_bytes if run.ended >= known.seen else known.free_bytes
        round_bytes = known.round_bytes + (past.runs.sizes[-1] if run.has_succeeded else 0)
        self.stores[row.server] = ServerFacts(row.server, free_bytes, round_bytes, max(run.ended, known.seen))

    def conclude(self, office: Mapping[str, str], sop: str, refused: Iterable[str]) -> Report:
        """All of it in its order, counted and named; `refused` are sentences about notes that cannot be read."""
        rows = tuple(sorted(self.rows, key=order_of))
        report = Report(
            id="",
            period=self.period,
            generated=self.now,
            as_of=max((row.as_of for row in rows if row.as_of), default=None),
            office=dict(office),
            sop=sop,
            summary=summarise(rows, self.finds),
            rows=rows,
            checks=tuple(sorted(self.checks, key=lambda entry: (entry.server, entry.application, entry.began))),
            repairs=tuple(sorted(self.repairs, key=lambda entry: (entry.server, entry.application, entry.failed_at))),
            restores=tuple(sorted(self.restores, key=lambda entry: (entry.server, entry.application, entry.began))),
            unclaimed=self.finds,
            steps=make_steps(self.run_spans, self.check_spans),
            findings=(*self.drifts, *self._ask_servers(), *(_tell_refused(sentence) for sentence in refused)),
            notes=tuple(note for note in self.notes if self._is_told(note)),
        )
        return replace(report, id=make_report_id(report))

    def _is_told(self, note: Note) -> bool:
        return note.at < self.period.ended and note.until >= self.period.began

    def take_claims(self, claims: Claims | None) -> None:
        """What a search found; what is as the register says needs no line."""
        self.finds = None if claims is None else tuple(find for find in claims.finds if find.state != REGISTERED)

    def _ask_servers(self) -> tuple[Finding, ...]:
        found: list[Finding] = []
        for server in sorted(self.stores):
            found += ask_server(self.stores[server], self.now)
        return tuple(found)


def tell_undelivered(report: Report, failures: Iterable[tuple[str, str, Failure]]) -> Report:
    """The report with what a report before it did not reach: channel, time and failure of each."""
    found = [_tell_undelivered(*failure) for failure in failures]
    told = replace(report, id="", findings=(*report.findings, *found)) if found else report
    return replace(told, id=make_report_id(told)) if found else report


def _tell_undelivered(channel: str, at: str, failure: Failure) -> Finding:
    message = f"{channel}: the last message did not arrive ({at}): {failure.message}"
    return Finding("delivery_failed", YELLOW, channel, message, failure.hint)


def _tell_refused(sentence: str) -> Finding:
    hint = "see who wrote it; every other note is used"
    return Finding("note_refused", YELLOW, "notes", sentence, hint)


def _check_interval(application: Application) -> float | None:
    wanted = application.check.restore
    return None if wanted == NEVER else INTERVAL_S[wanted]


def _gather_spans(held: list[Span], more: Iterable[Span]) -> None:
    held.extend(more)
    if len(held) > SPANS_KEPT:
        held[:] = merge_spans(held)
