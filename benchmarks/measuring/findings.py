"""What was measured, written down for people and for programs in docs/benchmarks/."""

from __future__ import annotations

import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .command import CHECKOUT
from .pictures import Bar, draw_bars
from .rounds import Result

FOLDER = CHECKOUT / "docs" / "benchmarks"


TOOLS: Mapping[str, Sequence[str]] = {
    "ansible-core": (str(Path(sys.executable).with_name("ansible")), "--version"),
    "borg": ("borg", "--version"),
    "borgmatic": (str(CHECKOUT / "build" / "peers" / "bin" / "borgmatic"), "--version"),
    "mariadb": ("mariadb-dump", "--version"),
    "mydumper": ("mydumper", "--version"),
    "postgresql": ("psql", "--version"),
    "restic": ("restic", "version"),
    "rsync": ("rsync", "--version"),
    "tar": ("tar", "--version"),
    "zstd": ("zstd", "--version"),
}
"""How each tells its version."""


def describe_machine(tools: Iterable[str] = ()) -> dict[str, str]:
    """What the numbers depend on; `tools` that took part beside tar and zstd."""
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "processor": _read_processor(),
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[2]:.1f}",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{tool: _read_version(*TOOLS[tool]) for tool in ("tar", "zstd", *tools)},
    }


def _read_processor() -> str:
    """Its name, as Linux tells it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _read_version(*argv: str) -> str:
    """The first number with a dot of what it says, or the one after the word that MariaDB puts before its own."""
    return re.search(r"(?:.*Distrib )?.*?([0-9]+(?:\.[0-9]+)+)", _first_line(*argv))[1]  # type: ignore[index]


def judge(ratio: float, limit: float) -> str:
    """A ratio, and what it is to its bar."""
    return f"{ratio:.3f}, {'within' if ratio <= limit else 'ABOVE'} the bar of {limit}"


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


def compare_seconds(result: Result, limit: float, peer: str = "shell", ours: str = "ours") -> list[Bar]:
    """Both ways of a comparison as bars: the other is 1."""
    return [Bar(ours, result.ratio, True, limit), Bar(peer, 1.0, False)]


def write_findings(
    part: str,
    title: str,
    lines: Sequence[str],
    data: dict[str, Any],
    tools: Iterable[str] = (),
    bars: Sequence[Bar] = (),
) -> None:
    """docs/benchmarks/PART.json and PART.md with the bars as a picture, and the same on the terminal; `tools` took
    part."""
    machine = describe_machine(tools)
    FOLDER.mkdir(parents=True, exist_ok=True)
    if bars:
        (FOLDER / f"{part}.svg").write_text(draw_bars(bars))
        lines = [*lines, "", f"![{title}]({part}.svg)"]
    (FOLDER / f"{part}.json").write_text(json.dumps({"machine": machine, **data}, indent=1, sort_keys=True) + "\n")
    told = "\n".join(
        [f"# {title}", "", *lines, "", "Measured with " + ", ".join(f"{k} {v}" for k, v in machine.items())]
    )
    Path(FOLDER / f"{part}.md").write_text(told + f".\nAgain: `make benchmark PART={part}`.\n")
    print(told)
