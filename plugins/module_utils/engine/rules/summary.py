"""The rows of a report counted, and put in the order in which people should read them; its name, which follows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import timezone
from operator import attrgetter

from ..record import level as levels
from ..record import report as words
from ..record.find import UNPROTECTED, Find
from ..record.report import ApplicationRow, Report, Summary
from ..record.wire import write_line

_LISTS = {"places", "warnings", "parts", "findings", "history", "days"}
_read_scalars = attrgetter(*(field.name for field in fields(ApplicationRow) if field.name not in _LISTS))


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


def make_report_id(report: Report) -> str:
    """`<UTC>Z-<8 hex>`: when it was made, and the beginning of a sha256 over what it says of every application.

    Parts, findings, histories and days are left out: they follow from the same receipts as the rest of their row.
    """
    digest = hashlib.sha256(write_line(report.head_to_data()))
    for row in report.rows:
        digest.update(repr(_read_scalars(row)).encode("utf-8", "replace"))
    return f"{report.generated.astimezone(timezone.utc):%Y%m%dT%H%M%SZ}-{digest.hexdigest()[:8]}"
