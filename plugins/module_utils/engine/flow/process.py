"""The only file that starts processes: each in a group of its own, with a time limit, and a trace of how it ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType

from ..errors import BackupError, DumpFailed, TimeLimitReached, ToolMissing
from .complaints import Complaints, LineTaker
from .credentials import redact
from .pipes import NOTHING, PIPE, READ, Ends, lay_ends, make_wait, tie_group
from .surroundings import ENVIRONMENT, PACKAGES, PATH
from .trace import STATUS_LOST, Finished, Trace

OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024

__all__ = ["ENVIRONMENT", "NOTHING", "PATH", "PIPE", "Finished", "LineTaker", "Process", "Shell", "Supervisor", "Trace"]


class Process:
    """A started process. `stdin` and `stdout` are descriptors where pipes were asked for, else -1.

    `close_pipes` closes them; whoever closes one alone sets it to -1.
    """

    def __init__(self, popen: subprocess.Popen[bytes], argv: Sequence[str], ends: Ends, secrets: Sequence[str]) -> None:
        self.stdin = ends.stdin
        self.stdout = ends.stdout
        self._tie = ends.tie
        self._popen = popen
        self._argv = tuple(redact(argument, secrets) for argument in argv)
        self._complaints = Complaints(ends.stderr, secrets)
        self._began = time.monotonic()
        self._lock = threading.RLock()  # a signal may end the shell while its own thread is in here
        self._waiting = threading.Lock()
        self._is_over = False
        self._trace: Trace | None = None

    def listen(self, taker: LineTaker | None) -> None:
        """Begins to read standard error; `taker` is shown every line of it, from a thread of its own.

        What the taker raises ends the process and is raised by `wait`.
        """
        try:
            self._complaints.begin(taker, self.kill)
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """Ends the whole group at once; nothing happens when it has ended already."""
        with self._lock:
            if not self._is_over:
                self._kill_group()

    def close_pipes(self) -> None:
        """Closes what is still open of its two pipes."""
        self._close("stdin", "stdout")

    def wait(self) -> Trace:
        """Waits for the end, ends what it left behind in its group, and tells how it ended. May be called again.

        Raises what a taker of its lines raised.
        """
        trace = self.await_end()
        if self._complaints.fault is not None:
            raise self._complaints.fault
        return trace

    def await_end(self) -> Trace:
        """As `wait`, but silent about the takers."""
        with self._waiting:
            if self._trace is None:
                status = self._reap()
                duration_s = time.monotonic() - self._began
                self._close("_tie")
                self._trace = Trace(self._argv, status, duration_s, self._complaints.conclude())
            return self._trace

    def _reap(self) -> int:
        """The leader is reaped after its group was killed: until then its number cannot belong to anybody else."""
        try:
            os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOWAIT)
        except ChildProcessError:  # reaped already: here before an interrupt, or by a kernel told to ignore SIGCHLD
            self._is_over = True
            return STATUS_LOST if self._popen.returncode is None else self._popen.returncode
        with self._lock:
            self._kill_group()
            self._is_over = True
            return self._popen.wait()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)

    def _close(self, *names: str) -> None:
        for name in names:
            descriptor = getattr(self, name)
            setattr(self, name, -1)
            if descriptor >= 0:
                os.close(descriptor)


class Shell:
    """Starts processes that all end when the time is over, when somebody ends the shell, or when its block ends.

    They also end when this program is killed. `traces` tells how each ended, in the order in which they were started.
    """

    def __init__(self, time_limit_s: float, environment: Mapping[str, str] | None = None) -> None:
        self.environment = dict(environment or ENVIRONMENT)
        self.time_limit_s = time_limit_s
        self.ended_by: BackupError | None = None
        self.is_closed = False
        self._processes: list[Process] = []
        self._callbacks: list[Callable[[], None]] = []
        self._lock = threading.RLock()  # a signal may end the shell while its own thread is in here
        self._deadline = time.monotonic() + time_limit_s
        self._timer = threading.Timer(time_limit_s, self.end, (TimeLimitReached.after(time_limit_s),))
        self._timer.daemon = True

    def __enter__(self) -> Shell:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.is_closed = True
        self._timer.cancel()
        self.kill_all()
        for process in self._processes:
            process.await_end()
            process.close_pipes()
        self._timer.join()  # after the block nothing changes any more

    @property
    def isolation(self) -> object:
        """Where throwaway servers are to run when that is decided already; None for whatever works here."""
        return None

    def look(self, argv: Sequence[str]) -> Finished:
        """Runs a program that only tells something of itself, where `find` found it."""
        return self.run(argv)

    def anew(self, time_limit_s: float) -> Shell:
        """Another shell for the same place, with a time of its own: for what must be done when this one has ended."""
        return Shell(time_limit_s, self.environment)

    @property
    def traces(self) -> list[Trace]:
        """How the processes ended; waits for those that have not."""
        return [process.await_end() for process in self._processes]

    @property
    def time_left_s(self) -> float:
        """Seconds until the limit; never below zero."""
        return max(0.0, self._deadline - time.monotonic())

    def find(self, program: str) -> str:
        """The program's full path; raises ToolMissing with the package to install."""
        found = shutil.which(program, path=self.environment["PATH"])
        if found is None:
            raise ToolMissing.not_found(program, PACKAGES.get(program, program))
        return found

    def start(
        self,
        argv: Sequence[str],
        stdin: int = NOTHING,
        stdout: int = PIPE,
        cwd: str | None = None,
        secrets: Sequence[str] = (),
        taker: LineTaker | None = None,
    ) -> Process:
        """Starts argv[0] (looked up in the fixed PATH). `stdin`, `stdout`: a descriptor, PIPE, NOTHING (or COMPLAINTS).

        A descriptor given stays the caller's to close. A PIPE is to be read to its end before `wait`. Raises
        ToolMissing, also for what cannot be started, and what ended the shell if it has ended.
        """
        full = [self.find(argv[0]), *argv[1:]]
        with self._lock:
            self.require_time()
            try:
                process = _spawn(full, (stdin, stdout), cwd, self.environment, secrets)
            except OSError as error:
                raise ToolMissing.unusable(argv[0], str(error)) from error
            self._processes.append(process)
            if self.ended_by is not None:  # by a signal that came just now
                process.kill()
            process.listen(taker)
        return process

    def run(self, argv: Sequence[str], stdin: int = NOTHING, cwd: str | None = None) -> Finished:
        """Runs to the end and gathers what it writes, up to OUTPUT_LIMIT_BYTES (more is a DumpFailed)."""
        process = self.start(argv, stdin=stdin, cwd=cwd)
        try:
            output = self._gather(process.stdout, argv[0])
            finished = Finished(process.wait(), output)
        except BaseException:
            process.kill()
            raise
        finally:
            process.close_pipes()
        self.require_time()
        return finished

    def _gather(self, descriptor: int, program: str) -> bytes:
        output = bytearray()
        wait = make_wait(descriptor, READ, self.require_time)
        while len(output) <= OUTPUT_LIMIT_BYTES:
            wait()
            chunk = os.read(descriptor, 65536)
            if not chunk:
                return bytes(output)
            output += chunk
        raise DumpFailed.has_too_much(program, OUTPUT_LIMIT_BYTES)

    def on_end(self, callback: Callable[[], None]) -> None:
        """`callback` is called, from another thread, when the shell is ended: it stops work that is no process.

        What it raises is ignored: that work may be over by then.
        """
        with self._lock:
            self._callbacks.append(callback)

    def end(self, error: BackupError) -> None:
        """Ends every process now and refuses new ones; `require_time` raises `error` from here on.

        A shell whose block is over stays as it was.
        """
        with self._lock:
            if self.is_closed:
                return
            self.ended_by = self.ended_by or error
            callbacks = list(self._callbacks)
        self.kill_all()
        for callback in callbacks:
            with suppress(Exception):
                callback()

    def require_time(self) -> None:
        """Raises what ended the shell: TimeLimitReached or Interrupted; nothing while there is time."""
        if self.ended_by is not None:
            raise self.ended_by

    def kill_all(self) -> None:
        """Ends every process that still runs; new ones may be started."""
        for process in list(self._processes):
            process.kill()


class Supervisor:
    """Knows every open shell of the program, so that one signal ends them all."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self.environment = environment or ENVIRONMENT
        self.ended_by: BackupError | None = None
        self._shells: list[Shell] = []
        self._lock = threading.Lock()

    def open_shell(self, time_limit_s: float, environment: Mapping[str, str] | None = None) -> Shell:
        """A new shell, to be used in a `with` block; one that has ended already when the program was told to end."""
        shell = Shell(time_limit_s, environment or self.environment)
        with self._lock:
            self._shells = [known for known in self._shells if not known.is_closed] + [shell]
        if self.ended_by is not None:
            shell.end(self.ended_by)
        return shell

    def end_all(self, error: BackupError) -> None:
        """Ends every shell, and those that will be opened."""
        self.ended_by = error
        for shell in list(self._shells):
            shell.end(error)


def _spawn(
    argv: Sequence[str], ways: tuple[int, int], cwd: str | None, environment: Mapping[str, str], secrets: Sequence[str]
) -> Process:
    with lay_ends(*ways) as (ends, inherited):
        popen = subprocess.Popen(  # pylint: disable=consider-using-with
            argv,
            stdin=inherited.stdin,
            stdout=inherited.stdout,
            stderr=inherited.stderr,
            cwd=cwd,
            env=environment,
            start_new_session=True,
            pass_fds=(inherited.tie,),
        )
        tie_group(inherited.tie, popen.pid)
        return Process(popen, argv, ends, secrets)
