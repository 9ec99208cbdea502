from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import termios

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.terminal import TerminalProgress


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def show(text: str) -> list[str]:
    """What a terminal shows after the text, for the few orders that it is given."""
    lines, row = [""], 0
    for piece in text.replace("\x1b[", "\0\x1b[").split("\0"):
        rest = piece
        if piece.startswith("\x1b["):
            order, rest = piece[2:].split("A", 1) if "A" in piece[:5] else ("", piece[3:])
            if order:
                row -= int(order)
            else:
                lines = [*lines[:row], ""]
        for sign in rest:
            if sign == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif sign != "\r":
                lines[row] += sign
    return lines


def test_every_application_at_work_has_a_line_that_is_written_over_and_what_is_done_stays() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = TerminalProgress(stream, True, clock)
    progress.advance("sippn", "app.db", 0, 2_000_000)
    clock.now_s = 1.0
    progress.advance("arsip", "www", 3_000, 0)
    assert show(stream.getvalue()) == ["sippn: app.db: 0 B of 2 MB, 0 %", "arsip: www: 3 kB"]
    clock.now_s = 2.0
    progress.advance("sippn", "app.db", 1_000_000, 2_000_000)
    progress.advance("sippn", "app.db", 1_900_000, 2_000_000)  # too soon to be shown
    progress.conclude("arsip", "run done in 1.0 s")
    assert show(stream.getvalue()) == [
        "arsip: run done in 1.0 s",
        "sippn: app.db: 1.9 MB of 2 MB, 95 %, 950 kB/s, 0 s left",
    ]
    progress.conclude("sippn", "run done in 2.0 s")
    assert show(stream.getvalue()) == ["arsip: run done in 1.0 s", "sippn: run done in 2.0 s", ""]


def test_a_log_gets_a_line_now_and_then_and_the_conclusions() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = TerminalProgress(stream, False, clock)
    for second in range(9):
        clock.now_s = float(second)
        progress.advance("sippn", "app.db", second * 1_000_000, 8_000_000)
    progress.conclude("sippn", "run done in 8.0 s")
    assert stream.getvalue() == ("sippn: app.db: 5 MB of 8 MB, 62 %, 1 MB/s, 3 s left\nsippn: run done in 8.0 s\n")


def test_a_narrow_terminal_breaks_no_line() -> None:
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20, 0, 0))
    with os.fdopen(follower, "w") as stream:
        TerminalProgress(stream, True).advance("sippn", "a-name-that-is-longer-than-the-terminal", 1, 0)
        shown = os.read(leader, 1000).decode()
    os.close(leader)
    assert shown == "\r\x1b[Jsippn: a-name-that-"


def test_what_is_said_cannot_give_orders_to_a_terminal() -> None:
    stream = io.StringIO()
    TerminalProgress(stream, True).conclude("sippn", "\x1b[31mred\nnext")
    assert stream.getvalue() == "\r\x1b[Jsippn: ?[31mred?next\n"


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
