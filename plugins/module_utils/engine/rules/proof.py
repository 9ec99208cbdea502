"""What checks have proved of one run, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..errors import BackupDiffers, RestoreFailed, StoredDamaged
from ..record import level as levels
from ..record.receipt import CHECK, FAILED, Failure, Part, Receipt

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


@dataclass(frozen=True)
class PartProof:
    """How far one part is proved, and how it was compared."""

    level: str
    comparison: str = NOT_COMPARED

    def take(self, part: Part) -> PartProof:
        """After a check of it. Only a comparison that held lifts damage: anything less did not look where the damage
        was found."""
        if is_wanting(part):
            return WANTING
        if part.level == levels.COMPARED:
            comparison = CONTENT if CONTENT in (self.comparison, part.comparison) else part.comparison
            return PartProof(levels.COMPARED, comparison)
        if self.level != levels.DAMAGED and levels.is_at_least(part.level, self.level):
            return PartProof(part.level, self.comparison)
        return self


WANTING = PartProof(levels.DAMAGED)


@dataclass(frozen=True)
class RunProof:
    """The evidence level of one run. Never changed: `take` gives the proof after one more check.

    `begin` is the level without any check, `damage` why it was found wanting.
    """

    begin: str
    parts: Mapping[PartKey, PartProof]
    damage: Failure | None = None

    @classmethod
    def begin_with(cls, run: Receipt) -> RunProof:
        """Before any check."""
        begin = levels.WRITTEN if run.has_succeeded else levels.NONE
        held = run.parts if run.has_succeeded else ()
        return cls(begin, {key_of(part): PartProof(begin) for part in held})

    def take(self, check: Receipt) -> RunProof:
        """After one check of this run; to be given them in the order in which they were made."""
        parts, damage = dict(self.parts), self.damage
        if not check.parts and check.failure and check.failure.slug in FOUND_WANTING:
            parts, damage = dict.fromkeys(parts, WANTING), check.failure
        for part in check.parts:
            held = parts.get(key_of(part))
            if held:
                parts[key_of(part)] = held.take(part)
                damage = (part.failure or check.failure) if is_wanting(part) else damage
        return RunProof(self.begin, parts, damage)

    @cached_property
    def level(self) -> str:
        """The level of the run: that of its weakest part."""
        return levels.find_lowest([proof.level for proof in self.parts.values()] or [self.begin])

    def level_of(self, part: Part) -> str:
        """The level of one part of the run."""
        proof = self.parts.get(key_of(part))
        return proof.level if proof else self.begin

    @property
    def comparison(self) -> str:
        """How a compared run was compared: `content` if every part was, else `rows`; `none` below compared."""
        if self.level != levels.COMPARED:
            return NOT_COMPARED
        return min((proof.comparison for proof in self.parts.values()), key=("none", "rows", CONTENT).index)


def find_level(run: Receipt, checks: Iterable[Receipt]) -> tuple[str, str]:
    """Evidence level of a run and the class of its comparison, from check receipts in the order they were made.

    Checks of other runs are passed over. A check that failed for reasons of its own lowers nothing, one that did not
    go as deep erases nothing; what was found damaged stays so until a comparison holds.
    """
    proof = RunProof.begin_with(run)
    for check in checks:
        if check.kind == CHECK and check.run_id == run.id:
            proof = proof.take(check)
    return proof.level, proof.comparison
