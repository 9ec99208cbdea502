"""Which discovered thing belongs to which application: the claim join, across all servers.

A server that lists a database dumps it; the join only tells whether anybody does. What could not be read is unknown,
never clean.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ..record import find as words
from ..record.application import Application
from ..record.discovered import DatabaseReference, Discovered
from ..record.find import Find
from ..record.preset import is_within
from ..record.register import Register, Server
from ..record.search import Search
from ..record.source import DatabaseSource, TreeSource
from .groups import Group, gather_groups
from .places import Located, Places, make_key, make_reference

Key = tuple[str, str]
"""A server and the key of a find on it."""


@dataclass(frozen=True)
class Claims:
    """Every find in the order of a report, and the applications that were found, claimed or not."""

    finds: tuple[Find, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Searched:
    """What is known: the newest look at each server, and what each held before that is missed when it is gone.

    `since`: a look from before is too old to speak for the present. `accepted` is None while no list was accepted.
    """

    looks: Mapping[str, Discovered]
    now: datetime
    since: datetime
    earlier: Collection[Find] = ()
    accepted: Collection[Key] | None = None


def judge_search(register: Register, search: Search, now: datetime, since: datetime) -> Claims | None:
    """The claim join of what was searched last; None where nobody has ever searched."""
    if not search.looks:
        return None
    accepted = search.accepted
    held = [*(accepted.finds if accepted else ())]
    held += join_claims(register, Searched({**search.looks, **search.earlier}, now, since)).finds
    earlier = [find for find in held if find.kind in (words.DATABASE, words.FOLDER) and find.state in words.EXISTING]
    known = {(find.server, find.key) for find in accepted.finds} if accepted else None
    return join_claims(register, Searched(search.looks, now, since, earlier, known))


def join_claims(register: Register, searched: Searched) -> Claims:
    """Each database and folder of all servers with what the register says of it, and what nobody can say."""
    return _Join(register, searched).conclude()


class _Join:
    def __init__(self, register: Register, searched: Searched) -> None:
        self._register, self._searched = register, searched
        self._places = Places(searched.looks)
        self._finds: dict[tuple[str, str, str], Find] = {}
        self._claimed: dict[Key, str] = {}
        self._groups: list[Group] = []

    def conclude(self) -> Claims:
        for server in self._register.servers:
            for application in server.applications:
                self._claim(server.name, application)
        for look in self._searched.looks.values():
            self._groups += gather_groups(look)
        for group in self._groups:
            self._follow(group)
        for look in self._searched.looks.values():
            self._add_databases(look)
            self._add_unread(look)
        for group in self._groups:
            self._add_folders(group)
        self._add_unsearched()
        self._add_gone()
        finds = [self._ignore(find) for find in self._finds.values()]
        return Claims(tuple(sorted(finds, key=lambda find: find.order)), tuple(self._groups))

    def _add(self, find: Find) -> None:
        self._finds.setdefault((find.server, find.key, find.application if find.reason else ""), find)

    def _claim(self, server: str, application: Application) -> None:
        """What the register lists, where it is; what it lists and is not there is gone. Of a server that was not
        searched all is unknown, which is told once."""
        owner = f"{server}/{application.name}"
        for source in application.databases:
            located = self._places.locate(server, make_reference(source))
            if located.key:
                self._claimed.setdefault((located.server, located.key), owner)
            elif located.doubt and located.server in self._searched.looks:
                self._add(Find(server, words.DATABASE, source.key, words.UNKNOWN, owner, located.doubt))
            elif not located.doubt:
                self._add(Find(server, words.DATABASE, source.key, words.GONE, owner))

    def _follow(self, group: Group) -> None:
        """Where its configurations lead; then who of the register it is."""
        leads = [
            (
                configuration,
                reference,
                self._places.locate(group.server, reference, configuration.container, configuration.root),
            )
            for configuration in group.configurations
            for reference in configuration.databases
        ]
        group.keys += [(located.server, located.key) for *_unused, located in leads if located.key]
        group.keys += [(group.server, f"sqlite:{path}") for path in group.files]
        group.keys = list(dict.fromkeys(group.keys))
        group.owner = self._find_owner(group)
        for configuration, reference, located in leads:
            if not located.key:
                self._add_loose(group, _write_source(reference), configuration.file, located)

    def _add_loose(self, group: Group, source: DatabaseSource, file: str, located: Located) -> None:
        """A configuration names a database that does not exist, or of which nobody can tell."""
        state = words.UNKNOWN if located.doubt else words.DANGLING
        application = group.owner or group.name
        self._add(Find(group.server, words.DATABASE, source.key, state, application, located.doubt, file))

    def _find_owner(self, group: Group) -> str:
        """By its folder first, then by a database that is its alone."""
        by_folder = self._find_tree_owner(group.server, group.root) if group.root else ""
        by_database = (self._claimed.get(key, "") for key in group.keys)
        return by_folder or next(filter(None, by_database), "")

    def _find_tree_owner(self, server: str, folder: str) -> str:
        """The application whose source tree holds this folder, the closest one."""
        holding = [
            (len(source.path), f"{server}/{application.name}")
            for application in self._applications(server)
            for source in application.sources
            if holds(source, folder, self._aliases(server, source.path))
        ]
        return max(holding)[1] if holding else ""

    def _applications(self, server: str) -> tuple[Application, ...]:
        return next((each.applications for each in self._register.servers if each.name == server), ())

    def _aliases(self, server: str, path: str) -> list[str]:
        """The same folder without symbolic links, as far as sites of the server tell."""
        look = self._searched.looks.get(server)
        aliases = []
        for site in look.sites if look else ():
            rest = site.root[len(path) :]
            if is_within(site.root, path) and site.canonical.endswith(rest):
                aliases.append(site.canonical[: len(site.canonical) - len(rest)])
        return aliases

    def _judge(self, server: str, kind: str, key: str, claimed: str, user: str, proposed: str) -> None:
        """One thing that exists: who claims it, else who of the register uses it, else whose it may be."""
        if claimed:
            self._add(Find(server, kind, key, words.REGISTERED, claimed))
        elif user:
            self._add(Find(server, kind, key, words.CHANGED, user))
        else:
            accepted = self._searched.accepted
            is_new = accepted is not None and (server, key) not in accepted
            self._add(Find(server, kind, key, words.NEW if is_new else words.UNCLAIMED, proposed))

    def _add_databases(self, look: Discovered) -> None:
        keys = [make_key(found) for found in look.databases if not found.is_system]
        for key in (*keys, *(f"sqlite:{file.path}" for file in look.sqlite_files)):
            users = [group for group in self._groups if (look.server, key) in group.keys]
            owner = next((group.owner for group in users if group.owner), "")
            name = users[0].name if users else key.rpartition("/")[2]
            claimed = self._claimed.get((look.server, key), "")
            self._judge(look.server, words.DATABASE, key, claimed, owner, name)

    def _add_folders(self, group: Group) -> None:
        for folder in (*([group.root] if group.root else []), *group.data):
            claimed = self._find_tree_owner(group.server, folder)
            self._judge(group.server, words.FOLDER, f"tree:{folder}", claimed, group.owner, group.name)

    def _add_unread(self, look: Discovered) -> None:
        for item in look.unreadable:
            key = f"{item.kind}:{item.subject}"
            self._add(Find(look.server, words.CONFIGURATION, key, words.UNKNOWN, "", item.reason))

    def _add_unsearched(self) -> None:
        for server in self._register.servers:
            look = self._searched.looks.get(server.name)
            if look is None or look.at < self._searched.since:
                reason = words.LONG_AGO if look else words.NEVER_SEARCHED
                self._add(Find(server.name, words.SERVER, f"server:{server.name}", words.UNKNOWN, "", reason))

    def _add_gone(self) -> None:
        """What was there the last time, on a server that could be read whole, and is not there now."""
        present = {(find.server, find.key) for find in self._finds.values()}
        for earlier in self._searched.earlier:
            look = self._searched.looks.get(earlier.server)
            if look is not None and not look.unreadable and (earlier.server, earlier.key) not in present:
                self._add(replace(earlier, state=words.GONE, reason="", file=""))

    def _ignore(self, find: Find) -> Find:
        """What somebody knows of, until the time is over."""
        server = next((each for each in self._register.servers if each.name == find.server), Server(find.server, ()))
        today = self._searched.now.date()
        known = [entry for entry in server.ignored if entry.find == find.key and not entry.is_over(today)]
        if not known or find.state == words.REGISTERED:
            return find
        return replace(find, state=words.IGNORED, reason=f"{known[0].reason} ({known[0].until})")


def _write_source(reference: DatabaseReference) -> DatabaseSource:
    keys = ("engine", "path", "name", "host", "port", "socket")
    return DatabaseSource(**{key: getattr(reference, key) for key in keys})


def holds(source: TreeSource, folder: str, aliases: Collection[str] = ()) -> bool:
    """Whether a backup of `source` has this folder in it: it is there, under one of its names, and not excluded."""
    for place in (source.path, *aliases):
        if is_within(folder, place):
            return not _is_excluded(source.exclude, folder[len(place.rstrip("/")) :])
    return False


def _is_excluded(patterns: Collection[str], relative: str) -> bool:
    """As tar excludes: an anchored pattern against the path from the root on, any other against each name."""
    parts = [part for part in relative.split("/") if part]
    for pattern in (pattern.rstrip("/") for pattern in patterns):
        wanted = pattern.strip("/").split("/")
        if pattern.startswith("/"):
            begun = parts[: len(wanted)]
            if len(begun) == len(wanted) and all(map(fnmatch.fnmatchcase, begun, wanted)):
                return True
        elif any(fnmatch.fnmatchcase(part, pattern) for part in parts):
            return True
    return False
