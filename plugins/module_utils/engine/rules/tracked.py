"""What a past remembers of single runs, days and failures, in columns: a report over thousands of applications looks at
a few runs of each, and makes no object of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from ..record import level as levels
from ..record.history import DAYS, SHOWN_DAYS, History
from ..record.receipt import Failure
from ..record.report import FAILED, NO_ACTION, SUCCEEDED
from .proof import RunProof

TRACKED_RUNS = 60
MOST_BYTES = 2**62
"""A receipt that says more is believed no more than this."""

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class TrackedRun:
    """What is remembered of one of the newest runs; `began` in whole seconds."""

    id: str
    began: datetime
    has_succeeded: bool
    size_bytes: int
    proof: RunProof
    places: Mapping[str, bool] = field(default_factory=dict)
    """Path of a store that holds it -> whether that is the disk of the source. Never changed in its place."""

    @property
    def is_good(self) -> bool:
        """Whether it could be restored from as far as is known."""
        return self.has_succeeded and bool(self.places) and self.proof.level != levels.DAMAGED

    @property
    def standing(self) -> str:
        """How it stands now, a letter of DAYS: compared and damaged are told of what succeeded only."""
        if not self.has_succeeded:
            return DAYS[FAILED]
        return DAYS.get(self.proof.level, DAYS[SUCCEEDED])


class Runs:
    """The newest runs, at most TRACKED_RUNS, oldest first. Each list is a column: `began` in seconds since 1970,
    `places` as TrackedRun has them."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.began: list[int] = []
        self.succeeded: list[bool] = []
        self.sizes: list[int] = []
        self.proofs: list[RunProof] = []
        self.places: list[Mapping[str, bool]] = []

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, at: int) -> TrackedRun:
        return TrackedRun(
            self.ids[at],
            EPOCH + timedelta(seconds=self.began[at]),
            self.succeeded[at],
            self.sizes[at],
            self.proofs[at],
            self.places[at],
        )

    def __reversed__(self) -> Iterator[TrackedRun]:
        for at in range(len(self) - 1, -1, -1):
            yield self[at]

    def append(self, run: TrackedRun) -> TrackedRun | None:
        """The next run; the one that is remembered no more, None as long as there is room."""
        dropped = self[0] if len(self) == TRACKED_RUNS else None
        values = (
            run.id,
            (run.began - EPOCH) // SECOND,
            run.has_succeeded,
            min(run.size_bytes, MOST_BYTES),
            run.proof,
            run.places,
        )
        for column, value in zip(vars(self).values(), values):
            column.append(value)
            if dropped:
                del column[0]
        return dropped

    def replace(self, run: TrackedRun) -> None:
        """What is known now of a run that is among them: its proof and its places."""
        at = self.ids.index(run.id)
        self.proofs[at], self.places[at] = run.proof, run.places

    def fill(
        self,
        ids: list[str],
        began: list[int],
        succeeded: list[bool],
        sizes: list[int],
        proofs: list[RunProof],
        places: list[Mapping[str, bool]],
    ) -> None:
        """Takes over all columns."""
        self.ids, self.began, self.succeeded = ids, began, succeeded
        self.sizes, self.proofs, self.places = sizes, proofs, places

    @property
    def damaged(self) -> int:
        """How many stored runs but the last were found damaged."""
        held = zip(self.places[:-1], self.proofs)
        return sum([bool(places) and proof.level == levels.DAMAGED for places, proof in held])

    @property
    def history(self) -> History:
        """How each of them stands, for people."""
        letters = [
            DAYS[levels.DAMAGED] if proof.level == levels.DAMAGED else DAYS[SUCCEEDED if has_succeeded else FAILED]
            for has_succeeded, proof in zip(self.succeeded, self.proofs)
        ]
        return History(self.began, "".join(letters), self.sizes)


class Days:
    """How the last run of each of the newest SHOWN_DAYS days stands: letters of DAYS up to, but without, the day `end`
    (since 1970, as the office counts), a full stop where there was none."""

    def __init__(self, end: int = 0, letters: str = "") -> None:
        self.end = end
        self.letters = letters

    def note(self, day: int, letter: str) -> None:
        """What is known now of a day; of one long before the newest nothing is kept."""
        back = self.end - day
        if not self.letters or back <= 0:
            self.letters = (self.letters + "." * min(-back, SHOWN_DAYS) * bool(self.letters) + letter)[-SHOWN_DAYS:]
            self.end = day + 1
        elif back <= SHOWN_DAYS:
            held = self.letters.rjust(back, ".")
            self.letters = held[: len(held) - back] + letter + held[len(held) - back + 1 :]

    def tell(self, last: int) -> str:
        """A letter for each of the SHOWN_DAYS days up to `last`, from the first that has a run."""
        ahead = last + 1 - self.end
        text = self.letters[:ahead] if ahead < 0 else self.letters + "." * min(ahead, SHOWN_DAYS)
        return text[-SHOWN_DAYS:].lstrip(".")


@dataclass
class Trouble:
    """A failure that nothing has repaired yet; `run_id` is the run that a check found wanting.

    `action` is what was tried in vain.
    """

    since: datetime
    cause: Failure
    run_id: str = ""
    action: str = NO_ACTION
