"""Brings an application back to where it was, or a database under a new name: looks first, keeps what it replaces."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from .act import Act, Outcome, name_safety, perform
from .drivers.base import Confirmed, Goal, Landing, NewName, Stored
from .drivers.registry import DRIVERS
from .errors import BackupDiffers, BackupError, RunNotFound, SourceMissing, TargetRefused
from .flow.files import free_bytes
from .flow.sandbox import open_place
from .record import level as levels
from .record.application import Application
from .record.census import SHOWN_DIFFERENCES
from .record.finding import RED
from .record.receipt import DATABASE, FAILED, RESTORE, Part, Receipt, describe_failure
from .record.source import FILE_ENGINES, LOCAL_NAME, TREE, DatabaseSource, Source, TreeSource
from .rehearsal import Plan, Room
from .retrieval import Retrieval, find_source
from .scope import guard_sources
from .station import Station

ORIGINAL = "original"
"""The `target` of a receipt whose restore went over the original."""

Safety = Callable[[Application], Receipt]
"""Backs up what is there now; its receipt says whether it did."""


@dataclass(frozen=True)
class Aim:
    """Which parts of which run go where."""

    run: Receipt
    goal: Goal
    names: Sequence[str] = ()
    is_brought: bool = False
    """Whether the run lies in no store of this server, so that its receipt may say anything."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The chosen ones, trees first: a database file that lies within one comes after it. RunNotFound."""
        is_wanted = _is_of_server if isinstance(self.goal, NewName) and not self.names else self._is_named
        chosen = [part for part in self.run.parts if is_wanted(part)]
        missing = sorted({*self.names} - {part.name for part in chosen})
        if missing or not chosen:
            known = [part.name for part in self.run.parts]
            raise RunNotFound.has_no_part(self.run.application, self.run.id, missing, known)
        return tuple(sorted(chosen, key=lambda part: part.engine != TREE))

    def _is_named(self, part: Part) -> bool:
        return not self.names or part.name in self.names

    @property
    def target(self) -> str:
        """As a receipt tells it."""
        return ORIGINAL if isinstance(self.goal, Confirmed) else f"database {self.goal.name}"


def _is_of_server(part: Part) -> bool:
    return part.engine not in (TREE, *FILE_ENGINES)


def plan_landing(station: Station, application: Application, aim: Aim) -> Plan:
    """Looks at everything and changes nothing; raises what is in the way, all of it in one message."""
    steps, rooms, there, faults = [], list[Room](), list[Source](), list[BackupError]()
    with station.supervisor.open_shell(application.time_limit_s) as shell:
        act = Act(station, application, RESTORE, shell)
        for part in aim.parts:
            try:
                with open_place(station.scratch_of(application.name)) as place:
                    source = find_home(act, aim, part)
                    with _open_landing(Retrieval(act, aim.run, part), source, aim.goal, place) as landing:
                        steps += [f"{part.name}: {step}" for step in landing.steps]
                        rooms.append(Room(str(landing.room), part.raw_bytes, free_bytes(landing.room)))
                        there += [source] if landing.is_there else []
            except BackupError as error:
                faults.append(error)
    _raise_all(faults)
    if there and isinstance(aim.goal, Confirmed):
        steps.insert(0, f"safety backup of what is there now: {', '.join(source.address for source in there)}")
    return Plan(aim.run.id, aim.target, tuple(steps), tuple(rooms), tuple(there))


def _raise_all(faults: Sequence[BackupError]) -> None:
    if faults:
        first = faults[0]
        first.message = "; ".join(fault.message for fault in faults)
        raise first


def land_run(station: Station, application: Application, aim: Aim, safety: Safety) -> Receipt:
    """Restores `aim`. What it replaces is backed up first by `safety` and named in the receipt.

    A part whose content is not that of the backup does not take the place of its original. Raises only NotRecorded.
    """
    safety_id = ""
    try:
        plan = plan_landing(station, application, aim)
        if plan.there and isinstance(aim.goal, Confirmed):
            safety_id = _back_up_first(application, plan.there, safety)
    except BackupError as error:
        refusal = Outcome(failure=describe_failure(error), run_id=aim.run.id, target=aim.target)
        return perform(station, application, RESTORE, lambda _act: refusal, run_id=aim.run.id)
    return perform(
        station, application, RESTORE, lambda act: _land_parts(act, aim), run_id=aim.run.id, safety_id=safety_id
    )


def _back_up_first(application: Application, there: Sequence[Source], safety: Safety) -> str:
    """The id of the run that holds them; empty where there turned out to be nothing to hold, as in an empty folder."""
    databases = tuple(source for source in there if isinstance(source, DatabaseSource))
    trees = tuple(source for source in there if isinstance(source, TreeSource))
    receipt = safety(replace(application, databases=databases, sources=trees))
    if receipt.failure is None:
        return receipt.id
    missing = {part.path for part in receipt.parts if part.failure and part.failure.slug == SourceMissing.slug}
    left = [source for source in there if source.address not in missing]
    if not missing:
        raise TargetRefused.no_safety(application.name, receipt.failure.message)
    return _back_up_first(application, left, safety) if left else ""


def _land_parts(act: Act, aim: Aim) -> Outcome:
    parts = tuple(_land_part(act, aim, part) for part in aim.parts)
    failures = [part.failure for part in parts if part.failure]
    warnings = name_safety(act.application.name, act.safety_id) if failures else ()
    return Outcome(parts, failures[0] if failures else None, warnings, run_id=aim.run.id, target=aim.target)


def _land_part(act: Act, aim: Aim, part: Part) -> Part:
    began_s = time.monotonic()
    landed = Part(part.kind, part.engine, part.name, part.path, file=part.file, level=levels.WRITTEN)
    try:
        with open_place(act.station.scratch_of(act.application.name)) as place:
            source = find_home(act, aim, part)
            landed = _bring_home(Retrieval(act, aim.run, part), source, aim.goal, place, landed)
        if landed.failure is None and isinstance(aim.goal, Confirmed):
            _require_well(act, source)
    except Exception as error:  # pylint: disable=broad-exception-caught
        landed = replace(landed, status=FAILED, failure=describe_failure(error))
    return replace(landed, duration_s=time.monotonic() - began_s)


def _bring_home(retrieval: Retrieval, source: Source, goal: Goal, place: Path, landed: Part) -> Part:
    with _open_landing(retrieval, source, goal, place) as landing:
        if landing.replaces_at_once:
            retrieval.read()
        notes = list(landing.prepare())
        retrieval.restore(landing.target)
        examined = retrieval.examine(landing.target, _make_room(place, "examination"))
        landed = replace(
            landed,
            level=levels.RESTORED if examined.difference_count else levels.COMPARED,
            comparison=examined.comparison,
            census=retrieval.census,
            found=examined.found,
            differences=tuple(examined.differences[:SHOWN_DIFFERENCES]),
            difference_count=examined.difference_count,
        )
        if examined.difference_count:
            first = examined.differences[0]
            told = f"{first.what}: expected {first.expected}, found {first.found}"
            error = BackupDiffers.from_source(landed.name, examined.difference_count, told)
            return replace(landed, status=FAILED, failure=describe_failure(error), notes=tuple(notes))
        return replace(landed, notes=(*notes, *landing.take_over()))


@contextmanager
def _open_landing(retrieval: Retrieval, source: Source, goal: Goal, place: Path) -> Iterator[Landing]:
    part = retrieval.part
    asides = retrieval.bring_asides(_make_room(place, "asides")) if part.kind == DATABASE else {}
    stored = Stored(part.server_version, retrieval.census, part.raw_bytes, asides)
    with retrieval.driver.open_landing(source, goal, stored, retrieval.act.shell, _make_room(place, "work")) as landing:
        yield landing


def _make_room(place: Path, name: str) -> Path:
    room = place / name
    room.mkdir(mode=0o700)
    return room


def _require_well(act: Act, source: Source) -> None:
    """The check afterwards: a backup of what is there now would begin well."""
    red = [finding for finding in DRIVERS[source.engine].probe(source, act.shell) if finding.severity == RED]
    if red:
        raise SourceMissing(red[0].message, red[0].hint)


def find_home(act: Act, aim: Aim, part: Part) -> Source:
    """Where the original of a part is on this server: as the register has it, else as the run was made.

    TargetRefused for a database of another host that left the register: nobody knows any more how it is reached. Also
    for the place of an original that only a run from elsewhere names.
    """
    station, server = act.station, act.station.server
    if isinstance(aim.goal, NewName):
        _require_one_database(aim)
    sources = guard_sources(act.application, (server.store.path, server.state))
    alike = [source for source in sources if source.engine == part.engine]
    named = [source for source in alike if isinstance(source, DatabaseSource) and source.name == part.name]
    exact = [source for source in alike if source.address == part.path]
    if exact or (named and _is_of_server(part)):
        return (exact or named)[0]
    if aim.is_brought and isinstance(aim.goal, Confirmed):
        raise TargetRefused.not_listed(act.application.name, part.name, part.path)
    is_foreign = aim.run.server != station.server.name
    if not _is_of_server(part) or is_foreign or part.path.startswith(f"{LOCAL_NAME}/"):
        return find_source(part)
    raise TargetRefused.has_no_place(part.name, f"{part.path} is not in the register any more")


def _require_one_database(aim: Aim) -> None:
    if len(aim.parts) != 1:
        told = f"a new name is for one database, and {len(aim.parts)} parts are chosen"
        raise TargetRefused.has_no_place(aim.run.application, told)
