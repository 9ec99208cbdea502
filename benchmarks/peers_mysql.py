"""Whole runs of one MariaDB database against the tools that offices use for the same."""

from __future__ import annotations

import sys

from measuring.peers import ROUNDS, compare, race_mysql

POSTS = 100_000


def main(posts: int = POSTS, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/peers_mysql.*."""
    compare(
        "peers_mysql",
        "MariaDB and its peers",
        f"A database of {posts} posts, {posts * 5400 / 1e6:.0f} MB on disk",
        lambda folder: race_mysql(folder, posts, rounds),
        ("mariadb", "mydumper", "borgmatic"),
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
