from __future__ import annotations

import threading

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.deadline import (
    DeadlinePassed,
    finish_within,
)

GENEROUS_S = 60.0


def test_what_is_done_in_time_is_returned() -> None:
    assert finish_within(GENEROUS_S, lambda: "done") == "done"


def test_what_fails_in_time_fails_here_also_by_a_time_out_of_its_own() -> None:
    def fail() -> None:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        finish_within(GENEROUS_S, fail)


def test_what_is_not_done_in_time_is_left_to_itself() -> None:
    may_end = threading.Event()
    with pytest.raises(DeadlinePassed):
        finish_within(0.01, may_end.wait)
    may_end.set()
