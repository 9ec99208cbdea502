from __future__ import annotations

import itertools

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.progress import (
    Board,
    Cadence,
    Silence,
    Standing,
    format_bytes,
    format_span,
)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (1530, "1.53 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (1_530_000, "1.53 MB"),
        (12_345_678_901, "12.3 GB"),
        (7 * 10**12, "7 TB"),
        (5 * 10**15, "5 PB"),
        (12_345 * 10**15, "12345 PB"),
        (-1530, "-1.53 kB"),
    ],
)
def test_a_size_has_three_digits_and_a_unit(count: int, text: str) -> None:
    assert format_bytes(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (185, "3 min 5 s"), (3600, "1 h 0 min"), (7830, "2 h 10 min")],
)
def test_a_span_has_two_units_at_most(seconds: float, text: str) -> None:
    assert format_span(seconds) == text


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((512_000_000, 1_024_000_000, 5.0), "512 MB of 1.02 GB, 50 %, 102 MB/s, 5 s left"),
        ((512_000_000, 0, 5.0), "512 MB, 102 MB/s"),
        ((1_000, 2_000, 0.1), "1 kB of 2 kB, 50 %"),
        ((0, 2_000, 9.0), "0 B of 2 kB, 0 %"),
        ((3_000, 2_000, 1.0), "3 kB of 2 kB, 100 %, 3 kB/s"),
    ],
)
def test_a_line_tells_bytes_share_rate_and_what_is_left_as_far_as_they_are_known(
    numbers: tuple[int, int, float], told: str
) -> None:
    assert Standing("sippn", "app.db", *numbers).tell() == f"sippn: app.db: {told}"


def test_names_of_files_cannot_give_orders_to_a_terminal_nor_break_its_line() -> None:
    told = Standing("sippn", "\x1b]0;title\x07\n\udcff", 1, 0, 0.0).tell()
    assert told == "sippn: ?]0;title???: 1 B"


def test_a_board_holds_the_part_at_work_of_each_application_and_its_time() -> None:
    clock = itertools.count()
    board = Board(lambda: next(clock))
    board.advance("sippn", "app.db", 10, 100)  # begun at 0
    board.advance("arsip", "www", 1, 0)  # 1
    board.advance("sippn", "app.db", 20, 100)
    assert board.read() == [Standing("sippn", "app.db", 20, 100, 2.0), Standing("arsip", "www", 1, 0, 1.0)]
    board.advance("sippn", "www", 5, 50)  # 3
    board.advance("arsip", "www", 0, 0)  # 4: from the beginning again
    assert board.read() == [Standing("sippn", "www", 5, 50, 2.0), Standing("arsip", "www", 0, 0, 1.0)]
    board.conclude("sippn")
    board.conclude("sippn")
    assert [standing.application for standing in board.read()] == ["arsip"]


def test_a_log_is_told_soon_and_then_ever_more_seldom() -> None:
    now_s = [0]
    cadence = Cadence(lambda: now_s[0])

    def is_told(second: int) -> bool:
        now_s[0] = second
        return cadence.is_due()

    assert [second for second in range(300) if is_told(second)] == [5, 10, 20, 40, 80, 140, 200, 260]


def test_silence_says_nothing() -> None:
    silence = Silence()
    silence.advance("sippn", "app.db", 1, 2)
    silence.conclude("sippn", "done")
