"""Backs up applications: every database and tree goes into the store, all or nothing, and a receipt for each."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from .act import Act, Outcome, perform
from .drivers.base import Snapshot
from .drivers.registry import DRIVERS
from .errors import BackupError, NotRecorded
from .flow.compression import SMALL_BYTES, Codec, make_codec
from .flow.pipeline import Counter, Digest, pump
from .record.application import Application, name_parts
from .record.finding import RED
from .record.hooks import NO_HOOKS
from .record.level import WRITTEN
from .record.receipt import FAILED, RUN, SAFETY, Failure, Part, Receipt, StoredFile, StoreTrace, describe_failure
from .record.source import LOCAL_NAME, TREE, DatabaseSource, Source
from .rules.order import Past, order_applications
from .scope import guard_sources
from .station import Station
from .stores.base import Deposit

DATA_FOLDERS = {"mysql": "/var/lib/mysql", "postgresql": "/var/lib/postgresql"}
ROOM_FACTOR = 1.2
"""How much more room than the last artifact took is asked for before a part is begun."""


def run_server(station: Station, applications: Sequence[Application]) -> list[Receipt]:
    """Backs up the applications, several side by side; their receipts in the order given. Raises only NotRecorded."""
    lanes = station.lanes
    order = order_applications([_recall(station, application) for application in applications], lanes)
    begun: dict[int, Future[Receipt]] = {}
    aside = replace(station, is_for_small=True)
    ways = ((lanes.heavy, order.heavy, station), (lanes.light, order.light, station), (lanes.small, order.small, aside))
    with ExitStack() as stack:
        for width, positions, place in ways:
            if positions:
                workers = stack.enter_context(ThreadPoolExecutor(max_workers=width))
                begun.update({at: workers.submit(run_application, place, applications[at]) for at in positions})
        return [begun[at].result() for at in range(len(applications))]


def _recall(station: Station, application: Application) -> Past | None:
    """What the last good run was like; None when there was none."""
    last = station.catalogue.latest(application.name, RUN, has_succeeded=True)
    if last is None:
        return None
    is_plain = application.hooks == NO_HOOKS and all(source.path for source in application.databases)
    return Past(last.duration_s, sum(part.raw_bytes for part in last.parts), is_plain)


def repeat_runs(station: Station, failed: Sequence[tuple[Application, Receipt]]) -> list[Receipt]:
    """Another attempt at each application, which names the receipt that it repeats. Raises only NotRecorded."""
    with ThreadPoolExecutor(max_workers=station.lanes.heavy) as workers:
        return list(workers.map(lambda one: run_application(station, one[0], one[1].id), failed))


def back_up_aside(station: Station, application: Application) -> Receipt:
    """What is there now, before a restore replaces it: a run that no plan counts, and without the hooks of one."""
    return run_application(replace(station, trigger=SAFETY), replace(application, hooks=NO_HOOKS))


def run_application(station: Station, application: Application, retry_of: str = "") -> Receipt:
    """Backs up one application; a failure of one part leaves nothing of the run in the store."""
    return perform(station, application, RUN, _back_up, retry_of)


class _Abandoned(Exception):
    """Unwinds the deposit of a run that has failed already."""


def _back_up(act: Act) -> Outcome:
    station = act.station
    sources = guard_sources(act.application, (station.server.store.path, station.server.state))
    station.store.open()
    outcome = Outcome(store=_inspect_store(station, sources))
    complaints = probe_parts(act, sources)
    if complaints:
        failures = [part.failure for part in complaints if part.failure]
        return replace(outcome, parts=complaints, failure=_summarise(failures))
    try:
        with ExitStack() as stack:
            deposit = stack.enter_context(station.store.open_deposit(act.application.name, act.id))
            outcome = _store_parts(act, deposit, sources, outcome)
            if outcome.failure:
                raise _Abandoned
            with act.chain(replace(outcome, store=_inspect_store(station, sources))) as receipt:
                deposit.seal(receipt, [stored for part in outcome.parts for stored in part.files])
                stack.close()
                act.record(receipt)
    except _Abandoned:
        pass
    except NotRecorded:
        raise
    except BackupError as error:
        return replace(outcome, failure=describe_failure(error))
    return outcome


def _inspect_store(station: Station, sources: Sequence[Source]) -> StoreTrace:
    trace = station.store.inspect()
    return replace(trace, is_same_disk=any(_find_device(source) == trace.device for source in sources))


def _find_device(source: Source) -> int | None:
    """The disk of a source; that of a database on this server is where its engine usually keeps its data."""
    if isinstance(source, DatabaseSource) and source.host not in ("", LOCAL_NAME):
        return None
    usual = Path(DATA_FOLDERS.get(source.engine, "/"))
    for place in (source.path,) if source.path else (usual, *usual.parents):
        with suppress(OSError):
            return os.stat(place).st_dev
    return None


def probe_parts(act: Act, sources: Sequence[Source]) -> tuple[Part, ...]:
    """A failed part for every source that cannot be backed up now, all of them at once; empty when all is well."""
    failed = []
    for source in sources:
        for finding in DRIVERS[source.engine].probe(source, act.shell):
            if finding.severity == RED:
                failed.append(_fail(_describe(source), Failure(finding.slug, finding.message, finding.hint)))
                break
    return tuple(failed)


def _describe(source: Source) -> Part:
    kind = "source" if source.engine == TREE else "database"
    return Part(kind, source.engine, source.label, source.address)


def _fail(part: Part, failure: Failure) -> Part:
    return replace(part, status=FAILED, failure=failure)


def _summarise(failures: Sequence[Failure]) -> Failure:
    """The first, with the number of the others: each stands at its part."""
    others = f" (and {len(failures) - 1} more, see parts)" if len(failures) > 1 else ""
    return replace(failures[0], message=failures[0].message + others)


def _store_parts(act: Act, deposit: Deposit, sources: Sequence[Source], outcome: Outcome) -> Outcome:
    """One part after the other, up to the first that fails: the others were probed, and none of it will be kept."""
    stems = name_parts(act.application)
    for source in sources:
        began_s = time.monotonic()
        work = _PartWork(act, deposit, source, stems[source.key])
        try:
            part, warnings = work.store()
        except Exception as error:  # pylint: disable=broad-exception-caught
            part, warnings = _fail(_describe(source), describe_failure(error)), ()
        part = replace(part, duration_s=time.monotonic() - began_s)
        outcome = replace(
            outcome,
            parts=(*outcome.parts, part),
            warnings=(*outcome.warnings, *(f"{source.label}: {warning}" for warning in warnings)),
        )
        if part.status == FAILED:
            return replace(outcome, failure=part.failure)
    return outcome


@dataclass(frozen=True)
class _PartWork:
    """One source on its way into the deposit; `stem` begins the names of its files."""

    act: Act
    deposit: Deposit
    source: Source
    stem: str

    def store(self) -> tuple[Part, tuple[str, ...]]:
        """The part and its warnings; raises what went wrong."""
        driver, shell = DRIVERS[self.source.engine], self.act.shell
        codec = self._choose_codec()
        place = self.deposit.place / self.stem
        place.mkdir(mode=0o700)
        with driver.open_snapshot(self.source, shell, place) as snapshot:
            self._require_room(snapshot)
            file, raw_bytes = self._put_stream(snapshot, codec)
            dumped = snapshot.finish()
            asides = [self._put_file(suffix, path, codec) for suffix, path in snapshot.asides().items()]
            part = replace(
                _describe(self.source),
                file=file,
                asides=tuple(asides),
                raw_bytes=raw_bytes,
                tool=dumped.tool,
                server_version=dumped.server_version,
                census=snapshot.census(),
                notes=dumped.notes,
                level=WRITTEN,
            )
        shell.require_time()
        return part, dumped.warnings

    def _choose_codec(self) -> Codec:
        wanted = self.act.station.server.compression
        return make_codec(wanted.method, wanted.level, wanted.threads, self.act.shell.environment["PATH"])

    def _require_room(self, snapshot: Snapshot) -> None:
        """As much as the last run of this part took and a little more (the raw size where there was none), beside what
        the driver needs for itself."""
        needed, last = snapshot.expected_bytes, self._last
        if last and last.file:
            needed = min(needed, int(last.file.size_bytes * ROOM_FACTOR)) if needed else last.file.size_bytes
        self.act.station.store.require_room(needed + snapshot.scratch_bytes)

    @cached_property
    def _last(self) -> Part | None:
        """This part as the last good run stored it."""
        last = self.act.station.catalogue.latest(self.act.application.name, RUN, has_succeeded=True)
        known = [part for part in last.parts if part.file] if last else []
        same = [part for part in known if (part.engine, part.path) == (self.source.engine, self.source.address)]
        return same[0] if same else None

    def _put_stream(self, snapshot: Snapshot, codec: Codec) -> tuple[StoredFile, int]:
        name = f"{self.stem}.{snapshot.suffix}.{codec.suffix}"
        stream = snapshot.open_stream()
        return self._put(name, stream, codec, snapshot)

    def _put_file(self, suffix: str, path: Path, codec: Codec) -> StoredFile:
        name = f"{self.stem}.{suffix}.{codec.suffix}"
        with open(path, "rb", buffering=0) as stream:
            if os.fstat(stream.fileno()).st_size > SMALL_BYTES:
                return self._put(name, stream.fileno(), codec)[0]
            data, digest = codec.enclose(stream.readall()), Digest()
        with self.deposit.put(name) as sink:
            sink.write(data)
            digest.take(memoryview(data))
        return StoredFile(name, digest.size_bytes, digest.hexadecimal)

    def _put(self, name: str, source: int, codec: Codec, snapshot: Snapshot | None = None) -> tuple[StoredFile, int]:
        """The stored file, and how many bytes it was made of; what passes is shown to the snapshot it comes from."""
        digest, shell = Digest(), self.act.shell
        with self.deposit.put(name) as sink:

            def write(chunk: memoryview) -> None:
                sink.write(chunk)

            if snapshot is None:
                pumped = pump(source, [codec.compress], shell, after=[digest.take, write])
            else:
                takers, count = [snapshot.take], self._tell_progress(snapshot)
                enough = snapshot.has_seen_enough
                pumped = pump(source, [codec.compress], shell, takers, [digest.take, write], count, enough)
        return StoredFile(name, digest.size_bytes, digest.hexadecimal), pumped.in_bytes

    def _tell_progress(self, snapshot: Snapshot) -> Counter:
        """Of the last size of this part, or of what its source takes where there was none."""
        expected_bytes = self._last.raw_bytes if self._last else snapshot.expected_bytes
        return self.act.tell_progress(self.source.label, expected_bytes)
