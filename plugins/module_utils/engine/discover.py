"""One read-only look at a server: what it serves, what its configurations say, which databases it holds.

Nothing of an application is executed, nothing is written, and no password leaves the readers. Each program has a time
of its own, so that one that hangs hides nothing but itself; what could not be read is told by name.
"""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from .discovery.base import Files, Finds, Machine
from .discovery.configurations import USUAL_FOLDERS, Search, resolve_hosts
from .discovery.registry import FRAMEWORKS, SERVICES
from .discovery.services.addresses import read_hosts
from .discovery.services.clusters import find_kept
from .discovery.trees import measure_trees
from .drivers.mysql import instances as mysql
from .drivers.postgresql import instances as postgresql
from .drivers.postgresql.client import Programs
from .errors import BackupError, TimeLimitReached
from .flow.process import Shell, Supervisor
from .record.discovered import Discovered, FoundDatabase, read_discovered
from .record.plain import COUNT_LIMIT, cut_plain
from .record.register import Server
from .record.source import DEFAULT_PORTS, DatabaseSource

TIME_LIMIT_S = 60.0
PROGRAM_LIMIT_S = 10.0
TREES_SHARE = 0.25
"""So much of the time is kept from sizes: they say how much there is, not what."""

LookAt = Callable[[DatabaseSource, Shell], Sequence[FoundDatabase]]


def _look_at_postgresql(instance: DatabaseSource, shell: Shell) -> Sequence[FoundDatabase]:
    return postgresql.look_at_instance(instance, Programs().newest("psql"), shell)


LOOKS: Mapping[str, LookAt] = {"mysql": mysql.look_at_instance, "postgresql": _look_at_postgresql}
"""Engine -> how an instance of it lists its databases."""


SERVERS: Mapping[str, str] = {"mariadbd": "mysql", "mysqld": "mysql", "postgres": "postgresql"}
"""The program of a server, as `ss` names it -> its engine."""


@dataclass
class Looker:
    """How a look reaches the machine: its files, its processes, and how long both may take."""

    supervisor: Supervisor
    files: Files
    ends_s: float
    limit_s: float
    clock: Callable[[], float] = time.monotonic

    @property
    def left_s(self) -> float:
        """Seconds that are left."""
        return max(0.0, self.ends_s - self.clock())

    def open_shell(self) -> Shell:
        """For one program, or one conversation. Raises TimeLimitReached where no time is left."""
        if not self.left_s:
            raise TimeLimitReached.after(self.limit_s)
        return self.supervisor.open_shell(min(PROGRAM_LIMIT_S, self.left_s))

    def run(self, argv: Sequence[str]) -> str:
        """What a program wrote; BackupError where it is missing, fails or takes too long."""
        with self.open_shell() as shell:
            shell.environment["HOME"] = pwd.getpwuid(os.geteuid()).pw_dir  # podman ends at once where it has none
            finished = shell.run(argv)
        if finished.trace.status != 0:
            said = (finished.trace.stderr_tail.strip().splitlines() or [""])[-1][:200]
            message = f"{argv[0]} ended with status {finished.trace.status}: {said}"
            raise BackupError(message, "run it by hand to see what it says")
        return finished.stdout.decode("utf-8", "replace")


def discover_server(
    server: str,
    registered: Iterable[DatabaseSource],
    supervisor: Supervisor,
    now: datetime,
    files: Files | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> Discovered:
    """Looks at this machine. `registered` are databases that the register names here: their accounts open instances
    that refuse the operating system's user, and instances on other machines. Raises only Interrupted."""
    began_s = time.monotonic()
    looker = Looker(supervisor, files or Files(), began_s + time_limit_s, time_limit_s)
    finds = look_around(Machine(looker.files, looker.run), lambda: not looker.left_s)
    for instance in choose_instances([*mysql.find_instances(), *postgresql.find_instances()], registered):
        _list_instance(instance, looker, finds)
    tell_unseen(finds, looker.files)
    measure(looker.files, now, lambda: looker.left_s < time_limit_s * TREES_SHARE, finds)
    if supervisor.ended_by is not None:
        raise supervisor.ended_by
    return make_discovered(server, now, finds)


def look_around(machine: Machine, is_over: Callable[[], bool]) -> Finds:
    """What services and configurations say, before any database is asked. `is_over` tells when time has run out."""
    finds = Finds()
    for kind, read in SERVICES.items():
        try:
            read(machine, finds)
        except Exception as error:  # pylint: disable=broad-exception-caught
            finds.miss(kind, "reader", f"it failed: {type(error).__name__}")
    Search(machine.files, FRAMEWORKS, finds, is_over).run(_find_folders(finds, machine.files))
    resolved = resolve_hosts(finds.get("configurations"), read_hosts(machine.files))
    finds.lists["configurations"] = dict.fromkeys(resolved)
    return finds


def list_registered(server: Server | None) -> list[DatabaseSource]:
    """The databases of servers that a configuration names; none without one."""
    applications = server.applications if server else ()
    return [source for application in applications for source in application.databases if not source.path]


def _find_folders(finds: Finds, files: Files) -> Iterator[str]:
    for site in finds.get("sites"):
        yield site.canonical
    for pool in finds.get("pools"):
        yield pool.folder
    for unit in finds.get("units"):
        yield unit.folder
        yield from (path.rpartition("/")[0] for path in unit.paths)
    for container in finds.get("containers"):
        yield container.folder
        yield from (volume.source for volume in container.volumes if not container.engine)
    for line in finds.get("cron"):
        yield from (path.rpartition("/")[0] for path in line.paths)
    for pattern in USUAL_FOLDERS:
        yield from files.expand(pattern)


def choose_instances(local: Sequence[DatabaseSource], registered: Iterable[DatabaseSource]) -> list[DatabaseSource]:
    """The instances of this machine, each with the account that the register gives for it, then others it names."""
    chosen = list(local)
    for source in registered:
        if source.engine not in LOOKS:
            continue
        known = [index for index, instance in enumerate(chosen) if _is_same(instance, source)]
        for index in known[:1]:
            if source.user:
                chosen[index] = replace(chosen[index], user=source.user, password_file=source.password_file)
        if not known and (source.host or source.socket):
            chosen.append(replace(source, name=""))
    return chosen


def _is_same(instance: DatabaseSource, source: DatabaseSource) -> bool:
    """Whether a source lies in an instance; without a socket or host it means the usual one."""
    usual = DEFAULT_PORTS[source.engine]
    if instance.engine != source.engine or instance.host != source.host:
        return False
    if source.socket and source.socket != instance.socket:
        return False
    return bool(source.socket and not source.port) or (source.port or usual) == (instance.port or usual)


def _list_instance(instance: DatabaseSource, looker: Looker, finds: Finds) -> None:
    try:
        with looker.open_shell() as shell:
            finds.add("databases", *LOOKS[instance.engine](instance, shell))
    except BackupError as error:
        finds.miss(instance.engine, instance.instance, error.message)


def tell_unseen(finds: Finds, files: Files) -> None:
    """A database server that does not run, or listens where no socket was found: its databases are unknown."""
    local = [database for database in finds.get("databases") if database.socket]
    seen = {(database.engine, database.port) for database in local} | {(database.engine, 0) for database in local}
    for kept in find_kept(files, finds):
        if (kept.engine, kept.port) not in seen:
            finds.miss(kept.engine, kept.subject, "its data lies here, and no server answered for it")
    seen |= {(database.engine, database.port) for database in finds.get("databases")}
    for listener in finds.get("listeners"):
        engine = SERVERS.get(listener.program)
        if engine and (engine, listener.port) not in seen:
            finds.miss(
                engine, f"port {listener.port}", "a server listens there, and no socket of it was found or opened"
            )


def measure(files: Files, now: datetime, is_over: Callable[[], bool], finds: Finds) -> None:
    """The sizes of everything that is an application's folder."""
    roots = {each.root for each in finds.get("configurations")} | {each.canonical for each in finds.get("sites")}
    measure_trees(files, filter(None, roots), now, is_over, finds)


def make_discovered(server: str, now: datetime, finds: Finds) -> Discovered:
    """The record of what was found: sorted, so that two equal looks are equal; too long lists are cut, and told."""
    known = {each.name for each in fields(Discovered)} - {"server", "at"}
    lists: dict[str, Any] = {}
    for name in sorted(known & set(finds.lists) - {"unreadable"}):
        entries = sorted(finds.get(name), key=repr)
        if len(entries) > COUNT_LIMIT:
            finds.miss("limit", name, f"{len(entries)} were found, {COUNT_LIMIT} are told")
        lists[name] = tuple(entries[:COUNT_LIMIT])
    lists["unreadable"] = tuple(sorted(finds.get("unreadable"), key=repr))
    return read_discovered(cut_plain(Discovered(server, now, **lists).to_data()), server)
