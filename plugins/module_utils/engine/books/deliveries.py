"""What came of the last delivery by each channel, so that the next report can tell of those that failed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import NotRecorded, RecordRefused
from ..flow.files import make_private_folder, write_beside
from ..record.receipt import Failure
from ..record.wire import read_json, write_json

FILE = "deliveries.json"


@dataclass(frozen=True)
class Delivery:
    """`at` is when it was tried (UTC, as in receipts); `failure` why it failed, None where it arrived."""

    name: str
    at: str
    report: str
    failure: Failure | None = None

    def to_data(self) -> dict[str, Any]:
        """As it is kept and as a module returns it."""
        return {**vars(self), "failure": vars(self.failure).copy() if self.failure else None}


def read_deliveries(evidence: Path) -> dict[str, Delivery]:
    """Channel -> its last delivery; what cannot be read is none."""
    with suppress(OSError, RecordRefused, KeyError, TypeError):
        told = read_json((evidence / FILE).read_bytes(), FILE)
        return {name: _read(name, value) for name, value in told.items()}
    return {}


def _read(name: str, value: Mapping[str, Any]) -> Delivery:
    failure = value["failure"]
    texts = None if failure is None else Failure(*(str(failure[key]) for key in ("slug", "message", "hint")))
    return Delivery(name, str(value["at"]), str(value["report"]), texts)


def keep_deliveries(evidence: Path, made: Mapping[str, Delivery]) -> None:
    """Replaces what was kept: a channel that is no longer used is forgotten. Raises NotRecorded."""
    try:
        make_private_folder(evidence)
        write_beside(evidence / FILE, write_json({name: delivery.to_data() for name, delivery in made.items()}))
    except OSError as error:
        raise NotRecorded.unwritable(str(evidence / FILE), error.strerror or str(error)) from error
