"""A signal ends all work in good order: processes die, receipts are written, nothing half done stays."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

from ..errors import Interrupted
from .process import Supervisor

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_on_signals(supervisor: Supervisor) -> Callable[[], None]:
    """From now on a signal ends everything the supervisor knows. Returns what puts the former answers back.

    Only the main thread of a program may listen to signals; elsewhere nothing is changed.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        error = Interrupted.by_signal(number)
        threading.Thread(target=supervisor.end_all, args=(error,), daemon=True).start()

    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    before = {number: signal.signal(number, end) for number in SIGNALS}

    def restore() -> None:
        for number, action in before.items():
            signal.signal(number, action)

    return restore
