"""A past written down small, and read again: what an index holds so that no receipt need be read twice.

A frozen value is JSON without names, in the order of the fields. It holds all of a receipt that `Past` reads: of a
census the counts and a digest of the sequences, of the host, the runner and the processes nothing. `FORMAT` changes
with every change of that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ..record.census import Census, Difference
from ..record.quiet import LOUD, Quiet
from ..record.receipt import Failure, Host, Part, Receipt, Runner, StoredFile, StoreTrace
from ..record.report import Period
from .counts import DATED, count_things, digest_values
from .past import Past
from .proof import PartProof, RunProof
from .tracked import EPOCH, SECOND, Days, TrackedRun, Trouble

FORMAT = 6

_from_timestamp = datetime.fromtimestamp
NO_HOST = Host("", "", "")
NO_RUNNER = Runner("", "")


def _freeze_time(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - EPOCH) // SECOND


def _thaw_time(seconds: int) -> datetime:
    return _from_timestamp(seconds, timezone.utc)


def _thaw_time_if_any(seconds: int | None) -> datetime | None:
    return None if seconds is None else _thaw_time(seconds)


def _freeze_fields(value: Any) -> list[Any] | None:
    """The fields of a record that holds nothing but plain values."""
    return None if value is None else [*vars(value).values()]


def _freeze_census(census: Census | None, engine: str) -> list[Any] | None:
    return None if census is None else [count_things([census]), digest_values(census) if engine in DATED else ""]


def _thaw_census(frozen: Sequence[Any] | None) -> Census | None:
    return None if frozen is None else Census(counts=frozen[0], digest=frozen[1])


def freeze_receipt(receipt: Receipt) -> list[Any]:
    """A receipt as far as a past needs it."""
    return [
        *(receipt.id, receipt.kind, receipt.server, receipt.application),
        *(receipt.title, receipt.owner, receipt.category, receipt.trigger),
        *(_freeze_time(receipt.began), _freeze_time(receipt.ended), receipt.duration_s, receipt.status),
        *(_freeze_fields(receipt.failure), receipt.run_id, receipt.retry_of, receipt.warnings),
        [_freeze_part(part) for part in receipt.parts],
        *(_freeze_fields(receipt.store), receipt.previous, receipt.deleted),
        *(receipt.target, receipt.safety_id),
    ]


def thaw_receipt(frozen: Sequence[Any]) -> Receipt:
    """The receipt again."""
    identity, kind, server, application, title, owner, category, trigger, began, ended, duration_s, status = frozen[:12]
    failure, run_id, retry_of, warnings, parts, store, previous, deleted, target, safety_id = frozen[12:]
    return Receipt(
        *(identity, kind, server, application, title, owner, category, trigger),
        began=_thaw_time(began),
        ended=_thaw_time(ended),
        duration_s=duration_s,
        status=status,
        host=NO_HOST,
        runner=NO_RUNNER,
        config_hash="",
        failure=_thaw_failure(failure),
        run_id=run_id,
        retry_of=retry_of,
        warnings=tuple(warnings),
        parts=tuple(map(_thaw_part, parts)),
        store=None if store is None else StoreTrace(*store),
        previous=previous,
        deleted=tuple(deleted),
        target=target,
        safety_id=safety_id,
    )


def _thaw_failure(frozen: Sequence[str] | None) -> Failure | None:
    return None if frozen is None else Failure(*frozen)


def _freeze_part(part: Part) -> list[Any]:
    return [
        *(part.kind, part.engine, part.name, part.path, part.status, part.duration_s),
        *(part.raw_bytes, part.tool, part.server_version, part.level, part.comparison, part.difference_count),
        *(_freeze_fields(part.failure), _freeze_fields(part.file), [_freeze_fields(aside) for aside in part.asides]),
        *(_freeze_census(part.census, part.engine), part.notes, _freeze_census(part.found, part.engine)),
        [_freeze_fields(difference) for difference in part.differences],
    ]


def _thaw_part(frozen: Sequence[Any]) -> Part:
    kind, engine, name, path, status, duration_s, raw_bytes, tool, version, level, comparison, count = frozen[:12]
    failure, file, asides, census, notes, found, differences = frozen[12:]
    return Part(
        *(kind, engine, name, path, status, _thaw_failure(failure), duration_s),
        None if file is None else StoredFile(*file),
        tuple([StoredFile(*aside) for aside in asides]),
        *(raw_bytes, tool, version),
        _thaw_census(census),
        *(tuple(notes), level, comparison),
        _thaw_census(found),
        tuple([Difference(*difference) for difference in differences]),
        count,
    )


def freeze_past(past: Past) -> list[Any]:
    """A past of which nothing lies within its period."""
    proofs, places, runs = _Shared(), _Shared(), past.runs
    told = [[proofs.number(_freeze_proof(proof)) for proof in runs.proofs], [places.number(it) for it in runs.places]]
    older = past.older_good
    held = older and [
        *(older.id, _freeze_time(older.began), older.size_bytes, _freeze_proof(older.proof), dict(older.places)),
    ]
    trouble = past.trouble
    newest = "last" if past.newest is past.last_run else past.newest and freeze_receipt(past.newest)
    return [
        *(past.last_run and freeze_receipt(past.last_run), newest, _freeze_fields(past.last_stored)),
        [runs.ids, runs.began, [*map(int, runs.succeeded)], runs.sizes, *told],
        *(proofs.values, places.values, held),
        *(_freeze_time(past.first_good), _freeze_time(past.last_compared), past.restore_s, past.consecutive_failures),
        *(past.unchanged_runs, _freeze_time(past.unchanged_since) if past.first_good else None, past.databases),
        *(past.warnings, trouble and _freeze_trouble(trouble)),
        [past.days.end, past.days.letters],
    ]


def _freeze_trouble(trouble: Trouble) -> list[Any]:
    return [_freeze_time(trouble.since), _freeze_fields(trouble.cause), trouble.run_id, trouble.action]


class _Shared:
    """Values that come again and again, each written once."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[str, int] = {}

    def number(self, value: Any) -> int:
        """Where among the values this one stands."""
        number = self._numbers.setdefault(repr(value), len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


def _freeze_proof(proof: RunProof) -> list[Any]:
    parts = [[key, held.level, held.comparison] for key, held in proof.parts.items()]
    return [proof.begin, parts, _freeze_fields(proof.damage)]


def _thaw_proof(frozen: Sequence[Any]) -> RunProof:
    begin, parts, damage = frozen
    held = {(key[0], key[1], key[2]): PartProof(level, comparison) for key, level, comparison in parts}
    return RunProof(begin, held, _thaw_failure(damage))


def _thaw_run(identity: str, began: int, size_bytes: int, proof: list[Any], places: Mapping[str, bool]) -> TrackedRun:
    return TrackedRun(identity, _thaw_time(began), True, size_bytes, _thaw_proof(proof), places)


def thaw_past(frozen: Sequence[Any], period: Period, now: datetime, interval_s: float, quiet: Quiet = LOUD) -> Past:
    """The past again, for a period that begins after everything in it."""
    past = Past(period, now, interval_s, quiet)
    last_run, newest, stored, columns, proofs, places, older, *rest = frozen
    first_good, last_compared, past.restore_s, past.consecutive_failures, *rest = rest
    past.unchanged_runs, unchanged_since, databases, past.warnings, trouble, days = rest
    past.last_run = None if last_run is None else thaw_receipt(last_run)
    past.newest = past.last_run if newest == "last" else newest and thaw_receipt(newest)
    past.last_stored = None if stored is None else StoreTrace(*stored)
    shared = [_thaw_proof(proof) for proof in proofs]
    ids, began, succeeded, sizes, told, lying = columns
    proved, held = [shared[number] for number in told], [places[number] for number in lying]
    past.runs.fill(ids, began, [*map(bool, succeeded)], sizes, proved, held)
    past.older_good = None if older is None else _thaw_run(*older)
    past.first_good, past.last_compared = _thaw_time_if_any(first_good), _thaw_time_if_any(last_compared)
    past.unchanged_since = past.unchanged_since if unchanged_since is None else _thaw_time(unchanged_since)
    past.databases = tuple(databases)
    past.days = Days(*days)
    past.trouble = None if trouble is None else Trouble(_thaw_time(trouble[0]), Failure(*trouble[1]), *trouble[2:])
    return past


def find_end(receipt: Receipt) -> int:
    """The second from which on everything about a receipt lies in the past."""
    return ((max(receipt.began, receipt.ended) - EPOCH) // SECOND) + 1
