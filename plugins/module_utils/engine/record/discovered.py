"""What one read-only look at a server found: sites, databases and what their configurations say of each other.

No password is part of it, by its very form: of commands only the program and the paths are kept, of addresses only
host, port and user.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..errors import RecordRefused
from .plain import PATTERN, read_plain, write_plain
from .register import SERVER_PATTERN
from .wire import TIME_PATTERN

DISCOVERED_SCHEMA = "diskominfo.backup/discovered/1"

WORD = {PATTERN: r"[a-z][a-z0-9_]{0,63}"}
MOMENT = {PATTERN: f"|{TIME_PATTERN}"}
"""A time in UTC, or nothing where it is not known."""


@dataclass(frozen=True)
class DatabaseReference:
    """A database that a configuration names.

    `engine` is `mysql`, `postgresql`, `sqlite`, or a kind that cannot be backed up yet, such as `sqlserver`. A file
    has a `path`. `host` is as written, `addresses` are what it means on that very server. `prefix` begins the names
    of the application's tables where several share a database.
    """

    engine: str = field(metadata=WORD)
    name: str = ""
    path: str = ""
    host: str = ""
    port: int = 0
    socket: str = ""
    user: str = ""
    prefix: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Configuration:
    """One configuration of an application. `framework` is a preset's name, `generic` where nobody knows.

    `file` is where it was read; `root` is the application's folder, symbolic links resolved. `data` are folders with
    what people uploaded, within the root or elsewhere. `container` names the container whose environment it is,
    `url` is the address the application gives itself.
    """

    file: str
    framework: str = field(metadata=WORD)
    root: str = ""
    databases: tuple[DatabaseReference, ...] = ()
    data: tuple[str, ...] = ()
    url: str = ""
    container: str = ""


@dataclass(frozen=True)
class Site:
    """One virtual host. `kind` is `nginx`, `apache` or `tomcat`; `root` is as written, `canonical` without links.

    `listens` are addresses such as `80`, `[::]:443`; `proxies` are where requests are passed on, such as
    `127.0.0.1:8000` or the socket of a PHP-FPM pool.
    """

    kind: str = field(metadata=WORD)
    names: tuple[str, ...] = ()
    listens: tuple[str, ...] = ()
    root: str = ""
    canonical: str = ""
    proxies: tuple[str, ...] = ()
    file: str = ""


@dataclass(frozen=True)
class Pool:
    """One pool of PHP-FPM."""

    name: str
    file: str = ""
    user: str = ""
    listen: str = ""
    folder: str = ""


@dataclass(frozen=True)
class Unit:
    """A service of systemd that may be an application: it works in a folder that is nobody's but its own."""

    name: str
    folder: str = ""
    user: str = ""
    program: str = ""
    paths: tuple[str, ...] = ()
    is_active: bool = False


@dataclass(frozen=True)
class Volume:
    """A folder that a container keeps outside of itself: `source` on the server, `target` in the container."""

    source: str
    target: str
    name: str = ""


@dataclass(frozen=True)
class Container:
    """A container of docker or podman; `project`, `service` and `folder` are those of compose.

    `engine` is the database engine it serves, where its image is one of those known.
    """

    name: str
    tool: str = field(metadata=WORD)
    image: str = ""
    is_running: bool = False
    project: str = ""
    service: str = ""
    folder: str = ""
    engine: str = ""
    ports: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()


@dataclass(frozen=True)
class Listener:
    """A TCP port that is open for connections, and the program behind it."""

    address: str
    port: int
    program: str = ""


@dataclass(frozen=True)
class CronLine:
    """A command that cron starts: its program, and the paths it names."""

    file: str
    user: str = ""
    program: str = ""
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class FoundDatabase:
    """One database of an instance on this server, whoever it belongs to.

    `instance` is how `DatabaseSource.instance` names it, `socket` and `port` how it is reached. `tables` are counted
    where that is cheap; `writes` are the rows written since `writes_since`; `written` is the last write that is
    known. `clients` are the addresses that are connected to it now, `users` the accounts that may use it.
    """

    engine: str = field(metadata=WORD)
    name: str
    instance: str
    socket: str = ""
    host: str = ""
    port: int = 0
    container: str = ""
    owner: str = ""
    size_bytes: int = 0
    tables: int = 0
    writes: int = 0
    writes_since: str = field(default="", metadata=MOMENT)
    written: str = field(default="", metadata=MOMENT)
    clients: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    is_system: bool = False


@dataclass(frozen=True)
class SqliteFile:
    """A file that is a SQLite database by its first bytes. `root` is the application folder it was found below."""

    path: str
    root: str
    size_bytes: int = 0
    written: str = field(default="", metadata=MOMENT)


@dataclass(frozen=True)
class Tree:
    """How much lies below an application's folder, and how much of it is new.

    `changed` are the files that were written within a week before the look, `newest` the time of the last of them.
    Where `is_cut`, time or numbers ran out: there is more than is told.
    """

    path: str
    size_bytes: int = 0
    files: int = 0
    changed: int = 0
    newest: str = field(default="", metadata=MOMENT)
    is_cut: bool = False


@dataclass(frozen=True)
class Unreadable:
    """What could not be read, so that nothing is said of it: `kind` is the reader, `subject` a file or instance."""

    kind: str = field(metadata=WORD)
    subject: str
    reason: str


@dataclass(frozen=True)
class Discovered:
    """Everything that one look at one server found. `names` and `addresses` are the server's own."""

    server: str = field(metadata={PATTERN: SERVER_PATTERN})
    at: datetime
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    sites: tuple[Site, ...] = ()
    pools: tuple[Pool, ...] = ()
    units: tuple[Unit, ...] = ()
    containers: tuple[Container, ...] = ()
    listeners: tuple[Listener, ...] = ()
    cron: tuple[CronLine, ...] = ()
    configurations: tuple[Configuration, ...] = ()
    databases: tuple[FoundDatabase, ...] = ()
    sqlite_files: tuple[SqliteFile, ...] = ()
    trees: tuple[Tree, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """The JSON object of docs/schemas/discovered.schema.json."""
        return {"schema": DISCOVERED_SCHEMA, **write_plain(self)}


def read_discovered(data: Mapping[str, Any], subject: str) -> Discovered:
    """A look out of its JSON object, which may come from a hostile server: every field is checked, lists are short.

    Raises RecordRefused, naming `subject`, for another schema, an unknown field, a missing one, a wrong type or value.
    """
    try:
        left = dict(data)
        schema = left.pop("schema", None)
        if schema != DISCOVERED_SCHEMA:
            raise ValueError(f"the schema is {str(schema)[:80]!r}")
        return read_plain(Discovered, left)
    except (TypeError, ValueError) as error:
        raise RecordRefused.malformed(subject, f"{type(error).__name__}: {error}") from error
