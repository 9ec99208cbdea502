from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.fields import (
    LONGEST_S,
    Fields,
    Problems,
    format_duration,
)


@pytest.fixture
def problems() -> Problems:
    return Problems()


def read(problems: Problems, **value: Any) -> Fields:
    return Fields(value, "sippn", problems)


def test_all_problems_are_told_at_once_each_with_subject_field_and_remedy(problems: Problems) -> None:
    fields = read(problems, name=5, category="yearly", unknown=1)
    fields.text("name", "x", example="sippn")
    fields.choice("category", {"daily": 1, "weekly": 2}, "daily")
    fields.text("path", None, example="/srv")
    fields.finish()
    assert problems.found == [
        "sippn: name: cannot be 5; for example name: sippn",
        "sippn: category: cannot be 'yearly'; use one of: daily, weekly",
        "sippn: path: is missing; for example path: /srv",
        "sippn: unknown: is not known; known here: category, name, path",
    ]
    with pytest.raises(ConfigurationError, match="has 4 problems") as caught:
        problems.raise_if_any()
    assert len(caught.value.message.splitlines()) == 5


def test_without_a_problem_nothing_is_raised(problems: Problems) -> None:
    read(problems).finish()
    problems.raise_if_any()


@pytest.mark.parametrize("value", [None, 5, "text", ["list"]])
def test_what_is_no_mapping_is_told_as_such(problems: Problems, value: Any) -> None:
    fields = Fields(value, "sippn", problems)
    fields.finish()
    assert problems.found == [
        f"sippn: configuration: must be a mapping, not {type(value).__name__}; write 'key: value' lines"
    ]


def test_a_field_below_another_is_named_by_its_whole_path(problems: Problems) -> None:
    fields = read(problems, check={"restore": 5}, databases=[{"path": 5}, None], sources=5, exclude={})
    fields.within("check").choice("restore", {"weekly": 1}, "weekly")
    for entry in fields.each("databases"):
        entry.path("path")
    assert list(fields.each("sources")) == []
    assert fields.texts("exclude") == ()
    assert [problem.split(": ")[1] for problem in problems.found] == [
        "check.restore",
        "databases[0].path",
        "databases[1]",
        "sources",
        "exclude",
    ]


def test_what_is_not_given_has_its_default(problems: Problems) -> None:
    fields = read(problems, title=None)
    assert (fields.text("title", "x"), fields.text("owner"), fields.path("path", "/srv")) == ("x", "", "/srv")
    assert (fields.choice("kind", {"a": 1, "b": 2}, "b"), fields.whole("slots", 3), fields.duration("wait", 9.5)) == (
        *(2, 3),
        9.5,
    )
    assert (fields.texts("exclude"), list(fields.each("databases")), fields.raw("anything")) == ((), [], None)
    fields.within("check").finish()
    fields.finish()
    assert problems.found == []


@pytest.mark.parametrize("value", ["", None])
def test_what_must_be_given_cannot_be_empty(problems: Problems, value: Any) -> None:
    fields = read(problems, name=value, path=value)
    assert (fields.text("name", None), fields.path("path", None)) == ("", "")
    told = [problem.partition(";")[0] for problem in problems.found]
    assert told == ["sippn: name: is missing", "sippn: path: is missing"]


@pytest.mark.parametrize(
    ("given_path", "expected"),
    [("/srv/sippn", "/srv/sippn"), ("/srv/sippn//", "/srv/sippn"), ("/", "/"), ("///", "/"), ("/a/..b/c", "/a/..b/c")],
)
def test_an_absolute_path_is_taken_without_its_last_slash(problems: Problems, given_path: str, expected: str) -> None:
    assert (read(problems, path=given_path).path("path"), problems.found) == (expected, [])


@pytest.mark.parametrize("value", ["", "srv", "./srv", "/srv/../etc", "/..", "..", "/srv\0", 5, [], True])
def test_anything_but_an_absolute_path_is_one_problem(problems: Problems, value: Any) -> None:
    assert read(problems, path=value).path("path", "/default") == "/default"
    assert len(problems.found) == 1


@pytest.mark.parametrize("value", [True, "5", 1.5, -1, 11])
def test_only_a_whole_number_within_the_bounds_is_taken(problems: Problems, value: Any) -> None:
    assert read(problems, slots=value).whole("slots", 7, 0, 10) == 7
    assert "from 0 to 10" in problems.found[0]
    assert read(problems, slots=10).whole("slots", 7, 0, 10) == 10


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("90s", 90),
        ("90", 90),
        (90, 90),
        (0.25, 0.25),
        ("1.5h", 5400),
        ("30 m", 1800),
        ("2d", 172800),
    ],
)
def test_a_duration_is_read_in_seconds(problems: Problems, value: Any, expected: float) -> None:
    assert (read(problems, wait=value).duration("wait", 1.0), problems.found) == (expected, [])


@pytest.mark.parametrize(
    "value", [0, -1, "0s", "0.0", 0.0001, True, "", "s", "1e3", "1w", "-5s", "٣s", "5 s ", [], 10**400, "9" * 400]
)
def test_what_is_no_duration_is_told(problems: Problems, value: Any) -> None:
    assert read(problems, wait=value).duration("wait", 1.5) == 1.5
    assert len(problems.found) == 1


@pytest.mark.parametrize("value", ["367d", "9999h", 31622401, 1e300])
def test_a_duration_beyond_a_year_is_told(problems: Problems, value: Any) -> None:
    assert read(problems, wait=value).duration("wait", 1.5) == 1.5
    assert "is longer than 366d" in problems.found[0]


@given(st.integers(1, int(LONGEST_S) * 1000))
def test_a_duration_that_is_written_is_read_back_equal(milliseconds: int) -> None:
    problems = Problems()
    seconds = milliseconds / 1000
    assert read(problems, wait=format_duration(seconds)).duration("wait", 0.0) == seconds
    assert problems.found == []


@pytest.mark.parametrize("value", [[5], [""], [None], ["a", ["b"]]])
def test_a_list_of_texts_holds_texts_only(problems: Problems, value: Any) -> None:
    read(problems, exclude=value).texts("exclude")
    assert problems.found == ["sippn: exclude: holds something that is not a text; write a list of texts"]


def test_a_tuple_is_a_list_too(problems: Problems) -> None:
    assert (read(problems, exclude=("a", "b")).texts("exclude"), problems.found) == (("a", "b"), [])


def test_a_key_that_is_no_text_is_told_as_not_known(problems: Problems) -> None:
    Fields({5: "x"}, "sippn", problems).finish()
    assert problems.found[0].startswith("sippn: 5: is not known")
