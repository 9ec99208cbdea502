from __future__ import annotations

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import errors
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.trace import STATUS_LOST, Trace


def test_only_an_allowed_status_is_a_success() -> None:
    trace = Trace(("/usr/bin/tar", "-c"), 1, 0.1, "tar: a: file changed as we read it\n")
    trace.require_success((0, 1))
    with pytest.raises(errors.DumpFailed, match="tar ended with status 1: tar: a: file changed as we read it"):
        trace.require_success()


def test_a_lost_status_says_that_it_was_lost_and_not_what_the_program_said() -> None:
    with pytest.raises(errors.DumpFailed, match="its exit status was lost"):
        Trace(("tar",), STATUS_LOST, 0.1, "all is well").require_success()
