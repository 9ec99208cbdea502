"""Whole runs of one source tree against the tools that offices use for the same."""

from __future__ import annotations

import sys

from measuring.peers import ROUNDS, compare, race_tree

FILES = 20_000


def main(files: int = FILES, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/peers_tree.*."""
    compare(
        "peers_tree",
        "Trees and their peers",
        f"A tree of {files} files, {files * 18_450 / 1e6:.0f} MB",
        lambda folder: race_tree(folder, files, rounds),
        (),
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
