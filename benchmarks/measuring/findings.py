"""What was measured, written down for people and for programs in docs/benchmarks/."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .command import CHECKOUT
from .rounds import Result

FOLDER = CHECKOUT / "docs" / "benchmarks"


def describe_machine() -> dict[str, str]:
    """What the numbers depend on."""
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "cores": str(os.cpu_count()),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "tar": _first_line("tar", "--version"),
        "zstd": _first_line("zstd", "--version").strip("* "),
    }


def _first_line(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.partition("\n")[0]


def describe_result(result: Result) -> dict[str, Any]:
    """A comparison as JSON."""
    return {
        "ratio_median": round(result.ratio, 3),
        "ratio_lowest": round(min(result.ratios), 3),
        "ratio_highest": round(max(result.ratios), 3),
        "rounds": len(result.ratios),
        "ours_s": [round(value, 3) for value in result.ours_s],
        "peer_s": [round(value, 3) for value in result.peer_s],
        "ours_bytes": result.ours_bytes,
        "peer_bytes": result.peer_bytes,
    }


def tell_result(result: Result, limit: float) -> str:
    """A comparison in one sentence."""
    verdict = "within" if result.ratio <= limit else "ABOVE"
    stored = result.ours_bytes / result.peer_bytes
    return (
        f"ratio {result.ratio:.3f} (median of {len(result.ratios)} rounds, {min(result.ratios):.3f} to"
        f" {max(result.ratios):.3f}), {verdict} the bar of {limit}; stored bytes {stored:.3f}"
    )


def write_findings(part: str, title: str, lines: Sequence[str], data: dict[str, Any]) -> None:
    """docs/benchmarks/PART.json and PART.md, and the same on the terminal."""
    machine = describe_machine()
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{part}.json").write_text(json.dumps({"machine": machine, **data}, indent=1, sort_keys=True) + "\n")
    told = "\n".join(
        [f"# {title}", "", *lines, "", "Measured with " + ", ".join(f"{k} {v}" for k, v in machine.items())]
    )
    Path(FOLDER / f"{part}.md").write_text(told + f".\nAgain: `make benchmark PART={part}`.\n")
    print(told)
