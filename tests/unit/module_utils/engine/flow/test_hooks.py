from __future__ import annotations

import os
import threading
from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import Interrupted
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.hooks import run_hook
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell


def test_a_hook_whose_program_is_told_to_end_is_killed_and_tells_why(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    with Shell(600) as shell:

        def end_once_begun() -> None:
            begun.read_bytes()
            shell.end(Interrupted.by_signal(15))

        ending = threading.Thread(target=end_once_begun)
        ending.start()
        trace, fault = run_hook("before_run", ["sh", "-c", f"echo > {begun}; exec sleep 600"], shell, ())
        ending.join()

    assert trace.status == -9
    assert isinstance(fault, Interrupted)


def test_all_that_a_hook_writes_is_told_in_order() -> None:
    with Shell(600) as shell:
        trace, fault = run_hook("before_run", ["sh", "-c", "echo 1; echo 2 >&2; echo 3"], shell, ())

    assert (trace.status, trace.stderr_tail, fault) == (0, "1\n2\n3\n", None)
