"""What the kernel does for pipes: waits that look aside, room, and the end of a group when its parent is killed."""

from __future__ import annotations

import fcntl
import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

BUFFER_BYTES = 1 << 20
POLL_S = 0.2
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ of fcntl(2); named in the fcntl module from Python 3.10 only

NOTHING = -3
PIPE = -1
"""As subprocess.DEVNULL and subprocess.PIPE."""

COMPLAINTS = -2
"""As subprocess.STDOUT the other way round: standard output goes where the complaints go."""

READ = select.POLLIN
WRITE = select.POLLOUT

Check = Callable[[], None]
"""Is called before every wait and every POLL_S while it lasts; ends it by raising."""


def make_wait(descriptor: int, event: int, check: Check) -> Callable[[], None]:
    """A function that returns once the descriptor is ready to READ or WRITE, has ended or is broken.

    A read that blocks cannot be ended when a process that nobody knows of holds the other end; this wait can.
    """
    poller = select.poll()
    poller.register(descriptor, event)

    def wait() -> None:
        check()
        while not poller.poll(POLL_S * 1000):
            check()

    return wait


def widen_pipe(descriptor: int) -> None:
    """Asks for a pipe of BUFFER_BYTES: fewer changes between processes. A refusal only costs time."""
    with suppress(OSError):
        fcntl.fcntl(descriptor, _SET_PIPE_SIZE, BUFFER_BYTES)


@dataclass(frozen=True)
class Ends:
    """One side of the pipes of a process: what it inherits, or what stays here. -1: there is no such pipe."""

    stdin: int
    stdout: int
    stderr: int
    tie: int


@contextmanager
def lay_ends(stdin: int, stdout: int) -> Iterator[tuple[Ends, Ends]]:
    """(what stays here, what a process is given) for `stdin` and `stdout`: each a descriptor, NOTHING or PIPE.

    `stdout` may be COMPLAINTS too.

    The block starts the process. Afterwards its side is closed, and ours too if that failed.
    """
    with ExitStack() as theirs, ExitStack() as ours:

        def lay(wanted: int, our_side: int) -> tuple[int, int]:
            if wanted != PIPE:
                return -1, wanted
            both = os.pipe()
            kept, given = both[our_side], both[1 - our_side]
            ours.callback(os.close, kept)
            theirs.callback(os.close, given)
            return kept, given

        laid = [lay(stdin, 1), lay(stdout, 0), lay(PIPE, 0), lay(PIPE, 1)]
        if stdout == COMPLAINTS:
            laid[1] = (-1, laid[2][1])
        yield Ends(*(kept for kept, _unused in laid)), Ends(*(given for _unused2, given in laid))
        ours.pop_all()


def tie_group(read_end: int, group: int) -> None:
    """Has the kernel kill a process group at the moment the last write end of a pipe is closed.

    This process keeps the only write end, and the group inherits `read_end`: so SIGKILL, too little memory or a crash
    of this process end the group (signal-driven I/O, fcntl(2): F_SETOWN, F_SETSIG). PR_SET_PDEATHSIG would do it when
    the *thread* that started the process ends, needs code between fork and exec, and forgets the grandchildren. What
    leaves the group (setsid) or closes the inherited descriptor gets away; a kernel that refuses only costs this.
    """
    with suppress(OSError):
        fcntl.fcntl(read_end, fcntl.F_SETOWN, -group)
        fcntl.fcntl(read_end, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(read_end, fcntl.F_SETFL, os.O_ASYNC)
