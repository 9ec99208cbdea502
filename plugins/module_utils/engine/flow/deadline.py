"""Waits for work no longer than it may last, also for work that no time-out of its own ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

Result = TypeVar("Result")


class DeadlinePassed(Exception):
    """The work was not done in time. It is left to itself, in a thread that keeps no process from ending."""


def finish_within(limit_s: float, work: Callable[[], Result]) -> Result:
    """What `work` returns or raises; DeadlinePassed after `limit_s` seconds."""
    outcome: Future[Result] = Future()

    def do() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=do, daemon=True).start()
    if not wait([outcome], limit_s).done:
        raise DeadlinePassed
    return outcome.result()
