# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner: one file made of the engine's own files, the same bytes wherever it is built."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pkgutil
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

# Imported so that the whole engine travels with the module: what is found by name below would not.
from .engine import cli
from .engine.errors import RunnerRefused
from .engine.flow.files import write_beside
from .engine.flow.process import Supervisor
from .engine.version import VERSION

ENGINE = cli.__name__.rpartition(".")[0]
PACKAGE = "diskominfo_backup"
FIXED_DATE = (1980, 1, 1, 0, 0, 0)
SELF_TEST_LIMIT_S = 30.0

START = f"""\
import os
import sys
from pathlib import Path

# The file may be replaced while this works: what is imported later comes from the one that began.
program = Path(__file__).parent
began = Path(f"/proc/self/fd/{{os.open(program, os.O_RDONLY)}}")
program = began if began.exists() else program
sys.path[0] = str(program)

from {PACKAGE}.cli import main

raise SystemExit(main(sys.argv[1:], program))
"""


@dataclass(frozen=True)
class Bundle:
    """The runner's file: its bytes and the version it carries."""

    data: bytes
    version: str

    @property
    def sha256(self) -> str:
        """Lower-case hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def build_runner(interpreter: str) -> Bundle:
    """The zipapp that `interpreter` starts, alone with the standard library: sorted names, fixed dates, no clock."""
    buffer = io.BytesIO()
    buffer.write(f"#!{interpreter} -I\n".encode())
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in sorted([("__main__.py", START.encode()), *_read_engine()]):
            entry = zipfile.ZipInfo(name, FIXED_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.create_system = 3
            archive.writestr(entry, source)
    return Bundle(buffer.getvalue(), VERSION)


def _read_engine() -> Iterator[tuple[str, bytes]]:
    """(path within the zipapp, content) of every file of the engine, however it reached this machine."""
    found = [(ENGINE, True)]
    found += [
        (module.name, module.ispkg) for module in pkgutil.walk_packages(import_module(ENGINE).__path__, ENGINE + ".")
    ]
    for name, is_package in found:
        path = name[len(ENGINE) :].lstrip(".").replace(".", "/")
        path = f"{path}/__init__.py".lstrip("/") if is_package else f"{path}.py"
        yield f"{PACKAGE}/{path}", pkgutil.get_data(ENGINE, path) or b""


def install_runner(
    bundle: Bundle, path: Path, interpreter: str, supervisor: Supervisor, is_trial: bool = False
) -> bool:
    """Puts the runner at `path` in one step, after it has told its version; whether that changed anything.

    `is_trial` changes nothing. Raises RunnerRefused, and then the former file stays.
    """
    try:
        if path.exists() and path.read_bytes() == bundle.data and os.access(path, os.X_OK):
            return False
        if not is_trial:
            path.parent.mkdir(parents=True, exist_ok=True)
            _prove(bundle, path, interpreter, supervisor)
            write_beside(path, bundle.data, 0o755)
    except OSError as error:
        raise RunnerRefused.unwritable(str(path), error.strerror or str(error)) from error
    return True


def _prove(bundle: Bundle, path: Path, interpreter: str, supervisor: Supervisor) -> None:
    trial = path.with_name(f".{path.name}.trial")
    write_beside(trial, bundle.data, 0o755, is_durable=False)
    try:
        with supervisor.open_shell(SELF_TEST_LIMIT_S) as shell:
            finished = shell.run([interpreter, "-I", str(trial), "version", "--json"])
    finally:
        trial.unlink()
    expected = {"version": bundle.version, "sha256": bundle.sha256}
    if finished.trace.status or _read_answer(finished.stdout) != expected:
        raise RunnerRefused.failed(interpreter, finished.trace.stderr_tail)


def _read_answer(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None
