"""An application's pasts that end at different times, the newest first, each with the receipts that follow it.

A report begins with the newest past that ends before its period and takes the receipts after it; so it costs the same
after a year as after a month. Texts of this file are sealed lines (record/wire.py) of rules/memory.py's values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, NamedTuple

from ..record.quiet import LOUD, Quiet
from ..record.receipt import Receipt
from ..record.report import Period
from ..record.wire import read_sealed, write_sealed
from .memory import find_end, freeze_past, freeze_receipt, thaw_past, thaw_receipt
from .past import Past

HOUR = timedelta(hours=1)

AGES: tuple[timedelta, ...] = (50 * HOUR, 9 * 24 * HOUR, 40 * 24 * HOUR)
"""How long ago the pasts end: before yesterday, before a week, before a month."""

BATCHES: tuple[int, ...] = (2, 12, 40)
"""A past is moved on when more receipts than this are old enough for it: to thaw it for each would cost more. The
newest is read by every report, so little is left to be taken after it."""

BEGAN, ENDED = 8, 9
"""Where a frozen receipt has its times."""

Basis = tuple[datetime, float, str, Quiet]
"""When a past ends, seconds between two runs, the zone of its days, and days on which nothing is missed."""


class Tier(NamedTuple):
    """`end` is the second from which on nothing of the past lies ahead; the past, and the receipts after it, sealed."""

    end: int
    past: str
    after: str


def build_tiers(
    receipts: Iterable[Receipt], now: datetime, interval_s: float, zone: str, quiet: Quiet = LOUD
) -> list[Tier]:
    """The pasts of all receipts of an application, which come oldest first."""
    pending = [now - age for age in reversed(AGES)]
    past = Past(Period(pending[-1], pending[-1], zone), pending[-1], interval_s, quiet)
    built: list[tuple[int, str, list[Any]]] = []
    end = 0
    for receipt in receipts:
        while pending and find_end(receipt) > _seconds(pending[0]):
            built.append((end, write_sealed(freeze_past(past)), []))
            del pending[0]
        if pending:
            past.take(receipt)
            end = max(end, find_end(receipt))
        if built:
            built[-1][2].append(freeze_receipt(receipt))
    while len(built) < len(AGES):
        built.append((end, write_sealed(freeze_past(past)), []))
    return [Tier(ending, held, write_sealed(after)) for ending, held, after in reversed(built)]


def extend_tiers(
    tiers: Sequence[Tier],
    receipts: Iterable[Receipt],
    now: datetime,
    interval_s: float,
    zone: str,
    quiet: Quiet = LOUD,
) -> list[Tier]:
    """The same with newer receipts; ValueError where a seal is broken."""
    moved, extended = [freeze_receipt(receipt) for receipt in receipts], list(tiers)
    for number, (tier, age, batch) in enumerate(zip(tiers, AGES, BATCHES)):
        if not moved:
            break
        after = [*read_sealed(tier.after), *moved]
        moved = _find_old(after, _seconds(now - age), batch)
        extended[number] = Tier(tier.end, tier.past, write_sealed(after))
        if moved:
            extended[number] = _move_on(tier, moved, after[len(moved) :], (now - age, interval_s, zone, quiet))
    return extended


def _find_old(after: Sequence[Any], limit: int, batch: int) -> list[Any]:
    """The receipts at the beginning that end before the limit, where they are more than the batch."""
    old = list(takewhile(lambda frozen: _end_of(frozen) <= limit, after))
    return old if len(old) > batch else []


def _move_on(tier: Tier, taken: Sequence[Any], after: Sequence[Any], basis: Basis) -> Tier:
    moment, interval_s, zone, quiet = basis
    past = thaw_past(read_sealed(tier.past), Period(moment, moment, zone), moment, interval_s, quiet)
    for frozen in taken:
        past.take(thaw_receipt(frozen))
    return Tier(max([tier.end, *map(_end_of, taken)]), write_sealed(freeze_past(past)), write_sealed(after))


def count_tiers(ends: Sequence[int], period: Period, now: datetime) -> int:
    """How many of the pasts that end then, the newest first, a report on `period` needs; 0 where none ends before."""
    began = _seconds(min(period.began, now))
    return next((number for number, end in enumerate(ends, 1) if end <= began), 0)


def recall_past(
    tiers: Sequence[Tier], period: Period, now: datetime, interval_s: float, quiet: Quiet = LOUD
) -> Past | None:
    """The past for a report on `period`; None where none ends before it. ValueError where a seal is broken."""
    chosen = count_tiers([tier.end for tier in tiers], period, now) - 1
    if chosen < 0:
        return None
    past = thaw_past(read_sealed(tiers[chosen].past), period, now, interval_s, quiet)
    for tier in tiers[chosen::-1]:
        for frozen in read_sealed(tier.after):
            past.take(thaw_receipt(frozen))
    return past


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp() // 1)


def _end_of(frozen: Sequence[Any]) -> int:
    return int(max(frozen[BEGAN], frozen[ENDED])) + 1
