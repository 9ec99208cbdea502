"""What was found on a server, gathered into what are applications: a folder with its configuration, sites and data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..record.discovered import Configuration, Container, Discovered, Site, Tree
from ..record.preset import is_within

GENERIC = "generic"


@dataclass
class Group:
    """What belongs together on one server. `root` is empty where all of it lies in containers.

    `files` are its SQLite databases, `data` its folders of uploads outside of the root. `keys` are added by the claim
    join: (server, key of a database) for each that its configurations lead to.
    """

    server: str
    root: str
    name: str
    configurations: list[Configuration] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    tree: Tree | None = None
    owner: str = ""
    keys: list[tuple[str, str]] = field(default_factory=list)

    @property
    def framework(self) -> str:
        """What it is made with, as far as its configurations tell."""
        known = (item.framework for item in self.configurations if item.framework != GENERIC)
        return next(known, GENERIC)


def gather_groups(look: Discovered) -> list[Group]:
    """The groups of one server, in the order of their roots; a site above other applications is none itself."""
    gathering = _Gathering(look)
    for configuration in look.configurations:
        gathering.add_configuration(configuration)
    for site in look.sites:
        gathering.add_site(site)
    for unit in look.units:
        gathering.find(unit.folder, unit.name.partition(".")[0])
    for container in look.containers:
        gathering.add_container(container)
    for file in look.sqlite_files:
        group = gathering.find(file.root, _name_folder(file.root))
        if group is not None:
            group.files.append(file.path)
    return gathering.conclude(look.trees)


class _Gathering:
    def __init__(self, look: Discovered) -> None:
        self._look = look
        self._groups: dict[str, Group] = {}

    def find(self, root: str, name: str) -> Group | None:
        """The deepest group that holds `root`, or a new one; None for no folder and for one above other groups."""
        if not root:
            return None
        holding = [group for group in self._groups.values() if group.root and is_within(root, group.root)]
        if holding:
            return max(holding, key=lambda group: len(group.root))
        if any(is_within(group.root, root) for group in self._groups.values() if group.root):
            return None
        return self._make(root, root, name)

    def _make(self, place: str, root: str, name: str) -> Group:
        return self._groups.setdefault(place, Group(self._look.server, root, name))

    def add_configuration(self, configuration: Configuration) -> None:
        """Every folder with a configuration is an application; one of a container is part of its project."""
        if configuration.root:
            group = self._make(configuration.root, configuration.root, _name_folder(configuration.root))
        else:
            place = self._name_project(configuration.container)
            group = self._make(f"container:{place}", "", place)
        group.configurations.append(configuration)
        served = {volume.source for each in self._look.containers if each.engine for volume in each.volumes}
        group.data += [path for path in configuration.data if path not in (*group.data, *served)]

    def _name_project(self, name: str) -> str:
        return next((each.project or name for each in self._look.containers if each.name == name), name)

    def add_site(self, site: Site) -> None:
        """A site belongs to the application whose folder its document root is in."""
        name = next((name for name in site.names if "." in name), "").partition(".")[0]
        root = site.canonical or site.root
        group = None if self._is_placeholder(root) else self.find(root, name or _name_folder(root))
        if group is not None:
            group.sites.append(site)

    def _is_placeholder(self, root: str) -> bool:
        """Whether there is only the page by which a web server says that it was installed."""
        tree = next((tree for tree in self._look.trees if tree.path == root), None)
        return root in _FIRST_ROOTS and tree is not None and tree.files <= 2 and tree.size_bytes <= _FIRST_PAGE_BYTES

    def add_container(self, container: Container) -> None:
        """What a container keeps outside of itself is data, unless a database server keeps its own files there."""
        place = container.project or container.name
        volumes = [volume.source for volume in container.volumes if _holds_data(volume.source)]
        known = self._groups.get(f"container:{place}") or self._groups.get(container.folder)
        if container.engine or (known is None and not volumes):
            return
        group = known or self._make(f"container:{place}", "", place)
        group.data += [path for path in volumes if path not in group.data]

    def conclude(self, trees: Iterable[Tree]) -> list[Group]:
        """All groups; data within the root is part of it."""
        by_path = {tree.path: tree for tree in trees}
        for group in self._groups.values():
            group.tree = by_path.get(group.root)
            group.data = [path for path in group.data if not (group.root and is_within(path, group.root))]
        return sorted(self._groups.values(), key=lambda group: (group.root, group.name))


def _holds_data(source: str) -> bool:
    """Whether a folder of the server that a container sees may hold what people made: not the system's own."""
    return source.startswith("/") and not any(is_within(source, folder) for folder in _SYSTEM)


_SYSTEM = ("/dev", "/etc", "/lib", "/proc", "/run", "/sys", "/tmp", "/usr", "/var/run")  # noqa: S108
_FIRST_ROOTS = ("/usr/share/nginx/html", "/var/www/html")
_FIRST_PAGE_BYTES = 16384
_GENERAL = {
    *("app", "current", "htdocs", "html", "httpdocs", "public", "public_html", "src", "web", "www"),
    *("home", "opt", "srv", "var"),
}


def _name_folder(path: str) -> str:
    """The last part of a path that says something: `/var/www/sippn/releases/7/public` is `sippn`."""
    parts = [part for part in path.partition("/releases/")[0].split("/") if part]
    telling = [part for part in parts if part.lower() not in _GENERAL]
    return (telling or parts or ["unnamed"])[-1]
