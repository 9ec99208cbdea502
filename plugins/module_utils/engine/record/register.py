"""The register: every server with its applications, and how each stores them. config.json is a register of one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from . import policy
from .application import Application, read_application
from .calendar import Calendar, judge_moment, read_calendar
from .fields import Fields, Problems, format_duration
from .ignored import Ignored, read_ignored
from .schedule import Schedule, read_schedule
from .wire import hash_value

CONFIG_SCHEMA = "diskominfo.backup/config/1"
SERVER_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}"
STORE_PATH = "/var/backups/diskominfo"
STATE_PATH = "/var/lib/diskominfo-backup"
STORE_TYPES: dict[str, str] = {"directory": "directory"}
METHODS: dict[str, str] = {"auto": "auto", "zstd": "zstd", "gzip": "gzip"}
LANGUAGES: dict[str, str] = {"id": "id", "en": "en"}
OFFICE_KEYS = ("name", "parent", "address", "city", "telephone", "email", "sop_number")


@dataclass(frozen=True)
class StorePlace:
    """Where backups lie: the store's type and its path."""

    type: str = "directory"
    path: str = STORE_PATH


@dataclass(frozen=True)
class Compression:
    """`auto` takes zstd where it is installed and gzip elsewhere; `threads` 0 means min(2, cores)."""

    method: str = "auto"
    level: int = 3
    threads: int = 0


@dataclass(frozen=True)
class Server:
    """One server's part of the register, as its config.json holds it. `slots` 0: by its cores (rules/order.py).

    `copies` are folders on the machine that keeps the evidence: each gets a copy of every run that stays.
    `calendar` is what the office wants, `schedule` what was planned from it and installed; None before that.
    """

    name: str
    applications: tuple[Application, ...]
    store: StorePlace = StorePlace()
    copies: tuple[StorePlace, ...] = ()
    state: str = STATE_PATH
    compression: Compression = Compression()
    slots: int = 0
    lock_wait_s: float = policy.LOCK_WAIT_S
    language: str = "id"
    office: dict[str, str] = field(default_factory=dict)
    ignored: tuple[Ignored, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    schedule: Schedule | None = None

    def find(self, name: str) -> Application | None:
        """The application of that name, or None."""
        return next((item for item in self.applications if item.name == name), None)

    def to_data(self) -> dict[str, Any]:
        """The mapping that `read_server` reads back to an equal server: what config.json holds, without secrets."""
        return {
            "schema": CONFIG_SCHEMA,
            "server": self.name,
            "applications": [application.to_data() for application in self.applications],
            "store": vars(self.store).copy(),
            "copies": [vars(place).copy() for place in self.copies],
            "state": self.state,
            "compression": vars(self.compression).copy(),
            "slots": self.slots,
            "lock_wait": format_duration(self.lock_wait_s),
            "language": self.language,
            "office": dict(self.office),
            "ignored": [entry.to_data() for entry in self.ignored],
            "calendar": self.calendar.to_data(),
            **({"schedule": self.schedule.to_data()} if self.schedule else {}),
        }

    @cached_property
    def config_hash(self) -> str:
        """sha256 of the canonical configuration; two servers configured alike but for their name differ.

        The schedule is left out: it follows from the registers of all servers.
        """
        return hash_value(replace(self, schedule=None).to_data())


@dataclass(frozen=True)
class Register:
    """All servers, in the order of the inventory."""

    servers: tuple[Server, ...]

    @property
    def application_count(self) -> int:
        """How many applications there are on all servers."""
        return sum(len(server.applications) for server in self.servers)

    def to_data(self) -> dict[str, Any]:
        """A list of configurations, one a server."""
        return {"servers": [server.to_data() for server in self.servers]}


def read_server(value: Any, problems: Problems | None = None) -> Server:
    """A server out of its configuration. Alone it raises ConfigurationError with all problems; with `problems` not."""
    gathered = Problems() if problems is None else problems
    fields = Fields(value, _subject_of(value), gathered)
    fields.text("schema", CONFIG_SCHEMA, CONFIG_SCHEMA.replace(".", r"\."), CONFIG_SCHEMA)
    entries = fields.raw("applications")
    planned = fields.raw("schedule")
    server = Server(
        name=fields.text("server", None, SERVER_PATTERN, "web"),
        applications=_read_applications(entries, fields),
        store=_read_store(fields.within("store")),
        copies=tuple(_read_store(each) for each in fields.each("copies")),
        state=fields.path("state", STATE_PATH),
        compression=_read_compression(fields.within("compression")),
        slots=fields.whole("slots", 0, 0, 64),
        lock_wait_s=fields.duration("lock_wait", policy.LOCK_WAIT_S),
        language=fields.choice("language", LANGUAGES, "id"),
        office=_read_office(fields.within("office")),
        ignored=tuple(read_ignored(entry) for entry in fields.each("ignored")),
        # An office has one calendar: its problems are told once, not for each server.
        calendar=read_calendar(Fields(_or_empty(fields.raw("calendar")), "backup_calendar", gathered)),
        schedule=None if planned is None else read_schedule(Fields(planned, fields.subject, gathered, "schedule")),
    )
    _refuse_beginnings(server, gathered)
    fields.finish()
    if problems is None:
        gathered.raise_if_any()
    return server


def _or_empty(value: Any) -> Any:
    return {} if value is None else value


def _refuse_beginnings(server: Server, problems: Problems) -> None:
    """The moments that single applications have of their own are judged by their category and the calendar's zone."""
    for application in server.applications:
        if application.begin:
            fields = Fields({}, application.name, problems)
            judge_moment(fields, "begin", application.category, application.begin, server.calendar.zone)


def read_register(values: list[Any]) -> Register:
    """Several configurations; raises one ConfigurationError with the problems of all of them."""
    problems = Problems()
    servers = tuple(read_server(value, problems) for value in values)
    names = [server.name for server in servers if server.name]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add(name, "server", "is listed twice", "give each server a name of its own")
    problems.raise_if_any()
    return Register(servers)


def _subject_of(value: Any) -> str:
    name = value.get("server") if isinstance(value, dict) else None
    return f"server {name}" if isinstance(name, str) and name and name.isprintable() else "server"


def _read_applications(entries: Any, fields: Fields) -> tuple[Application, ...]:
    if not isinstance(entries, list):
        fields.complain("applications", "must be a list", "list the applications of this server")
        return ()
    read = tuple(read_application(entry, fields.problems, index + 1) for index, entry in enumerate(entries))
    names = [application.name for application in read if application.name]
    for name in sorted({name for name in names if names.count(name) > 1}):
        fields.problems.add(name, "name", "is used by two applications", "give each a name of its own")
    return read


def _read_store(fields: Fields) -> StorePlace:
    place = StorePlace(fields.choice("type", STORE_TYPES, "directory"), fields.path("path", STORE_PATH))
    fields.finish()
    return place


def _read_compression(fields: Fields) -> Compression:
    compression = Compression(
        fields.choice("method", METHODS, "auto"),
        fields.whole("level", 3, 1, 19),
        fields.whole("threads", 0, 0, 64),
    )
    fields.finish()
    return compression


def _read_office(fields: Fields) -> dict[str, str]:
    read = {key: fields.text(key) for key in OFFICE_KEYS}
    fields.finish()
    return {key: value for key, value in read.items() if value}
