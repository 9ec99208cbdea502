"""The only file that starts processes: each in a group of its own, with a limit of time, and a trace of how it ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Optional

from ..errors import BackupError, DumpFailed, TimeLimitReached, ToolMissing
from .credentials import redact

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT: Mapping[str, str] = {"PATH": PATH, "LC_ALL": "C", "TZ": "UTC", "HOME": "/nonexistent"}
"""What every process sees: nothing of the caller's HOME, configuration or language reaches it."""

PACKAGES: Mapping[str, str] = {"gzip": "gzip", "tar": "tar", "zstd": "zstd"}
"""Program -> Debian package that holds it."""

NOTHING = subprocess.DEVNULL
PIPE = subprocess.PIPE
TAIL_BYTES = 8192
OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024

LineTaker = Callable[[bytes], None]


@dataclass(frozen=True)
class Trace:
    """How one process ended. `status` is the exit status, or minus the signal that ended it."""

    argv: tuple[str, ...]
    status: int
    duration_s: float
    stderr_tail: str

    def require_success(self, allowed: Sequence[int] = (0,)) -> None:
        """Raises DumpFailed for a status that is not among the `allowed`."""
        if self.status not in allowed:
            raise DumpFailed.process_ended(os.path.basename(self.argv[0]), self.status, self.stderr_tail)


@dataclass(frozen=True)
class Finished:
    """A process that was run to its end, with all that it wrote to its standard output."""

    trace: Trace
    stdout: bytes


class Process:
    """A started process. `stdin` and `stdout` are descriptors where pipes were asked for; the caller closes them."""

    def __init__(self, popen: subprocess.Popen[bytes], argv: Sequence[str], secrets: Sequence[str]) -> None:
        self._popen = popen
        self._argv = tuple(redact(argument, secrets) for argument in argv)
        self._secrets = tuple(secrets)
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._waiting = threading.Lock()
        self._tail = b""
        self._taker: Optional[LineTaker] = None
        self._reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._trace: Optional[Trace] = None
        self.stdin = os.dup(popen.stdin.fileno()) if popen.stdin else -1
        self.stdout = os.dup(popen.stdout.fileno()) if popen.stdout else -1
        for stream in (popen.stdin, popen.stdout):
            if stream:
                stream.close()

    def listen(self, taker: Optional[LineTaker]) -> Process:
        """Begins to read standard error; `taker` is shown every whole line of it, from a thread of its own."""
        self._taker = taker
        self._reader.start()
        return self

    def _read_stderr(self) -> None:
        stream = self._popen.stderr
        for line in iter(stream.readline, b"") if stream else ():
            self._tail = (self._tail + line)[-TAIL_BYTES:]
            if self._taker:
                self._taker(line.rstrip(b"\n"))

    def kill(self) -> None:
        """Ends the whole group at once; nothing happens when it has ended already."""
        with self._lock:
            if self._popen.returncode is None:
                _kill_group(self._popen.pid)

    def close_pipes(self) -> None:
        """Closes what is still open of its two pipes."""
        for name in ("stdin", "stdout"):
            descriptor = getattr(self, name)
            setattr(self, name, -1)
            if descriptor >= 0:
                os.close(descriptor)

    def wait(self) -> Trace:
        """Waits for the end, ends what it left behind in its group, and tells how it ended. May be called again."""
        with self._waiting:
            if self._trace is None:
                self._trace = self._await_end()
            return self._trace

    def _await_end(self) -> Trace:
        os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            _kill_group(self._popen.pid)
            status = self._popen.wait()
        duration_s = time.monotonic() - self._began
        self._reader.join()
        tail = redact(self._tail.decode("utf-8", "replace"), self._secrets)
        return Trace(self._argv, status, duration_s, tail)


def _kill_group(leader: int) -> None:
    """The leader is not reaped yet, so its number cannot belong to anybody else."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


class Shell:
    """Starts processes that all end when the time is over, when somebody ends the shell, or when its block ends.

    `traces` tells how each ended, in the order in which they were started.
    """

    def __init__(self, time_limit_s: float, environment: Mapping[str, str] = ENVIRONMENT) -> None:
        self.environment = dict(environment)
        self.ended_by: Optional[BackupError] = None
        self._processes: list[Process] = []
        self._callbacks: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._deadline = time.monotonic() + time_limit_s
        self._timer = threading.Timer(time_limit_s, self.end, (TimeLimitReached.after(time_limit_s),))
        self._timer.daemon = True

    def __enter__(self) -> Shell:
        self._timer.start()
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._timer.cancel()
        self.kill_all()
        for process in self._processes:
            process.wait()
            process.close_pipes()

    @property
    def traces(self) -> list[Trace]:
        """How the processes ended; waits for those that have not."""
        return [process.wait() for process in self._processes]

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
        cwd: Optional[str] = None,
        secrets: Sequence[str] = (),
        taker: Optional[LineTaker] = None,
    ) -> Process:
        """Starts argv[0] (looked up in the fixed PATH). `stdin` and `stdout`: a descriptor, PIPE or NOTHING.

        A descriptor given stays the caller's to close. Raises ToolMissing, and what ended the shell if it has ended.
        """
        full = [self.find(argv[0]), *argv[1:]]
        with self._lock:
            self.require_time()
            popen = subprocess.Popen(  # pylint: disable=consider-using-with
                full,
                stdin=stdin,
                stdout=stdout,
                stderr=PIPE,
                cwd=cwd,
                env=self.environment,
                start_new_session=True,
            )
            process = Process(popen, full, secrets).listen(taker)
            self._processes.append(process)
        return process

    def run(self, argv: Sequence[str], stdin: int = NOTHING, cwd: Optional[str] = None) -> Finished:
        """Runs to the end and gathers what it writes, up to OUTPUT_LIMIT_BYTES (more is a DumpFailed)."""
        process = self.start(argv, stdin=stdin, cwd=cwd)
        output = bytearray()
        with os.fdopen(os.dup(process.stdout), "rb", buffering=0) as stream:
            for chunk in iter(lambda: stream.read(65536), b""):
                output += chunk
                if len(output) > OUTPUT_LIMIT_BYTES:
                    process.kill()
                    raise DumpFailed(f"{argv[0]} wrote more than {OUTPUT_LIMIT_BYTES} bytes", "see what it wrote")
        finished = Finished(process.wait(), bytes(output))
        process.close_pipes()
        self.require_time()
        return finished

    def on_end(self, callback: Callable[[], None]) -> None:
        """`callback` is called, from another thread, when the shell is ended: it stops work that is no process."""
        with self._lock:
            self._callbacks.append(callback)

    def end(self, error: BackupError) -> None:
        """Ends every process now and refuses new ones; `require_time` raises `error` from here on."""
        with self._lock:
            if self.ended_by is None:
                self.ended_by = error
            callbacks = list(self._callbacks)
        self.kill_all()
        for callback in callbacks:
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

    def __init__(self, environment: Mapping[str, str] = ENVIRONMENT) -> None:
        self.environment = environment
        self.ended_by: Optional[BackupError] = None
        self._shells: list[Shell] = []

    def open_shell(self, time_limit_s: float) -> Shell:
        """A new shell, to be used in a `with` block; one that has ended already when the program was told to end."""
        shell = Shell(time_limit_s, self.environment)
        self._shells = [known for known in self._shells if known.ended_by is None] + [shell]
        if self.ended_by is not None:
            shell.end(self.ended_by)
        return shell

    def end_all(self, error: BackupError) -> None:
        """Ends every shell, and those that will be opened."""
        self.ended_by = error
        for shell in list(self._shells):
            shell.end(error)
