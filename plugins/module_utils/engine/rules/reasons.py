"""Why something failed or never came, and what a restore was: single receipts in the words of a report."""

from __future__ import annotations

from datetime import datetime

from ..record.receipt import Failure, Receipt
from ..record.report import RestoreEntry

MISSED_SLUG = "missed"


def find_failure(receipt: Receipt) -> Failure:
    """Why a failed receipt failed: its own word, or that of its first failed part."""
    failures = [receipt.failure, *(part.failure for part in receipt.parts)]
    unexplained = Failure("internal", f"{receipt.kind} {receipt.id} failed without a reason", "look at its receipt")
    return next(filter(None, failures), unexplained)


def tell_missed(last: datetime | None, due: datetime | None) -> Failure:
    """The reason of a run that never began."""
    since = f"no run since {last:%Y-%m-%d %H:%M} UTC" if last else "no run was ever recorded"
    by = f", one was due by {due:%Y-%m-%d %H:%M} UTC" if due else ""
    return Failure(MISSED_SLUG, since + by, "see whether its timer is enabled and the server was up, then run it now")


def describe_restore(receipt: Receipt) -> RestoreEntry:
    """The line of a restore."""
    return RestoreEntry(
        application=receipt.application,
        server=receipt.server,
        run_id=receipt.run_id,
        began=receipt.began,
        duration_s=receipt.duration_s,
        status=receipt.status,
        trigger=receipt.trigger,
        target=receipt.target,
        safety_id=receipt.safety_id,
        level=receipt.level,
        parts=tuple(part.name or part.path for part in receipt.parts),
        failure=None if receipt.has_succeeded else find_failure(receipt),
    )
