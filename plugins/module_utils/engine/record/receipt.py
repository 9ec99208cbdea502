"""The one record: what was attempted for one application, what came of it, and the proof. Written also for failures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ..errors import describe_error
from . import level as levels
from .census import Census, Difference
from .wire import format_time, omit_empty, write_json

RECEIPT_SCHEMA = "diskominfo.backup/receipt/1"

RUN = "run"
CHECK = "check"
RESTORE = "restore"
PRUNE = "prune"
COPY = "copy"
CONTACT = "contact"
KINDS: tuple[str, ...] = (RUN, CHECK, RESTORE, PRUNE, COPY, CONTACT)

SUCCEEDED = "succeeded"
FAILED = "failed"

TIMER = "timer"
PLAYBOOK = "playbook"
COMMAND = "command"
SAFETY = "restore"
TRIGGERS: tuple[str, ...] = (TIMER, PLAYBOOK, COMMAND, SAFETY)

DATABASE = "database"
SOURCE = "source"
CREDENTIALS = "credentials"
PART_KINDS: tuple[str, ...] = (DATABASE, SOURCE, CREDENTIALS)

ID_PATTERN = r"[1-9][0-9]{3}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])([0-5][0-9]){2}Z-[0-9a-f]{8}"
"""`20261122T200100Z-8f3c2a10`: begins with its UTC time, so that the order of names is the order of time."""

HASH_PATTERN = r"[0-9a-f]{64}"
FILE_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}"
"""Names of files in a store: never a path, never hidden."""

FAILURE_TEXT_LIMIT = 4096


def read_id_time(identity: str) -> datetime:
    """The time that an id begins with, aware UTC; ValueError where there is no such day."""
    return datetime.strptime(identity[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Failure:
    """Why something failed, as the error that ended it says: see errors.py."""

    slug: str
    message: str
    hint: str = ""


def describe_failure(error: BaseException) -> Failure:
    """The failure that an exception becomes in a receipt; an endless message is cut, for a receipt must be read."""
    return Failure(*(text[:FAILURE_TEXT_LIMIT] for text in describe_error(error)))


@dataclass(frozen=True)
class ProcessTrace:
    """A process that took part: its arguments without secrets, how it ended, the end of what it complained."""

    argv: tuple[str, ...]
    status: int
    duration_s: float
    stderr_tail: str = ""


@dataclass(frozen=True)
class HookTrace:
    """A command of the office that was run before or after: `name` is `before_run` or the like."""

    name: str
    argv: tuple[str, ...]
    status: int
    duration_s: float
    output_tail: str = ""


@dataclass(frozen=True)
class StoredFile:
    """A file of the store: its name within the run's folder, its size in bytes and its sha256."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Part:
    """One database or source tree within a run, a check or a restore.

    `file` is the artifact; `asides` are files that lie beside it (a manifest). `raw_bytes` is the size before
    compression. A check adds the `level` it reached, the class of `comparison` (none, rows or content), what it
    `found` and the `differences`, of which `difference_count` is the whole number.
    """

    kind: str
    engine: str
    name: str
    path: str
    status: str = SUCCEEDED
    failure: Failure | None = None
    duration_s: float = 0.0
    file: StoredFile | None = None
    asides: tuple[StoredFile, ...] = ()
    raw_bytes: int = 0
    tool: str = ""
    server_version: str = ""
    census: Census | None = None
    notes: tuple[str, ...] = ()
    level: str = levels.NONE
    comparison: str = "none"
    found: Census | None = None
    differences: tuple[Difference, ...] = ()
    difference_count: int = 0

    @property
    def files(self) -> tuple[StoredFile, ...]:
        """The artifact and what lies beside it."""
        return (*([self.file] if self.file else []), *self.asides)


@dataclass(frozen=True)
class Host:
    """Where it happened."""

    os: str
    python: str
    boot_id: str


@dataclass(frozen=True)
class Runner:
    """What did it: the version of the engine and the sha256 of the installed runner (empty: not a runner file)."""

    version: str
    sha256: str


@dataclass(frozen=True)
class StoreTrace:
    """The store as it was then: path, device, bytes free, and whether a source lies on the same disk."""

    type: str
    path: str
    device: int
    free_bytes: int
    is_same_disk: bool


@dataclass(frozen=True)
class Receipt:
    """See docs/receipt.md. Times are aware UTC; `previous` is the sha256 of the bytes of the receipt before it.

    `target` is where a restore went, `safety_id` the run that holds what it replaced. `deleted` are the run ids that a
    prune removed.
    """

    id: str
    kind: str
    server: str
    application: str
    title: str
    owner: str
    category: str
    trigger: str
    began: datetime
    ended: datetime
    duration_s: float
    status: str
    host: Host
    runner: Runner
    config_hash: str
    failure: Failure | None = None
    run_id: str = ""
    retry_of: str = ""
    safety_id: str = ""
    warnings: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    store: StoreTrace | None = None
    processes: tuple[ProcessTrace, ...] = ()
    hooks: tuple[HookTrace, ...] = ()
    previous: str = ""
    target: str = ""
    deleted: tuple[str, ...] = ()

    @property
    def is_safety(self) -> bool:
        """Whether it is no backup by plan, but holds what a restore replaced."""
        return self.trigger == SAFETY

    @property
    def has_succeeded(self) -> bool:
        """Whether it did all that it was for."""
        return self.status == SUCCEEDED

    @property
    def size_bytes(self) -> int:
        """Bytes that it stored."""
        return sum(stored.size_bytes for part in self.parts for stored in part.files)

    @property
    def level(self) -> str:
        """What a check proved of its run as a whole: that of its weakest part; of a failed check: `damaged` if
        what is stored was found wanting, else what was reached."""
        return levels.find_lowest(part.level for part in self.parts)

    def chain_to(self, previous: str) -> Receipt:
        """The same receipt as the next link after the one whose bytes hash to `previous`."""
        return replace(self, previous=previous)

    def to_data(self) -> dict[str, Any]:
        """The JSON object of docs/schemas/receipt.schema.json."""
        data = {**vars(self), "schema": RECEIPT_SCHEMA}
        data["began"], data["ended"] = format_time(self.began), format_time(self.ended)
        data["duration_s"] = round(self.duration_s, 3)
        for key in ("host", "runner", "store", "failure"):
            data[key] = vars(data[key]).copy() if data[key] is not None else None
        data["parts"] = [_write_part(part) for part in self.parts]
        for key, traces in (("processes", self.processes), ("hooks", self.hooks)):
            data[key] = [{**vars(item), "argv": list(item.argv)} for item in traces]
        data["warnings"], data["deleted"] = list(self.warnings), list(self.deleted)
        return omit_empty(data)

    def to_bytes(self) -> bytes:
        """What is written to disk, and what the next receipt's `previous` is the sha256 of."""
        return write_json(self.to_data())


def _write_part(part: Part) -> dict[str, Any]:
    data = vars(part).copy()
    data["duration_s"] = round(part.duration_s, 3)
    data["failure"] = vars(part.failure).copy() if part.failure else None
    data["file"] = vars(part.file).copy() if part.file else None
    data["asides"] = [vars(item).copy() for item in part.asides]
    data["census"] = part.census.to_data() if part.census else None
    data["found"] = part.found.to_data() if part.found else None
    data["differences"] = [item.to_data() for item in part.differences]
    data["notes"] = list(part.notes)
    return omit_empty(data)
