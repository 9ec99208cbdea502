"""Moves bytes through filter processes to takers: in one pass, in constant memory, without losing any exit status."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import DumpFailed
from .companion import Companion
from .pipes import BUFFER_BYTES, READ, WRITE, Check, make_wait, widen_pipe
from .process import PIPE, Process, Shell
from .trace import Trace

Taker = Callable[[memoryview], None]
"""Is shown a chunk that is only valid during the call."""

Counter = Callable[[int], None]
"""Is told how many bytes have passed since it was told last."""

Condition = Callable[[], bool]

CAN_SPLICE = hasattr(os, "splice")
"""From Python 3.10 on; before that every byte is read and written."""

SMALL_BYTES = 128 * 1024
GATHER_S = 0.001
"""How long a pipe is left to fill after a small read. Programs that write 4 KiB at a time would else wake the reader
for each piece, and a tenth of a dump's time would go into changing between processes. No wide pipe is full by then."""


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


def relay(source: int, takers: Sequence[Taker], check: Check = lambda: None, until: Condition = lambda: False) -> int:
    """Shows every byte of a descriptor to each taker in turn, until its end; the number of bytes.

    `check` is called before each read and a few times a second while nothing comes; it may raise. What was read has
    been shown to the takers up to the one that raised. Stops early, between two reads, when `until` says so.
    """
    buffer = bytearray(BUFFER_BYTES)
    view = memoryview(buffer)
    wait = make_wait(source, READ, check)
    total = 0
    while not until():
        wait()
        count = os.readv(source, [buffer])
        if count == 0:
            break
        total += count
        for taker in takers:
            taker(view[:count])
        if count < SMALL_BYTES and total > BUFFER_BYTES:
            time.sleep(GATHER_S)
    return total


def write_to(descriptor: int) -> Taker:
    """A taker that writes every chunk whole to a descriptor."""

    def take(chunk: memoryview) -> None:
        while len(chunk) > 0:
            chunk = chunk[os.write(descriptor, chunk) :]

    return take


def pump(
    source: int,
    filters: Sequence[Sequence[str]],
    shell: Shell,
    before: Sequence[Taker] = (),
    after: Sequence[Taker] = (),
    count: Counter = lambda _count: None,
    enough: Condition = lambda: False,
) -> Pumped:
    """Everything from `source` to the takers `before`, through the filters, to the takers `after`.

    `count` is told of all that goes in. Once `enough` says so, the takers `before` need see no more, and what follows
    goes from pipe to pipe without having been read here, where the kernel can do that.

    Returns once all of it has passed and every filter has ended with status 0. Raises what a taker raised, DumpFailed
    for a filter that failed or did not read all, or what ended the shell; all processes of the shell have been killed
    then. `source` stays the caller's to close, and has been read no further than the takers `before` have seen.

    A filter that ends early with status 0 is found out when something can no longer be written to it, not for what a
    pipe still held: filters are programs that read to the end, as zstd and gzip do.
    """
    processes: list[Process] = []
    feeder = _Feeder(source, processes, [*before, lambda chunk: count(len(chunk))], shell, count, enough)
    try:
        if not filters:
            total = relay(source, [*before, lambda chunk: count(len(chunk)), *after], shell.require_time)
            shell.require_time()
            return Pumped(total, total)
        _start_chain(filters, shell, processes)
        feeder.start()
        out_bytes = relay(processes[-1].stdout, after, shell.require_time)
        feeder.stop()
        _conclude(feeder, processes, shell)
        return Pumped(feeder.in_bytes, out_bytes)
    except BaseException:
        shell.kill_all()
        raise
    finally:
        feeder.stop()
        for process in processes:
            process.close_pipes()


def _start_chain(filters: Sequence[Sequence[str]], shell: Shell, processes: list[Process]) -> None:
    """The first filter keeps its `stdin`, the last its `stdout`; nobody here holds what lies between."""
    stdin = PIPE
    for argv in filters:
        process = shell.start(argv, stdin=stdin)
        for earlier in processes[-1:]:
            os.close(earlier.stdout)
            earlier.stdout = -1
        processes.append(process)
        widen_pipe(process.stdout)
        stdin = process.stdout
    widen_pipe(processes[0].stdin)


class _Cut(Exception):
    """The filters took no more before the source had ended; their exit statuses tell more."""


class _Feeder(Companion):
    """Reads the source, shows it, and feeds the first filter, while the main thread drains the last."""

    def __init__(
        self,
        source: int,
        processes: Sequence[Process],
        before: Sequence[Taker],
        shell: Shell,
        count: Counter,
        enough: Condition,
    ) -> None:
        super().__init__()
        self.in_bytes = 0
        self.fault: BaseException | None = None
        self._source = source
        self._processes = processes
        self._before = before
        self._shell = shell
        self._count = count
        self._enough = enough if CAN_SPLICE else lambda: False
        self._is_stopped = False

    def work(self) -> None:
        """Ends at the end of the source, or with the first fault."""
        first = self._processes[0]
        sink, first.stdin = first.stdin, -1
        os.set_blocking(sink, False)
        try:
            takers = [*self._before, self._write_to(sink)]
            self.in_bytes = relay(self._source, takers, self._check, self._enough)
            if self._enough():
                self.in_bytes += self._splice(sink)
                self.in_bytes += relay(self._source, takers, self._check)
        except _Cut as cut:
            self.fault = cut
        except BaseException as fault:  # pylint: disable=broad-exception-caught
            self.fault = fault
            self._shell.kill_all()
        finally:
            os.close(sink)

    def stop(self) -> None:
        """Ends the thread where it still reads or writes: nobody takes what it feeds any more."""
        self._is_stopped = True
        self.await_end()

    def _check(self) -> None:
        if self._is_stopped:
            raise _Cut

    def _splice(self, sink: int) -> int:
        """The rest of the source as the kernel moves it; nothing where it cannot."""
        await_source, await_sink = make_wait(self._source, READ, self._check), make_wait(sink, WRITE, self._check)
        total = 0
        while True:
            await_source()
            await_sink()
            try:
                moved = os.splice(self._source, sink, BUFFER_BYTES)
            except BrokenPipeError as error:
                raise _Cut from error
            except OSError as error:
                if error.errno == errno.EINVAL:
                    return total
                raise
            if moved == 0:
                return total
            total += moved
            self._count(moved)
            if moved < SMALL_BYTES:
                time.sleep(GATHER_S)

    def _write_to(self, sink: int) -> Taker:
        wait = make_wait(sink, WRITE, self._check)

        def take(chunk: memoryview) -> None:
            while len(chunk) > 0:
                wait()
                try:
                    chunk = chunk[os.write(sink, chunk) :]
                except BrokenPipeError as error:
                    raise _Cut from error

        return take


def _conclude(feeder: _Feeder, processes: Sequence[Process], shell: Shell) -> None:
    """Raises the cause before its echoes: the time, a taker, a filter that failed, one that was only cut off."""
    if feeder.fault is not None and not isinstance(feeder.fault, _Cut):
        shell.require_time()
        raise feeder.fault
    traces = [process.wait() for process in processes]
    shell.require_time()
    for trace in sorted(traces, key=_is_echo):
        trace.require_success()
    if feeder.fault is not None:
        raise DumpFailed.stopped_reading(os.path.basename(traces[0].argv[0])) from feeder.fault


def _is_echo(trace: Trace) -> bool:
    """A filter that could write no more, since the next one had ended."""
    return trace.status == -signal.SIGPIPE
