"""How each application stands over all time: ages against what its category allows, copies, the time to restore."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..record.policy import INTERVAL_S, OVERDUE_FACTOR
from ..record.report import PENDING, RETIRED, ApplicationRow, Report
from .language import SYMBOLS, UNKNOWN, Language, clean, shorten
from .text import CELL_CHARACTERS, fit, measure_width, wrap

ENOUGH_COPIES = 3
"""Of 3-2-1: three copies counting the source itself, on two disks, one of them not that of the source."""

WIDTH = 120
"""Its six columns need more than a mail has; it is read on a screen or printed across."""

LEAST_NAME = 12
"""What the column of names may shrink to."""
COLUMNS = (
    *("standing.application_server", "standing.last_good", "standing.last_compared", "standing.failures"),
    *("standing.copies_head", "standing.restore"),
)


@dataclass(frozen=True)
class Standing:
    """Ages in seconds, None for what never was; a limit is None where the policy knows none. `copies` counts the source
    too. What is late is older than its limit, or never was although it should."""

    good_age_s: float | None
    good_limit_s: float | None
    compared_age_s: float | None
    compared_limit_s: float | None
    copies: int
    elsewhere: int

    @property
    def is_good_late(self) -> bool:
        """Whether the newest good backup is too old for the category, or there is none."""
        return _is_late(self.good_age_s, self.good_limit_s)

    @property
    def is_compared_late(self) -> bool:
        """Whether the newest comparison is older than the policy allows, or there is none."""
        return _is_late(self.compared_age_s, self.compared_limit_s)

    @property
    def is_well_copied(self) -> bool:
        """Whether the rule 3-2-1 is kept, as far as receipts tell: they know disks, not buildings."""
        return self.copies >= ENOUGH_COPIES and self.elsewhere > 0


def _is_late(age_s: float | None, limit_s: float | None) -> bool:
    return limit_s is not None and (age_s is None or age_s > limit_s)


def judge_standing(row: ApplicationRow, moment: datetime) -> Standing:
    """How a row stands at `moment`; what is pending has no limits yet."""
    is_to_come = row.status == PENDING
    interval_s = None if is_to_come else INTERVAL_S.get(row.category)
    check_s = None if is_to_come else row.check_interval_s
    return Standing(
        good_age_s=row.last_good_age_s,
        good_limit_s=interval_s and interval_s * OVERDUE_FACTOR,
        compared_age_s=(moment - row.last_compared).total_seconds() if row.last_compared else None,
        compared_limit_s=check_s and check_s * OVERDUE_FACTOR,
        copies=row.copies + 1,
        elsewhere=row.copies_elsewhere,
    )


def list_standing(report: Report) -> list[tuple[ApplicationRow, Standing]]:
    """Every registered application with how it stands when the period ends, in the order of the report."""
    moment = min(report.generated, report.period.ended)
    return [(row, judge_standing(row, moment)) for row in report.rows if row.status != RETIRED]


def tell_age(age_s: float | None, limit_s: float | None, language: Language) -> str:
    """`6 jam (batas 36 jam)`; without a limit only the age."""
    age = language.word("row.never") if age_s is None else language.age(age_s)
    return age if limit_s is None else language.say("standing.limit", age=age, limit=language.age(limit_s))


def tell_copies(standing: Standing, language: Language) -> str:
    """How many copies there are with the source, and how many of them elsewhere."""
    return language.say("standing.copies", copies=standing.copies, elsewhere=standing.elsewhere)


def render_standing(report: Report, language: str) -> bytes:
    """The view as a table of at most WIDTH columns, `!` before what is late or kept in too few places."""
    chosen = Language(language)
    ended = chosen.moment(min(report.generated, report.period.ended), report.period.zone)
    cells = [[f"  {chosen.word(key)}" for key in COLUMNS]]
    cells += [_describe(row, standing, chosen) for row, standing in list_standing(report)]
    names, *others = (max(measure_width(line[at]) for line in cells) for at in range(len(COLUMNS)))
    widths = [min(names, max(LEAST_NAME, WIDTH - sum(others) - len(others))), *others]
    lines = wrap(f"{chosen.word('section.standing')}, {ended}", WIDTH, 2)
    table = [" ".join(fit(cell, width) for cell, width in zip(line, widths)).rstrip() for line in cells]
    return "\n".join([*lines, "", *table, "", *wrap(chosen.word("standing.rule"), WIDTH, 3), ""]).encode("utf-8")


def _describe(row: ApplicationRow, standing: Standing, language: Language) -> list[str]:
    failures = language.number(row.consecutive_failures)
    told = (
        (SYMBOLS[language.status_of(row)], f"{row.application} @ {row.server}"),
        (standing.is_good_late, tell_age(standing.good_age_s, standing.good_limit_s, language)),
        (standing.is_compared_late, tell_age(standing.compared_age_s, standing.compared_limit_s, language)),
        (row.consecutive_failures > 0, failures),
        (not standing.is_well_copied, tell_copies(standing, language)),
        (False, language.duration(row.restore_s) if row.restore_s is not None else UNKNOWN),
    )
    return [
        f"{mark if isinstance(mark, str) else '!' if mark else ' '} {clean(shorten(text, CELL_CHARACTERS))}"
        for mark, text in told
    ]
