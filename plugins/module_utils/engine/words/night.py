"""The word of the timers: back up, prove what is due, remove old runs of what went well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from ..record.application import Application
from ..record.receipt import Receipt
from ..station import Station
from .call import Call, open_call, tell_receipts


def night(call: Call) -> int:
    """Backs up, proves what is due, removes old runs of what went well: what a timer does.

    A timer then tries again what failed, and proves and prunes what that saved; the others need not wait for it.
    """
    from ..act import settle_if_possible
    from ..due import retry_failed
    from ..run import run_application, run_server

    station = open_call(call)
    chosen = _choose(call, station)
    settle_if_possible(station)
    receipts = run_server(station, chosen)
    receipts += _prove_and_prune(station, chosen, receipts)
    if call.options.timer:
        retried = retry_failed(station, receipts, lambda each, of: run_application(station, each, of))
        saved = {receipt.application for receipt in retried if receipt.has_succeeded}
        receipts += retried + _prove_and_prune(station, [each for each in chosen if each.name in saved], retried)
    return tell_receipts(call, receipts)


def _prove_and_prune(station: Station, chosen: Sequence[Application], runs: Sequence[Receipt]) -> list[Receipt]:
    """The checks that are due, then the pruning of what neither failed to run last nor to be proved."""
    from ..check import check_server
    from ..prune import prune_server
    from ..record.level import COMPARED
    from ..selection import DUE, pick_checks

    last = {receipt.application: receipt for receipt in runs}
    checks: list[Receipt] = []
    # A store that took nothing tonight has nothing to show either.
    if any(receipt.has_succeeded for receipt in last.values()):
        checks = check_server(station, pick_checks(station, chosen, DUE, COMPARED))
    failed = {receipt.application for receipt in (*last.values(), *checks) if receipt.failure}
    return checks + prune_server(station, [each for each in chosen if each.name not in failed], is_rehearsal=False)


def _choose(call: Call, station: Station) -> list[Application]:
    from ..due import pick_due, pick_entry
    from ..selection import pick_applications

    options = call.options
    if options.entry:
        return pick_entry(station, options.entry)
    if options.due:
        installed = datetime.fromtimestamp(Path(options.config).stat().st_mtime, timezone.utc)
        return pick_due(station, installed)
    return pick_applications(station, options.applications, options.category)
