"""Several applications at once: twenty mixed ones as a server does them, one after another, and as scripts do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import mysql
import postgresql
from measuring.command import ENTRY, ENVIRONMENT
from measuring.data import make_database, make_tree, workshop
from measuring.findings import FOLDER, write_findings
from measuring.races import race
from measuring.rounds import Way

from ansible_collections.diskominfo.backup.tests.clusters import PROGRAMS

LARGE, SMALL, ROUNDS = 2, 14, 5
POSTS, FILE_BYTES = 15_000, 60_000_000
AUTO, SINGLE = "ours, side by side", "ours, one after another"
SHELL, PARALLEL = "the shell, one after another", "the shell, as many as there are cores"
TOOLS = ("mariadb", "postgresql")
STORE = 'zstd -q -3 -T2 -c | { tee >(sha256sum >"store/$1.sum") >"store/$1.zst"; wait $!; }'
"""The end of each line of a script: `$1` is the application's name."""


@contextmanager
def make_applications(folder: Path, large: int, small: int) -> Iterator[list[tuple[dict[str, Any], str]]]:
    """Each application and the command of the shell that dumps it: databases of three kinds, and trees."""
    found: list[tuple[dict[str, Any], str]] = []
    with ExitStack() as stack:
        server = stack.enter_context(mysql.make_database(POSTS))
        cluster = stack.enter_context(postgresql.make_database(POSTS))
        for number in range(large):
            path = folder / f"large-{number}.db"
            make_database(path, FILE_BYTES)
            copy = f"sqlite3 {path} \".backup 'copy-{number}'\"; cat copy-{number}"
            found.append((_name(f"sqlite{number}", databases=[{"engine": "sqlite", "path": str(path)}]), copy))
            dump = f"mariadb-dump --no-defaults --socket={server.socket} --user=root --single-transaction --quick app"
            found.append((_name(f"mysql{number}", databases=[server.source("app").to_data()]), dump))
            where = f"'host={cluster.folder} port={cluster.port} user=postgres dbname=app'"
            dump = f"setpriv --reuid=postgres --regid=postgres --init-groups -- {PROGRAMS}/pg_dump -Fc -Z0 -d {where}"
            found.append((_name(f"postgresql{number}", databases=[cluster.source("app").to_data()]), dump))
        for number in range(small):
            tree = folder / f"tree-{number}"
            make_tree(tree, 40)
            found.append((_name(f"site{number}", sources=[{"path": str(tree)}]), f"tar -C {tree} -cf - ."))
        yield found


def _name(name: str, **sources: Any) -> dict[str, Any]:
    return {"name": name, **sources}


def main(large: int = LARGE, small: int = SMALL, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/side.*."""
    with workshop() as folder, make_applications(folder, large, small) as made:
        applications = [application for application, _unused in made]
        memory = folder / "memory"
        run(memory, applications, 0)

        def ours(name: str, slots: int) -> Way:
            def make(place: Path) -> list[str]:
                """Its receipts of the last night tell how long each takes."""
                shutil.copytree(memory / "state" / "receipts", place / "state" / "receipts")
                return make_argv(place, applications, slots)

            return Way(name, make)

        scripts = write_scripts(folder / "scripts", made)
        peers = [shell(SHELL, scripts, 1), shell(PARALLEL, scripts, 2)]
        told = race([ours(AUTO, 0), ours(SINGLE, 1), *peers], SINGLE, folder, rounds)
    (FOLDER / "side.svg").write_text(told.draw_bars())
    lines = [
        f"{3 * large + small} applications: {large} databases each of SQLite ({FILE_BYTES / 1e6:.0f} MB), MariaDB and",
        f"PostgreSQL ({POSTS} posts), and {small} sites of forty files. Side by side is what a server does on its own:",
        "long ones in as many lanes as half the cores, short ones beside. The shell's scripts dump, compress and hash;",
        "they count nothing, keep no record and wait for no disk.",
        "",
        "![Side by side](side.svg)",
        "",
        *told.draw_table(),
        "",
        f"- side by side / one after another: {told.ratio(AUTO):.2f}.",
        f"- {AUTO} / {SHELL}: {told.ratio(AUTO, SHELL):.2f}.",
        f"- {AUTO} / {PARALLEL}: {told.ratio(AUTO, PARALLEL):.2f}.",
    ]
    write_findings("side", "Side by side", lines, {"ways": told.describe()}, TOOLS)


def write_scripts(folder: Path, made: Sequence[tuple[dict[str, Any], str]]) -> Path:
    """One script for each application."""
    folder.mkdir()
    for application, dump in made:
        text = f"set -euo pipefail\nset -- {application['name']}\n{{ {dump}; }} | {STORE}\n"
        (folder / f"{application['name']}.sh").write_text(text)
    return folder


def shell(name: str, scripts: Path, jobs: int) -> Way:
    """All scripts, so many at once."""
    each = f"mkdir store; ls {scripts}/*.sh | xargs -n 1 -P {jobs} bash"
    return Way(name, lambda _place: ["bash", "-c", f"set -euo pipefail; {each}"])


def make_argv(place: Path, applications: list[dict[str, Any]], slots: int) -> list[str]:
    """The command for a server of these applications."""
    place.mkdir(exist_ok=True)
    server = {
        "schema": "diskominfo.backup/config/1",
        "server": "web",
        "applications": applications,
        "slots": slots,
        "store": {"type": "directory", "path": str(place / "store")},
        "state": str(place / "state"),
    }
    (place / "config.json").write_text(json.dumps(server))
    return [sys.executable, "-c", ENTRY, "run", "--config", str(place / "config.json"), "--quiet"]


def run(place: Path, applications: list[dict[str, Any]], slots: int) -> None:
    """The night before."""
    subprocess.run(make_argv(place, applications, slots), env=ENVIRONMENT, check=True, capture_output=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
