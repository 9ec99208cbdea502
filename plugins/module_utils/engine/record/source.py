"""What is backed up as one part: a database in a file, a database of a server, a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Union

from .fields import Fields
from .wire import omit_empty

ENGINES: dict[str, str] = {"mysql": "mysql", "postgresql": "postgresql", "sqlite": "sqlite"}
"""Engines a register may name; the drivers' registry holds the same names and `tree`. mysql serves MariaDB too."""

FILE_ENGINES = ("sqlite",)
DEFAULT_PORTS: Mapping[str, int] = {"mysql": 3306, "postgresql": 5432}
TREE = "tree"
LOCAL_NAME = "localhost"
CONTAINER = "container:"
CONTAINER_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}"


@dataclass(frozen=True)
class DatabaseSource:
    """One database.

    A file database has a `path`. A database of a server has a `name`, which is data: it may hold any character. It is
    reached through `socket` (a file of MariaDB, a folder of PostgreSQL), or over TCP at `host` and `port`; without
    either, through the engine's usual socket, as the operating system's user or as `user`. With `container` all of that
    is meant inside of that container of podman or docker, whose own programs are used. `password_file` is a file
    of mode 0600 whose first line is the password. With `credentials` false the accounts are left out.
    """

    engine: str
    path: str = ""
    name: str = ""
    host: str = ""
    port: int = 0
    socket: str = ""
    user: str = ""
    password_file: str = ""
    credentials: bool = True
    container: str = ""

    @property
    def instance(self) -> str:
        """The server that holds it, such as `localhost`, `10.0.0.5:3307`, `/run/mysqld/second.sock` or
        `container:sippn-db`."""
        port = f":{self.port}" if self.port and self.port != DEFAULT_PORTS.get(self.engine) else ""
        server = (self.socket or self.host or LOCAL_NAME) + port
        if not self.container:
            return server
        return CONTAINER + self.container + ("" if server == LOCAL_NAME else f":{server}")

    @property
    def address(self) -> str:
        """Where it is, for records: the path of a file, or instance and name."""
        return self.path or f"{self.instance}/{self.name}"

    @property
    def key(self) -> str:
        """What tells this source from every other of the server."""
        return f"{self.engine}:{self.address}"

    @property
    def label(self) -> str:
        """What people call it."""
        return self.name or PurePosixPath(self.path).name or "root"

    def to_data(self) -> dict[str, Any]:
        """What `read_database` reads back to an equal source."""
        data: dict[str, Any] = omit_empty(vars(self))
        if not self.port:
            data.pop("port")
        if self.credentials:
            data.pop("credentials")
        return data


@dataclass(frozen=True)
class TreeSource:
    """A folder with everything below it, but for what `exclude` names.

    An exclude without a slash holds at any depth; one that begins with a slash is anchored at `path`.
    """

    path: str
    exclude: tuple[str, ...] = ()
    engine: str = TREE

    @property
    def address(self) -> str:
        """Where it is, for records."""
        return self.path

    @property
    def key(self) -> str:
        """What tells this source from every other of the server."""
        return f"{self.engine}:{self.path}"

    @property
    def label(self) -> str:
        """What people call it."""
        return PurePosixPath(self.path).name or "root"

    def to_data(self) -> dict[str, Any]:
        """What `read_tree` reads back to an equal source."""
        return omit_empty({"path": self.path, "exclude": list(self.exclude)})


Source = Union[DatabaseSource, TreeSource]


def read_database(fields: Fields) -> DatabaseSource:
    """One entry of `databases`."""
    engine = fields.choice("engine", ENGINES, "sqlite")
    source = _read_file_database(fields, engine) if engine in FILE_ENGINES else _read_server_database(fields, engine)
    fields.finish()
    return source


def _read_file_database(fields: Fields, engine: str) -> DatabaseSource:
    return DatabaseSource(engine, path=fields.path("path", None))


def _read_server_database(fields: Fields, engine: str) -> DatabaseSource:
    source = DatabaseSource(
        engine,
        name=fields.text("name", None, r"[^\0\n]{1,64}", "sippn"),
        host=fields.text("host", "", r"[A-Za-z0-9][A-Za-z0-9._:-]{0,252}", "db.kota.example"),
        port=fields.whole("port", 0, 0, 65535),
        socket=fields.path("socket"),
        user=fields.text("user", "", r"[^\0\n]{1,80}", "backup"),
        password_file=fields.path("password_file"),
        credentials=fields.truth("credentials", True),
        container=fields.text("container", "", CONTAINER_PATTERN, "sippn-db"),
    )
    if source.host and source.socket:
        fields.complain("socket", "and host are both given", "give one of them")
    return source


def read_tree(fields: Fields) -> TreeSource:
    """One entry of `sources`."""
    source = TreeSource(fields.path("path", None), fields.texts("exclude"))
    for pattern in source.exclude:
        if "/" in pattern.rstrip("/") and not pattern.startswith("/"):
            fields.complain("exclude", f"{pattern!r} has a slash inside", "begin it with a slash: anchored at path")
    fields.finish()
    return source


def read_container(address: str) -> str:
    """The container that an address names; empty where it names none."""
    found = re.match(f"{CONTAINER}({CONTAINER_PATTERN})(?=[:/])", address)
    return found[1] if found else ""
