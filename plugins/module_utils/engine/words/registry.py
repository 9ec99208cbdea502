"""Every word of the command line."""

from __future__ import annotations

from collections.abc import Callable

from .acts import check, prune, repair, restore, run
from .call import Call
from .looks import discover
from .night import night
from .program import version
from .views import config, list_runs, probe, report, send, show

WORDS: dict[str, Callable[[Call], int]] = {
    "check": check,
    "config": config,
    "discover": discover,
    "list": list_runs,
    "night": night,
    "probe": probe,
    "prune": prune,
    "repair": repair,
    "report": report,
    "restore": restore,
    "run": run,
    "send": send,
    "show": show,
    "status": report,
    "version": version,
}
