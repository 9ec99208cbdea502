"""Whatever takes JSON over HTTP."""

from __future__ import annotations

from dataclasses import dataclass

from ..record.fields import Fields
from .base import Channel, Message, Secret, read_secret
from .web import send_json


@dataclass(frozen=True)
class Webhook:
    """The address, which may be a secret itself, and a token that goes as a bearer."""

    url: Secret
    token: Secret
    timeout_s: float
    ca_file: str

    def deliver(self, message: Message) -> bool:
        """See Channel; told of the start too."""
        data = {
            "schema": "diskominfo.backup/message/1",
            "event": message.event,
            "is_well": message.is_well,
            "subject": message.subject,
            "lines": list(message.lines),
            "summary": dict(message.data),
        }
        send_json(self.url.read(), data, self.token.read(), self.timeout_s, self.ca_file)
        return True


def read_webhook(fields: Fields, timeout_s: float) -> Channel:
    """The settings of a channel `webhook`."""
    url = read_secret(fields, "url", is_needed=True)
    return Webhook(url, read_secret(fields, "token"), timeout_s, fields.path("ca_file"))
