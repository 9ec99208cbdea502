"""How much memory a process and all that it starts take at most."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .command import ENVIRONMENT

INTERVAL_S = 0.005


@dataclass(frozen=True)
class Peak:
    """In bytes: the whole tree of processes at its highest moment, and the Python process alone."""

    tree_bytes: int
    python_bytes: int


def measure_peak(argv: Sequence[str]) -> Peak:
    """Runs to the end and looks every few milliseconds at the memory that is each process's own (anonymous pages).

    Pages of files are left out: they are the system's cache, and programs that are mapped by all processes at once.
    """
    with subprocess.Popen(argv, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        tree_bytes = python_bytes = 0
        while process.poll() is None:
            own = _read_anonymous(process.pid)
            python_bytes = max(python_bytes, own)
            tree_bytes = max(tree_bytes, own + sum(map(_read_anonymous, _find_descendants(process.pid))))
            time.sleep(INTERVAL_S)
        if process.returncode:
            raise SystemExit(f"ended with status {process.returncode}: {process.stderr.read().decode()}")  # type: ignore[union-attr]
    return Peak(tree_bytes, python_bytes)


def _read_anonymous(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def _find_descendants(pid: int) -> list[int]:
    found = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            direct = [int(child) for child in children.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
        found += [*direct, *(other for child in direct for other in _find_descendants(child))]
    return found
