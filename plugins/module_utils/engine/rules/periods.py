"""Periods as people name them: a day, a week, a month, a year, from one day to another, or a word such as yesterday."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

DAY = timedelta(days=1)
Days = tuple[date, date]
"""The first and the last day."""

FORMS = "2026-11-22, 2026-W47, 2026-11, 2026, 2026-11-01/2026-11-15 or one of: {words}"

_DAY = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"


def _week_of(day: date) -> Days:
    monday = day - (day.isoweekday() - 1) * DAY
    return monday, monday + 6 * DAY


def _month_of(day: date) -> Days:
    first = day.replace(day=1)
    return first, (first + 31 * DAY).replace(day=1) - DAY


WORDS: Mapping[str, Callable[[date], Days]] = {
    "today": lambda today: (today, today),
    "yesterday": lambda today: (today - DAY, today - DAY),
    "this-week": _week_of,
    "last-week": lambda today: _week_of(today - 7 * DAY),
    "this-month": _month_of,
    "last-month": lambda today: _month_of(today.replace(day=1) - DAY),
}
INDONESIAN: Mapping[str, str] = {
    "hari-ini": "today",
    "kemarin": "yesterday",
    "minggu-ini": "this-week",
    "minggu-lalu": "last-week",
    "bulan-ini": "this-month",
    "bulan-lalu": "last-month",
}


def read_days(text: str, today: date) -> Days | None:
    """The days that are meant; None for what cannot be meant. Weeks begin on Monday (ISO 8601)."""
    word = INDONESIAN.get(text, text)
    if word in WORDS:
        return WORDS[word](today)
    try:
        return _read_dates(text)
    except (ValueError, OverflowError):
        return None


def _read_dates(text: str) -> Days | None:
    if re.fullmatch(f"{_DAY}(/{_DAY})?", text):
        first, _slash, last = text.partition("/")
        days = date.fromisoformat(first), date.fromisoformat(last or first)
        return days if days[0] <= days[1] else None
    week = re.fullmatch(r"([0-9]{4})-W([0-9]{2})", text)
    if week:
        return _week_of(date.fromisocalendar(int(week[1]), int(week[2]), 1))
    month = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
    if month:
        return _month_of(date(int(month[1]), int(month[2]), 1))
    year = re.fullmatch(r"[0-9]{4}", text)
    return (date(int(text), 1, 1), date(int(text), 12, 31)) if year else None


def tell_forms() -> str:
    """How a period can be written."""
    return FORMS.format(words=", ".join((*WORDS, *INDONESIAN)))
