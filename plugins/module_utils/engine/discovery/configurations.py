"""Walks the folders where applications lie and hands every file that may be a configuration to its reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch

from ..record.discovered import Configuration
from . import base
from .base import Files, Finds, FrameworkReader, Place, Unfit

USUAL_FOLDERS = ("/var/www", "/srv", "/opt", "/usr/share/nginx", "/var/lib/tomcat*/webapps", "/home/*/public_html")
PUBLIC_FOLDERS = frozenset(
    {"public", "public_html", "web", "webroot", "www", "htdocs", "html", "httpdocs", "pub", "current", "wwwroot"}
)
"""Names of folders that are shown to the world; the application is the folder above."""

SHARED_FOLDERS = frozenset({"/", "/etc", "/home", "/opt", "/root", "/srv", "/usr", "/usr/local", "/usr/share", "/var"})
PRUNED = frozenset(
    (
        *(
            ".cache",
            ".git",
            ".hg",
            ".npm",
            ".svn",
            ".venv",
            "__pycache__",
            "bower_components",
            "cache",
            "dist-packages",
        ),
        *("node_modules", "site-packages", "tmp", "vendor", "venv", "wp-includes", "wp-admin", "lost+found"),
    )
)
"""Folders in which nobody configures an application."""

DEPTH_LIMIT = 6
FOLDERS_LIMIT = 30_000

IsOver = Callable[[], bool]


@dataclass
class Search:
    """One walk over a server. `is_over` tells when there is no more time."""

    files: Files
    readers: Sequence[FrameworkReader]
    finds: Finds
    is_over: IsOver
    seen: set[str] = field(default_factory=set)
    read: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._by_name: dict[str, list[tuple[str, FrameworkReader]]] = {}
        for reader in self.readers:
            for suffix in reader.suffixes:
                self._by_name.setdefault(suffix.rpartition("/")[2], []).append((suffix, reader))
        for known in self._by_name.values():
            known.sort(key=lambda entry: -entry[0].count("/"))  # the longest one knows the root best

    def run(self, folders: Iterable[str]) -> None:
        """Searches below the folders, above those that are public, and at fixed places."""
        for reader in self.readers:
            for path in [path for pattern in reader.fixed for path in self.files.expand(pattern)]:
                self._read(reader, path, self.files.resolve(path).rpartition("/")[0])
        for folder in dict.fromkeys(found for given in folders for found in self._find_bases(given)):
            self._walk(folder, 0)

    def _find_bases(self, folder: str) -> Iterator[str]:
        canonical = self.files.resolve(folder)
        above, _slash, name = canonical.rpartition("/")
        if name in PUBLIC_FOLDERS and above not in SHARED_FOLDERS and above not in ("", "/var/www", "/var"):
            yield above
        if canonical not in SHARED_FOLDERS or canonical in USUAL_FOLDERS:
            yield canonical

    def _walk(self, folder: str, depth: int) -> None:
        if folder in self.seen or depth > DEPTH_LIMIT:
            return
        if len(self.seen) >= FOLDERS_LIMIT or self.is_over():
            self.finds.miss("folders", folder.split("/")[1], "more folders than could be looked at")
            return
        self.seen.add(folder)
        try:
            entries = sorted(self.files.entries(folder), key=lambda entry: entry.name)
        except Unfit as error:
            self.finds.miss("folders", folder, error)
            return
        if len(entries) >= base.ENTRIES_LIMIT:
            self.finds.miss("folders", folder, "it has more entries than are looked at")
        names = {entry.name for entry in entries}
        for entry in entries:
            path = f"{folder.rstrip('/')}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in PRUNED and not (entry.name == "releases" and "current" in names):
                    self._walk(path, depth + 1)
            elif entry.is_symlink() and self.files.is_folder(path):
                self._follow(entry.name, path)
            else:
                self._match(path, entry.name)

    def _follow(self, name: str, path: str) -> None:
        """`current` is the release that is served; other links lead to what is looked at where it lies."""
        if name == "current":
            self._walk(self.files.resolve(path), 0)

    def _match(self, path: str, name: str) -> None:
        for key in (name, "*" + name[name.rfind(".") :]):
            for suffix, reader in self._by_name.get(key, ()):
                count = suffix.count("/") + 1
                parts = path.split("/")
                if len(parts) > count and fnmatch("/".join(parts[-count:]), suffix):
                    self._read(reader, path, "/".join(parts[:-count]) or "/")

    def _read(self, reader: FrameworkReader, path: str, root: str) -> None:
        try:
            text = self.files.read(path)
            found = None if text is None else reader.read(text, Place(self.files, path, root))
        except Unfit as error:
            self.finds.miss(reader.framework, path, error)
        except Exception as error:  # pylint: disable=broad-exception-caught
            self.finds.miss(reader.framework, path, f"it cannot be understood ({type(error).__name__})")
        else:
            if found is not None and (path, found.framework) not in self.read:
                self.read.add((path, found.framework))
                self.finds.add("configurations", found)


def resolve_hosts(configurations: Iterable[Configuration], hosts: dict[str, list[str]]) -> list[Configuration]:
    """The same, each host of a reference with the addresses that it has on this server."""
    resolved = []
    for each in configurations:
        databases = tuple(
            replace(reference, addresses=tuple(hosts.get(reference.host, _read_literal(reference.host))))
            for reference in each.databases
        )
        resolved.append(replace(each, databases=databases))
    return resolved


def _read_literal(host: str) -> list[str]:
    return [host] if re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*", host) else []
