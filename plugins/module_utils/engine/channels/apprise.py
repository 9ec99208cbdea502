"""Any service that the library Apprise knows, by its address; who calls hands in what speaks to the library."""

from __future__ import annotations

from dataclasses import dataclass

from ..record.fields import Fields
from .base import STARTED, Channel, Message, Notify, Secret, notify_nobody, read_secret


@dataclass(frozen=True)
class Apprise:
    """The address, in which that library has all that is secret."""

    url: Secret
    timeout_s: float
    notify: Notify = notify_nobody

    def deliver(self, message: Message) -> bool:
        """See Channel; raises ToolMissing too, where the library is not installed."""
        if message.event == STARTED:
            return False
        self.notify(self.url.read(), message, self.timeout_s)
        return True


def read_apprise(fields: Fields, timeout_s: float) -> Channel:
    """The settings of a channel `apprise`."""
    return Apprise(read_secret(fields, "url", is_needed=True), timeout_s)
