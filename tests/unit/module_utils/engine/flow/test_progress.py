from __future__ import annotations

import io
import itertools
import os

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.progress import (
    Silence,
    TerminalProgress,
    format_bytes,
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


def test_a_terminal_shows_one_line_that_is_written_over_a_few_times_a_second() -> None:
    stream, clock = io.StringIO(), itertools.count(0, 0.15)
    progress = TerminalProgress(stream, True, lambda: next(clock))
    for done in (0, 500_000, 1_000_000, 3_000_000):
        progress.advance("sippn", "app.db", done, 2_000_000)
    progress.conclude("sippn", "run done in 1.0 s")
    assert stream.getvalue() == (
        "\r\x1b[2Ksippn: app.db: 0 B   0 %\r\x1b[2Ksippn: app.db: 1 MB  50 %\r\x1b[2Ksippn: run done in 1.0 s\n"
    )


def test_without_a_guess_of_the_whole_no_share_is_shown() -> None:
    stream = io.StringIO()
    TerminalProgress(stream, True).advance("sippn", "www", 12_000, 0)
    assert stream.getvalue() == "\r\x1b[2Ksippn: www: 12 kB"


def test_a_share_is_never_more_than_the_whole() -> None:
    stream = io.StringIO()
    TerminalProgress(stream, True).advance("sippn", "www", 30, 20)
    assert stream.getvalue().endswith("30 B 100 %")


def test_what_is_no_terminal_gets_the_conclusions_only() -> None:
    stream = io.StringIO()
    progress = TerminalProgress(stream, False)
    progress.advance("sippn", "app.db", 1, 2)
    progress.conclude("sippn", "run done")
    assert stream.getvalue() == "sippn: run done\n"


def test_names_of_files_cannot_give_orders_to_a_terminal_nor_break_its_line() -> None:
    stream = io.StringIO()
    progress = TerminalProgress(stream, True)
    progress.advance("sippn", "\x1b]0;title\x07\n\udcff" + "x" * 300, 1, 0)
    progress.conclude("sippn", "\x1b[31mred\nnext")
    shown = stream.getvalue().replace("\r\x1b[2K", "")
    assert "\x1b" not in shown
    assert "\udcff" not in shown
    assert shown.count("\n") == 1
    assert max(map(len, shown.splitlines())) < 110


def test_a_closed_terminal_does_not_harm_the_work() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    gone = os.fdopen(writing, "w")
    closed = io.StringIO()
    closed.close()
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    for stream in (gone, closed, narrow):
        progress = TerminalProgress(stream, True)
        progress.advance("sippn", "Müll", 1, 0)
        progress.conclude("sippn", "Müll")
    with pytest.raises(BrokenPipeError):
        gone.close()


def test_silence_says_nothing() -> None:
    silence = Silence()
    silence.advance("sippn", "app.db", 1, 2)
    silence.conclude("sippn", "done")
