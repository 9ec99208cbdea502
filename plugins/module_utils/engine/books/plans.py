"""Where the accepted plan lies in the evidence folder: `schedule/<id>/schedule.json`, `schedule/latest`."""

from __future__ import annotations

from pathlib import Path

from ..errors import ConfigurationError, NotRecorded, RecordRefused
from ..flow.files import open_stored
from ..record.plan import Plan, read_plan
from ..record.wire import read_json
from .shelf import LATEST

PLANS = "schedule"
PLAN_FILE = "schedule.json"
LIMIT_BYTES = 64 * 1024 * 1024


def read_accepted(root: Path) -> Plan | None:
    """The plan that was accepted last, None before the first. Raises NotRecorded, and RecordRefused or
    ConfigurationError for a file that is no plan."""
    path = (root / PLANS / LATEST).resolve() / PLAN_FILE
    try:
        with open_stored(path) as stream:
            data = stream.read(LIMIT_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotRecorded.unreadable(str(path), error.strerror or str(error)) from error
    return read_plan(read_json(data, str(path), LIMIT_BYTES))


def find_accepted(root: Path) -> Plan | None:
    """The accepted plan; one that is none any more counts as missing, for a new one takes its place."""
    try:
        return read_accepted(root)
    except (ConfigurationError, RecordRefused):
        return None
