"""A chat of Telegram, through its bot interface (core.telegram.org/bots/api#sendmessage)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..errors import DeliveryFailed
from ..record.fields import Fields
from .base import STARTED, Channel, Message, Secret, read_secret
from .web import name_place, send_json

SERVER = "https://api.telegram.org"
TEXT_LIMIT = 4000
"""Telegram takes 4096 characters."""


@dataclass(frozen=True)
class Telegram:
    """A bot's token and the chat that it writes to."""

    server: str
    token: Secret
    chat: str
    timeout_s: float
    ca_file: str

    def deliver(self, message: Message) -> bool:
        """See Channel."""
        if message.event == STARTED:
            return False
        sign = "✅" if message.is_well else "❌"
        data = {"chat_id": self.chat, "text": f"{sign} {message.text}"[:TEXT_LIMIT]}
        url = f"{self.server}/bot{self.token.read()}/sendMessage"
        answer = send_json(url, data, "", self.timeout_s, self.ca_file)
        try:
            is_taken = json.loads(answer)["ok"] is True
        except (ValueError, KeyError, TypeError):
            is_taken = False
        if not is_taken:
            raise DeliveryFailed.refused(name_place(self.server), "its answer is not that of Telegram")
        return True


def read_telegram(fields: Fields, timeout_s: float) -> Channel:
    """The settings of a channel `telegram`."""
    return Telegram(
        fields.text("url", SERVER, r"https?://[^\s/]+", SERVER),
        read_secret(fields, "token", is_needed=True),
        fields.text("chat", None, r"-?[0-9]{1,20}|@[A-Za-z0-9_]{1,64}", "'-1001234567890'"),
        timeout_s,
        fields.path("ca_file"),
    )
