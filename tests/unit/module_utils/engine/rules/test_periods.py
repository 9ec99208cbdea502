from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.periods import (
    INDONESIAN,
    WORDS,
    read_days,
    tell_forms,
)

TODAY = date(2026, 11, 22)
"""A Sunday."""


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11-22", "2026-11-22", "2026-11-22"),
        ("2026-W47", "2026-11-16", "2026-11-22"),
        ("2026-W01", "2025-12-29", "2026-01-04"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2028-02", "2028-02-01", "2028-02-29"),
        ("2026-12", "2026-12-01", "2026-12-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-11-01/2026-11-15", "2026-11-01", "2026-11-15"),
        ("today", "2026-11-22", "2026-11-22"),
        ("kemarin", "2026-11-21", "2026-11-21"),
        ("this-week", "2026-11-16", "2026-11-22"),
        ("minggu-lalu", "2026-11-09", "2026-11-15"),
        ("bulan-ini", "2026-11-01", "2026-11-30"),
        ("last-month", "2026-10-01", "2026-10-31"),
    ],
)
def test_a_period_is_named_as_people_do(text: str, first: str, last: str) -> None:
    assert read_days(text, TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026-13", "2026-02-30", "2026-W54", "0000", "2026-11-15/2026-11-01", "2026-11-01/", "soon"),
        *("2026-11-22T00:00:00Z", "9999-12", "2026-11-01/2026-11-02/2026-11-03"),
    ],
)
def test_what_cannot_be_meant_is_nothing(text: str) -> None:
    assert read_days(text, TODAY) is None


@given(st.text(max_size=12), st.dates())
def test_any_text_is_read_without_a_fault(text: str, today: date) -> None:
    days = read_days(text, today)
    assert days is None or days[0] <= days[1]


def test_every_word_is_told() -> None:
    assert all(word in tell_forms() for word in (*WORDS, *INDONESIAN))
