"""What an office knows of and leaves out of the search's result on purpose: with a reason, and for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from .fields import Fields

DATE_PATTERN = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"


@dataclass(frozen=True)
class Ignored:
    """`find` is the key of a find of this server, such as `mysql:localhost/test`; it counts up to and with `until`."""

    find: str
    reason: str
    until: str

    def is_over(self, today: date) -> bool:
        """Whether its time is over, so that what it names is told of again."""
        return self.until < today.isoformat()

    def to_data(self) -> dict[str, Any]:
        """What `read_ignored` reads back to an equal entry."""
        return vars(self).copy()


def read_ignored(fields: Fields) -> Ignored:
    """One entry of `ignored`: all three fields must be given."""
    entry = Ignored(
        fields.text("find", None, r"[^\0\n]{1,4096}", "mysql:localhost/test"),
        fields.text("reason", None, r"[^\0\n]{3,400}", "database of a training, kept by nobody"),
        fields.text("until", None, DATE_PATTERN, '"2027-06-30"'),
    )
    fields.finish()
    return entry
