"""How a process ended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import DumpFailed

STATUS_LOST = 256
"""No process ends with it: the exit status went elsewhere, and nothing may be concluded from it."""


@dataclass(frozen=True)
class Trace:
    """How one process ended. `status` is the exit status, minus the signal that ended it, or STATUS_LOST."""

    argv: tuple[str, ...]
    status: int
    duration_s: float
    stderr_tail: str

    def require_success(self, allowed: Sequence[int] = (0,)) -> None:
        """Raises DumpFailed for a status that is not among the `allowed`."""
        if self.status not in allowed:
            said = "its exit status was lost" if self.status == STATUS_LOST else self.stderr_tail
            raise DumpFailed.process_ended(os.path.basename(self.argv[0]), self.status, said)


@dataclass(frozen=True)
class Finished:
    """A process that was run to its end, with all that it wrote to its standard output."""

    trace: Trace
    stdout: bytes
