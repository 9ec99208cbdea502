"""What a category means: how often, how long kept, how often proved. Every default value stands here, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .fields import Fields

DAILY = "daily"
WEEKLY = "weekly"
MONTHLY = "monthly"
NEVER = "never"

CATEGORIES: Mapping[str, str] = {
    "daily": DAILY,
    "weekly": WEEKLY,
    "monthly": MONTHLY,
    "harian": DAILY,
    "mingguan": WEEKLY,
    "bulanan": MONTHLY,
}
"""Every accepted word and the one that records use."""

INTERVAL_S: Mapping[str, float] = {DAILY: 86400.0, WEEKLY: 7 * 86400.0, MONTHLY: 31 * 86400.0}
"""The longest time between two runs of a category, in seconds."""

COMPARISONS: Mapping[str, str] = {"rows": "rows", "content": "content"}
"""Classes of comparison: counts of rows, or digests of the content as well."""

OVERDUE_FACTOR = 1.5
"""An application is missed after this many intervals without a run that succeeded."""

PROVED_FLOOR = 3
"""How many of the newest proved runs are never pruned, whatever the retention says."""

SAFETY_DAYS = 14
"""How long a run stays that holds what a restore replaced."""

TIME_LIMIT_S = 6 * 3600.0
LOCK_WAIT_S = 30.0
SLOT_WAIT_S = 3600.0
HOOK_LIMIT_S = 300.0
RETRY_TIMES = 1
RETRY_AFTER_S = 900.0
STDERR_TAIL_BYTES = 8192


@dataclass(frozen=True)
class Retention:
    """How many runs stay: the newest of each of so many days, weeks, months and years."""

    daily: int
    weekly: int
    monthly: int
    yearly: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether it would keep nothing at all."""
        return self.daily + self.weekly + self.monthly + self.yearly == 0


@dataclass(frozen=True)
class CheckPolicy:
    """How often a run is restored (a category word or `never`), how it is compared then, and for how many days the
    databases may stay the same before somebody is told (0: for ever)."""

    restore: str
    compare: str
    unchanged_days: int = 14


RETENTION: Mapping[str, Retention] = {
    DAILY: Retention(7, 4, 12),
    WEEKLY: Retention(0, 6, 12),
    MONTHLY: Retention(0, 0, 12, 2),
}

CHECK: Mapping[str, CheckPolicy] = {
    DAILY: CheckPolicy(WEEKLY, "rows", 14),
    WEEKLY: CheckPolicy(MONTHLY, "rows", 28),
    MONTHLY: CheckPolicy(MONTHLY, "rows", 93),
}


def read_retention(fields: Fields, category: str) -> Retention:
    """The retention of an application; an empty mapping keeps the category's, all zero is refused."""
    default = RETENTION[category]
    given = Retention(
        fields.whole("daily", default.daily, 0, 3660),
        fields.whole("weekly", default.weekly, 0, 1040),
        fields.whole("monthly", default.monthly, 0, 480),
        fields.whole("yearly", default.yearly, 0, 100),
    )
    fields.finish()
    if given.is_empty:
        fields.complain("", "would keep nothing", "keep at least one, for example daily: 7")
        return default
    return given


def read_check(fields: Fields, category: str) -> CheckPolicy:
    """How an application's runs are proved."""
    default = CHECK[category]
    words = {DAILY: DAILY, WEEKLY: WEEKLY, MONTHLY: MONTHLY, NEVER: NEVER}
    given = CheckPolicy(
        fields.choice("restore", {**words, **CATEGORIES}, default.restore),
        fields.choice("compare", COMPARISONS, default.compare),
        fields.whole("unchanged_days", default.unchanged_days, 0, 366),
    )
    fields.finish()
    return given
