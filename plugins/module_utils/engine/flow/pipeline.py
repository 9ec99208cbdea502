"""Moves bytes from a descriptor through filter processes to takers, in one pass, in constant memory, losing no status."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Optional

from .process import PIPE, Process, Shell

BUFFER_BYTES = 1 << 20
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ of fcntl(2); named in the fcntl module from Python 3.10 only

Taker = Callable[[memoryview], None]
"""Is shown a chunk that is only valid during the call."""


class Digest:
    """Counts and hashes what passes: `size_bytes`, and the sha256 as `hexadecimal`."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._hash = hashlib.sha256()

    def take(self, chunk: memoryview) -> None:
        """The next bytes."""
        self.size_bytes += len(chunk)
        self._hash.update(chunk)

    @property
    def hexadecimal(self) -> str:
        """The sha256 of all bytes so far, in lower case."""
        return self._hash.hexdigest()


@dataclass(frozen=True)
class Pumped:
    """How many bytes went in, before the filters, and came out behind them."""

    in_bytes: int
    out_bytes: int


def relay(source: int, takers: Sequence[Taker]) -> int:
    """Shows every byte of a descriptor to each taker in turn, until its end; the number of bytes."""
    buffer = bytearray(BUFFER_BYTES)
    view = memoryview(buffer)
    total = 0
    while True:
        count = os.readv(source, [buffer])
        if count == 0:
            return total
        total += count
        for taker in takers:
            taker(view[:count])


def write_to(descriptor: int) -> Taker:
    """A taker that writes every chunk whole to a descriptor."""

    def take(chunk: memoryview) -> None:
        while len(chunk) > 0:
            chunk = chunk[os.write(descriptor, chunk) :]

    return take


def widen_pipe(descriptor: int) -> None:
    """Asks for a pipe of BUFFER_BYTES: fewer changes between processes. A refusal only costs time."""
    try:
        fcntl.fcntl(descriptor, _SET_PIPE_SIZE, BUFFER_BYTES)
    except OSError:
        pass


def pump(
    source: int,
    filters: Sequence[Sequence[str]],
    shell: Shell,
    before: Sequence[Taker] = (),
    after: Sequence[Taker] = (),
) -> Pumped:
    """Everything from `source` to the takers `before`, through the filters, to the takers `after`.

    Returns once all of it has passed and every filter has ended with status 0. Raises what a taker raised, DumpFailed
    for a filter that failed, or what ended the shell; all processes of the shell have been killed then. `source`
    stays the caller's to close.
    """
    if not filters:
        total = relay(source, [*before, *after])
        shell.require_time()
        return Pumped(total, total)
    processes = _start_chain(filters, shell)
    feeder = _Feeder(source, processes[0], before, shell)
    try:
        feeder.start()
        out_bytes = relay(processes[-1].stdout, after)
    except BaseException:
        shell.kill_all()
        raise
    finally:
        feeder.join()
        for process in processes:
            process.close_pipes()
    feeder.raise_own_fault()
    _conclude(processes, shell)
    feeder.raise_any_fault()
    return Pumped(feeder.in_bytes, out_bytes)


def _start_chain(filters: Sequence[Sequence[str]], shell: Shell) -> list[Process]:
    processes: list[Process] = []
    for argv in filters:
        process = shell.start(argv, stdin=processes[-1].stdout if processes else PIPE)
        widen_pipe(process.stdout)
        if processes:
            processes[-1].close_pipes()
        processes.append(process)
    return processes


class _Feeder(threading.Thread):
    """Reads the source, shows it, and feeds the first filter, while the main thread drains the last."""

    def __init__(self, source: int, first: Process, before: Sequence[Taker], shell: Shell) -> None:
        super().__init__(daemon=True)
        self.in_bytes = 0
        self._source = source
        self._sink, first.stdin = first.stdin, -1
        self._before = before
        self._shell = shell
        self._fault: Optional[BaseException] = None
        widen_pipe(self._sink)

    def run(self) -> None:
        """The thread: ends at the end of the source, or with the first fault."""
        try:
            self.in_bytes = relay(self._source, [*self._before, write_to(self._sink)])
        except BaseException as fault:  # pylint: disable=broad-exception-caught
            self._fault = fault
            self._shell.kill_all()
        finally:
            os.close(self._sink)

    def raise_own_fault(self) -> None:
        """Raises what a taker raised; a broken pipe only echoes the end of a filter, whose status tells more."""
        if self._fault is not None and not isinstance(self._fault, BrokenPipeError):
            self._shell.require_time()
            raise self._fault

    def raise_any_fault(self) -> None:
        """Raises what is left: a filter that stopped reading and yet ended with status 0."""
        if self._fault is not None:
            raise self._fault


def _conclude(processes: Sequence[Process], shell: Shell) -> None:
    traces = [process.wait() for process in processes]
    shell.require_time()
    for trace in traces:
        trace.require_success()
