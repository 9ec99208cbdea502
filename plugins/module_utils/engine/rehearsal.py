"""What a restore would do, before it does anything: its steps in words, and the room it needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .flow.progress import format_bytes
from .record.source import Source


@dataclass(frozen=True)
class Room:
    """What one part needs in an existing folder, in bytes, and what is free there."""

    path: str
    needed_bytes: int
    free_bytes: int

    def tell(self) -> str:
        """A line for a person."""
        return f"room: {self.path} needs {format_bytes(self.needed_bytes)}, {format_bytes(self.free_bytes)} are free"


@dataclass(frozen=True)
class Plan:
    """`there` are the originals that exist, which are backed up first when they are replaced."""

    run_id: str
    target: str
    steps: tuple[str, ...]
    rooms: tuple[Room, ...]
    there: tuple[Source, ...] = field(default=(), repr=False)

    def tell(self) -> Iterator[str]:
        """A line for the run, one for each step, one for each place."""
        yield f"run {self.run_id} -> {self.target}; nothing is changed now"
        yield from (f"{number}. {step}" for number, step in enumerate(self.steps, 1))
        yield from (room.tell() for room in self.rooms)

    def to_data(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "run_id": self.run_id,
            "target": self.target,
            "steps": list(self.steps),
            "rooms": [{**vars(room), "told": room.tell()} for room in self.rooms],
        }
