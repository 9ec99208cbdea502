"""The words that do something: each calls a verb and tells what came of it."""

from __future__ import annotations

from .call import Call, open_call, open_working, tell_receipts


def run(call: Call) -> int:
    """Backs up."""
    from ..act import settle_if_possible
    from ..run import run_server
    from ..selection import pick_applications

    station = open_call(call)
    chosen = pick_applications(station, call.options.applications, call.options.category)
    settle_if_possible(station)
    return tell_receipts(call, run_server(station, chosen))


def check(call: Call) -> int:
    """Proves."""
    from ..check import check_server
    from ..selection import pick_applications, pick_checks

    station = open_working(call)
    chosen = pick_applications(station, call.options.applications, call.options.category)
    return tell_receipts(
        call, check_server(station, pick_checks(station, chosen, call.options.runs, call.options.depth))
    )


def restore(call: Call) -> int:
    """Brings back."""
    from ..restore import restore_run
    from ..selection import find_application, pick_run

    station, options = open_working(call), call.options
    application = find_application(station, options.application)
    wanted = pick_run(station, application.name, options.run)
    receipt = restore_run(station, application, wanted, options.target.absolute(), options.part)
    return tell_receipts(call, [receipt])


def prune(call: Call) -> int:
    """Removes."""
    from ..prune import prune_server
    from ..selection import pick_applications

    station = open_working(call)
    chosen = pick_applications(station, call.options.applications, call.options.category)
    return tell_receipts(call, prune_server(station, chosen, call.options.dry_run))


def night(call: Call) -> int:
    """Backs up, proves what is due, removes old runs of what went well: what a timer does."""
    from ..act import settle_if_possible
    from ..check import check_server
    from ..prune import prune_server
    from ..record.level import COMPARED
    from ..run import run_server
    from ..selection import DUE, pick_applications, pick_checks

    station = open_call(call)
    chosen = pick_applications(station, call.options.applications, call.options.category)
    settle_if_possible(station)
    receipts = run_server(station, chosen)
    # A store that took nothing tonight has nothing to show either.
    if any(receipt.has_succeeded for receipt in receipts):
        receipts += check_server(station, pick_checks(station, chosen, DUE, COMPARED))
    failed = {receipt.application for receipt in receipts if receipt.failure}
    receipts += prune_server(station, [each for each in chosen if each.name not in failed], is_rehearsal=False)
    return tell_receipts(call, receipts)
