"""A topic of an ntfy server (docs.ntfy.sh/publish, publish as JSON)."""

from __future__ import annotations

from dataclasses import dataclass

from ..record.fields import Fields
from .base import STARTED, Channel, Message, Secret, read_secret
from .web import send_json

TEXT_LIMIT_BYTES = 3900
"""ntfy turns what is longer than 4096 bytes into a file."""


@dataclass(frozen=True)
class Ntfy:
    """The server, the topic, and a token where the topic is not open to all."""

    server: str
    topic: str
    token: Secret
    timeout_s: float
    ca_file: str

    def deliver(self, message: Message) -> bool:
        """See Channel; what needs somebody comes with a higher priority."""
        if message.event == STARTED:
            return False
        text = "\n".join(message.lines) or message.subject
        data = {
            "topic": self.topic,
            "title": message.subject,
            "message": text.encode("utf-8")[:TEXT_LIMIT_BYTES].decode("utf-8", "ignore"),
            "priority": 3 if message.is_well else 4,
            "tags": ["white_check_mark" if message.is_well else "rotating_light"],
        }
        send_json(self.server, data, self.token.read(), self.timeout_s, self.ca_file)
        return True


def read_ntfy(fields: Fields, timeout_s: float) -> Channel:
    """The settings of a channel `ntfy`."""
    url = fields.text("url", None, r"https?://[^\s/]+/[A-Za-z0-9_-]{1,64}", "https://ntfy.kota.example/backup")
    server, _unused, topic = url.rpartition("/")
    return Ntfy(server, topic, read_secret(fields, "token"), timeout_s, fields.path("ca_file"))
