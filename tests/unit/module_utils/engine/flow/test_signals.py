from __future__ import annotations

import os
import signal
import threading

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import Interrupted
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Supervisor
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.signals import SIGNALS, end_on_signals


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_what_runs_and_what_would_be_started(number: signal.Signals) -> None:
    supervisor = Supervisor()
    restore = end_on_signals(supervisor)
    try:
        with supervisor.open_shell(60) as shell:
            process = shell.start(["sleep", "30"])
            os.kill(os.getpid(), number)
            assert process.wait().status == -signal.SIGKILL
            with pytest.raises(Interrupted):
                shell.require_time()
    finally:
        restore()
    assert supervisor.ended_by is not None
    assert supervisor.ended_by.exit_status == 128 + number


def test_the_former_answers_to_signals_come_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    restore = end_on_signals(Supervisor())
    assert [signal.getsignal(number) for number in SIGNALS] != before
    restore()
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_outside_the_main_thread_nothing_is_changed() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    thread = threading.Thread(target=end_on_signals, args=(Supervisor(),))
    thread.start()
    thread.join(10)
    assert [signal.getsignal(number) for number in SIGNALS] == before
