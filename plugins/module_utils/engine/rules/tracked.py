"""What a past remembers of single runs and failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..record import level as levels
from ..record.receipt import Failure
from ..record.report import NO_ACTION
from .proof import RunProof


@dataclass
class TrackedRun:
    """What is remembered of one of the newest runs."""

    id: str
    began: datetime
    has_succeeded: bool
    size_bytes: int
    proof: RunProof
    places: Mapping[str, bool] = field(default_factory=dict)
    """Path of a store that holds it -> whether that is the disk of the source. Replaced, never changed."""

    @property
    def is_good(self) -> bool:
        """Whether it could be restored from as far as is known."""
        return self.has_succeeded and bool(self.places) and self.proof.level != levels.DAMAGED


@dataclass
class Trouble:
    """A failure that nothing has repaired yet; `run_id` is the run that a check found wanting.

    `action` is what was tried in vain.
    """

    since: datetime
    cause: Failure
    run_id: str = ""
    action: str = NO_ACTION
