"""Pulls stored runs of a server to another machine, held against the hashes of their receipts on the way.

The copying machine asks: a server that was taken over cannot change what was copied before. Which copies stay is
decided here, by the application's own retention, and none leaves in its first fortnight.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from .act import make_id
from .books.evidence import EvidenceFolder
from .errors import BackupError, NotRecorded, StoredDamaged, StoreUnavailable, Unreachable
from .flow.lock import hold, read_boot_id
from .flow.parcel import unpack_parcel
from .flow.pipeline import Digest
from .flow.process import ENVIRONMENT, Shell, Supervisor
from .record.application import Application
from .record.receipt import (
    CHECK,
    COPY,
    FAILED,
    PLAYBOOK,
    PRUNE,
    RUN,
    SUCCEEDED,
    Receipt,
    Runner,
    StoredFile,
    describe_failure,
)
from .record.register import Server, StorePlace
from .record.wire import hash_bytes
from .rules.proof import find_level
from .rules.retention import OFFICE_ZONE, RetentionPlan, RunFact, plan_retention
from .station import describe_host
from .stores.base import Deposit, Store
from .stores.registry import open_store

RECEIPT = "receipt.json"
CHUNK_BYTES = 1 << 20
LOCK_WAIT_S = 60.0
KEPT = timedelta(days=14)
"""What was copied stays so long at least: an office notices a server that lies within a fortnight."""

SENDER_STATUSES = (1, 2, 3)
"""What `send` ends with when it was reached and cannot give the run; anything else is the way to it, ssh's own 255."""

AGENT = "SSH_AUTH_SOCK"


@contextmanager
def fetch(command: Sequence[str], shell: Shell, run: Receipt) -> Iterator[BinaryIO]:
    """What `command send APPLICATION RUN` writes.

    When it did not end well, with what it said: StoreUnavailable where it was reached and cannot give the run, else
    Unreachable. That comes before a StoredDamaged of the block, for what a broken connection brought is cut.
    """
    process = shell.start([*command, "send", run.application, run.id])
    damage = None
    try:
        with os.fdopen(process.stdout, "rb", closefd=False) as stream:
            try:
                yield stream
            except StoredDamaged as error:
                damage = error
                deque(iter(lambda: stream.read(CHUNK_BYTES), b""), maxlen=0)
    finally:
        process.close_pipes()
        trace = process.await_end()
    shell.require_time()
    if trace.status:
        said = trace.stderr_tail.strip().splitlines() or [f"the connection ended with status {trace.status}"]
        if trace.status in SENDER_STATUSES:
            raise StoreUnavailable.unusable(f"the store of {run.server}", said[0])
        raise Unreachable.silent(run.server, said[0])
    if damage:
        raise damage


def receive(stream: BinaryIO, run: Receipt, data: bytes, deposit: Deposit) -> None:
    """Stores what was sent of `run`, whose receipt is known as `data`. Raises StoredDamaged for anything else."""
    expected = {stored.name: stored for part in run.parts for stored in part.files}
    arrived = []
    for name, content in unpack_parcel(stream):
        if name == RECEIPT:
            _require_same(content, data)
        elif name not in expected:
            raise StoredDamaged.unreadable(name, "its receipt does not name it")
        else:
            digest = _store(content, expected[name], deposit)
            if (digest.size_bytes, digest.hexadecimal) != (expected[name].size_bytes, expected[name].sha256):
                raise StoredDamaged.hash_differs(name)
            arrived.append(expected.pop(name))
    for name in expected:
        raise StoredDamaged.missing(name)
    deposit.seal(run, arrived)


def _require_same(content: Iterable[bytes], data: bytes) -> None:
    position = 0
    for chunk in content:
        if data[position : position + len(chunk)] != chunk:
            break
        position += len(chunk)
    if position != len(data):
        raise StoredDamaged.hash_differs(RECEIPT)


def _store(content: Iterable[bytes], stored: StoredFile, deposit: Deposit) -> Digest:
    """No byte more than the receipt says is written."""
    digest = Digest()
    with deposit.put(stored.name) as sink:
        for chunk in content:
            digest.take(memoryview(chunk))
            if digest.size_bytes > stored.size_bytes:
                raise StoredDamaged.hash_differs(stored.name)
            sink.write(chunk)
    return digest


def _is_worth_a_copy(run: Receipt, gone: Collection[str]) -> bool:
    return run.has_succeeded and not run.is_safety and run.id not in gone


@dataclass
class Puller:
    """Copies runs of one server into one place: a folder for all servers, where each has its own.

    `state` is where the memory of the copies' stores and their locks lie.
    """

    folder: EvidenceFolder
    server: Server
    place: StorePlace
    state: Path
    runner: Runner
    clock: Callable[[], datetime]
    receipts: list[Receipt] = field(default_factory=list)
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.store = open_store(StorePlace(self.place.type, f"{self.place.path}/{self.server.name}"), self.state)

    def find_missing(self) -> list[Receipt]:
        """The runs that would be copied now, application by application, the newest first; changes nothing."""
        return [run for application in self.server.applications for run in self._find_missing(application)]

    def pull(self, command: Sequence[str], supervisor: Supervisor) -> list[Receipt]:
        """Copies what is missing and removes what no rule keeps; a receipt of each, kept as evidence.

        The failure of one run stops no other; that of the connection stops the rest, for it is that of all. Raises
        Busy, StoreUnavailable and NotRecorded.
        """
        with hold(self.state / "locks" / f"{self.server.name}.copy", f"the copies of {self.server.name}", LOCK_WAIT_S):
            self.store.open()
            for application in self.server.applications:
                self.store.sweep(application.name)
                pulled = (self._pull_run(run, command, supervisor) for run in self._find_missing(application))
                if any(isinstance(failure, Unreachable) for failure in pulled):
                    break
                self._remove(application)
        return self.receipts

    def _find_missing(self, application: Application) -> list[Receipt]:
        """What is on the server, would stay here, and is not here; the newest first."""
        receipts = self._read(application)
        held = {*self.store.runs(application.name)}
        gone = {identity for item in receipts if self._tells_of_server(item) for identity in item.deleted}
        known = [run for run in receipts if run.kind == RUN and (run.id in held or _is_worth_a_copy(run, gone))]
        kept = {identity for identity, _unused in self._plan(application, known, receipts).keep}
        return [run for run in reversed(known) if run.id in kept - held]

    def _read(self, application: Application) -> list[Receipt]:
        return list(self.folder.receipts(self.server.name, application.name, []))

    def _plan(self, application: Application, runs: Sequence[Receipt], receipts: Sequence[Receipt]) -> RetentionPlan:
        """What becomes of `runs`. What was copied lately stays, whatever the server tells of newer runs and checks."""
        checks = [item for item in receipts if item.kind == CHECK]
        since = self.clock() - KEPT
        lately = {item.run_id for item in receipts if item.kind == COPY and self._is_own(item) and item.began > since}
        facts = [RunFact(run.id, run.began, find_level(run, checks)[0], run.id in lately) for run in runs]
        return plan_retention(facts, application.retention, self.clock(), zone=OFFICE_ZONE)

    def _tells_of_server(self, receipt: Receipt) -> bool:
        return receipt.kind == PRUNE and receipt.store is not None and receipt.store.path == self.server.store.path

    def _pull_run(self, run: Receipt, command: Sequence[str], supervisor: Supervisor) -> BackupError | None:
        application = self.server.find(run.application)
        limit_s = application.time_limit_s if application else LOCK_WAIT_S
        began, began_s, failure = self.clock(), time.monotonic(), None
        data = self.folder.catalogue(self.server.name).read(run.application, run.id)
        with supervisor.open_shell(limit_s, _find_environment()) as shell:
            try:
                self.store.require_room(run.size_bytes)
                opened = self.store.open_deposit(run.application, run.id)
                with opened as deposit, fetch(command, shell, run) as stream:
                    receive(stream, run, data, deposit)
            except NotRecorded:
                raise
            except BackupError as error:
                failure = error
        self._record(run, COPY, began, time.monotonic() - began_s, failure)
        return failure

    def _remove(self, application: Application) -> None:
        """Only what is here takes a place: neither a run that could not be copied nor one that was never there."""
        receipts = self._read(application)
        held = {*self.store.runs(application.name)}
        copies = [item for item in receipts if item.kind == RUN and item.id in held]
        doomed = [identity for identity, _unused in self._plan(application, copies, receipts).drop]
        for identity in doomed:
            self.store.delete(application.name, identity)
        if doomed:
            self._record(copies[-1], PRUNE, self.clock(), 0.0, None, tuple(doomed))

    def _record(
        self,
        run: Receipt,
        kind: str,
        began: datetime,
        duration_s: float,
        failure: BackupError | None,
        deleted: tuple[str, ...] = (),
    ) -> None:
        """Our own receipts are a chain beside that of the server, which nobody but the server appends to."""
        trace = self.store.inspect()
        is_here = run.host.boot_id == read_boot_id()
        is_same_disk = is_here and run.store is not None and run.store.device == trace.device
        catalogue = self.folder.catalogue(self.server.name)
        receipt = Receipt(
            id=make_id(began),
            kind=kind,
            server=run.server,
            application=run.application,
            title=run.title,
            owner=run.owner,
            category=run.category,
            trigger=PLAYBOOK,
            began=began,
            ended=self.clock(),
            duration_s=duration_s,
            status=FAILED if failure else SUCCEEDED,
            host=describe_host(),
            runner=self.runner,
            config_hash=self.server.config_hash,
            failure=describe_failure(failure) if failure else None,
            run_id=run.id if kind == COPY else "",
            store=replace(trace, is_same_disk=is_same_disk),
            deleted=deleted,
        )
        own = [item for item in catalogue.receipts(run.application, (COPY, PRUNE)) if self._is_own(item)]
        linked = receipt.chain_to(hash_bytes(own[-1].to_bytes()) if own else "")
        catalogue.add_bytes(linked.to_bytes(), run.application)
        self.receipts.append(linked)

    def _is_own(self, receipt: Receipt) -> bool:
        return receipt.store is not None and receipt.store.path == self.store.inspect().path


def _find_environment() -> dict[str, str]:
    """What ssh may need beside what every process sees: the agent that holds the person's keys."""
    agent = os.environ.get(AGENT)
    return {**ENVIRONMENT, AGENT: agent} if agent else dict(ENVIRONMENT)
