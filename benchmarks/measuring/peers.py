"""Whole runs against the tools that offices use: modules of Ansible's community, restic, borg, mydumper."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mysql
import postgresql

from ansible_collections.diskominfo.backup.tests.clusters import PROGRAMS

from .command import CHECKOUT, ENVIRONMENT, make_command, make_configuration
from .data import make_tree, workshop
from .findings import FOLDER, write_findings
from .races import Race, race
from .rounds import Way

VENV = CHECKOUT / "build" / "peers"
ROUNDS = 5
OURS, COMMAND = "ours, a playbook", "ours, the command"
PIPE = "dump, zstd -3 -T2, hash in the shell"
RESTIC = """
set -euo pipefail
export RESTIC_PASSWORD=benchmark RESTIC_REPOSITORY="$PWD/store" RESTIC_CACHE_DIR="$PWD/cache"
restic -q init
"""
SESSIONS_MYSQL = """
CREATE TABLE sessions (id INT PRIMARY KEY, content TEXT);
INSERT INTO sessions SELECT p.seq, (SELECT GROUP_CONCAT(MD5(p.seq * 100 + w.seq) SEPARATOR '')
 FROM seq_1_to_64 AS w) FROM seq_1_to_{posts} AS p;
"""
SESSIONS_POSTGRESQL = """
CREATE TABLE sessions (id int PRIMARY KEY, content text);
INSERT INTO sessions SELECT i, (SELECT string_agg(md5((i * 100 + w)::text), '') FROM generate_series(1, 64) AS w)
 FROM generate_series(1, {posts}) AS i;
"""
"""Beside the text: two kilobytes of hexadecimal digits for each post, for no office's data are as even as made-up
text, and what compresses slowly with some tools is what makes them slow."""

PEER_ENVIRONMENT = {
    **ENVIRONMENT,
    "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "collections"),
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    "LC_ALL": "C.UTF-8",
    "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
    "PGPASSWORD": "benchmark",
}


def play(place: Path, module: str, **options: Any) -> list[str]:
    """One task on this machine, without facts."""
    task = {module: options}
    interpreter = {"ansible_python_interpreter": str(VENV / "bin" / "python")}
    plays = [{"hosts": "localhost", "gather_facts": False, "connection": "local", "vars": interpreter, "tasks": [task]}]
    (place / "play.json").write_text(json.dumps(plays))
    (place / "store").mkdir(exist_ok=True)
    return [str(VENV / "bin" / "ansible-playbook"), str(place / "play.json")]


def play_ours(**application: Any) -> Way:
    """A run of one application by a playbook."""

    def make(place: Path) -> list[str]:
        return play(
            place, "diskominfo.backup.run", config=json.loads(make_configuration(place, **application).read_text())
        )

    return Way(OURS, make)


def command_ours(**application: Any) -> Way:
    """A run of one application by the command."""
    return Way(COMMAND, lambda place: make_command("run", place, **application))


def shell(name: str, script: str) -> Way:
    """A script of bash, in a place with an empty folder `store`."""
    return Way(name, lambda _place: ["bash", "-c", f"set -euo pipefail; mkdir -p store; {script}"])


def borgmatic(name: str, configuration: Callable[[Path], dict[str, Any]]) -> Way:
    """A new repository and one archive of what the configuration names."""

    def make(place: Path) -> list[str]:
        wanted = {
            "repositories": [{"path": str(place / "store")}],
            "user_runtime_directory": str(place / "run"),
            "user_state_directory": str(place / "state"),
            "borg_base_directory": str(place / "borg"),
            "unknown_unencrypted_repo_access_is_ok": True,
            **configuration(place),
        }
        (place / "run").mkdir()
        (place / "borgmatic.json").write_text(json.dumps(wanted))
        call = f"{VENV}/bin/borgmatic --config borgmatic.json"
        return ["bash", "-c", f"set -euo pipefail; {call} repo-create -e none; {call} create"]

    return Way(name, make)


def race_mysql(folder: Path, posts: int, rounds: int) -> Race:
    """One database of MariaDB."""
    with mysql.make_database(posts) as server:
        server.run(f"USE app; {SESSIONS_MYSQL.format(posts=posts)}")
        login = {"login_unix_socket": str(server.socket), "login_user": "root", "name": "app", "state": "dump"}
        dump = f"mariadb-dump --no-defaults --socket={server.socket} --user=root --single-transaction --quick app"

        def play_peer(suffix: str) -> Way:
            return Way(
                f"community.mysql.mysql_db .sql.{suffix}",
                lambda place: play(
                    place, "community.mysql.mysql_db", target=f"{place}/store/app.sql.{suffix}", **login
                ),
            )

        hook = {"name": "app", "username": "root", "options": f"--socket={server.socket}"}
        source = server.source("app").to_data()
        ways = [
            play_ours(databases=[source]),
            command_ours(databases=[source]),
            shell(PIPE, f"{dump} | zstd -q -3 -T2 | {{ tee >(sha256sum >sum) >store/app.zst; wait $!; }}"),
            play_peer("gz"),
            play_peer("zst"),
            shell("mydumper -t 2 -c", f"mydumper -S {server.socket} -u root -B app -t 2 -c -o store"),
            shell("restic, from a pipe", f"{RESTIC} {dump} | restic -q backup --stdin --stdin-filename app.sql"),
            borgmatic(
                "borgmatic, its hook for MariaDB",
                lambda _place: {"mariadb_databases": [{**hook, "list_options": hook["options"]}]},
            ),
        ]
        return race(ways, PIPE, folder, rounds, PEER_ENVIRONMENT)


def race_postgresql(folder: Path, posts: int, rounds: int) -> Race:
    """One database of PostgreSQL. Those that cannot use the socket log in with a password."""
    with postgresql.make_database(posts) as cluster:
        cluster.run("app", SESSIONS_POSTGRESQL.format(posts=posts))
        cluster.run("app", "CREATE ROLE benchmark SUPERUSER LOGIN PASSWORD 'benchmark'")
        programs = PROGRAMS
        where = f"host=127.0.0.1 port={cluster.port} user=benchmark dbname=app"
        login = {"login_host": "127.0.0.1", "login_port": cluster.port, "login_user": "benchmark"}
        hook = {"name": "app", "hostname": "127.0.0.1", "port": cluster.port, "username": "benchmark"}
        source = cluster.source("app").to_data()
        ways = [
            play_ours(databases=[source]),
            command_ours(databases=[source]),
            shell(
                PIPE,
                f"{programs}/pg_dump -Fc -Z0 -d '{where}' | zstd -q -3 -T2 |"
                " { tee >(sha256sum >sum) >store/app.zst; wait $!; }",
            ),
            shell("pg_dump -Fc", f"{programs}/pg_dump -Fc -d '{where}' -f store/app.dump"),
            Way(
                "community.postgresql.postgresql_db .sql.gz",
                lambda place: play(
                    place,
                    "community.postgresql.postgresql_db",
                    name="app",
                    state="dump",
                    target=f"{place}/store/app.sql.gz",
                    login_password="benchmark",
                    **login,
                ),
            ),
            shell(
                "restic, from a pipe",
                f"{RESTIC} {programs}/pg_dump -Fc -Z0 -d '{where}' |"
                " restic -q backup --stdin --stdin-filename app.dump",
            ),
            borgmatic(
                "borgmatic, its hook for PostgreSQL",
                lambda _place: {"postgresql_databases": [{**hook, "password": "benchmark"}]},
            ),
        ]
        return race(ways, PIPE, folder, rounds, PEER_ENVIRONMENT)


def race_tree(folder: Path, files: int, rounds: int) -> Race:
    """One source tree."""
    tree = folder / "tree"
    make_tree(tree, files)
    sources = [{"path": str(tree)}]
    base = "tar, zstd -3 -T2 in the shell"
    ways = [
        play_ours(sources=sources),
        command_ours(sources=sources),
        shell(base, f"tar -C {tree} -cf - . | zstd -q -3 -T2 >store/app.tar.zst"),
        Way(
            "community.general.archive, gz",
            lambda place: play(
                place, "community.general.archive", path=str(tree), dest=f"{place}/store/app.tar.gz", format="gz"
            ),
        ),
        shell("restic", f"{RESTIC} restic -q backup {tree}"),
        shell(
            "borg, zstd 3",
            f"export BORG_BASE_DIR=$PWD; borg init -e none store; borg create -C zstd,3 store::app {tree}",
        ),
    ]
    return race(ways, base, folder, rounds, PEER_ENVIRONMENT)


def compare(part: str, title: str, size: str, measure: Callable[[Path], Race], tools: Sequence[str]) -> None:
    """Measures and writes docs/benchmarks/PART.*. `size` says of what, `tools` take part."""
    with workshop() as folder:
        told = measure(folder)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{part}.svg").write_text(told.draw_bars())
    lines = [
        f"{size}. Ratios are against the plain pipe of the shell, which counts nothing,",
        "waits for no disk and keeps no record. A playbook is `ansible-playbook` with one task, from start to end.",
        "Repositories of restic and borg are new.",
        "",
        f"![{title}]({part}.svg)",
        "",
        *told.draw_table(),
        *_tell_bars(told),
    ]
    write_findings(part, title, lines, told.describe(), ("ansible-core", "restic", "borg", *tools))


BARS: Sequence[tuple[str, float]] = (
    ("community.mysql.mysql_db .sql.gz", 0.20),
    ("community.mysql.mysql_db .sql.zst", 1.0),
    ("pg_dump -Fc", 0.25),
    ("community.postgresql.postgresql_db .sql.gz", 0.25),
    ("borgmatic, its hook for PostgreSQL", 0.25),
    ("community.general.archive, gz", 0.10),
)
"""A peer, and which share of its time a run of ours may take."""


def _tell_bars(told: Race) -> list[str]:
    found = []
    for peer, limit in BARS:
        if peer in told.laps:
            ours = OURS if peer.startswith("community") else COMMAND
            ratio = told.ratio(ours, peer)
            found.append(
                f"- {ours} / {peer}: {ratio:.2f}, {'within' if ratio <= limit else 'ABOVE'} the bar of {limit}."
            )
    return ["", *found] if found else []
