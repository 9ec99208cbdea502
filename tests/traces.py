"""What work leaves in this process and below it: descriptors, threads, children. Interrupts, another Python."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

COLLECTIONS = Path(__file__).resolve().parents[1] / "collections"
ENGINE = "ansible_collections.diskominfo.backup.plugins.module_utils.engine"


def list_descriptors() -> set[int]:
    """The open descriptors of this process."""
    return {int(name) for name in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{name}")}


def list_children(parent: int) -> set[int]:
    """The children of a process, zombies too (CONFIG_PROC_CHILDREN of the kernel, as everywhere)."""
    found: set[int] = set()
    for children in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            found.update(map(int, children.read_text().split()))
    return found


def is_alive(process: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition: Callable[[], object], seconds: float = 15.0) -> None:
    """Returns as soon as the condition holds; AssertionError if it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.005)


@contextmanager
def leave_nothing() -> Iterator[None]:
    """The block ends with the descriptors, threads and children that it began with."""
    before = list_descriptors(), set(threading.enumerate()), list_children(os.getpid())
    yield
    after = list_descriptors(), set(threading.enumerate()), list_children(os.getpid())
    assert after == before


@contextmanager
def interrupt_after(seconds: float) -> Iterator[None]:
    """Raises KeyboardInterrupt in the main thread, wherever it is by then; not at all once the block is over."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def start_python(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Runs code with the collection importable, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(COLLECTIONS)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def run_python(code: str, *arguments: str) -> str:
    """What such code prints; AssertionError if it does not end with status 0."""
    process = start_python(code, *arguments)
    output, _unused = process.communicate(timeout=120)
    assert process.returncode == 0
    return output.decode()
