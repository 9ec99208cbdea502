"""What was in a source, counted in the snapshot of its dump, and how two counts differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

SHOWN_DIFFERENCES = 20
"""How many differences a receipt carries; their number is told in full."""

SNAPSHOT = "snapshot"
LOCKED = "locked"
NO_CONSISTENCY = "none"


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was: `what` names it, `expected` and `found` are short texts."""

    what: str
    expected: str
    found: str

    def to_data(self) -> dict[str, str]:
        """As a receipt holds it."""
        return vars(self).copy()


@dataclass(frozen=True)
class Census:
    """Counts of one source.

    `rows`: table -> number of rows. `objects`: kind -> name -> a digest of its definition or its value (may be
    empty). `counts`: anything else that is counted, such as files and bytes of a tree. `digest`: sha256 of the whole
    content, empty where none was taken. `consistency`: snapshot, locked or none.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    objects: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""
    consistency: str = SNAPSHOT

    def to_data(self) -> dict[str, Any]:
        """As a receipt holds it."""
        return {
            "rows": dict(self.rows),
            "objects": {kind: dict(names) for kind, names in self.objects.items()},
            "counts": dict(self.counts),
            "digest": self.digest,
            "consistency": self.consistency,
        }


def compare_censuses(expected: Census, found: Census, with_content: bool) -> list[Difference]:
    """Every difference, in a fixed order; `with_content` compares the digests too."""
    differences = [*_compare_counts("table", "rows", expected.rows, found.rows)]
    for kind in sorted({*expected.objects, *found.objects}):
        differences += _compare_objects(kind, expected.objects.get(kind, {}), found.objects.get(kind, {}))
    differences += _compare_counts("number of", "", expected.counts, found.counts)
    if with_content and expected.digest != found.digest:
        differences.append(Difference("content", expected.digest or "no digest", found.digest or "no digest"))
    return differences


def _compare_counts(
    what: str, unit: str, expected: Mapping[str, int], found: Mapping[str, int]
) -> Iterator[Difference]:
    for name in sorted({*expected, *found}):
        left, right = expected.get(name), found.get(name)
        if left != right:
            yield Difference(f"{what} {name}", _tell_count(left, unit), _tell_count(right, unit))


def _tell_count(count: int | None, unit: str) -> str:
    return "missing" if count is None else f"{count} {unit}".strip()


def _compare_objects(kind: str, expected: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Difference]:
    for name in sorted({*expected, *found}):
        if name not in found:
            yield Difference(f"{kind} {name}", "present", "missing")
        elif name not in expected:
            yield Difference(f"{kind} {name}", "missing", "present")
        elif expected[name] != found[name]:
            yield Difference(f"{kind} {name}", expected[name], found[name])
