"""Where a database that a configuration or the register names really is: by socket, name or address, on any server."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..record.discovered import Container, DatabaseReference, Discovered, FoundDatabase
from ..record.find import NEVER_SEARCHED, STRANGE_HOST, UNREAD_INSTANCE
from ..record.preset import is_within
from ..record.source import DEFAULT_PORTS, FILE_ENGINES, LOCAL_NAME, DatabaseSource


@dataclass(frozen=True)
class Located:
    """Where a reference leads. Without `key` it leads to nothing; `doubt` says why that is not certain.

    `server` is empty for a host that is no server of the inventory.
    """

    server: str
    key: str = ""
    doubt: str = ""


def make_reference(source: DatabaseSource) -> DatabaseReference:
    """A database of the register as a configuration would name it."""
    named = source
    return DatabaseReference(named.engine, named.name, named.path, named.host, named.port, named.socket, named.user)


def make_key(database: FoundDatabase) -> str:
    """What a register calls this database (record/source.py)."""
    return f"{database.engine}:{database.instance}/{database.name}"


class Places:
    """All servers that were searched, to be asked where things are."""

    def __init__(self, looks: Mapping[str, Discovered]) -> None:
        self._looks = looks
        self._homes: dict[str, str] = {}
        for server, look in looks.items():
            for name in (server, *look.names, *look.addresses):
                if name != LOCAL_NAME and not _is_loopback(name):
                    self._homes.setdefault(name.lower(), server)
        self._homes = {**_shorten(self._homes), **self._homes}

    def find_server(self, server: str, host: str, addresses: Iterable[str] = ()) -> str:
        """The server that `host`, as written on `server`, is; empty for a stranger.

        `addresses` are what the host's name means there.
        """
        if host in ("", LOCAL_NAME) or _is_loopback(host):
            return server
        known = (self._homes.get(name.lower(), "") for name in (host, *addresses))
        local = server if any(_is_loopback(address) for address in addresses) else ""
        return next(filter(None, known), local)

    def locate(self, server: str, reference: DatabaseReference, container: str = "", root: str = "") -> Located:
        """Where a reference leads that was written on `server`: in `root`, or in one of its containers."""
        if reference.engine in FILE_ENGINES:
            return self._locate_file(server, reference.path)
        beside = self._find_beside(server, reference, container, root)
        if beside is not None:
            return self._choose(server, reference, [beside])
        home = self.find_server(server, reference.host, reference.addresses)
        if home not in self._looks:
            return Located(home, doubt=NEVER_SEARCHED if home else STRANGE_HOST)
        return self._choose(home, reference, None)

    def _find_beside(self, server: str, reference: DatabaseReference, name: str, root: str) -> Container | None:
        """The container that serves the database to its neighbours, by the name or address they call it by."""
        look = self._looks.get(server)
        if look is None:
            return None
        own = [each for each in look.containers if each.name == name or (root and each.folder == root)]
        projects = {(each.tool, each.project) for each in own}
        for each in (each for each in look.containers if each.engine):
            is_neighbour = (each.tool, each.project) in projects
            own_names = (each.name, each.service, *each.addresses, *([] if reference.socket else [""]))
            if is_neighbour and reference.host in own_names:
                return each
            outer_names = (each.name, f"container:{each.name}", *each.addresses)
            if not name and (reference.host in outer_names or _publishes(each, reference)):
                return each
        return None

    def _choose(self, home: str, reference: DatabaseReference, containers: list[Container] | None) -> Located:
        look = self._looks[home]
        within = None if containers is None else {each.name for each in containers}
        for found in look.databases:
            in_place = found.container == "" and is_instance_of(reference, found)
            is_there = in_place if within is None else found.container in within
            if is_there and (found.engine, found.name) == (reference.engine, reference.name):
                return Located(home, make_key(found))
        is_unread = any(reference.engine in (item.kind, item.subject.partition(":")[0]) for item in look.unreadable)
        is_unlisted = within is not None and not any(found.container in within for found in look.databases)
        return Located(home, doubt=UNREAD_INSTANCE if is_unread or is_unlisted else "")

    def _locate_file(self, server: str, path: str) -> Located:
        """A file is only known to be missing where its folder was searched."""
        look = self._looks.get(server)
        if look is None:
            return Located(server, doubt=NEVER_SEARCHED)
        if any(file.path == path for file in look.sqlite_files):
            return Located(server, f"sqlite:{path}")
        is_searched = any(is_within(path, tree.path) and not tree.is_cut for tree in look.trees)
        return Located(server, doubt="" if is_searched else UNREAD_INSTANCE)


def _publishes(container: Container, reference: DatabaseReference) -> bool:
    """Whether the port that is meant is one that the container takes, such as `127.0.0.1:3307->3306/tcp`."""
    is_here = reference.host in ("", LOCAL_NAME) or _is_loopback(reference.host)
    port = reference.port or DEFAULT_PORTS.get(reference.engine, 0)
    outer = (entry.partition("->")[0].rpartition(":")[2] for entry in container.ports)
    return is_here and not reference.socket and str(port) in outer


def is_instance_of(reference: DatabaseReference, found: FoundDatabase) -> bool:
    """Whether the reference names the instance that this database is in, both being on one server."""
    if reference.engine != found.engine:
        return False
    default = DEFAULT_PORTS.get(reference.engine, 0)
    is_same_port = (reference.port or default) == (found.port or default)
    if not reference.socket:
        return is_same_port
    if reference.engine == "postgresql":
        return is_same_port
    return _canonical(reference.socket) == _canonical(found.socket)


def _canonical(socket: str) -> str:
    """`/var/run` has been another name of `/run` for long."""
    return socket[4:] if is_within(socket, "/var/run") else socket


def _shorten(homes: Mapping[str, str]) -> dict[str, str]:
    """The first label of each name, where it means one server: what a search domain completes."""
    servers: dict[str, set[str]] = {}
    for name, server in homes.items():
        if not name[:1].isdigit() and "." in name:
            servers.setdefault(name.partition(".")[0], set()).add(server)
    return {short: meant.pop() for short, meant in servers.items() if len(meant) == 1}


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
