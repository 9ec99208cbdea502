"""What a person adds to the evidence with a name: a remark on a check or a repair, or that a loss of size is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..errors import RecordRefused
from .plain import PATTERN, read_plain
from .receipt import ID_PATTERN
from .wire import format_time, hash_value

NOTE_SCHEMA = "diskominfo.backup/note/1"

CHECK, REPAIR, SHRUNK = "check", "repair", "shrunk"
SUBJECTS: tuple[str, ...] = (CHECK, REPAIR, SHRUNK)
"""What a note is about: the Laporan Hasil Pengecekan, the Laporan Hasil Perbaikan, or a backup that shrank."""

NAME_PATTERN = r".{0,200}"
TEXT_PATTERN = r"(?s).{1,2000}"


@dataclass(frozen=True)
class Note:
    """`name` (and `position`) said `text` about an application at `at`.

    A note about `shrunk` is an acknowledgement that holds `until`; of any other note that is the same as `at`.
    """

    id: str = field(metadata={PATTERN: ID_PATTERN})
    at: datetime
    name: str = field(metadata={PATTERN: TEXT_PATTERN})
    position: str = field(metadata={PATTERN: NAME_PATTERN})
    server: str = field(metadata={PATTERN: TEXT_PATTERN})
    application: str = field(metadata={PATTERN: TEXT_PATTERN})
    about: str = field(metadata={PATTERN: "|".join(SUBJECTS)})
    text: str = field(metadata={PATTERN: TEXT_PATTERN})
    until: datetime

    def is_in_force(self, moment: datetime) -> bool:
        """Whether an acknowledgement holds at that moment."""
        return self.about == SHRUNK and self.at <= moment < self.until

    def to_data(self) -> dict[str, Any]:
        """The JSON object of docs/schemas/note.schema.json."""
        times = {"at": format_time(self.at), "until": format_time(self.until)}
        return {"schema": NOTE_SCHEMA, **vars(self), **times}


def make_note(at: datetime, until: datetime, **texts: str) -> Note:
    """A note with an id of its own: what is said twice within a second is one note."""
    token = hash_value({**texts, "until": format_time(until)})[:8]
    return Note(id=f"{format_time(at).translate({45: None, 58: None})}-{token}", at=at, until=until, **texts)


def read_note(data: Mapping[str, Any], subject: str) -> Note:
    """The note that `to_data` wrote; RecordRefused, naming `subject`, for anything else."""
    left = dict(data)
    if left.pop("schema", None) != NOTE_SCHEMA:
        raise RecordRefused.malformed(subject, f"not of the schema {NOTE_SCHEMA}")
    try:
        return read_plain(Note, left)
    except (TypeError, ValueError) as error:
        raise RecordRefused.malformed(subject, str(error)) from error
