"""The contract of a channel: it is told a message and reaches people with it, or says why it could not."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..errors import DeliveryFailed, ToolMissing
from ..flow.files import open_stored
from ..record.fields import Fields

SECRET_LIMIT_BYTES = 4096

STARTED = "started"
REPORTED = "reported"

REDACTIONS: Mapping[str, str] = {"none": "none", "names": "names", "counts": "counts"}
"""How much a chat is told: everything; no reasons; only how many."""


@dataclass(frozen=True)
class Message:
    """What is told. `subject` holds the counts, `lines` name what needs somebody, worst first, one application each.

    `event` is STARTED or REPORTED. `files` are the published documents by name: report.txt, report.html, report.pdf
    … `data` is the summary, for programs.
    """

    event: str
    subject: str
    is_well: bool
    lines: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The subject and the lines, for a chat."""
        return "\n".join((self.subject, *self.lines))


Notify = Callable[[str, Message, float], None]
"""Tells a message to an address within so many seconds by a library that only a door may know (apprise.py). Raises
DeliveryFailed, ToolMissing where the library is not installed."""


def notify_nobody(_url: str, _message: Message, _timeout_s: float) -> None:
    """Stands for the library where nobody handed it in."""
    raise ToolMissing.no_library("apprise", "the channel apprise")


class Channel(Protocol):
    """One way to one place."""

    def deliver(self, message: Message) -> bool:
        """Tells it; False where this channel has nothing to say at this event. Raises DeliveryFailed.

        Waits no longer for one answer than its time-out, tells nobody a secret, and may be asked again. Who calls does
        not wait longer than that for all of it.
        """


@dataclass(frozen=True)
class Secret:
    """A password or token: given, or the path of a file that nobody else may read."""

    value: str = field(default="", repr=False)
    path: str = ""

    def __bool__(self) -> bool:
        return bool(self.value or self.path)

    def read(self) -> str:
        """The secret; DeliveryFailed where its file is missing, empty, or open to others."""
        if not self.path:
            return self.value
        try:
            with open_stored(Path(self.path)) as stream:
                mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
                text = stream.read(SECRET_LIMIT_BYTES).decode("utf-8").strip()
        except OSError as error:
            raise DeliveryFailed.no_secret(self.path, error.strerror or str(error)) from error
        except UnicodeDecodeError as error:
            raise DeliveryFailed.no_secret(self.path, "it is not text") from error
        if mode & 0o077:
            raise DeliveryFailed.no_secret(self.path, f"others may read it (mode {mode:04o})")
        if not text:
            raise DeliveryFailed.no_secret(self.path, "it is empty")
        return text


def read_secret(fields: Fields, name: str, *, is_needed: bool = False) -> Secret:
    """The secret of the keys `name` and `name`_file, of which at most one is given. No complaint repeats it."""
    value = fields.raw(name)
    if value is not None and not isinstance(value, str):
        fields.complain(name, "is not a text", "write it in quotes")
    secret = Secret(str(value or ""), fields.path(f"{name}_file"))
    if secret.value and secret.path:
        fields.complain(name, f"is given twice, also as {name}_file", "keep one of them")
    if is_needed and not secret:
        fields.complain(name, "is missing", f"write its file as {name}_file, or give it out of a vault")
    return secret
