"""Brings an application, or some of its parts, back into a new place beside everything, and proves what came."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .act import Act, Outcome, perform
from .drivers.base import NewPlace
from .errors import BackupDiffers, RunNotFound, TargetRefused
from .flow.files import free_bytes, remove_tree
from .flow.sandbox import open_place
from .record import level as levels
from .record.application import Application
from .record.census import SHOWN_DIFFERENCES
from .record.receipt import FAILED, RESTORE, Part, Receipt, describe_failure
from .rehearsal import Plan, Room
from .retrieval import Retrieval
from .station import Station


def restore_run(
    station: Station, application: Application, run: Receipt, target: Path, names: Sequence[str] = ()
) -> Receipt:
    """Restores a run into `target`, which must not exist or be empty; each part into a folder of its own there.

    `names` chooses parts by their name. Parts that came back stay when another one fails. Raises only NotRecorded.
    """
    return perform(station, application, RESTORE, lambda act: _restore_parts(act, run, target, names), run_id=run.id)


def prove_target(target: Path) -> None:
    """Raises TargetRefused where `restore_run` would for the folder itself; changes nothing."""
    try:
        if target.is_dir() and any(os.scandir(target)):
            raise TargetRefused.not_empty(str(target))
        if os.path.lexists(target) and not target.is_dir():
            raise TargetRefused.unusable(str(target), "not a folder")
    except OSError as error:
        raise TargetRefused.unusable(str(target), error.strerror or str(error)) from error


def plan_folders(run: Receipt, target: Path, names: Sequence[str] = ()) -> Plan:
    """What `restore_run` would do; raises TargetRefused and RunNotFound, and changes nothing."""
    parts = _choose_parts(run, names)
    prove_target(target)
    room = next(folder for folder in (target, *target.parents) if folder.is_dir())
    steps = tuple(f"{part.name}: restore into {target / name_folder(part)}, compare with the backup" for part in parts)
    rooms = tuple(Room(str(room), part.raw_bytes, free_bytes(room)) for part in parts)
    return Plan(run.id, str(target), steps, rooms)


def _choose_parts(run: Receipt, names: Sequence[str]) -> list[Part]:
    chosen = [part for part in run.parts if not names or part.name in names]
    missing = sorted({*names} - {part.name for part in chosen})
    if missing or not chosen:
        raise RunNotFound.has_no_part(run.application, run.id, missing, [part.name for part in run.parts])
    return chosen


def _restore_parts(act: Act, run: Receipt, target: Path, names: Sequence[str]) -> Outcome:
    act.station.store.open()
    chosen = _choose_parts(run, names)
    NewPlace.prove(target)
    parts = tuple(_restore_part(act, run, part, target) for part in chosen)
    failures = [part.failure for part in parts if part.failure]
    return Outcome(parts, failures[0] if failures else None, run_id=run.id, target=str(target))


def name_folder(part: Part) -> str:
    """The folder of a part below the target: the stem of its artifact, such as `database-app.db`."""
    return part.file.name.rsplit(".", 2)[0] if part.file else part.name


def _restore_part(act: Act, run: Receipt, part: Part, target: Path) -> Part:
    began_s = time.monotonic()
    folder = target / name_folder(part)
    restored = Part(part.kind, part.engine, part.name, part.path, file=part.file, level=levels.WRITTEN)
    try:
        with open_place(act.station.scratch_of(run.application)) as place:
            restored = _bring_back(Retrieval(act, run, part), restored, folder, place)
    except Exception as error:  # pylint: disable=broad-exception-caught
        remove_tree(folder)
        restored = replace(restored, status=FAILED, failure=describe_failure(error))
    return replace(restored, duration_s=time.monotonic() - began_s)


def _bring_back(retrieval: Retrieval, restored: Part, folder: Path, place: Path) -> Part:
    target = NewPlace.prove(folder)
    retrieval.restore(target)
    examined = retrieval.examine(target, place)
    restored = replace(
        restored,
        level=levels.RESTORED if examined.difference_count else levels.COMPARED,
        comparison=examined.comparison,
        census=retrieval.census,
        found=examined.found,
        differences=tuple(examined.differences[:SHOWN_DIFFERENCES]),
        difference_count=examined.difference_count,
    )
    if examined.difference_count:
        error = BackupDiffers.from_source(restored.name, examined.difference_count, examined.differences[0].what)
        return replace(restored, status=FAILED, failure=describe_failure(error))
    return restored
