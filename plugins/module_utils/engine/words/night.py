"""The word of the timers: back up, prove what is due, remove old runs of what went well."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from ..record.application import Application
from ..station import Station
from .call import Call, open_call, tell_receipts


def night(call: Call) -> int:
    """Backs up, proves what is due, removes old runs of what went well: what a timer does."""
    from ..act import settle_if_possible
    from ..check import check_server
    from ..due import retry_failed
    from ..prune import prune_server
    from ..record.level import COMPARED
    from ..run import run_application, run_server
    from ..selection import DUE, pick_checks

    station = open_call(call)
    chosen = _choose(call, station)
    settle_if_possible(station)
    receipts = run_server(station, chosen)
    if call.options.timer:
        receipts += retry_failed(station, receipts, lambda each, of: run_application(station, each, of))
    last = {receipt.application: receipt for receipt in receipts}
    # A store that took nothing tonight has nothing to show either.
    if any(receipt.has_succeeded for receipt in last.values()):
        checks = check_server(station, pick_checks(station, chosen, DUE, COMPARED))
        receipts += checks
        last.update((check.application, check) for check in checks if check.failure)
    failed = {name for name, receipt in last.items() if receipt.failure}
    receipts += prune_server(station, [each for each in chosen if each.name not in failed], is_rehearsal=False)
    return tell_receipts(call, receipts)


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
