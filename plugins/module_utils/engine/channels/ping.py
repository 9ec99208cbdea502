"""A monitor that raises an alarm when no sign of life comes (healthchecks.io/docs/http_api)."""

from __future__ import annotations

from dataclasses import dataclass

from ..record.fields import Fields
from .base import STARTED, Channel, Message, Secret, read_secret
from .web import send

TEXT_LIMIT_BYTES = 10_000


@dataclass(frozen=True)
class Ping:
    """The check's address, which is its secret."""

    url: Secret
    timeout_s: float
    ca_file: str

    def deliver(self, message: Message) -> bool:
        """See Channel."""
        end = "/start" if message.event == STARTED else "" if message.is_well else "/fail"
        body = message.text.encode("utf-8")[:TEXT_LIMIT_BYTES]
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        send(self.url.read().rstrip("/") + end, body, headers, self.timeout_s, self.ca_file)
        return True


def read_ping(fields: Fields, timeout_s: float) -> Channel:
    """The settings of a channel `ping`."""
    return Ping(read_secret(fields, "url", is_needed=True), timeout_s, fields.path("ca_file"))
