"""Runs a part of a test as an ordinary user, whoever runs the tests: the superuser is refused too little."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


def run_as_ordinary_user(work: Callable[[Path], None]) -> None:
    """Calls `work` with an empty folder of its own in a child process that is not root; AssertionError if it raises."""
    folder = Path(tempfile.mkdtemp(prefix="ordinary-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    try:
        run_in_child(lambda: _work_as_nobody(work, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _work_as_nobody(work: Callable[[Path], None], folder: Path) -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    os.chdir(folder)
    work(folder)


def run_in_child(work: Callable[[], object]) -> None:
    """Calls `work` in a child process, for what cannot be undone (limits, rights); AssertionError if it raises."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            work()
        except BaseException:
            os.write(writing, traceback.format_exc().encode()[-60000:])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        complaint = stream.read().decode()
    os.waitpid(child, 0)
    if complaint:
        raise AssertionError(complaint)


def kill_in_child(work: Callable[[], object], delay_s: float) -> None:
    """Calls `work` in a child process and kills it after so many seconds."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(delay_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@contextmanager
def limit_file_size(size_bytes: int) -> Iterator[None]:
    """Within the block no file can grow beyond so many bytes: a real fault of writing that root meets too."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
