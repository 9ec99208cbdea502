"""All bars on one page, out of what the parts have written: `python -m measuring.index` in the folder above."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from typing import Any, NamedTuple

from .findings import FOLDER
from .peers import COMMAND, OURS
from .pictures import Bar, draw_bars

Data = dict[str, Any]
TITLE_WIDTH = 470


class Goal(NamedTuple):
    """What one number of a part's JSON should not be above; `why` is told where it is."""

    part: str
    title: str
    limit: float
    find: Callable[[Data], float]
    unit: str = ""
    why: str = ""


def at(*keys: str) -> Callable[[Data], float]:
    """The number below these keys."""

    def find(data: Data) -> float:
        value: Any = data
        for key in keys:
            value = value[key]
        return float(value)

    return find


def pair(one: str, other: str, *keys: str) -> Callable[[Data], float]:
    """The median of the rounds' ratios of two ways of a race."""

    def find(data: Data) -> float:
        ways: Any = data
        for key in keys:
            ways = ways[key]
        rounds = zip(ways[one]["seconds"], ways[other]["seconds"])
        return float(statistics.median(first / second for first, second in rounds))

    return find


def report_of(applications: int, key: str, scale: float = 1.0) -> Callable[[Data], float]:
    """The median (of seconds) or the highest (of bytes) of the reports out of the index."""

    def find(data: Data) -> float:
        (size,) = (one for one in data["sizes"] if one["applications"] == applications)
        values = [one[key] / scale for one in size["warm"]]
        return float(max(values) if key == "peak_bytes" else statistics.median(values))

    return find


HASHES = "every file and the artifact are hashed, which this shell does not do, and two cores have no room for it"
STARTS = "what starting takes weighs more in a database of this size: see the page"
SMALL = "each application is a run of its own with programs, receipts and fsyncs: see Limits in performance.md"
FULL, READ, BACKUP = "ours, restored and compared", "ours, read", "ours, a backup"
PLAIN = "zstd -dc into a running server"
RESTORED = pair(FULL, PLAIN, "PostgreSQL", "restored")
PAGE = "see [performance](../performance.md)"

GOALS: tuple[Goal, ...] = (
    Goal("mysql", "MariaDB: a run / dump, zstd -3 -T2, hash in the shell", 1.05, at("ratio_median"), why=PAGE),
    Goal("mysql", "MariaDB: a run / without the count", 1.10, at("counting", "ratio_median"), why=PAGE),
    Goal("mysql", "MariaDB: a throwaway server above the restore", 0.5, at("throwaway", "median_s"), "s"),
    Goal(
        "peers_mysql",
        "MariaDB: playbook / mysql_db .sql.gz",
        0.20,
        pair(OURS, "community.mysql.mysql_db .sql.gz"),
        why=STARTS,
    ),
    Goal(
        "peers_mysql",
        "MariaDB: playbook / mysql_db .sql.zst",
        1.0,
        pair(OURS, "community.mysql.mysql_db .sql.zst"),
        why=STARTS,
    ),
    Goal("postgresql", "PostgreSQL: a run / dump, zstd -3 -T2, hash in the shell", 1.05, at("ratio_median"), why=PAGE),
    Goal("postgresql", "PostgreSQL: a run / without the count", 1.10, at("counting", "ratio_median"), why=PAGE),
    Goal("postgresql", "PostgreSQL: a throwaway server above the restore", 0.8, at("throwaway", "median_s"), "s"),
    Goal("peers_postgresql", "PostgreSQL: command / pg_dump -Fc", 0.25, pair(COMMAND, "pg_dump -Fc"), why=STARTS),
    Goal(
        "peers_postgresql",
        "PostgreSQL: playbook / postgresql_db .sql.gz",
        0.25,
        pair(OURS, "community.postgresql.postgresql_db .sql.gz"),
        why=STARTS,
    ),
    Goal(
        "peers_postgresql",
        "PostgreSQL: command / borgmatic's hook",
        0.25,
        pair(COMMAND, "borgmatic, its hook for PostgreSQL"),
    ),
    Goal("sqlite", "SQLite: a run / .backup, zstd -3 -T2, hash in the shell", 1.05, at("ratio_median")),
    Goal("tree", "Tree: a run / tar, zstd -3 -T2", 1.05, at("plain", "ratio_median"), why=HASHES),
    Goal("tree", "Tree: a run / a shell with the same hashes", 1.05, at("hashed", "ratio_median")),
    Goal(
        "peers_tree",
        "Tree: playbook / community.general.archive",
        0.10,
        pair(OURS, "community.general.archive, gz"),
        why="what Ansible needs to start weighs more in a small tree",
    ),
    Goal(
        "check",
        "MariaDB: whole check / plain restore",
        1.0,
        pair(FULL, PLAIN, "MariaDB", "restored"),
        why="one client restores, and what came back is counted and dumped again: see [performance](../performance.md)",
    ),
    Goal("check", "PostgreSQL: whole check / plain restore", 1.0, pair(FULL, PLAIN, "PostgreSQL", "restored")),
    Goal(
        "check",
        "PostgreSQL: the same, restored by two at once",
        0.6,
        pair(FULL, PLAIN, "PostgreSQL", "restored"),
        why=PAGE,
    ),
    Goal("check", "MariaDB: reading / a backup", 0.25, pair(READ, BACKUP, "MariaDB", "read"), why=PAGE),
    Goal("check", "PostgreSQL: reading / a backup", 0.25, pair(READ, BACKUP, "PostgreSQL", "read"), why=PAGE),
    Goal("memory", "Python in the runner", 32, at("runner_mib"), "MiB"),
    Goal("memory", "Python in a module", 64, at("module_mib"), "MiB"),
    Goal("memory", "All processes of a run", 96, at("tree_mib"), "MiB"),
    Goal("memory", "Python: 1 GB / 10 MB", 1.10, at("flat_ratio")),
    Goal("fleet", "20 applications carried / one", 1.15, at("carried_ratio")),
    Goal("fleet", "20 small applications backed up / one", 1.15, at("many_ratio"), why=SMALL),
    Goal("fleet", "20 applications in one call / 20 tasks", 0.10, at("loop_ratio"), why=SMALL),
    Goal("fleet", "200 servers / 20 times 10", 1.1, at("linear_ratio")),
    Goal("fleet", "With the callback / without", 1.03, at("callback_ratio")),
    Goal("fleet", "Calls of the module run for 20 applications", 1, at("calls", "20", "run"), "calls"),
    Goal("report", "Report of 10,000 applications", 5.0, report_of(10_000, "report_s"), "s", PAGE),
    Goal("report", "Its memory", 300, report_of(10_000, "peak_bytes", 2**20), "MiB", PAGE),
    Goal("report", "Report of 100 applications", 0.5, report_of(100, "report_s"), "s", PAGE),
    Goal("start", "`diskominfo-backup version`", 0.15, lambda data: float(data["version"][0]), "s"),
    Goal("start", "`diskominfo-backup list` of 10,000 runs", 0.5, lambda data: float(data["list"][0]), "s"),
    Goal("schedule", "The schedule of 500 servers", 2.0, lambda data: statistics.median(data["seconds"]), "s"),
)


def main() -> None:
    """Writes docs/benchmarks/README.md and bars.svg."""
    lines, bars = [], []
    for goal in GOALS:
        try:
            data = json.loads((FOLDER / f"{goal.part}.json").read_text())
            value = goal.find(data)
        except (FileNotFoundError, KeyError, ValueError):
            lines.append(f"| {goal.title} | not measured | {goal.limit:g} {goal.unit} | | | |")
            continue
        is_met = value <= goal.limit
        verdict = "met" if is_met else f"**not met**{': ' if goal.why else ''}{goal.why}"
        digits = 2 if is_met == (round(value, 2) <= goal.limit) else 3
        found = f"{value:.{digits}f} {goal.unit}".strip()
        when = f"{data['machine']['date']} | {data['machine'].get('load', '')}"
        lines.append(f"| [{goal.title}]({goal.part}.md) | {found} | {goal.limit:g} {goal.unit} | {verdict} | {when} |")
        bars.append(Bar(goal.title, value / goal.limit, True, 1.0))
    (FOLDER / "bars.svg").write_text(draw_bars(bars, TITLE_WIDTH))
    head = [
        "# Benchmarks",
        "",
        "What is measured, and the bar that it should not be above. Ratios are medians of the rounds of one run in",
        "which all ways took turns. Each title leads to the page of its part, with the spread, the versions and the",
        "machine; its load is that of the last quarter of an hour: far above the number of cores, other work went on.",
        "[Performance](../performance.md) tells where the time goes. Again: `make benchmark`, or",
        "`make benchmark PART=…` for one.",
        "",
        "![Each as a share of its bar](bars.svg)",
        "",
        "| | measured | bar | | date | load |",
        "|---|---|---|---|---|---|",
    ]
    (FOLDER / "README.md").write_text("\n".join([*head, *lines]) + "\n")
    missed = sum("**not met**" in line for line in lines)
    print(f"{FOLDER / 'README.md'}: {len(bars)} measured, {missed} of them above their bar")


if __name__ == "__main__":
    main()
