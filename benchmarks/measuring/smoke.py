"""Small data and wide limits: does a run take several times what it should? By processor time, which a busy machine
changes little. From the folder above: `python -m measuring.smoke sqlite|tree`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import sqlite
import tree

from .command import make_command
from .data import make_database, make_tree, workshop
from .races import race
from .rounds import Way

LIMIT = 4.0
DATABASE_BYTES, FILES, ROUNDS = 120_000_000, 6_000, 2


def main(kind: str) -> None:
    """Ends with status 1 above the limit."""
    with workshop() as folder:
        ratio = measure(kind, folder)
    print(f"{kind}: {ratio:.2f} of the shell's processor time, limit {LIMIT}")
    raise SystemExit(ratio > LIMIT)


def measure(kind: str, folder: Path) -> float:
    """Processor time of a run as a share of the shell's, the better of the rounds."""
    source = folder / "source"
    application: dict[str, Any]
    if kind == "sqlite":
        make_database(source, DATABASE_BYTES)
        application, script = {"databases": [{"engine": "sqlite", "path": str(source)}]}, sqlite.SHELL
    else:
        make_tree(source, FILES)
        application, script = {"sources": [{"path": str(source)}]}, tree.PLAIN
    ways = [
        Way("ours", lambda place: make_command("run", place, **application)),
        Way("shell", lambda place: ["bash", "-c", script, "shell", str(source), str(place)]),
    ]
    laps = race(ways, "shell", folder, ROUNDS).laps
    return min(one / other for one, other in zip(laps["ours"].cpu_seconds, laps["shell"].cpu_seconds))


if __name__ == "__main__":
    main(sys.argv[1])
