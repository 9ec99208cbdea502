"""An act: one attempt at one thing for one application, alone at it, recorded whatever comes of it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from .errors import Busy, Interrupted, NotRecorded, StoreFull, StoreUnavailable
from .flow.files import make_private_folder
from .flow.lock import Held, hold, hold_slot, read_boot_id
from .flow.process import Shell
from .flow.sandbox import sweep_places
from .hooking import Hooking
from .record.application import Application, make_stand_in
from .record.policy import SLOT_WAIT_S
from .record.receipt import (
    FAILED,
    ID_PATTERN,
    KINDS,
    RUN,
    SUCCEEDED,
    Failure,
    Part,
    ProcessTrace,
    Receipt,
    StoreTrace,
    describe_failure,
)
from .record.wire import format_time, parse_time
from .station import Station, describe_host

CHAIN_WAIT_S = 60.0
NOT_RECORDED = Failure(NotRecorded.slug, "what happened could not be recorded")


@dataclass(frozen=True)
class Outcome:
    """What an act came to, before it is a receipt."""

    parts: tuple[Part, ...] = ()
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
    store: StoreTrace | None = None
    run_id: str = ""
    target: str = ""
    deleted: tuple[str, ...] = ()


@dataclass
class Act:
    """One attempt at one thing for one application, from its beginning to its receipt."""

    station: Station
    application: Application
    kind: str
    shell: Shell
    id: str = ""
    retry_of: str = ""
    run_id: str = ""
    safety_id: str = ""
    hooking: Hooking = field(init=False)
    began: datetime = field(init=False)
    receipt: Receipt | None = None
    _began_s: float = field(init=False, default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.began = self.station.clock()
        self.id = make_id(self.began)
        self.hooking = Hooking(self.station, self.application, self.kind, self.id, self.run_id)

    @contextmanager
    def chain(self, outcome: Outcome) -> Iterator[Receipt]:
        """The receipt of `outcome`, linked to the one before; nobody else appends while the block lasts.

        The hook after the act is called first, so that the receipt tells of it. The block ends with `record`, or with
        an error and no receipt.
        """
        name = self.application.name
        self.shell.kill_all()
        self.hooking.end(outcome.failure)
        with hold(self.station.state / "locks" / f"{name}.chain", f"the record of {name}", CHAIN_WAIT_S):
            yield self.make_receipt(outcome).chain_to(self.station.catalogue.head(name))

    def tell_progress(self, part: str, expected_bytes: int) -> Callable[[int], None]:
        """Counts the raw bytes of a part and tells the station's listener of them."""
        done_bytes = 0

        def count(passed_bytes: int) -> None:
            nonlocal done_bytes
            done_bytes += passed_bytes
            self.station.progress.advance(self.application.name, part, done_bytes, expected_bytes)

        return count

    def record(self, receipt: Receipt) -> Receipt:
        """Keeps a receipt of `chain`; raises NotRecorded."""
        self.station.catalogue.add_bytes(receipt.to_bytes(), self.application.name)
        self.receipt = receipt
        return receipt

    def make_receipt(self, outcome: Outcome) -> Receipt:
        """Everything that is known of this act now. What still runs of it is ended: its part has failed already."""
        self.shell.kill_all()
        station, application = self.station, self.application
        return Receipt(
            id=self.id,
            kind=self.kind,
            server=station.server.name,
            application=application.name,
            title=application.title,
            owner=application.owner,
            category=application.category,
            trigger=station.trigger,
            began=self.began,
            ended=station.clock(),
            duration_s=time.monotonic() - self._began_s,
            status=FAILED if outcome.failure else SUCCEEDED,
            host=describe_host(),
            runner=station.runner,
            config_hash=station.server.config_hash,
            failure=outcome.failure,
            run_id=outcome.run_id or self.run_id,
            retry_of=self.retry_of,
            safety_id=self.safety_id,
            warnings=(*outcome.warnings, *self.hooking.warnings),
            parts=outcome.parts,
            store=outcome.store,
            processes=tuple(ProcessTrace(**vars(trace)) for trace in self.shell.traces),
            hooks=tuple(self.hooking.traces),
            target=outcome.target,
            deleted=outcome.deleted,
        )


Work = Callable[[Act], Outcome]


def perform(
    station: Station,
    application: Application,
    kind: str,
    work: Work,
    retry_of: str = "",
    run_id: str = "",
    safety_id: str = "",
) -> Receipt:
    """Does `work` as the only act on this application, and records it whatever comes of it.

    `run_id` is the run that the act is about, as its hooks are told; `safety_id` the run that holds what it replaces,
    which is named also by whoever finds this act dead.
    An exception of `work` becomes a failed receipt. Raises only NotRecorded.
    """
    with station.supervisor.open_shell(application.time_limit_s) as shell:
        act = Act(station, application, kind, shell, retry_of=retry_of, run_id=run_id, safety_id=safety_id)
        try:
            with _begin(act) as held:
                receipt = _work_and_record(act, work)
                held.clear()
        except NotRecorded:
            raise
        except Exception as error:  # pylint: disable=broad-exception-caught
            receipt = act.receipt or _record(act, Outcome(failure=describe_failure(error)))
        finally:
            act.hooking.end(NOT_RECORDED)
    station.progress.conclude(application.name, tell_receipt(receipt))
    return receipt


def _work_and_record(act: Act, work: Work) -> Receipt:
    try:
        act.hooking.begin(act.shell.time_left_s)
        outcome = work(act)
    except NotRecorded:
        raise
    except Exception as error:  # pylint: disable=broad-exception-caught
        outcome = Outcome(failure=describe_failure(error))
    return act.receipt or _record(act, outcome)


def _record(act: Act, outcome: Outcome) -> Receipt:
    with act.chain(outcome) as receipt:
        return act.record(receipt)


@contextmanager
def _begin(act: Act) -> Iterator[Held]:
    station, name = act.station, act.application.name
    require_time = act.shell.require_time
    locks = station.state / "locks"
    with suppress(OSError):  # the lock below it tells what is wrong
        make_private_folder(station.state)
    with hold(locks / f"{name}.lock", name, station.server.lock_wait_s, require_time) as held:
        _recover(station, act.application, held)
        with hold_slot(locks, station.slots, SLOT_WAIT_S, require_time):
            note = {"id": act.id, "kind": act.kind, "began": format_time(act.began), "pid": os.getpid()}
            about = {"retry_of": act.retry_of, "run_id": act.run_id, "safety_id": act.safety_id}
            held.note({**note, "boot_id": read_boot_id(), **about})
            yield held


def settle(station: Station) -> None:
    """Makes good what earlier acts left: reconciles the records with the store, sweeps, tells of interrupted acts.

    Applications that are being worked on are left alone. Called at each start, after `store.open`.
    """
    known = {application.name: application for application in station.server.applications}
    for name in sorted({*known, *station.store.applications()}):
        application = known.get(name) or make_stand_in(name)
        try:
            with hold(station.state / "locks" / f"{name}.lock", name, 0.0) as held:
                _recover(station, application, held)
        except Busy:
            continue


def settle_if_possible(station: Station) -> None:
    """Opens the store and settles. A store that cannot be used is no error yet: it becomes the failed receipt of each
    application that is run."""
    try:
        station.store.open()
        settle(station)
    except (StoreUnavailable, StoreFull):
        pass


def _recover(station: Station, application: Application, held: Held) -> None:
    name = application.name
    station.catalogue.rebuild_from(station.store, name)
    station.store.sweep(name)
    sweep_places(station.scratch_of(name))
    if held.left is None:
        return
    if not station.catalogue.holds(name, str(held.left.get("id", ""))):
        _record_interruption(station, application, held.left)
    held.clear()


def _record_interruption(station: Station, application: Application, left: Mapping[str, Any]) -> None:
    now = station.clock()
    began_text = str(left.get("began", format_time(now)))
    error = Interrupted.found_later(began_text, left.get("boot_id", "") != read_boot_id())
    with station.supervisor.open_shell(CHAIN_WAIT_S) as shell:
        kind, identity = str(left.get("kind")), str(left.get("id"))
        act = Act(station, application, kind if kind in KINDS else RUN, shell, retry_of=str(left.get("retry_of", "")))
        act.safety_id = _read_identity(left.get("safety_id"))
        act.id = identity if re.fullmatch(ID_PATTERN, identity) else act.id
        act.began = _read_moment(began_text, now)
        act.run_id = _read_identity(left.get("run_id"))
        act.hooking.id, act.hooking.run_id, act.hooking.has_begun = act.id, act.run_id, True
        outcome = Outcome(failure=describe_failure(error), warnings=name_safety(application.name, act.safety_id))
        with act.chain(outcome) as receipt:
            act.record(replace(receipt, duration_s=max(0.0, (now - act.began).total_seconds())))


def name_safety(application: str, safety_id: str) -> tuple[str, ...]:
    """What a person must know of a restore that did not come to its end; nothing where nothing was there before."""
    if not safety_id:
        return ()
    again = f"diskominfo-backup restore {application} --run {safety_id} --in-place --confirm {application}"
    return (f"what was there before is run {safety_id}; to have it back: {again}",)


def _read_identity(value: Any) -> str:
    return value if isinstance(value, str) and re.fullmatch(ID_PATTERN, value) else ""


def _read_moment(text: str, otherwise: datetime) -> datetime:
    try:
        return parse_time(text)
    except ValueError:
        return otherwise


def make_id(moment: datetime) -> str:
    """`20261122T200100Z-8f3c2a10`: the second, then its fraction in units of 2^-32, so that ids sort by time."""
    fraction = (moment.microsecond << 32) // 1_000_000
    return f"{moment.astimezone(timezone.utc):%Y%m%dT%H%M%SZ}-{fraction:08x}"


def tell_receipt(receipt: Receipt) -> str:
    """One line for a person: what was done, or why it was not."""
    if receipt.failure is not None:
        return f"{receipt.kind} FAILED [{receipt.failure.slug}]: {receipt.failure.message}"
    warned = f", {len(receipt.warnings)} warnings" if receipt.warnings else ""
    return f"{receipt.kind} done in {receipt.duration_s:.1f} s{warned}"
