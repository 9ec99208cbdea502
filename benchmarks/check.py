"""What a check costs: reading, and restoring with comparison, against a plain restore into a server that runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import mysql
import postgresql
from measuring.command import ENVIRONMENT, make_command
from measuring.data import workshop
from measuring.findings import FOLDER, write_findings
from measuring.races import Race, race
from measuring.rounds import Way

from ansible_collections.diskominfo.backup.tests.clusters import PROGRAMS

POSTS, ROUNDS = 40_000, 5
FULL, READ, BACKUP = "ours, restored and compared", "ours, read", "ours, a backup"
PLAIN = "zstd -dc into a running server"
FULL_BAR, READ_BAR = 1.0, 0.25


def main(posts: int = POSTS, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/check.*."""
    with workshop() as folder:
        races = {"MariaDB": race_mysql(folder, posts, rounds), "PostgreSQL": race_postgresql(folder, posts, rounds)}
    lines = [f"A database of {posts} posts. The plain restore compares nothing; its server runs already."]
    for title, told in races.items():
        picture = f"check-{title.lower()}.svg"
        (FOLDER / picture).write_text(told.draw_bars())
        full, read = told.ratio(FULL), told.ratio(READ, BACKUP)
        lines += [
            "",
            f"## {title}",
            "",
            f"![{title}]({picture})",
            "",
            *told.draw_table(),
            "",
            f"- {FULL} / {PLAIN}: {full:.2f}, {'within' if full <= FULL_BAR else 'ABOVE'} {FULL_BAR}.",
            f"- {READ} / {BACKUP}: {read:.2f}, {'within' if read <= READ_BAR else 'ABOVE'} {READ_BAR}.",
        ]
    write_findings("check", "Checks", lines, {title: told.describe() for title, told in races.items()})


def race_mysql(folder: Path, posts: int, rounds: int) -> Race:
    """The same stored dump of MariaDB in every way."""
    with mysql.make_database(posts) as server:
        client = f"mariadb --no-defaults --socket={server.socket} --user=root"
        fresh = f"{client} -e 'DROP DATABASE IF EXISTS plain; CREATE DATABASE plain'"
        return race_checks(folder / "mysql", server.source("app").to_data(), fresh, f"{client} plain", rounds)


def race_postgresql(folder: Path, posts: int, rounds: int) -> Race:
    """The same stored dump of PostgreSQL in every way."""
    with postgresql.make_database(posts) as cluster:
        as_owner = "setpriv --reuid=postgres --regid=postgres --init-groups -- " if os.geteuid() == 0 else ""
        where = f"host={cluster.folder} port={cluster.port} user=postgres dbname="
        psql = f"{as_owner}{PROGRAMS}/psql -q -d '{where}postgres'"
        fresh = f"{psql} -c 'DROP DATABASE IF EXISTS plain' -c 'CREATE DATABASE plain'"
        restore = f"{as_owner}{PROGRAMS}/pg_restore -d '{where}plain'"
        return race_checks(folder / "postgresql", cluster.source("app").to_data(), fresh, restore, rounds)


def race_checks(folder: Path, source: dict[str, Any], fresh: str, restore: str, rounds: int) -> Race:
    """Checks of one stored run, a plain restore of its artifact, and another backup."""
    kept = folder / "kept"
    kept.mkdir(parents=True)
    subprocess.run(make_command("run", kept, databases=[source]), env=ENVIRONMENT, check=True, capture_output=True)
    artifact = next(path for path in (kept / "store" / "app").rglob("database-*.zst") if "globals" not in path.name)

    def check(depth: str) -> list[str]:
        return [*make_command("check", kept, databases=[source]), "--runs", "latest", "--depth", depth]

    script = f"set -euo pipefail; cd /; {fresh} 2>/dev/null; zstd -q -dc {artifact} | {restore} >/dev/null"
    ways = [
        Way(FULL, lambda _place: check("compared")),
        Way(PLAIN, lambda _place: ["bash", "-c", script]),
        Way(READ, lambda _place: check("readable")),
        Way(BACKUP, lambda place: make_command("run", place, databases=[source])),
    ]
    return race(ways, PLAIN, folder, rounds)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
