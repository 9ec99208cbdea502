"""A thread that works beside the one that started it, and can be waited for whatever happens meanwhile."""

from __future__ import annotations

import threading


class Companion(threading.Thread):
    """A subclass says what it does in `work`, which raises nothing.

    `Thread.join` alone will not do: interrupted by an exception of a signal, Python 3.9 to 3.12 take the thread for
    ended from then on.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._has_ended = threading.Event()

    def work(self) -> None:
        """What the thread does."""
        raise NotImplementedError

    def run(self) -> None:
        """The thread."""
        try:
            self.work()
        finally:
            self._has_ended.set()

    def await_end(self) -> None:
        """Returns when the work is done; at once if it was never begun. May be called again."""
        if self.ident is not None:
            self._has_ended.wait()
            self.join()
