from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.history import HistoryPoint
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.level import DAMAGED, LADDER
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers import svg
from ansible_collections.diskominfo.backup.tests.evidence import DAY, NOW

DAY_S = 86400.0


def point(days: float, status: str = "succeeded", size_bytes: int = 1000) -> HistoryPoint:
    return HistoryPoint(NOW - days * DAY, status, size_bytes)


def count_marks(drawing: str) -> dict[str, int]:
    paths = ElementTree.fromstring(drawing)
    return {path.attrib["class"]: path.attrib["d"].count("M") for path in paths}


def test_every_interval_has_its_mark_and_one_without_a_run_its_empty_place() -> None:
    history = [point(5.5), point(4.5, "failed"), point(2.5, "damaged"), point(0.5)]
    assert count_marks(svg.draw_runs(history, DAY_S, NOW, "")) == {
        "run-good": 2,
        "run-bad": 1,
        "run-damaged": 1,
        "run-none": 2,
    }


def test_nights_that_were_missed_at_the_end_are_drawn_up_to_now() -> None:
    assert count_marks(svg.draw_runs([point(5.5)], DAY_S, NOW, "")) == {"run-good": 1, "run-none": 5}


def test_the_last_run_of_an_interval_is_the_one_that_is_drawn() -> None:
    history = [point(0.6, "failed"), point(0.5)]
    assert count_marks(svg.draw_runs(history, DAY_S, NOW, "")) == {"run-good": 1}


def test_each_kind_of_run_has_its_own_shape_so_that_colour_is_not_needed() -> None:
    assert len({outline for _unused, outline, _unused2 in svg.SHAPES.values()}) == len(svg.SHAPES)


def test_what_is_older_than_the_strip_is_left_out() -> None:
    assert svg.draw_runs([point(svg.SLOTS + 1)], DAY_S, NOW, "") == ""
    assert svg.draw_runs([], DAY_S, NOW, "") == ""
    full = [point(days + 0.5) for days in range(svg.SLOTS + 9, -1, -1)]
    assert count_marks(svg.draw_runs(full, DAY_S, NOW, "")) == {"run-good": svg.SLOTS}


def test_a_status_that_nobody_knows_is_drawn_as_bad() -> None:
    assert count_marks(svg.draw_runs([point(0.5, "<odd>")], DAY_S, NOW, "")) == {"run-bad": 1}


def test_a_run_in_the_future_is_one_of_now() -> None:
    ahead = HistoryPoint(NOW + timedelta(minutes=1), "succeeded", 1)
    assert count_marks(svg.draw_runs([ahead], DAY_S, NOW, "")) == {"run-good": 1}


def test_a_drawing_says_in_words_what_it_shows() -> None:
    drawing = ElementTree.fromstring(svg.draw_runs([point(0.5)], DAY_S, NOW, "1 of 1"))
    assert (drawing.attrib["role"], drawing.attrib["aria-label"]) == ("img", "1 of 1")


def test_the_sizes_are_a_line_from_the_left_edge_to_the_right() -> None:
    drawing = svg.draw_sizes([point(2, size_bytes=500), point(1, "failed", 0), point(0, size_bytes=1000)], "")
    line = next(path for path in ElementTree.fromstring(drawing) if path.attrib["class"] == "size-line")
    right = svg.SLOTS * svg.PITCH - svg.PITCH
    assert line.attrib["d"] == f"M0.0 24.0L{right:.1f} 4.0"


@pytest.mark.parametrize("sizes", [[], [1000]])
def test_one_size_is_no_trend(sizes: list[int]) -> None:
    assert svg.draw_sizes([point(1, size_bytes=size) for size in sizes], "") == ""


def test_runs_that_stored_nothing_lie_on_the_ground() -> None:
    assert " 44.0" in svg.draw_sizes([point(1, size_bytes=0), point(0, size_bytes=0)], "")


def test_every_level_has_its_ladder_with_as_many_full_steps() -> None:
    drawing = ElementTree.fromstring(svg.define_ladders())
    full = {symbol.attrib["id"]: sum(step.attrib["fill"] == "currentColor" for step in symbol) for symbol in drawing}
    assert full == {**{f"ladder-{level}": height for height, level in enumerate(LADDER)}, f"ladder-{DAMAGED}": 0}
    for level in (*LADDER, DAMAGED):
        assert f'href="#ladder-{level}"' in svg.draw_ladder(level)


def test_a_level_that_nobody_knows_is_drawn_as_damaged() -> None:
    assert '"#ladder-damaged"' in svg.draw_ladder('"><script>')


def read_year(drawing: str) -> dict[tuple[int, int], str]:
    """(week, weekday) -> the class of the square that is drawn there."""
    found = {}
    for path in ElementTree.fromstring(drawing).iter("path"):
        if path.attrib["class"] != "day-mark":
            for left, top, height in re.findall(r"M(\d+) (\d+)v(\d+)h11V\2z", path.attrib["d"]):
                for below in range(int(height) // 11):
                    place = int(left) // 11, int(top) // 11 + below
                    assert place not in found
                    found[place] = path.attrib["class"]
    return found


@pytest.mark.parametrize("last", [date(2026, 11, day) for day in range(16, 23)])
def test_every_day_of_a_year_has_its_square(last: date) -> None:
    days = "s" * 100 + "..f" + "sssssscd" * 20 + "f"
    drawn = read_year(svg.draw_year(days, last, "a year"))
    monday = last - timedelta(days=last.weekday())
    names = {".": "day-none", "s": "day-succeeded", "c": "day-compared", "f": "day-failed", "d": "day-damaged"}
    for ago, letter in enumerate(reversed(days)):
        day = last - timedelta(days=ago)
        week = 52 - (monday - (day - timedelta(days=day.weekday()))).days // 7
        assert drawn.pop((week, day.weekday())) == names[letter]
    assert drawn == {}


def test_a_year_without_a_fault_takes_little_room() -> None:
    assert len(svg.draw_year("s" * 366, date(2026, 11, 16), "")) < 1800


def test_a_bad_day_is_marked_for_eyes_without_colour() -> None:
    for letter in "fd":
        assert "day-mark" in svg.draw_year(f"s{letter}", date(2026, 11, 22), "")
        assert "day-mark" in svg.draw_day(letter)
    assert "day-mark" not in svg.draw_year("sc.", date(2026, 11, 22), "") + svg.draw_day("s")


def test_the_lines_between_the_days_are_drawn_once() -> None:
    assert ElementTree.fromstring(svg.define_grid())[0].attrib["id"] == "day-grid"
    assert 'href="#day-grid"' in svg.draw_year("s", date(2026, 11, 22), "")
