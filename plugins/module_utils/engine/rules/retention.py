"""What stays of the stored runs, what goes, and why: pure, and always on the side of keeping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from ..record import level as levels
from ..record.policy import PROVED_FLOOR, Retention
from ..record.zone import ZONE_OFFSETS_H

OFFICE_ZONE = timezone(timedelta(hours=ZONE_OFFSETS_H["Asia/Jakarta"]))
"""Where days begin for the retention."""

_RULES = (
    ("daily", "day", "%Y-%m-%d"),
    ("weekly", "week", "%G-W%V"),
    ("monthly", "month", "%Y-%m"),
    ("yearly", "year", "%Y"),
)
"""Field of a Retention, what one of its places is called, and the name that all runs of one place share."""

Reasons = tuple[tuple[str, str], ...]
"""(run id, why), the newest run first."""


@dataclass(frozen=True)
class RunFact:
    """What is known of a stored run. `level` is its evidence level; `is_protected` keeps it whatever the rules say."""

    id: str
    began: datetime
    level: str
    is_protected: bool = False

    @property
    def is_proved(self) -> bool:
        """Whether it was restored, or restored and compared, and nothing was found wanting since."""
        return levels.is_at_least(self.level, levels.RESTORED)

    @property
    def is_damaged(self) -> bool:
        """Whether a check found it wanting."""
        return self.level == levels.DAMAGED


@dataclass(frozen=True)
class RetentionPlan:
    """What stays and what goes, each with its reason. With `refused` (a reason, else empty) nothing goes."""

    keep: Reasons
    drop: Reasons
    refused: str = ""


def plan_retention(
    runs: Sequence[RunFact],
    retention: Retention,
    now: datetime,
    floor: int = PROVED_FLOOR,
    zone: tzinfo = timezone.utc,
    has_failed_last: bool = False,
) -> RetentionPlan:
    """The newest run of each of the last days, weeks, months and years that have runs stays, as `retention` says.

    `zone` is where days begin. The newest run stays always, and so do the newest `floor` (at least one) proved runs;
    where fewer are proved, the newest others that are not known to be damaged make up the number. A damaged run takes
    nobody's place. Everything stays (`refused`) when the application's last attempt failed, when the retention is
    empty, and when a run is newer than `now`: a clock that jumped must not make good backups old.
    """
    newest_first = sorted(runs, key=lambda run: (run.began, run.id), reverse=True)
    refused = _refuse(newest_first, retention, now, has_failed_last)
    reasons: dict[str, list[str]] = {run.id: ["nothing goes"] if refused else [] for run in newest_first}
    for run, reason in _find_reasons(newest_first, retention, max(1, floor), zone):
        reasons[run.id].append(reason)
    keep = tuple((identity, ", ".join(found)) for identity, found in reasons.items() if found)
    dropped = f"kept by no rule of {_tell(retention)}"
    drop = tuple((identity, dropped) for identity, found in reasons.items() if not found)
    return RetentionPlan(keep, drop, refused)


def _refuse(newest_first: Sequence[RunFact], retention: Retention, now: datetime, has_failed_last: bool) -> str:
    if has_failed_last:
        return "the last run failed"
    if retention.is_empty:
        return "the retention would keep nothing"
    if newest_first and newest_first[0].began > now:
        return f"the run {newest_first[0].id} lies in the future, so a clock is wrong"
    return ""


def _find_reasons(
    newest_first: Sequence[RunFact], retention: Retention, floor: int, zone: tzinfo
) -> Iterator[tuple[RunFact, str]]:
    yield from ((run, "the newest run") for run in newest_first[:1])
    proved = [run for run in newest_first if run.is_proved][:floor]
    yield from ((run, f"one of the newest {floor} proved") for run in proved)
    others = [run for run in newest_first if not run.is_proved and not run.is_damaged]
    yield from ((run, "fewer are proved than must stay") for run in others[: floor - len(proved)])
    yield from ((run, "protected") for run in newest_first if run.is_protected)
    for word, unit, form in _RULES:
        slots = [(run, run.began.astimezone(zone).strftime(form)) for run in newest_first]
        yield from ((run, f"{unit} {slot}") for run, slot in _pick(slots, vars(retention)[word]))


def _pick(newest_first: Sequence[tuple[RunFact, str]], count: int) -> Iterator[tuple[RunFact, str]]:
    """The newest sound run of each of `count` slots, and the damaged ones that are newer than it."""
    filled: set[str] = set()
    for run, slot in newest_first:
        if len(filled) < count and slot not in filled:
            yield run, slot
            if not run.is_damaged:
                filled.add(slot)


def _tell(retention: Retention) -> str:
    return ", ".join(f"{word} {vars(retention)[word]}" for word, _unused, _unused2 in _RULES if vars(retention)[word])
