"""A year of an application's receipts: runs, failures, gaps, retries, checks, copies, prunings, wrong clocks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import (
    COPY,
    PRUNE,
    Receipt,
    StoreTrace,
)
from ansible_collections.diskominfo.backup.tests.evidence import (
    DAY,
    make_check,
    make_failed_check,
    make_failed_run,
    make_restore,
    make_run,
)
from ansible_collections.diskominfo.backup.tests.records import make_receipt

ELSEWHERE = StoreTrace("directory", "/mnt/elsewhere", 9, 10**12, False)


def make_days(began: datetime, days: int, name: str, server: str = "web", seed: int = 1) -> Iterator[list[Receipt]]:
    """The receipts of each day, unlinked; what happens follows from the seed."""
    chance = random.Random(f"{seed} {server} {name}")
    runs: list[Receipt] = []
    size = 1_500_000
    for day in range(days):
        moment = began + day * DAY + timedelta(seconds=chance.randrange(600))
        who = {"name": name, "server": server}
        made: list[Receipt] = []
        event = chance.random()
        if event < 0.05:
            yield []
            continue
        if event < 0.15:
            made.append(make_failed_run(moment, chance.choice(["busy", "source_missing"]), **who))
            moment += timedelta(hours=1)
        if event < 0.10 or event >= 0.15:
            size += chance.choice([0, 0, 999, 10_000, -600_000 if size > 10**6 else 0])
            retry_of = made[0].id if made else ""
            made.append(make_run(moment, 2, size_bytes=size, retry_of=retry_of, **who))
            runs.append(made[-1])
        made += _make_followers(chance, runs[-40:], moment, day)
        yield made


def _make_followers(chance: random.Random, runs: list[Receipt], moment: datetime, day: int) -> Iterator[Receipt]:
    if not runs:
        return
    run, who = chance.choice(runs[-3:]), {"server": runs[0].server, "application": runs[0].application}
    after = moment - run.began
    event = chance.random()
    if event < 0.3:
        level = chance.choice(["intact", "readable", "restored", "compared"])
        yield make_check(run, level, after + timedelta(minutes=5))
    elif event < 0.36:
        slug, level = chance.choice([("different", "damaged"), ("no_tool", "readable"), ("stored_damaged", "damaged")])
        failed = make_failed_check(run, slug, level)
        began = moment + timedelta(minutes=6)
        yield replace(failed, began=began, ended=began + timedelta(seconds=9), id=f"{began:%Y%m%dT%H%M%SZ}-00000007")
    elif event < 0.5:
        yield make_receipt(moment + timedelta(minutes=7), 8, kind=COPY, run_id=run.id, store=ELSEWHERE, **who)
    elif event < 0.55:
        yield make_restore(run, after + timedelta(minutes=8), target=chance.choice(["original", "/srv/lain"]))
    if day % 7 == 0 and len(runs) > 12:
        deleted = tuple(held.id for held in runs[:-12])
        yield make_receipt(moment + timedelta(minutes=9), 9, kind=PRUNE, deleted=deleted, **who)
    if day == 50 and chance.random() < 0.5:
        yield make_run(moment + 400 * DAY, 5, name=runs[0].application, server=runs[0].server)
