"""One server's working place: what every verb that does something is given."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from .books.catalogue import Catalogue
from .errors import BackupError, ConfigurationError
from .flow.lock import read_boot_id
from .flow.process import Supervisor
from .flow.progress import Progress
from .record.receipt import Host, Runner
from .record.register import Server, read_server
from .record.wire import read_json
from .rules.order import Lanes, choose_lanes
from .stores.base import Store
from .stores.registry import open_store


@dataclass(frozen=True)
class Station:
    """`server` says what to do, `store` and `catalogue` keep what was done; `clock` gives aware UTC times."""

    server: Server
    store: Store
    catalogue: Catalogue
    supervisor: Supervisor
    progress: Progress
    clock: Callable[[], datetime]
    runner: Runner
    trigger: str
    is_for_small: bool = False
    """Whether what is worked on is small (rules/order.py), and has slots of its own."""

    @property
    def state(self) -> Path:
        """The folder of receipts, locks and throwaway places."""
        return Path(self.server.state)

    @property
    def slots(self) -> range:
        """The numbers of the slots of which an application takes one: as many as may be worked on side by side."""
        lanes = self.lanes
        return range(lanes.slots, lanes.slots + lanes.small) if self.is_for_small else range(lanes.slots)

    @property
    def lanes(self) -> Lanes:
        """How many applications are worked on side by side on this server."""
        return choose_lanes(self.server.slots, os.cpu_count() or 1)

    def scratch_of(self, application: str) -> Path:
        """Where throwaway places of one application lie; swept under its lock."""
        return self.state / "scratch" / application


def read_configuration(path: str) -> Server:
    """The server of a configuration file; ConfigurationError when it cannot be read or used."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(
            f"cannot read the configuration {path}: {reason}", "name the file that holds it, or let this user read it"
        ) from error
    try:
        return read_server(read_json(data, path))
    except ConfigurationError:
        raise
    except BackupError as error:
        raise ConfigurationError(error.message, "write it again with the role or playbook that made it") from error


def open_station(
    server: Server,
    supervisor: Supervisor,
    progress: Progress,
    runner: Runner,
    trigger: str,
    clock: Callable[[], datetime] | None = None,
) -> Station:
    """The working place of `server` on this machine; the store is not touched yet."""
    state = Path(server.state)
    store = open_store(server.store, state)
    catalogue = Catalogue(state / "receipts", server.name)
    return Station(server, store, catalogue, supervisor, progress, clock or utc_now, runner, trigger)


def utc_now() -> datetime:
    """The clock of everything that is not a test."""
    return datetime.now(timezone.utc)


def describe_host() -> Host:
    """This machine, as receipts tell of it."""
    return Host(_read_os_name(), platform.python_version(), read_boot_id())


def _read_os_name() -> str:
    try:
        lines = Path("/etc/os-release").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.system()
    names = [line.partition("=")[2].strip('"') for line in lines if line.startswith("PRETTY_NAME=")]
    return names[0] if names else platform.system()
