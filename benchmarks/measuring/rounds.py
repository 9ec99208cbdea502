"""Two ways to do one thing, measured in turn: the ratio of each round says more than any number of seconds."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .command import ENVIRONMENT


@dataclass(frozen=True)
class Way:
    """A name, and what makes the arguments of its process for an empty folder to write into."""

    name: str
    make_argv: Callable[[Path], Sequence[str]]


@dataclass(frozen=True)
class Result:
    """Seconds of each round for both ways, and how many bytes each stored."""

    ours_s: tuple[float, ...]
    peer_s: tuple[float, ...]
    ours_bytes: int
    peer_bytes: int

    @property
    def ratios(self) -> list[float]:
        """Of each round: ours to the peer's."""
        return [ours / peer for ours, peer in zip(self.ours_s, self.peer_s)]

    @property
    def ratio(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.ratios)


def compare_ways(ours: Way, peer: Way, folder: Path, rounds: int) -> Result:
    """Runs both in every round, the order changing from one to the next, after a first one that does not count."""
    seconds: dict[str, list[float]] = {ours.name: [], peer.name: []}
    sizes = {}
    for number in range(-1, rounds):
        for way in (ours, peer) if number % 2 else (peer, ours):
            took_s, sizes[way.name] = _run(way, folder)
            if number >= 0:
                seconds[way.name].append(took_s)
        if number >= 0:
            print(f"  round {number + 1}: {seconds[ours.name][-1] / seconds[peer.name][-1]:.3f}", flush=True)
    return Result(tuple(seconds[ours.name]), tuple(seconds[peer.name]), sizes[ours.name], sizes[peer.name])


def _run(way: Way, folder: Path) -> tuple[float, int]:
    place = folder / "place"
    place.mkdir()
    argv = way.make_argv(place)
    os.sync()
    began = time.perf_counter()
    done = subprocess.run(argv, env=ENVIRONMENT, capture_output=True, check=False)
    took_s = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(
            f"{way.name} ended with status {done.returncode}: {done.stderr.decode()}{done.stdout.decode()}"
        )
    size = max(path.stat().st_size for path in place.rglob("*.zst"))
    shutil.rmtree(place)
    return took_s, size
