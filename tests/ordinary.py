"""Runs a part of a test as an ordinary user, whoever runs the tests: the superuser is refused too little."""

from __future__ import annotations

import os
import shutil
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

NOBODY = 65534


def run_as_ordinary_user(work: Callable[[Path], None]) -> None:
    """Calls `work` with an empty folder of its own in a child process that is not root; AssertionError if it raises."""
    folder = Path(tempfile.mkdtemp(prefix="ordinary-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.write(writing, _try(work, folder).encode()[-60000:])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        complaint = stream.read().decode()
    os.waitpid(child, 0)
    shutil.rmtree(folder, ignore_errors=True)
    if complaint:
        raise AssertionError(complaint)


def _try(work: Callable[[Path], None], folder: Path) -> str:
    try:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        os.chdir(folder)
        work(folder)
    except BaseException:
        return traceback.format_exc()
    return ""
