"""Several applications at once: twenty mixed ones as a server does them, and the same one after another."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from measuring.command import ENTRY, ENVIRONMENT
from measuring.data import make_database, make_tree, workshop
from measuring.findings import FOLDER, write_findings
from measuring.races import race
from measuring.rounds import Way

LARGE, SMALL, ROUNDS = 4, 16, 5
LARGE_BYTES = 100_000_000
AUTO, SINGLE, SHELL = "ours, side by side", "ours, one after another", "the shell, one after another"
SCRIPT = """
set -euo pipefail
mkdir -p store
for database in "$1"/*.db; do
  sqlite3 "$database" ".backup 'copy'"
  zstd -q -3 -T2 -c copy | { tee >(sha256sum >sum) >"store/$(basename "$database").zst"; wait $!; }
done
for tree in "$1"/tree-*; do
  tar -C "$tree" -cf - . | zstd -q -3 -T2 -c | { tee >(sha256sum >sum) >"store/$(basename "$tree").zst"; wait $!; }
done
"""


def main(large: int = LARGE, small: int = SMALL, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/side.*."""
    with workshop() as folder:
        applications = make_applications(folder, large, small)
        memory = folder / "memory"
        run(memory, applications, 0)

        def ours(name: str, slots: int) -> Way:
            def make(place: Path) -> list[str]:
                """Its receipts of the last night tell how long each takes."""
                shutil.copytree(memory / "state" / "receipts", place / "state" / "receipts")
                return make_argv(place, applications, slots)

            return Way(name, make)

        peer = Way(SHELL, lambda _place: ["bash", "-c", SCRIPT, "shell", str(folder)])
        told = race([ours(AUTO, 0), ours(SINGLE, 1), peer], SINGLE, folder, rounds)
    (FOLDER / "side.svg").write_text(told.draw_bars())
    lines = [
        f"{large} databases of {LARGE_BYTES / 1e6:.0f} MB and {small} sites of forty files, one application each. Side",
        "by side is what a server does on its own: long ones in as many lanes as half the cores, short ones beside.",
        "",
        "![Side by side](side.svg)",
        "",
        *told.draw_table(),
    ]
    write_findings("side", "Side by side", lines, told.describe())


def make_applications(folder: Path, large: int, small: int) -> list[dict[str, Any]]:
    """Databases and trees below `folder`."""
    found: list[dict[str, Any]] = []
    for number in range(large):
        path = folder / f"large-{number}.db"
        make_database(path, LARGE_BYTES)
        found.append({"name": f"large{number}", "databases": [{"engine": "sqlite", "path": str(path)}]})
    for number in range(small):
        make_tree(folder / f"tree-{number}", 40)
        found.append({"name": f"small{number}", "sources": [{"path": str(folder / f"tree-{number}")}]})
    return found


def make_argv(place: Path, applications: list[dict[str, Any]], slots: int) -> list[str]:
    """The command for a server of these applications."""
    place.mkdir(exist_ok=True)
    server = {
        "schema": "diskominfo.backup/config/1",
        "server": "web",
        "applications": applications,
        "slots": slots,
        "store": {"type": "directory", "path": str(place / "store")},
        "state": str(place / "state"),
    }
    (place / "config.json").write_text(json.dumps(server))
    return [sys.executable, "-c", ENTRY, "run", "--config", str(place / "config.json"), "--quiet"]


def run(place: Path, applications: list[dict[str, Any]], slots: int) -> None:
    """The night before."""
    subprocess.run(make_argv(place, applications, slots), env=ENVIRONMENT, check=True, capture_output=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
