"""What checks have proved of one run, part by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import BackupDiffers, RestoreFailed, StoredDamaged
from ..record import level as levels
from ..record.receipt import FAILED, Failure, Part, Receipt

FOUND_WANTING = frozenset({StoredDamaged.slug, BackupDiffers.slug, RestoreFailed.slug})
"""Failures of a check that tell of what is stored; any other is a fault of the check itself."""

CONTENT = "content"
NOT_COMPARED = "none"

PartKey = tuple[str, str, str]


def key_of(part: Part) -> PartKey:
    """What tells a part from every other of its run: engine, path, name."""
    return part.engine, part.path, part.name


def is_wanting(part: Part) -> bool:
    """Whether a check found what is stored of this part wanting."""
    failed_slug = part.failure.slug if part.failure and part.status == FAILED else ""
    return part.level == levels.DAMAGED or failed_slug in FOUND_WANTING


@dataclass
class _PartProof:
    level: str
    comparison: str = NOT_COMPARED

    def take(self, part: Part) -> None:
        """Only a comparison that held lifts damage: anything less did not look where the damage was found."""
        if is_wanting(part):
            self.level, self.comparison = levels.DAMAGED, NOT_COMPARED
        elif part.level == levels.COMPARED:
            self.level = levels.COMPARED
            self.comparison = CONTENT if CONTENT in (self.comparison, part.comparison) else part.comparison
        elif self.level != levels.DAMAGED and levels.is_at_least(part.level, self.level):
            self.level = part.level


class RunProof:
    """The evidence level of one run; give it the check receipts of this run in the order in which they were made."""

    def __init__(self, run: Receipt) -> None:
        self.begin = levels.WRITTEN if run.has_succeeded else levels.NONE
        self.level = self.begin
        """The level of the run: that of its weakest part."""
        self.damage: Failure | None = None
        self._parts: Mapping[PartKey, _PartProof] = {
            key_of(part): _PartProof(self.begin) for part in (run.parts if run.has_succeeded else ())
        }

    def take(self, check: Receipt) -> None:
        """One check of this run."""
        if not check.parts and check.failure and check.failure.slug in FOUND_WANTING:
            self.damage = check.failure
            for proof in self._parts.values():
                proof.level, proof.comparison = levels.DAMAGED, NOT_COMPARED
        for part in check.parts:
            held = self._parts.get(key_of(part))
            if held:
                held.take(part)
                self.damage = (part.failure or check.failure) if is_wanting(part) else self.damage
        self.level = levels.find_lowest([proof.level for proof in self._parts.values()] or [self.begin])

    def level_of(self, part: Part) -> str:
        """The level of one part of the run."""
        proof = self._parts.get(key_of(part))
        return proof.level if proof else self.begin

    @property
    def comparison(self) -> str:
        """How a compared run was compared: `content` if every part was, else `rows`; `none` below compared."""
        if self.level != levels.COMPARED:
            return NOT_COMPARED
        return min((proof.comparison for proof in self._parts.values()), key=("none", "rows", CONTENT).index)
