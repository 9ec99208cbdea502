"""A run of one PostgreSQL database against the shell: pg_dump, zstd, a hash; what counting and a throwaway cost."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from measuring.command import CHECKOUT, make_command
from measuring.data import workshop
from measuring.findings import compare_seconds, describe_result, tell_result, write_findings
from measuring.rounds import Way, compare_ways

sys.path[:0] = [str(CHECKOUT / "collections")]

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.driver import (  # noqa: E402
    PostgresqlDriver,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell  # noqa: E402
from ansible_collections.diskominfo.backup.tests.clusters import PROGRAMS, PrivateCluster, run_cluster  # noqa: E402
from ansible_collections.diskominfo.backup.tests.drills import back_up, fill  # noqa: E402

BAR, COUNT_BAR, THROWAWAY_BAR_S = 1.05, 1.10, 0.8
POSTS = 500_000
ROUNDS = 5
DATA = """
SELECT setseed(0.2026);
CREATE TABLE posts (id int PRIMARY KEY, author int, title text, body text);
INSERT INTO posts SELECT i, i % 997, md5(i::text), (SELECT string_agg(
 substr('lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore', w % 60, 9)
 || w, ' ') FROM generate_series(i, i + 150) AS w) FROM generate_series(1, {posts}) AS i;
CREATE TABLE attributes (post int, name text, value text);
INSERT INTO attributes SELECT i / 4, 'name ' || i % 31, md5(i::text) FROM generate_series(1, {posts} * 4) AS i;
CREATE TABLE images (id int, content bytea);
INSERT INTO images SELECT i, string_agg(sha512((i * 1000 + w)::text::bytea), ''::bytea)
 FROM generate_series(1, {posts} / 400) AS i, generate_series(1, 300) AS w GROUP BY i;
CREATE INDEX ON posts (author);
CREATE INDEX ON attributes (post);
VACUUM ANALYZE;
"""
SHELL = """
set -euo pipefail
setpriv --reuid=postgres --regid=postgres --init-groups -- "$1" -Fc -Z0 -d "$2" |
zstd -q -3 -T2 -c | { tee >(sha256sum >"$3/sum") >"$3/artifact.zst"; wait $!; }
"""
COUNTLESS = """
import sys
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql import dump
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Census
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.cli import main
dump.take_census = lambda session, bootstrap: Census(objects={"role": {}})
raise SystemExit(main(sys.argv[1:]))
"""


@contextmanager
def make_database(posts: int) -> Iterator[PrivateCluster]:
    """A server with a database `app`: posts with text, attributes, images that do not compress."""
    with run_cluster() as cluster:
        cluster.create("app", DATA.format(posts=posts))
        yield cluster


def main(posts: int = POSTS, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/postgresql.*."""
    with workshop() as folder, make_database(posts) as cluster:
        source = cluster.source("app")

        def make_ours(place: Path) -> list[str]:
            return make_command("run", place, databases=[source.to_data()])

        def make_countless(place: Path) -> list[str]:
            python, option, _unused, *rest = make_ours(place)
            return [python, option, COUNTLESS, *rest]

        def make_peer(place: Path) -> list[str]:
            where = f"host={cluster.folder} port={cluster.port} user=postgres dbname=app"
            return ["bash", "-c", SHELL, "shell", str(PROGRAMS / "pg_dump"), where, str(place)]

        size = int(cluster.run("app", "SELECT pg_database_size('app')"))
        against = compare_ways(Way("ours", make_ours), Way("shell", make_peer), folder, rounds)
        counting = compare_ways(Way("counting", make_ours), Way("not counting", make_countless), folder, rounds)
        throwaway_s = measure_throwaway(cluster, rounds)
    lines = [
        f"A database of {size / 1e6:.0f} MB on disk, from the start of the command to the stored run with its receipt,",
        "against `pg_dump -Fc -Z0 | zstd -3 -T2 | tee >(sha256sum)`, which counts nothing and waits for no disk:",
        "",
        tell_result(against, BAR) + ".",
        "",
        "The same run against itself without the count:",
        "",
        tell_result(counting, COUNT_BAR) + ".",
        "",
        "A throwaway server from the prepared template, with an empty database restored into it:",
        f"{throwaway_s:.2f} s (bar {THROWAWAY_BAR_S} s).",
    ]
    facts = {"database_bytes": size, "bar": BAR, **describe_result(against)}
    facts["counting"] = {"bar": COUNT_BAR, **describe_result(counting)}
    facts["throwaway"] = {"bar_s": THROWAWAY_BAR_S, "median_s": throwaway_s}
    bars = [
        *compare_seconds(against, BAR, "pg_dump, zstd, hash in the shell"),
        *compare_seconds(counting, COUNT_BAR, "ours, not counting", "ours, counting"),
    ]
    write_findings("postgresql", "PostgreSQL", lines, facts, ("postgresql",), bars)


def measure_throwaway(cluster: PrivateCluster, rounds: int) -> float:
    """Seconds from asking for a server to its end, its database made and restored, median of the rounds."""
    empty = cluster.source(cluster.create("empty"))
    with tempfile.TemporaryDirectory() as name:
        driver = PostgresqlDriver(templates=Path(name) / "templates")
        with Shell(600) as shell:
            backup = back_up(driver, empty, Path(name), shell)

        def drill(place: Path) -> None:
            place.mkdir(mode=0o700)
            with Shell(600) as shell, driver.open_scratch(empty, backup.census, shell, place) as target:
                fill(driver, backup, target, shell)

        measure(drill, Path(name) / "first")
        return statistics.median(measure(drill, Path(name) / str(number)) for number in range(rounds))


def measure(work: Callable[[Path], None], place: Path) -> float:
    """Seconds that a piece of work takes."""
    began = time.perf_counter()
    work(place)
    return time.perf_counter() - began


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
