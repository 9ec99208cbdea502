"""Whole runs of one source tree against the tools that offices use for the same."""

from __future__ import annotations

import sys

from measuring.peers import ROUNDS, compare, race_tree

FILES = 10_000


def main(files: int = FILES, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/peers_tree.*."""
    compare(
        "peers_tree",
        "Trees and their peers",
        f"A tree of {files} files",
        lambda folder: race_tree(folder, files, rounds),
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
