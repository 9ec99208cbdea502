"""The rows of a report counted, and put in the order in which people should read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ..record import level as levels
from ..record import report as words
from ..record.find import UNPROTECTED, Find
from ..record.report import ApplicationRow, Summary


def order_of(row: ApplicationRow) -> tuple[int, int, str, str]:
    """The failed come first, then the damaged, which are failures that were noticed later."""
    status = words.FAILED if row.is_damaged and row.status == words.SUCCEEDED else row.status
    return words.STATUSES.index(status), int(status != row.status), row.server, row.application


def summarise(rows: Iterable[ApplicationRow], finds: Sequence[Find] | None = None) -> Summary:
    """The counts over all rows; retired ones are counted as such and as nothing else."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row.status] += 1
        if row.status == words.RETIRED:
            continue
        counts["applications"] += 1
        counts["damaged"] += row.is_damaged
        if row.status == words.SUCCEEDED:
            counts["bytes"] += row.size_bytes or 0
            counts["compared"] += row.level == levels.COMPARED
            counts["unchecked"] += not row.is_damaged and row.level != levels.COMPARED
    unclaimed = None if finds is None else sum(find.state in UNPROTECTED for find in finds)
    return Summary(**counts, unclaimed=unclaimed)
