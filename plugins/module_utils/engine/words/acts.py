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
    from ..restoring import Wish, choose_way
    from ..run import back_up_aside

    options = call.options
    wish = Wish(
        application=options.application,
        run=options.run,
        folder=options.source,
        names=options.part,
        target=options.target.absolute() if options.target else None,
        database=options.database or "",
        is_in_place=options.in_place,
        typed=options.confirm,
    )
    way = choose_way(open_working(call), wish)
    if options.dry_run:
        plan = way.plan()
        call.tell("\n".join(plan.tell()), plan.to_data())
        return 0
    return tell_receipts(call, [way.go(back_up_aside)])


def repair(call: Call) -> int:
    """Repeats what failed."""
    from ..check import check_server
    from ..record.level import COMPARED
    from ..repair import find_failed_checks, find_failed_runs
    from ..run import repeat_runs
    from ..selection import pick_applications

    station = open_working(call)
    chosen = pick_applications(station, call.options.applications, call.options.category)
    receipts = repeat_runs(station, find_failed_runs(station, chosen))
    checks = find_failed_checks(station, chosen)
    retries = {run.id: check.id for _unused, run, check in checks}
    receipts += check_server(station, [(application, run, COMPARED) for application, run, _unused in checks], retries)
    return tell_receipts(call, receipts)


def prune(call: Call) -> int:
    """Removes."""
    from ..prune import prune_server
    from ..selection import pick_applications

    station = open_working(call)
    chosen = pick_applications(station, call.options.applications, call.options.category)
    return tell_receipts(call, prune_server(station, chosen, call.options.dry_run))
