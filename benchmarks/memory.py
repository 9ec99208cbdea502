"""The memory of a run does not grow with what it backs up: small and large databases, few and many files."""

from __future__ import annotations

import sys
from pathlib import Path

from measuring.command import make_command
from measuring.data import make_database, make_tree, workshop
from measuring.findings import write_findings
from measuring.memory import Peak, measure_peak

BAR = 1.10
PYTHON_LIMIT_BYTES = 32 * 1024 * 1024
DATABASE_BYTES = (10_000_000, 1_000_000_000)
FILES = (100, 60_000)
RUNS = 3


def main(large_database: int = DATABASE_BYTES[1], many_files: int = FILES[1]) -> None:
    """Measures and writes docs/benchmarks/memory.*."""
    with workshop() as folder:
        databases = [_measure_database(folder, size) for size in (DATABASE_BYTES[0], large_database)]
        scales = many_files // FILES[0], 1
        trees = [_measure_tree(folder, files, scale) for files, scale in zip((FILES[0], many_files), scales)]
    lines = [
        "Peak of the anonymous memory of the command and every process it starts (tar, zstd), in MiB:",
        "",
        "| | small | large | large / small | Python alone |",
        "|---|---|---|---|---|",
        _tell(f"database of {DATABASE_BYTES[0] / 1e6:.0f} MB and of {large_database / 1e6:.0f} MB", databases),
        _tell(f"tree of {FILES[0]} and of {many_files} files, about as large", trees),
        "",
        f"The bar is {BAR} for the last but one column, and {PYTHON_LIMIT_BYTES >> 20} MiB for the last.",
    ]
    data = {
        "bar": BAR,
        "python_limit_bytes": PYTHON_LIMIT_BYTES,
        "database": [vars(peak) for peak in databases],
        "tree": [vars(peak) for peak in trees],
    }
    write_findings("memory", "Memory", lines, data)


def _measure_database(folder: Path, size: int) -> Peak:
    place = folder / f"database-{size}"
    place.mkdir()
    make_database(place / "app.db", size)
    return _measure(make_command("run", place, databases=[{"engine": "sqlite", "path": str(place / "app.db")}]))


def _measure_tree(folder: Path, files: int, scale: int) -> Peak:
    """A few large files against many small ones: what counts is how many they are."""
    place = folder / f"tree-{files}"
    place.mkdir()
    make_tree(place / "tree", files, scale)
    return _measure(make_command("run", place, sources=[{"path": str(place / "tree")}]))


def _measure(argv: list[str]) -> Peak:
    """The highest of some runs: the moment of a short one's peak is easily missed."""
    peaks = [measure_peak(argv) for _unused in range(RUNS)]
    return Peak(max(peak.tree_bytes for peak in peaks), max(peak.python_bytes for peak in peaks))


def _tell(what: str, peaks: list[Peak]) -> str:
    small, large = peaks
    shares = [f"{peak.tree_bytes / (1 << 20):.1f}" for peak in peaks]
    python = max(peak.python_bytes for peak in peaks) / (1 << 20)
    return f"| {what} | {shares[0]} | {shares[1]} | {large.tree_bytes / small.tree_bytes:.2f} | {python:.1f} |"


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
