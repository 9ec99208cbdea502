"""What a person needs who has to bring an application back with nothing but standard tools."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class CardPart:
    """One database or folder: what it is, and the commands that bring it back and prove it, in their order.

    `place` is where it goes. `size_bytes` is what is stored, `raw_bytes` what it takes when it is back.
    """

    kind: str
    name: str
    place: str
    engine: str
    server_version: str
    size_bytes: int
    raw_bytes: int
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """One application's newest good backup, from the first command to the last. Times are aware UTC, durations seconds.

    `folder` holds the run. `restore_s` is the newest measured time of a whole restore, None where there was none.
    """

    application: str
    title: str
    owner: str
    server: str
    run_id: str
    began: datetime
    zone: str
    folder: str
    level: str
    last_compared: datetime | None
    restore_s: float | None
    opening: str
    parts: tuple[CardPart, ...]
    has_accounts: bool

    @property
    def size_bytes(self) -> int:
        """What is stored of all parts."""
        return sum(part.size_bytes for part in self.parts)

    @property
    def raw_bytes(self) -> int:
        """What all parts take when they are back."""
        return sum(part.raw_bytes for part in self.parts)
