"""Carries a retention plan out: old runs leave the store, the receipt of the prune tells which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone, tzinfo

from .act import Act, Outcome, perform
from .errors import BackupError, PruneRefused
from .record.application import Application
from .record.level import WRITTEN
from .record.policy import PROVED_FLOOR, SAFETY_DAYS
from .record.receipt import CHECK, PRUNE, RUN, Receipt, describe_failure
from .rules.proof import find_level
from .rules.retention import OFFICE_ZONE, RetentionPlan, RunFact, plan_retention
from .station import Station
from .stores.base import Store


@dataclass(frozen=True)
class Pruned:
    """What came of one application: the plan, the run ids that are gone, and what ended it before all were."""

    plan: RetentionPlan
    deleted: tuple[str, ...]
    failure: BackupError | None = None


def prune_server(station: Station, applications: Sequence[Application], is_rehearsal: bool) -> list[Receipt]:
    """Prunes one application after the other; a receipt each, in the order given. Raises only NotRecorded.

    A rehearsal deletes and records nothing; `deleted` of its receipts is what would go.
    """
    if is_rehearsal:
        return [_rehearse(station, application) for application in applications]
    return [perform(station, application, PRUNE, lambda act: _prune(act, False)) for application in applications]


def _rehearse(station: Station, application: Application) -> Receipt:
    with station.supervisor.open_shell(application.time_limit_s) as shell:
        act = Act(station, application, PRUNE, shell)
        try:
            return act.make_receipt(_prune(act, True))
        except BackupError as error:
            return act.make_receipt(Outcome(failure=describe_failure(error)))


def _prune(act: Act, is_rehearsal: bool) -> Outcome:
    station, application = act.station, act.application
    receipts = list(station.catalogue.receipts(application.name, (RUN, CHECK)))
    checks = [receipt for receipt in receipts if receipt.kind == CHECK]
    levels = {run.id: find_level(run, checks)[0] for run in receipts if run.kind == RUN}
    pruned = prune_application(
        application, station.store, receipts, levels, station.clock(), is_rehearsal, zone=OFFICE_ZONE
    )
    failure = describe_failure(pruned.failure) if pruned.failure else None
    gone = tuple(identity for identity, _unused in pruned.plan.drop) if is_rehearsal else pruned.deleted
    return Outcome(failure=failure, store=station.store.inspect(), deleted=tuple(sorted(gone)))


def _add_safety(plan: RetentionPlan, aside: Sequence[Receipt], now: datetime) -> RetentionPlan:
    """What restores replaced takes no backup's place, and goes when nobody has wanted it for a while."""
    old = [(run.id, f"replaced by a restore, and older than {SAFETY_DAYS} days") for run in aside if _is_old(run, now)]
    young = [(run.id, "replaced by a restore lately") for run in aside if not _is_old(run, now)]
    return replace(plan, keep=(*young, *plan.keep), drop=(*plan.drop, *old))


def _is_old(run: Receipt, now: datetime) -> bool:
    return now - run.began > timedelta(days=SAFETY_DAYS)


def prune_application(
    application: Application,
    store: Store,
    receipts: Sequence[Receipt],
    levels: Mapping[str, str],
    now: datetime,
    is_rehearsal: bool,
    floor: int = PROVED_FLOOR,
    zone: tzinfo = timezone.utc,
) -> Pruned:
    """Deletes what the application's retention drops, the oldest first.

    `receipts` are those of the application, `levels` run id -> evidence level; a run without one counts as written.
    Only what `store.runs` lists and a receipt tells of is ever deleted: what nobody knows stays.
    The caller holds the application's lock. Raises PruneRefused with the plan's reason, also in a rehearsal. A fault
    of the store ends the work and is told beside what was deleted before it.
    """
    attempts = sorted((item for item in receipts if item.kind == RUN), key=lambda item: (item.began, item.id))
    stored = {*store.runs(application.name)}
    aside = [run for run in attempts if run.is_safety]
    attempts = [run for run in attempts if not run.is_safety]
    runs = [RunFact(run.id, run.began, levels.get(run.id, WRITTEN)) for run in attempts if run.id in stored]
    has_failed_last = bool(attempts) and not attempts[-1].has_succeeded
    plan = plan_retention(runs, application.retention, now, floor, zone, has_failed_last)
    if plan.refused:
        raise PruneRefused.because(application.name, plan.refused)
    plan = _add_safety(plan, [run for run in aside if run.id in stored], now)
    deleted: list[str] = []
    for run_id, _unused in () if is_rehearsal else reversed(plan.drop):
        try:
            store.delete(application.name, run_id)
        except BackupError as error:
            return Pruned(plan, tuple(deleted), error)
        deleted.append(run_id)
    return Pruned(plan, tuple(deleted))
