from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.application import (
    Application,
    DatabaseSource,
    TreeSource,
    make_stand_in,
    name_parts,
    read_application,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.fields import Problems
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.policy import CheckPolicy, Retention
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import FILE_PATTERN

SMALL: dict[str, Any] = {"name": "sippn", "sources": [{"path": "/srv/sippn"}]}


def read(**changes: Any) -> tuple[Application, list[str]]:
    problems = Problems()
    return read_application({**SMALL, **changes}, problems, 1), problems.found


def make_application(*sources: str, databases: tuple[str, ...] = ()) -> Application:
    return read(sources=[{"path": path} for path in sources], databases=[{"path": path} for path in databases])[0]


def test_a_few_words_are_enough() -> None:
    application, problems = read()
    assert problems == []
    assert application == Application(
        name="sippn",
        title="sippn",
        owner="",
        category="daily",
        databases=(),
        sources=(TreeSource("/srv/sippn"),),
        check=CheckPolicy("weekly", "rows"),
        retention=Retention(7, 4, 12),
        time_limit_s=21600.0,
    )


def test_indonesian_words_of_the_categories_are_understood() -> None:
    application, problems = read(category="mingguan", check={"restore": "bulanan"})
    assert (application.category, application.check.restore, problems) == ("weekly", "monthly", [])
    assert application.retention == Retention(0, 6, 12)


def test_databases_come_before_trees() -> None:
    application = make_application("/srv/b", databases=("/srv/a.db",))
    assert application.everything == (DatabaseSource("sqlite", "/srv/a.db"), TreeSource("/srv/b"))
    assert [source.key for source in application.everything] == ["sqlite:/srv/a.db", "tree:/srv/b"]


def test_an_application_is_written_to_read_back_equal() -> None:
    application, problems = read(
        databases=[{"path": "/srv/a.db"}], sources=[{"path": "/srv/b", "exclude": ["cache"]}], time_limit="12d"
    )
    again = Problems()
    assert (read_application(application.to_data(), again, 1), again.found, problems) == (application, [], [])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sources": []}, "databases: and sources are both empty"),
        ({"sources": [{"path": "/a"}, {"path": "/a/"}]}, "'tree:/a' is listed twice"),
        ({"sources": [{"path": "/a", "exclude": ["storage/logs"]}]}, "'storage/logs' has a slash inside"),
        ({"databases": [{"engine": "oracle", "path": "/a"}]}, "databases[0].engine: cannot be 'oracle'"),
        ({"databases": [{"path": ""}]}, "databases[0].path: is missing"),
        ({"databases": [{"path": "/a", "password": "x"}]}, "databases[0].password: is not known"),
        ({"retention": {"daily": 0, "weekly": 0, "monthly": 0}}, "retention: would keep nothing"),
        ({"retention": {"daily": -1}}, "retention.daily: cannot be -1"),
        ({"check": {"compare": "bytes"}}, "check.compare: cannot be 'bytes'"),
        ({"time_limit": "soon"}, "time_limit: cannot be 'soon'"),
        ({"colour": "red"}, "colour: is not known"),
        ({"name": "SIPPN"}, "SIPPN: name: cannot be 'SIPPN'"),
        ({"name": ""}, "application 1: name: is missing"),
        ({"name": "a\nb"}, "application 1: name: cannot be 'a\\nb'"),
        ({"name": 5}, "application 1: name: cannot be 5"),
    ],
)
def test_what_is_doubtful_is_told_with_its_field(changes: dict[str, Any], told: str) -> None:
    _unused, problems = read(**changes)
    assert any(told in problem for problem in problems), problems
    assert all("\n" not in problem for problem in problems)


def test_an_excluded_name_may_be_anchored_or_bare_and_end_in_a_slash() -> None:
    assert read(sources=[{"path": "/a", "exclude": ["cache", "logs/", "/storage/logs", "/"]}])[1] == []


def test_what_is_no_mapping_is_told_by_its_position() -> None:
    problems = Problems()
    read_application("sippn", problems, 3)
    assert problems.found[0].startswith("application 3: configuration: must be a mapping")


def test_an_application_that_left_the_register_has_a_stand_in() -> None:
    assert (make_stand_in("lama").name, make_stand_in("lama").everything) == ("lama", ())


def test_the_files_of_a_run_are_named_after_their_sources() -> None:
    application = make_application("/var/www/site", "/srv/site", "/", databases=("/srv/app.db", "/", "/srv/..."))
    assert list(name_parts(application).values()) == [
        "database-app.db",
        "database-root",
        "database-unnamed",
        "source-site",
        "source-site-2",
        "source-root",
    ]


labels = st.sampled_from(["x", "x-2", "x-2-2", "x-3", "x y", "x_y", "...", "\u00e9", "n" * 200])


@given(st.lists(labels, min_size=1, max_size=12))
def test_no_two_sources_of_an_application_share_a_name_and_each_is_safe(chosen: list[str]) -> None:
    application = make_application(*(f"/{number}/{label}" for number, label in enumerate(chosen)))
    stems = list(name_parts(application).values())
    assert len({*stems}) == len(chosen)
    assert all(re.fullmatch(FILE_PATTERN, stem) for stem in stems)
