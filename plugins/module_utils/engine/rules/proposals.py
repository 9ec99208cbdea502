"""What an application that nobody registered should say in the register: its parts, its category, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..record import policy, priority
from ..record.application import Application
from ..record.discovered import Container, Discovered, FoundDatabase
from ..record.find import DATABASE, NEW, UNCLAIMED, Find
from ..record.preset import PRESETS, Preset, is_within
from ..record.priority import PriorityEntry, PriorityList, compare_lists
from ..record.register import Register
from ..record.source import DEFAULT_PORTS, LOCAL_NAME, DatabaseSource, TreeSource
from ..record.wire import parse_time
from .claims import Claims
from .groups import Group
from .places import make_key

LATELY = timedelta(days=7)
LARGE_BYTES = 10 * 1000**3
NO_PRESET = Preset()
NAME_LENGTH = 60

Look = Mapping[str, Discovered]


def make_priority_list(
    register: Register, claims: Claims, looks: Look, accepted: PriorityList | None = None
) -> PriorityList:
    """Every registered application as it stands, and one proposal for each that was found and is in no backup."""
    registered = [
        _describe(server.name, application) for server in register.servers for application in server.applications
    ]
    drafts = _Drafts(claims, looks, {(entry.server, entry.name) for entry in registered})
    for group in claims.groups:
        drafts.add_group(group)
    drafts.add_single_databases()
    entries = tuple(sorted([*registered, *drafts.entries], key=lambda entry: (entry.server, entry.name)))
    return PriorityList(
        entries,
        claims.finds,
        accepted.accepted if accepted else None,
        compare_lists(accepted, entries) if accepted else (),
        {server: tuple(drafts.proposals[server]) for server in sorted(drafts.proposals)},
    )


def _describe(server: str, application: Application) -> PriorityEntry:
    return PriorityEntry(
        server,
        application.name,
        application.title,
        application.category,
        priority.IN_REGISTER,
        (priority.CHOSEN,),
        tuple(source.key for source in application.everything),
        application.owner,
    )


class _Drafts:
    """Proposals, server by server: each server dumps its own databases, so one application may get two entries."""

    def __init__(self, claims: Claims, looks: Look, taken: set[tuple[str, str]]) -> None:
        self.entries: list[PriorityEntry] = []
        self.proposals: dict[str, list[Mapping[str, Any]]] = {}
        self._looks, self._taken, self._groups = looks, taken, claims.groups
        self._open: dict[tuple[str, str], Find] = {
            (find.server, find.key): find for find in claims.finds if find.state in (NEW, UNCLAIMED)
        }
        self._databases: dict[tuple[str, str], FoundDatabase] = {
            (look.server, make_key(found)): found for look in looks.values() for found in look.databases
        }

    def add_group(self, group: Group) -> None:
        """What of it is in no backup; where a registered application uses it, that one's entry wants mending."""
        if group.owner:
            return
        keys = [key for key in group.keys if self._open.pop(key, None)]
        folders = [path for path in (group.root, *group.data) if self._open.pop((group.server, f"tree:{path}"), None)]
        found = [self._databases[key] for key in keys if key in self._databases]
        category, reasons = choose_category(group, found, self._looks[group.server].at)
        title = next((name for site in group.sites for name in site.names if "." in name), group.name)
        servers = dict.fromkeys([*([group.server] if folders else []), *(key[0] for key in keys)])
        for server in servers:
            databases = [self._write_database(key) for key in keys if key[0] == server]
            trees = self._place(group, folders) if server == group.server else []
            self._add(server, group.name, title, category, reasons, databases, trees)

    def add_single_databases(self) -> None:
        """Databases that no configuration names."""
        for server, key in sorted(key for key, find in self._open.items() if find.kind == DATABASE):
            found = self._databases.get((server, key))
            group = Group(server, "", key.rpartition("/")[2])
            category, reasons = choose_category(group, [found] if found else [], self._looks[server].at)
            self._add(server, group.name, group.name, category, reasons, [self._write_database((server, key))], [])

    def _write_database(self, key: tuple[str, str]) -> DatabaseSource:
        found = self._databases.get(key)
        if found is None:
            return DatabaseSource("sqlite", key[1].partition(":")[2])
        holding = (each for each in self._looks[key[0]].containers if each.name == found.container)
        return write_source(found, next(holding, None))

    def _place(self, group: Group, folders: Iterable[str]) -> list[TreeSource]:
        """Folders with what is worth nothing in them left out, and with the databases that are dumped apart."""
        preset = PRESETS.get(group.framework, NO_PRESET)
        inner = [other.root for other in self._groups if other.server == group.server and other.root != group.root]
        placed = []
        for path in folders:
            stable = path.partition("/releases/")[0]
            exclude = [*(preset.exclude if path == group.root and stable == path else preset.data_exclude)]
            if path == group.root and stable != path:
                exclude = [name for name in preset.exclude if not name.startswith("/")]
            apart = [f"{file}*" for file in group.files] + inner
            exclude += [name[len(stable) :] for name in apart if is_within(name, stable) and name != stable]
            placed.append(TreeSource(stable, tuple(exclude)))
        return placed

    def _add(
        self,
        server: str,
        wanted: str,
        title: str,
        category: str,
        reasons: tuple[str, ...],
        databases: list[DatabaseSource],
        trees: list[TreeSource],
    ) -> None:
        name = self._name(server, wanted)
        contents = (*(source.key for source in databases), *(tree.key for tree in trees))
        self.entries.append(PriorityEntry(server, name, title, category, priority.PROPOSED, reasons, contents))
        proposal = {
            "name": name,
            "title": title,
            "owner": "",
            "category": category,
            "databases": [source.to_data() for source in databases],
            "sources": [tree.to_data() for tree in trees],
        }
        self.proposals.setdefault(server, []).append({key: value for key, value in proposal.items() if value != []})

    def _name(self, server: str, wanted: str) -> str:
        """An identity that the register accepts and nobody has on that server."""
        stem = re.sub(r"[^a-z0-9_-]+", "-", wanted.lower()).strip("-_")[:NAME_LENGTH] or "aplikasi"
        name, number = stem, 1
        while (server, name) in self._taken:
            number += 1
            name = f"{stem[: NAME_LENGTH - 4]}-{number}"
        self._taken.add((server, name))
        return name


def write_source(found: FoundDatabase, container: Container | None = None) -> DatabaseSource:
    """How the register names a database that was found: the reverse of DatabaseSource.instance; of a container's
    database the port that the server gives it, where there is one."""
    ports = [entry.partition("->")[0].rpartition(":")[2] for entry in container.ports] if container else []
    if any(port.isdigit() for port in ports):
        port = next(int(port) for port in ports if port.isdigit())
        return DatabaseSource(found.engine, name=found.name, host="127.0.0.1", port=port)
    place, _unused, port_text = found.instance.rpartition(":")
    if not place or not port_text.isdigit():
        place, port_text = found.instance, ""
    port = int(port_text or 0)
    if place.startswith("/"):
        return DatabaseSource(found.engine, name=found.name, socket=place, port=port)
    host = "" if place == LOCAL_NAME else place
    return DatabaseSource(
        found.engine, name=found.name, host=host, port=0 if port == DEFAULT_PORTS.get(found.engine) else port
    )


def choose_category(group: Group, databases: Iterable[FoundDatabase], at: datetime) -> tuple[str, tuple[str, ...]]:
    """How often it should be backed up, and why. What nobody can tell is backed up daily, and flagged."""
    held, tree = [*databases], group.tree
    reasons = []
    if any(_is_written(found, at) for found in held):
        reasons.append(priority.WRITTEN)
    if tree is not None and tree.changed:
        reasons.append(priority.CHANGING)
    if any("." in name for site in group.sites for name in site.names):
        reasons.append(priority.PUBLIC)
    if sum(found.size_bytes for found in held) + (tree.size_bytes if tree else 0) >= LARGE_BYTES:
        reasons.append(priority.LARGE)
    is_known = all(found.written or found.writes_since for found in held) and (held or tree is not None)
    if priority.WRITTEN in reasons:
        return policy.DAILY, tuple(reasons)
    if not is_known:
        return policy.DAILY, (*reasons, priority.UNCLASSIFIED)
    if reasons:
        return policy.WEEKLY, tuple(reasons)
    return policy.MONTHLY, (priority.QUIET,)


def _is_written(found: FoundDatabase, at: datetime) -> bool:
    return parse_time(found.written) > at - LATELY if found.written else found.writes > 0
