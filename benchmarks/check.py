"""What a check costs: restoring with comparison against a plain restore into a server that runs, reading against a
backup."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import mysql
import postgresql
from measuring.command import ENVIRONMENT, make_command
from measuring.data import workshop
from measuring.findings import FOLDER, judge, write_findings
from measuring.races import Race, race
from measuring.rounds import Way

from ansible_collections.diskominfo.backup.tests.clusters import PROGRAMS, PrivateCluster
from ansible_collections.diskominfo.backup.tests.mariadb import PrivateServer

RESTORED = {"MariaDB": 50_000, "PostgreSQL": 150_000}
READ_POSTS, ROUNDS = 200_000, 5
FULL, PLAIN = "ours, restored and compared", "zstd -dc into a running server"
READ, BACKUP = "ours, read", "ours, a backup"
FULL_BAR, PARALLEL_BAR, READ_BAR = 1.0, 0.6, 0.25
CORES = os.cpu_count() or 1
ALONE = "ours, restored by one alone and compared"
ALONE_ENTRY = """
import sys
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql import restore
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.cli import main
restore.JOBS_LIMIT = 1
raise SystemExit(main(sys.argv[1:]))
"""


class Restoring(NamedTuple):
    """A source, and the commands of the shell that make an empty database beside it and fill that; the entry of a
    command that does not restore by several at once, where ours does."""

    source: Mapping[str, Any]
    fresh: str
    client: str
    alone: str = ""


def main(share: int = 100, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/check.*; `share` is how much of the usual data, in percent."""
    found: dict[str, dict[str, Race]] = {}
    lines = [
        "Restoring: from the stored run to a receipt of what a throwaway server holds, counted and compared, against",
        "the plain restore of the same artifact into a server that runs already, which compares nothing. Reading:",
        "every byte decompressed and looked at, against the backup that made it. PostgreSQL is restored by",
        f"{min(4, CORES)} at once.",
    ]
    with workshop() as folder:
        for title, measure in (("MariaDB", measure_mysql), ("PostgreSQL", measure_postgresql)):
            posts, read_posts = RESTORED[title] * share // 100, READ_POSTS * share // 100
            found[title] = {
                "restored": measure(folder / f"{title}-restored", posts, rounds, race_restoring),
                "read": measure(folder / f"{title}-read", read_posts, rounds, race_reading),
            }
            lines += tell(title, posts, read_posts, found[title])
    facts = {title: {key: told.describe() for key, told in races.items()} for title, races in found.items()}
    write_findings("check", "Checks", lines, facts, ("mariadb", "postgresql"))


def tell(title: str, posts: int, read_posts: int, races: Mapping[str, Race]) -> list[str]:
    """The chapter of one engine, and its pictures."""
    restored, read = races["restored"], races["read"]
    full = restored.ratio(FULL)
    for key, told in races.items():
        (FOLDER / f"check-{title.lower()}-{key}.svg").write_text(told.draw_bars())
    two = [f"- the same, restored by several at once: {judge(full, PARALLEL_BAR)}."] if title == "PostgreSQL" else []
    return [
        *["", f"## {title}", "", f"![{title}, restored](check-{title.lower()}-restored.svg)", ""],
        *[f"{posts} posts:", "", *restored.draw_table(), "", f"- {FULL} / {PLAIN}: {judge(full, FULL_BAR)}.", *two],
        *["", f"![{title}, read](check-{title.lower()}-read.svg)", "", f"{read_posts} posts:", "", *read.draw_table()],
        *["", f"- {READ} / {BACKUP}: {judge(read.ratio(READ, BACKUP), READ_BAR)}."],
    ]


Measure = Callable[[Path, Restoring, int], Race]


def measure_mysql(folder: Path, posts: int, rounds: int, measure: Measure) -> Race:
    """With a database of a private MariaDB."""
    with mysql.make_database(posts) as server:
        return measure(folder, _restore_mysql(server), rounds)


def _restore_mysql(server: PrivateServer) -> Restoring:
    client = f"mariadb --no-defaults --socket={server.socket} --user=root"
    fresh = f"{client} -e 'DROP DATABASE IF EXISTS plain; CREATE DATABASE plain'"
    return Restoring(server.source("app").to_data(), fresh, f"{client} plain")


def measure_postgresql(folder: Path, posts: int, rounds: int, measure: Measure) -> Race:
    """With a database of a private PostgreSQL."""
    with postgresql.make_database(posts) as cluster:
        return measure(folder, _restore_postgresql(cluster), rounds)


def _restore_postgresql(cluster: PrivateCluster) -> Restoring:
    as_owner = "setpriv --reuid=postgres --regid=postgres --init-groups -- " if os.geteuid() == 0 else ""
    where = f"host={cluster.folder} port={cluster.port} user=postgres dbname="
    psql = f"{as_owner}{PROGRAMS}/psql -q -d '{where}postgres'"
    fresh = f"{psql} -c 'DROP DATABASE IF EXISTS plain' -c 'CREATE DATABASE plain'"
    return Restoring(
        cluster.source("app").to_data(), fresh, f"{as_owner}{PROGRAMS}/pg_restore -d '{where}plain'", ALONE_ENTRY
    )


def store_run(folder: Path, restoring: Restoring) -> Path:
    """Backs the source up once; the artifact."""
    folder.mkdir(parents=True)
    argv = make_command("run", folder, databases=[restoring.source])
    subprocess.run(argv, env=ENVIRONMENT, check=True, capture_output=True)
    return next(path for path in (folder / "store" / "app").rglob("database-*.zst") if "globals" not in path.name)


def check(folder: Path, restoring: Restoring, depth: str) -> list[str]:
    """argv of a check of the stored run."""
    return [*make_command("check", folder, databases=[restoring.source]), "--runs", "latest", "--depth", depth]


def race_restoring(folder: Path, restoring: Restoring, rounds: int) -> Race:
    """Into a throwaway server with a comparison, and plainly into the running one."""
    artifact = store_run(folder, restoring)
    fill = f"{restoring.fresh} 2>/dev/null; zstd -q -dc {artifact} | {restoring.client} >/dev/null"
    ways = [
        Way(FULL, lambda _place: check(folder, restoring, "compared")),
        Way(PLAIN, lambda _place: ["bash", "-c", f"set -euo pipefail; cd /; {fill}"]),
    ]
    if restoring.alone:
        python, option, _unused, *rest = check(folder, restoring, "compared")
        ways.append(Way(ALONE, lambda _place: [python, option, restoring.alone, *rest]))
    return race(ways, PLAIN, folder, rounds)


def race_reading(folder: Path, restoring: Restoring, rounds: int) -> Race:
    """To the end of what is stored, and from the source."""
    store_run(folder, restoring)
    ways = [
        Way(READ, lambda _place: check(folder, restoring, "readable")),
        Way(BACKUP, lambda place: make_command("run", place, databases=[restoring.source])),
    ]
    return race(ways, BACKUP, folder, rounds)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
