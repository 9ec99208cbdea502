"""Folders of programs in which one is not the real one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.client import Programs
from ansible_collections.diskominfo.backup.tests.clusters import PROGRAMS

NAMES = ("initdb", "pg_dump", "pg_restore", "postgres", "psql")


@contextmanager
def replace_programs(major: int, missing: tuple[str, ...] = (), **scripts: str) -> Iterator[Programs]:
    """The real programs of this machine as version `major`, but for those `missing` and those that are `scripts`."""
    folder = Path(tempfile.mkdtemp(prefix="programs-", dir="/tmp"))
    try:
        programs = folder / str(major) / "bin"
        programs.mkdir(parents=True)
        for name in NAMES:
            if name in scripts:
                (programs / name).write_text(f"#!/bin/sh\n{scripts[name]}\n")
                (programs / name).chmod(0o755)
            elif name not in missing:
                os.symlink(PROGRAMS / name, programs / name)
        for path in (folder, programs.parent, programs):
            path.chmod(0o755)
        yield Programs((f"{folder}/*/bin",))
    finally:
        shutil.rmtree(folder)
