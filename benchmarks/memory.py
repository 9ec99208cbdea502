"""The memory of a run does not grow with what it backs up: small and large databases, few and many files."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measuring.command import make_command, make_configuration
from measuring.data import make_database, make_tree, workshop
from measuring.findings import judge, write_findings
from measuring.memory import Peak, measure_peak
from measuring.pictures import Bar
from measuring.plays import FLEET_ENVIRONMENT, make_play

MIB = 1 << 20
FLAT_BAR, TREE_BAR_MIB, RUNNER_BAR_MIB, MODULE_BAR_MIB = 1.10, 96, 32, 64
DATABASE_BYTES = (10_000_000, 1_000_000_000)
FILES = (100, 60_000)
RUNS = 3


def main(large_database: int = DATABASE_BYTES[1], many_files: int = FILES[1], runs: int = RUNS) -> None:
    """Measures and writes docs/benchmarks/memory.*."""
    with workshop() as folder:
        sizes = (DATABASE_BYTES[0], large_database)
        sources = [_place_database(folder, size) for size in sizes]
        databases = [_measure(make_command("run", folder, databases=[source]), runs) for source in sources]
        module = _measure_module(folder, runs, databases=[sources[-1]])
        scales = many_files // FILES[0], 1
        trees = [_measure_tree(folder, files, scale, runs) for files, scale in zip((FILES[0], many_files), scales)]
    everything = [*databases, *trees]
    highest = max(peak.tree_bytes for peak in everything) / MIB
    runner = max(peak.python_bytes for peak in everything) / MIB
    grown = max(_grow(databases), _grow(trees))
    flat = max(large.python_bytes / small.python_bytes for small, large in (databases, trees))
    inside = module.python_bytes / MIB
    lines = [
        "Peaks of the command and every process it starts (tar, zstd), in MiB. A page that several of them share is",
        "counted once (Pss); Python alone is its highest resident set, with the program files it maps.",
        "",
        "| | small | large | large / small | Python alone, small | large |",
        "|---|---|---|---|---|---|",
        _tell(f"database of {sizes[0] / 1e6:.0f} MB and of {sizes[1] / 1e6:.0f} MB", databases),
        _tell(f"tree of {FILES[0]} and of {many_files} files, about as large", trees),
        "",
        f"- Python, large / small: {judge(flat, FLAT_BAR)}. All processes: {judge(grown, FLAT_BAR)}.",
        tell_limit("all processes together", highest, TREE_BAR_MIB),
        tell_limit("Python in the runner", runner, RUNNER_BAR_MIB),
        tell_limit("Python in a module of Ansible, with the larger database", inside, MODULE_BAR_MIB),
    ]
    data = {
        "flat_ratio": round(flat, 3),
        "grown_ratio": round(grown, 3),
        "tree_mib": round(highest, 1),
        "runner_mib": round(runner, 1),
        "module_mib": round(inside, 1),
        "database": [vars(peak) for peak in databases],
        "tree": [vars(peak) for peak in trees],
        "module": vars(module),
    }
    bars = [
        Bar("all processes, MiB", highest, True, TREE_BAR_MIB),
        Bar("Python in the runner, MiB", runner, True, RUNNER_BAR_MIB),
        Bar("Python in a module, MiB", inside, True, MODULE_BAR_MIB),
    ]
    write_findings("memory", "Memory", lines, data, ("ansible-core",), bars)


def tell_limit(what: str, found_mib: float, limit_mib: int) -> str:
    """A line about one of the limits."""
    return f"- {what}: {found_mib:.1f} MiB, {'within' if found_mib <= limit_mib else 'ABOVE'} {limit_mib} MiB."


def _place_database(folder: Path, size: int) -> dict[str, Any]:
    path = folder / f"{size}.db"
    make_database(path, size)
    return {"engine": "sqlite", "path": str(path)}


def _measure_tree(folder: Path, files: int, scale: int, runs: int) -> Peak:
    """A few large files against many small ones: what counts is how many they are."""
    root = folder / f"tree-{files}"
    make_tree(root, files, scale)
    return _measure(make_command("run", folder, sources=[{"path": str(root)}]), runs)


def _measure_module(folder: Path, runs: int, **application: Any) -> Peak:
    """The same inside a module that a playbook calls on this machine."""
    config = json.loads(make_configuration(folder, **application).read_text())
    argv = make_play(folder, [{"diskominfo.backup.run": {"config": config}}])
    return _measure(argv, runs, mark="AnsiballZ_run.py", environment=FLEET_ENVIRONMENT)


def _measure(argv: Sequence[str], runs: int, **options: Any) -> Peak:
    """The highest of some runs: the moment of a short one's peak is easily missed."""
    peaks = [measure_peak(argv, **options) for _unused in range(runs)]
    return Peak(max(peak.tree_bytes for peak in peaks), max(peak.python_bytes for peak in peaks))


def _grow(peaks: Sequence[Peak]) -> float:
    small, large = peaks
    return large.tree_bytes / small.tree_bytes


def _tell(what: str, peaks: Sequence[Peak]) -> str:
    small, large = ([f"{peak.tree_bytes / MIB:.1f}", f"{peak.python_bytes / MIB:.1f}"] for peak in peaks)
    return f"| {what} | {small[0]} | {large[0]} | {_grow(peaks):.2f} | {small[1]} | {large[1]} |"


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
