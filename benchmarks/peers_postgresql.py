"""Whole runs of one PostgreSQL database against the tools that offices use for the same."""

from __future__ import annotations

import sys

from measuring.peers import ROUNDS, compare, race_postgresql

POSTS = 150_000


def main(posts: int = POSTS, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/peers_postgresql.*."""
    compare(
        "peers_postgresql",
        "PostgreSQL and its peers",
        f"A database of {posts} posts, {posts * 4620 / 1e6:.0f} MB as a dump",
        lambda folder: race_postgresql(folder, posts, rounds),
        ("postgresql", "borgmatic"),
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
