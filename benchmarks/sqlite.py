"""A run of one SQLite database against the shell: sqlite3 .backup, zstd, a hash of what is stored."""

from __future__ import annotations

import sys
from pathlib import Path

from measuring.command import make_command
from measuring.data import make_database, workshop
from measuring.findings import compare_seconds, describe_result, tell_result, write_findings
from measuring.rounds import Way, compare_ways

BAR = 1.05
SIZE_BYTES = 1_000_000_000
ROUNDS = 7
SHELL = """
set -euo pipefail
sqlite3 "$1" ".backup '$2/copy'"
zstd -q -3 -T2 -c <"$2/copy" | tee "$2/artifact.zst" | sha256sum >"$2/sum"
"""


def main(size_bytes: int = SIZE_BYTES, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/sqlite.*."""
    with workshop() as folder:
        database = folder / "app.db"
        make_database(database, size_bytes)

        def make_ours(place: Path) -> list[str]:
            return make_command("run", place, databases=[{"engine": "sqlite", "path": str(database)}])

        def make_peer(place: Path) -> list[str]:
            return ["bash", "-c", SHELL, "shell", str(database), str(place)]

        size = database.stat().st_size
        result = compare_ways(Way("ours", make_ours), Way("shell", make_peer), folder, rounds)
    lines = [
        f"A database of {size / 1e6:.0f} MB, from the start of the command to the stored run with its receipt, against",
        "`sqlite3 .backup && zstd -3 -T2 | tee artifact | sha256sum`, which counts nothing and waits for no disk:",
        "",
        tell_result(result, BAR) + ".",
    ]
    bars = compare_seconds(result, BAR, "sqlite3, zstd, hash in the shell")
    write_findings(
        "sqlite", "SQLite", lines, {"bar": BAR, "database_bytes": size, **describe_result(result)}, bars=bars
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
