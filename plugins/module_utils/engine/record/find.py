"""What a search of the servers came to: each database, folder and doubt, and what the register says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .plain import PATTERN, write_plain
from .register import SERVER_PATTERN

DATABASE = "database"
FOLDER = "folder"
CONFIGURATION = "configuration"
SERVER = "server"
KINDS = (DATABASE, FOLDER, CONFIGURATION, SERVER)
"""A configuration is one that could not be read; so is a database server. A server is one that was not searched."""

REGISTERED = "registered"
NEW = "new"
CHANGED = "changed"
UNCLAIMED = "unclaimed"
DANGLING = "dangling"
GONE = "gone"
UNKNOWN = "unknown"
IGNORED = "ignored"
STATES = (NEW, UNCLAIMED, CHANGED, DANGLING, GONE, UNKNOWN, IGNORED, REGISTERED)
"""In the order of a report.

new: no application claims it, and the last accepted list did not hold it. unclaimed: no application claims it.
changed: a registered application uses it without its entry saying so. dangling: a configuration names a database that
does not exist. gone: it is in the register or in the last accepted list, and it is not there any more. unknown: it
could not be looked at, so nothing is said of it. ignored: somebody said so, with a reason and for a time.
"""

NEVER_SEARCHED = "never_searched"
LONG_AGO = "searched_long_ago"
STRANGE_HOST = "strange_host"
UNREAD_INSTANCE = "unread_instance"
REASONS = (NEVER_SEARCHED, LONG_AGO, STRANGE_HOST, UNREAD_INSTANCE)
"""Why something is unknown: its server was never searched, or not since the period began; it is on a host that is no
server of the inventory; the databases there could not be listed."""

EXISTING = (NEW, UNCLAIMED, CHANGED, IGNORED, REGISTERED)
"""States of what is there."""

UNPROTECTED = (NEW, UNCLAIMED, CHANGED)
"""States of what exists and is in no backup."""


@dataclass(frozen=True)
class Find:
    """One thing on one server. `key` is what it is called where it is ignored: `mysql:localhost/portal`, `tree:/srv/x`.

    `application` is who claims it, as `server/name`, or the name that is proposed for it. `reason` says why it is
    unknown or ignored: one of REASONS, or what a tool or a person said. `file` is the configuration that names it.
    """

    server: str = field(metadata={PATTERN: SERVER_PATTERN})
    kind: str
    key: str
    state: str
    application: str = ""
    reason: str = ""
    file: str = ""

    @property
    def order(self) -> tuple[int, str, str]:
        """Its place in a report."""
        return (STATES.index(self.state), self.server, self.key)

    def to_data(self) -> dict[str, Any]:
        """As JSON knows it."""
        return write_plain(self)
