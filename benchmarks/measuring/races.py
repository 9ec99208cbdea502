"""Several ways to do about one thing, measured in turn in every round: a table and bars, each against one of them."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .command import ENVIRONMENT
from .pictures import Bar, draw_bars
from .rounds import Way


@dataclass
class Lap:
    """What one way took in every round, and what it stored in the last."""

    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    stored_bytes: int = 0


@dataclass(frozen=True)
class Race:
    """All ways of one comparison. Ratios are taken within each round, against the way `base`."""

    base: str
    laps: Mapping[str, Lap]

    def ratios(self, name: str, base: str = "") -> list[float]:
        """Wall time of each round, as a share of the base's."""
        pairs = zip(self.laps[name].seconds, self.laps[base or self.base].seconds)
        return [one / other for one, other in pairs]

    def ratio(self, name: str, base: str = "") -> float:
        """The median of them."""
        return statistics.median(self.ratios(name, base))

    def cpu_ratio(self, name: str, base: str = "") -> float:
        """The median of the ratios of processor time."""
        pairs = zip(self.laps[name].cpu_seconds, self.laps[base or self.base].cpu_seconds)
        return statistics.median(one / other for one, other in pairs)

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        return {
            name: {
                "seconds": [round(value, 3) for value in lap.seconds],
                "cpu_seconds": [round(value, 3) for value in lap.cpu_seconds],
                "stored_bytes": lap.stored_bytes,
                "ratio_median": round(self.ratio(name), 3),
                "base": self.base,
            }
            for name, lap in self.laps.items()
        }

    def draw_table(self) -> list[str]:
        """A row for every way."""
        lines = ["| | ratio | lowest to highest | seconds | processor | stored MB |", "|---|---|---|---|---|---|"]
        for name, lap in self.laps.items():
            ratios = self.ratios(name)
            stored = f"{lap.stored_bytes / 1e6:.1f}" if lap.stored_bytes else "-"
            lines.append(
                f"| {name} | {self.ratio(name):.2f} | {min(ratios):.2f} to {max(ratios):.2f} |"
                f" {statistics.median(lap.seconds):.2f} | {statistics.median(lap.cpu_seconds):.2f} | {stored} |"
            )
        return lines

    def draw_bars(self) -> str:
        """The medians as a picture."""
        return draw_bars([Bar(name, self.ratio(name), name.startswith("ours")) for name in self.laps])


def race(
    ways: Sequence[Way],
    base: str,
    folder: Path,
    rounds: int,
    environment: Mapping[str, str] = ENVIRONMENT,
    is_warm: bool = False,
) -> Race:
    """Runs all in every round, each round beginning with another, after a first one that does not count (`is_warm`:
    without it)."""
    laps = {way.name: Lap() for way in ways}
    for number in range(0 if is_warm else -1, rounds):
        shift = (number + 1) % len(ways)
        for way in [*ways[shift:], *ways[:shift]]:
            took_s, cpu_s, stored = _run(way, folder, environment)
            lap = laps[way.name]
            lap.stored_bytes = stored
            if number >= 0:
                lap.seconds.append(took_s)
                lap.cpu_seconds.append(cpu_s)
        print(f"  round {number + 1} of {rounds}", flush=True)
    return Race(base, laps)


def _run(way: Way, folder: Path, environment: Mapping[str, str]) -> tuple[float, float, int]:
    """(seconds, processor seconds of all its processes, bytes in the folder `stored` of its place)."""
    place = folder / "place"
    place.mkdir()
    argv = way.make_argv(place)
    os.sync()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(argv, env=environment, cwd=place, capture_output=True, check=False)
    took_s = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        said = (done.stderr + done.stdout).decode(errors="replace")[-3000:]
        raise SystemExit(f"{way.name} ended with status {done.returncode}: {said}")
    stored = sum(path.stat().st_size for path in (place / "store").rglob("*") if path.is_file())
    shutil.rmtree(place)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took_s, cpu_s, stored
