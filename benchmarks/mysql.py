"""A run of one MariaDB database against the shell: mariadb-dump, zstd, a hash; what counting and a throwaway cost."""

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

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.driver import (  # noqa: E402
    MysqlDriver,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell  # noqa: E402
from ansible_collections.diskominfo.backup.tests.drills import back_up, fill  # noqa: E402
from ansible_collections.diskominfo.backup.tests.mariadb import PrivateServer, run_server  # noqa: E402

BAR, COUNT_BAR, THROWAWAY_BAR_S = 1.05, 1.10, 0.5
POSTS = 200_000
ROUNDS = 7
DATA = """
CREATE TABLE posts (id INT PRIMARY KEY, author INT, title TEXT, body LONGTEXT, KEY (author));
INSERT INTO posts SELECT p.seq, p.seq % 997, MD5(p.seq), (SELECT GROUP_CONCAT(CONCAT(SUBSTR(
 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore',
 w.seq * p.seq % 60 + 1, 9), w.seq + p.seq) SEPARATOR ' ') FROM seq_1_to_150 AS w) FROM seq_1_to_{posts} AS p;
CREATE TABLE attributes (post INT, name TEXT, value TEXT, KEY (post));
INSERT INTO attributes SELECT seq DIV 4, CONCAT('name ', seq % 31), MD5(seq) FROM seq_1_to_{attributes};
CREATE TABLE images (id INT PRIMARY KEY, content LONGBLOB);
INSERT INTO images SELECT i.seq, (SELECT GROUP_CONCAT(UNHEX(SHA2(i.seq * 1000 + w.seq, 512)) SEPARATOR '')
 FROM seq_1_to_300 AS w) FROM seq_1_to_{images} AS i;
ANALYZE TABLE posts, attributes, images;
"""
SHELL = """
set -euo pipefail
"$1" --no-defaults --socket="$2" --user=root --single-transaction --quick --routines --triggers --events --hex-blob \\
  --max-allowed-packet=1G -- app |
zstd -q -3 -T2 -c | { tee >(sha256sum >"$3/sum") >"$3/artifact.zst"; wait $!; }
"""
COUNTLESS = """
import sys
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql import census
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.cli import main
census.count_rows = lambda session, tables, with_history: []
raise SystemExit(main(sys.argv[1:]))
"""
SIZE = "SELECT SUM(DATA_LENGTH + INDEX_LENGTH) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'app'"


@contextmanager
def make_database(posts: int) -> Iterator[PrivateServer]:
    """A server with a database `app`: posts with text, attributes, images that do not compress.

    Its redo log is as large as MariaDB makes it by itself: the smaller one of tests would slow a plain restore down.
    """
    with run_server(
        "--innodb-buffer-pool-size=1G", "--innodb-log-file-size=96M", "--group-concat-max-len=1000000"
    ) as server:
        server.create("app", DATA.format(posts=posts, attributes=posts * 4, images=posts // 400))
        yield server


def main(posts: int = POSTS, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/mysql.*."""
    with workshop() as folder, make_database(posts) as server:
        source = server.source("app")

        def make_ours(place: Path) -> list[str]:
            return make_command("run", place, databases=[source.to_data()])

        def make_countless(place: Path) -> list[str]:
            python, option, _unused, *rest = make_ours(place)
            return [python, option, COUNTLESS, *rest]

        def make_peer(place: Path) -> list[str]:
            return ["bash", "-c", SHELL, "shell", "mariadb-dump", str(server.socket), str(place)]

        size = int(server.run(SIZE))
        against = compare_ways(Way("ours", make_ours), Way("shell", make_peer), folder, rounds)
        counting = compare_ways(Way("counting", make_ours), Way("not counting", make_countless), folder, rounds)
        throwaway_s = measure_throwaway(server, rounds)
    lines = [
        f"A database of {size / 1e6:.0f} MB on disk, from the start of the command to the stored run with its receipt,",
        "against `mariadb-dump | zstd -3 -T2 | tee >(sha256sum)`, which counts nothing and waits for no disk:",
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
        *compare_seconds(against, BAR, "mariadb-dump, zstd, hash in the shell"),
        *compare_seconds(counting, COUNT_BAR, "ours, not counting", "ours, counting"),
    ]
    write_findings("mysql", "MariaDB", lines, facts, ("mariadb",), bars)


def measure_throwaway(server: PrivateServer, rounds: int) -> float:
    """Seconds from asking for a server to its end, its database made and restored, median of the rounds."""
    empty = server.create("empty")
    with tempfile.TemporaryDirectory() as name:
        driver = MysqlDriver(templates=Path(name) / "templates")
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
