"""The plan of a large fleet: how long it takes, and how evenly it fills the window."""

from __future__ import annotations

import random
import sys
import time
from datetime import datetime, timezone
from statistics import median

from measuring.command import CHECKOUT
from measuring.findings import write_findings

sys.path.insert(0, str(CHECKOUT / "collections"))

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.spread import plan_schedules

BAR_S = 2.0
BAR_SHARE = 0.02
SERVERS, APPLICATIONS, ROUNDS = 500, 20, 7
CATEGORIES = ("daily", "daily", "weekly", "monthly")
NOW = datetime(2026, 11, 27, tzinfo=timezone.utc)


def main(count: int = SERVERS, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/schedule.*."""
    chance = random.Random(28)
    listed = [
        {"name": f"a{number}", "category": CATEGORIES[number % 4], "sources": [{"path": "/srv"}]}
        for number in range(APPLICATIONS)
    ]
    servers = [read_server({"server": f"s{number:03d}", "applications": listed}) for number in range(count)]
    durations = {
        (server.name, one.name): chance.expovariate(1 / 90) for server in servers for one in server.applications
    }
    took_s = []
    spread = plan_schedules(servers, durations, {}, NOW)
    for _unused in range(rounds):
        began_s = time.perf_counter()
        plan_schedules(servers, durations, {}, NOW)
        took_s.append(time.perf_counter() - began_s)
    share = max(spread.load) / sum(spread.load)
    lines = [
        f"{count} servers with {APPLICATIONS} applications each, planned from nothing, take {median(took_s):.2f} s",
        f"(median of {rounds} rounds, bar {BAR_S:g} s).",
        f"The fullest minute of the fullest night holds {share:.2%} of its load (bar {BAR_SHARE:.0%}).",
    ]
    data = {"bar_s": BAR_S, "seconds": [round(value, 3) for value in took_s], "share": round(share, 5)}
    write_findings("schedule", "Schedule", lines, data)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
