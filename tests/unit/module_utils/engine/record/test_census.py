from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import (
    Census,
    Difference,
    compare_censuses,
)
from ansible_collections.diskominfo.backup.tests.records import censuses

FULL = Census(
    rows={"layanan": 100, "riwayat": 5},
    objects={"view": {"ringkasan": "aaaa"}, "trigger": {"catat": "bbbb"}},
    counts={"file": 7},
    digest="cccc",
)


@given(censuses)
def test_a_census_equals_itself(census: Census) -> None:
    assert compare_censuses(census, census, with_content=True) == []


@given(censuses, censuses)
def test_two_censuses_without_a_difference_count_the_same(left: Census, right: Census) -> None:
    if not compare_censuses(left, right, with_content=True):
        assert (left.rows, left.counts, left.digest) == (right.rows, right.counts, right.digest)
        names = {(kind, *item) for kind, found in left.objects.items() for item in found.items()}
        assert names == {(kind, *item) for kind, found in right.objects.items() for item in found.items()}


@pytest.mark.parametrize(
    ("found", "difference"),
    [
        (replace(FULL, rows={"layanan": 99, "riwayat": 5}), Difference("table layanan", "100 rows", "99 rows")),
        (replace(FULL, rows={"layanan": 100}), Difference("table riwayat", "5 rows", "missing")),
        (replace(FULL, rows={**FULL.rows, "baru": 0}), Difference("table baru", "missing", "0 rows")),
        (replace(FULL, objects={"trigger": {"catat": "bbbb"}}), Difference("view ringkasan", "present", "missing")),
        (replace(FULL, objects={**FULL.objects, "index": {"i": ""}}), Difference("index i", "missing", "present")),
        (
            replace(FULL, objects={**FULL.objects, "view": {"ringkasan": "dddd"}}),
            Difference("view ringkasan", "aaaa", "dddd"),
        ),
        (replace(FULL, counts={"file": 6}), Difference("number of file", "7", "6")),
        (replace(FULL, digest="dddd"), Difference("content", "cccc", "dddd")),
        (replace(FULL, digest=""), Difference("content", "cccc", "no digest")),
    ],
)
def test_what_is_not_as_it_was_is_named_and_told(found: Census, difference: Difference) -> None:
    assert compare_censuses(FULL, found, with_content=True) == [difference]


def test_content_counts_only_where_it_is_asked_for() -> None:
    altered = replace(FULL, digest="dddd")
    assert compare_censuses(FULL, altered, with_content=False) == []
    assert compare_censuses(replace(FULL, digest=""), altered, with_content=True) == [
        Difference("content", "no digest", "dddd")
    ]
