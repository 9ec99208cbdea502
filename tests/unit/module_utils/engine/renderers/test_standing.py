from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.language import Language
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.standing import (
    WIDTH,
    judge_standing,
    list_standing,
    render_standing,
    tell_age,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.text import measure_width
from ansible_collections.diskominfo.backup.tests.evidence import DAY, NOW
from ansible_collections.diskominfo.backup.tests.reports import PAYLOADS, make_city_report, make_hostile_report

CITY = make_city_report()
SOUND = next(row for row in CITY.rows if row.application == "sippn")
HOUR_S, DAY_S = 3600.0, 86400.0


def judge(**changes: Any) -> Any:
    return judge_standing(replace(SOUND, **changes), NOW)


def test_ages_are_held_against_what_the_category_and_the_policy_allow() -> None:
    standing = judge(last_good_age_s=30 * HOUR_S, check_interval_s=7 * DAY_S, last_compared=NOW - 10 * DAY)
    assert (standing.good_limit_s, standing.is_good_late) == (36 * HOUR_S, False)
    assert (standing.compared_age_s, standing.compared_limit_s) == (10 * DAY_S, 10.5 * DAY_S)
    assert not standing.is_compared_late
    assert judge(last_good_age_s=37 * HOUR_S).is_good_late
    assert judge(last_compared=NOW - 11 * DAY, check_interval_s=7 * DAY_S).is_compared_late


def test_what_never_was_is_late_where_it_should_have_been() -> None:
    assert judge(last_good_age_s=None).is_good_late
    assert judge(last_compared=None, check_interval_s=DAY_S).is_compared_late
    assert not judge(last_compared=None, check_interval_s=None).is_compared_late
    assert not judge(status="pending", last_good_age_s=None, check_interval_s=DAY_S).is_good_late
    assert not judge(category="", last_good_age_s=None).is_good_late


@pytest.mark.parametrize(
    ("copies", "elsewhere", "is_kept"), [(1, 1, False), (2, 0, False), (2, 1, True), (3, 2, True), (0, 0, False)]
)
def test_three_copies_count_the_source_and_one_lies_elsewhere(copies: int, elsewhere: int, is_kept: bool) -> None:
    assert judge(copies=copies, copies_elsewhere=elsewhere).is_well_copied is is_kept


def test_every_registered_application_has_a_line() -> None:
    assert [row.application for row, _standing in list_standing(CITY)] == [
        row.application for row in CITY.rows if row.status != "retired"
    ]
    text = render_standing(CITY, "id").decode("utf-8")
    assert text.startswith("Keadaan backup sepanjang waktu, 22 November 2026 pukul 20.01 WIB\n")
    line = next(line for line in text.splitlines() if "sippn @ web" in line)
    assert line.startswith("✓ sippn @ web")
    assert "6 jam / 36 jam" in line
    assert "! 2 (1 di disk lain)" in line
    assert "41 dtk" in line
    assert "! 4 hari / 36 jam" in next(line for line in text.splitlines() if "ppid @ db" in line)


def test_an_age_without_a_limit_is_told_alone() -> None:
    assert tell_age(3 * DAY_S, None, Language("en")) == "3 days"
    assert tell_age(None, DAY_S, Language("en")) == "never / 24 hours"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_from_a_server_can_steer_the_terminal(payload: str) -> None:
    lines = render_standing(make_hostile_report(payload), "id").decode("utf-8").splitlines()
    assert len(lines) == len(render_standing(CITY, "id").decode("utf-8").splitlines())
    assert max(map(measure_width, lines)) <= WIDTH
    assert not any(ord(character) < 32 for line in lines for character in line)
