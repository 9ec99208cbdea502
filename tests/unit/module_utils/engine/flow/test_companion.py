from __future__ import annotations

import threading

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.companion import Companion
from ansible_collections.diskominfo.backup.tests.traces import interrupt_after


class Slow(Companion):
    def __init__(self) -> None:
        super().__init__()
        self.may_end = threading.Event()
        self.is_done = False

    def work(self) -> None:
        self.may_end.wait(10)
        self.is_done = True


def test_a_wait_that_was_interrupted_can_be_taken_up_again() -> None:
    slow = Slow()
    slow.start()
    with interrupt_after(0.1), pytest.raises(KeyboardInterrupt):
        slow.await_end()
    threading.Timer(0.1, slow.may_end.set).start()
    slow.await_end()
    assert (slow.is_done, slow.is_alive()) == (True, False)


def test_a_companion_that_was_never_started_is_not_waited_for() -> None:
    Slow().await_end()


def test_a_companion_without_work_says_so() -> None:
    with pytest.raises(NotImplementedError):
        Companion().work()
