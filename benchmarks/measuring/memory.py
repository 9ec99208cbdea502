"""How much memory a process and all that it starts take at most."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .command import ENVIRONMENT

INTERVAL_S = 0.005


@dataclass(frozen=True)
class Peak:
    """In bytes: the whole tree of processes at its highest moment, and the highest of the Python process alone."""

    tree_bytes: int
    python_bytes: int


def measure_peak(argv: Sequence[str], environment: Mapping[str, str] = ENVIRONMENT, mark: str = "") -> Peak:
    """Runs to the end and looks every few milliseconds.

    A tree has its proportional set size (Pss of smaps_rollup, proc(5)): pages that several processes share are counted
    once. Python alone has what the kernel noted as its highest resident set (VmHWM), programs of all included. With
    `mark`, the tree begins at the Python process of whose arguments one ends with it.
    """
    with subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        tree_bytes = python_bytes = root = 0
        while process.poll() is None:
            root = root or _find_root(process.pid, mark)
            if root:
                python_bytes = max(python_bytes, _read(root, "status", "VmHWM:"))
                below = [root, *_find_descendants(root)]
                tree_bytes = max(tree_bytes, sum(_read(pid, "smaps_rollup", "Pss:") for pid in below))
            time.sleep(INTERVAL_S)
        if process.returncode:
            raise SystemExit(f"ended with status {process.returncode}: {process.stderr.read().decode()}")  # type: ignore[union-attr]
    return Peak(tree_bytes, python_bytes)


def _find_root(pid: int, mark: str) -> int:
    """The process itself, or the one below it that is a Python and has the mark; 0 while there is none."""
    return pid if not mark else next((one for one in _find_descendants(pid) if _is_marked(one, mark)), 0)


def _is_marked(pid: int, mark: str) -> bool:
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    is_python = os.path.basename(arguments[0]).startswith("python")
    return is_python and any(argument.endswith(mark) for argument in arguments)


def _read(pid: int, file: str, field: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def _find_descendants(pid: int) -> list[int]:
    found = []
    for child in _read_children(pid):
        found += [child, *_find_descendants(child)]
    return found


def _read_children(pid: int) -> list[int]:
    """Those of all its threads; none of a process that has ended meanwhile."""
    try:
        texts = [Path(f"/proc/{pid}/task/{thread}/children").read_text() for thread in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []
    return [int(child) for text in texts for child in text.split()]
