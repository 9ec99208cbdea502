"""Small data and wide limits: does a run take several times what it should? By processor time, which a busy machine
changes little. From the folder above: `python -m measuring.smoke sqlite|tree|mysql|postgresql`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import mysql
import postgresql
import sqlite
import tree

from ansible_collections.diskominfo.backup.tests.clusters import PROGRAMS

from .command import make_command
from .data import make_database, make_tree, workshop
from .races import race
from .rounds import Way

LIMITS: Mapping[str, float] = {"sqlite": 3.0, "mysql": 3.5, "tree": 4.0, "postgresql": 4.0}
"""All take more than the shell, so four times as much as they take is beyond these."""

DATABASE_BYTES, FILES, POSTS, ROUNDS = 120_000_000, 6_000, 20_000, 2


class Rival(NamedTuple):
    """An application, and the script of the shell that does the same with these arguments and its place."""

    application: Mapping[str, Any]
    script: str
    arguments: tuple[str, ...]


@contextmanager
def open_sqlite(folder: Path) -> Iterator[Rival]:
    """A database that is a file."""
    path = str(folder / "app.db")
    make_database(Path(path), DATABASE_BYTES)
    yield Rival({"databases": [{"engine": "sqlite", "path": path}]}, sqlite.SHELL, (path,))


@contextmanager
def open_tree(folder: Path) -> Iterator[Rival]:
    """Many small files."""
    path = str(folder / "tree")
    make_tree(Path(path), FILES)
    yield Rival({"sources": [{"path": path}]}, tree.PLAIN, (path,))


@contextmanager
def open_mysql(_folder: Path) -> Iterator[Rival]:
    """A database of a private MariaDB."""
    with mysql.make_database(POSTS) as server:
        source = server.source("app").to_data()
        yield Rival({"databases": [source]}, mysql.SHELL, ("mariadb-dump", str(server.socket)))


@contextmanager
def open_postgresql(_folder: Path) -> Iterator[Rival]:
    """A database of a private PostgreSQL."""
    with postgresql.make_database(POSTS) as cluster:
        where = f"host={cluster.folder} port={cluster.port} user=postgres dbname=app"
        program = str(PROGRAMS / "pg_dump")
        yield Rival({"databases": [cluster.source("app").to_data()]}, postgresql.SHELL, (program, where))


RIVALS: Mapping[str, Callable[[Path], AbstractContextManager[Rival]]] = {
    "sqlite": open_sqlite,
    "tree": open_tree,
    "mysql": open_mysql,
    "postgresql": open_postgresql,
}


def main(kind: str) -> None:
    """Ends with status 1 above the limit."""
    with workshop() as folder, RIVALS[kind](folder) as rival:
        ratio = measure(folder, rival)
    print(f"{kind}: {ratio:.2f} of the shell's processor time, limit {LIMITS[kind]}")
    raise SystemExit(ratio > LIMITS[kind])


def measure(folder: Path, rival: Rival) -> float:
    """Processor time of a run as a share of the shell's, the better of the rounds."""
    ways = [
        Way("ours", lambda place: make_command("run", place, **rival.application)),
        Way("shell", lambda place: ["bash", "-c", rival.script, "shell", *rival.arguments, str(place)]),
    ]
    laps = race(ways, "shell", folder, ROUNDS).laps
    return min(one / other for one, other in zip(laps["ours"].cpu_seconds, laps["shell"].cpu_seconds))


if __name__ == "__main__":
    main(sys.argv[1])
