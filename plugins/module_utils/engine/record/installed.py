"""What really begins backups on one server: its timers or lines of cron, and the configuration they work by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..errors import RecordRefused
from .plain import PATTERN, read_plain, write_plain
from .receipt import HASH_PATTERN
from .register import SERVER_PATTERN

INSTALLED_SCHEMA = "diskominfo.backup/installed/1"
UNIT = "diskominfo-backup"
RUNNER = "/usr/local/bin/diskominfo-backup"
SYSTEMD = "systemd"
CRON = "cron"
LOADED = "loaded"
NOT_FOUND = "not-found"

HASH = {PATTERN: f"|{HASH_PATTERN}"}
MANAGER = {PATTERN: f"{SYSTEMD}|{CRON}"}


def name_unit(entry: str, kind: str = "timer") -> str:
    """The unit of an entry of the schedule."""
    return f"{UNIT}-{entry}.{kind}"


def make_command(choice: str) -> str:
    """What a service or cron starts; `choice` is `--entry NAME` or `--due`."""
    return f"{RUNNER} night --timer --quiet {choice}"


@dataclass(frozen=True)
class InstalledTimer:
    """A timer as systemd has it in force, drop-ins included; `unit` is its name.

    `state` and `service_state` are systemd's LoadState (`loaded`, `masked`, `not-found`, …). `begins` is the unit that
    it starts, `command` what the service of the same name executes; of what is not ours only the program.
    `is_unread`: its files were changed, and systemd has not read them.
    """

    unit: str
    state: str
    is_enabled: bool = False
    is_active: bool = False
    is_persistent: bool = False
    is_unread: bool = False
    on_calendar: tuple[str, ...] = ()
    begins: str = ""
    service_state: str = ""
    command: str = ""


@dataclass(frozen=True)
class CronEntry:
    """A line of cron: `when` is `@reboot`, five fields, or the first word of a line that is none; `command` is ours
    where root starts it in the very way that was installed, else only the program."""

    when: str
    command: str = ""


@dataclass(frozen=True)
class Unread:
    """What is there and could not be read, so that nothing is known of it."""

    subject: str
    reason: str


@dataclass(frozen=True)
class Installed:
    """What one look at one server found. `manager` is `systemd` or `cron`.

    `config_hash` and `schedule_hash` are those of the configuration that is installed, empty where there is none or
    where it cannot be used; then `config_problem` says why. `lines` are those of the file of cron.
    """

    server: str = field(metadata={PATTERN: SERVER_PATTERN})
    at: datetime
    manager: str = field(metadata=MANAGER)
    config_hash: str = field(default="", metadata=HASH)
    schedule_hash: str = field(default="", metadata=HASH)
    config_problem: str = ""
    timers: tuple[InstalledTimer, ...] = ()
    lines: tuple[CronEntry, ...] = ()
    is_cron_running: bool = False
    unread: tuple[Unread, ...] = ()

    @property
    def begins_backups(self) -> bool:
        """Whether anything of ours is there that begins something."""
        return bool(self.timers or self.lines)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is there, as far as could be seen."""
        return not (self.begins_backups or self.config_hash or self.config_problem or self.unread)

    def to_data(self) -> dict[str, Any]:
        """The JSON object of docs/schemas/installed.schema.json."""
        return {"schema": INSTALLED_SCHEMA, **write_plain(self)}


def read_installed(data: Mapping[str, Any], subject: str) -> Installed:
    """Such a look out of its JSON object, which may come from a hostile server: every field is checked.

    Raises RecordRefused, naming `subject`, for another schema, an unknown field, a missing one, a wrong type or value.
    """
    try:
        left = dict(data)
        schema = left.pop("schema", None)
        if schema != INSTALLED_SCHEMA:
            raise ValueError(f"the schema is {str(schema)[:80]!r}")
        return read_plain(Installed, left)
    except (TypeError, ValueError) as error:
        raise RecordRefused.malformed(subject, f"{type(error).__name__}: {error}") from error
