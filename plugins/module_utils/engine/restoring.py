"""What a person asked for, and the way of a restore: a new folder, a new database, the place of the original."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Union

from .drivers.base import Confirmed, Goal, NewName
from .errors import ConfigurationError, RunNotFound
from .landing import Aim, land_run, plan_landing
from .record.application import Application, make_stand_in
from .record.receipt import Receipt
from .rehearsal import Plan
from .restore import plan_folders, restore_run
from .selection import find_application, pick_run
from .station import Station
from .stores.folder import FolderStore

Place = Union[Goal, Path]


@dataclass(frozen=True)
class Wish:
    """The words of a command line or a module. Exactly one of `target`, `database` and `is_in_place` is given.

    `folder` is that of one run, brought from elsewhere; `run` is not read then. `typed` is what a person typed.
    """

    application: str
    run: str = "latest"
    folder: Path | None = None
    names: Sequence[str] = ()
    target: Path | None = None
    database: str = ""
    is_in_place: bool = False
    typed: str = field(default="", repr=False)


@dataclass(frozen=True)
class Way:
    """A restore that has its run and its place; nothing has been touched.

    `home` is the server's own working place, `station` the one that has the run.
    """

    home: Station
    station: Station
    application: Application
    run: Receipt
    names: Sequence[str]
    goal: Place

    def _aim(self, goal: Goal) -> Aim:
        return Aim(self.run, goal, self.names, is_brought=self.station is not self.home)

    def plan(self) -> Plan:
        """Every step and the room needed; raises what is in the way."""
        if isinstance(self.goal, Path):
            return plan_folders(self.run, self.goal, self.names)
        return plan_landing(self.station, self.application, self._aim(self.goal))

    def go(self, back_up: Callable[[Station, Application], Receipt]) -> Receipt:
        """The receipt of the restore; `back_up` keeps what it replaces. Raises only NotRecorded."""
        if isinstance(self.goal, Path):
            return restore_run(self.station, self.application, self.run, self.goal, self.names)

        def safety(application: Application) -> Receipt:
            return back_up(self.home, application)

        return land_run(self.station, self.application, self._aim(self.goal), safety)


def choose_way(station: Station, wish: Wish) -> Way:
    """Finds application and run. Raises TargetRefused unless the exact name was typed for the place of an original,
    RunNotFound, UnknownApplication."""
    goal = _choose_goal(wish)
    if wish.folder is None:
        application = find_application(station, wish.application)
        return Way(station, station, application, pick_run(station, application.name, wish.run), wish.names, goal)
    store = FolderStore(wish.folder)
    run = store.read_run()
    if run.application != wish.application:
        raise RunNotFound.absent(wish.application, str(wish.folder))
    known = station.server.find(run.application) or _make_known(run)
    return Way(station, replace(station, store=store), known, run, wish.names, goal)


def _choose_goal(wish: Wish) -> Place:
    if sum(map(bool, (wish.target, wish.database, wish.is_in_place))) != 1:
        problem = "restore: name exactly one of target (a new folder), database (a new name), in_place (the original)"
        raise ConfigurationError.has_problems([problem])
    if wish.is_in_place:
        return Confirmed(Path("/"), wish.application, wish.typed)
    return NewName(wish.database) if wish.target is None else wish.target


def _make_known(run: Receipt) -> Application:
    return replace(make_stand_in(run.application), title=run.title, owner=run.owner)
