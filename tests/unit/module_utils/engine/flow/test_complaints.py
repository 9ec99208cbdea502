from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.complaints import (
    LINE_BYTES,
    TAIL_BYTES,
    Complaints,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import NOTHING, Shell
from ansible_collections.diskominfo.backup.tests.traces import ENGINE, leave_nothing, run_python

FLOOD_BYTES = 100_000_000


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    with leave_nothing():
        yield


def hear(content: bytes, secrets: tuple[str, ...] = ()) -> tuple[str, list[bytes]]:
    """The tail and the lines of a stream."""
    lines: list[bytes] = []
    reading, writing = os.pipe()
    complaints = Complaints(reading, secrets)
    complaints.begin(lines.append, lambda: None)
    while content:
        content = content[os.write(writing, content) :]
    os.close(writing)
    return complaints.conclude(), lines


def test_a_flood_of_complaints_does_not_grow_the_memory() -> None:
    code = f"""
import re, sys
from {ENGINE}.flow.process import NOTHING, Shell
longest = 0
def take(line):
    global longest
    longest = max(longest, len(line))
with Shell(100) as shell:
    for script in ("head -c $0 /dev/zero >&2", "yes complaint | head -c $0 >&2"):
        shell.start(["sh", "-c", script, sys.argv[1]], stdout=NOTHING, taker=take).wait().require_success()
    assert [len(trace.stderr_tail) for trace in shell.traces] == [{TAIL_BYTES}] * 2
assert longest <= {2 * LINE_BYTES}
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""
    small, large = (int(run_python(code, str(size))) for size in (1_000_000, FLOOD_BYTES // 20))
    assert large <= small * 1.1


def test_a_flood_that_nobody_takes_ends_as_soon_as_it_is_written() -> None:
    with Shell(60) as shell:
        trace = shell.start(["sh", "-c", f"head -c {FLOOD_BYTES} /dev/zero >&2; echo end >&2"], stdout=NOTHING).wait()
    assert trace.status == 0
    assert len(trace.stderr_tail) == TAIL_BYTES
    assert trace.stderr_tail.endswith("\0end\n")


def test_what_is_no_text_is_kept_as_far_as_it_can_be() -> None:
    tail, lines = hear(b"\xff\x00\x1b[2Jbad\n\xc3\xa9")
    assert tail == "�\0\x1b[2Jbad\né"
    assert lines == [b"\xff\x00\x1b[2Jbad", b"\xc3\xa9"]


def test_a_line_without_end_comes_in_pieces() -> None:
    content = b"x" * 1_000_000
    tail, lines = hear(content + b"\nlast")
    assert b"".join(lines) == content + b"last"
    assert max(map(len, lines)) <= 2 * LINE_BYTES
    assert len(tail) == TAIL_BYTES


@pytest.mark.parametrize("shift", range(0, 40, 3))
def test_a_secret_that_is_cut_in_two_leaves_no_half(shift: int) -> None:
    secrets = ("Rahasia-Negara", "x1")
    content = b"Rahasia-Negara x1 " * 3000
    tail, lines = hear(content + b"." * (shift + 9 * 8), secrets)
    assert len(tail) > 500
    for part in ("Rahasia", "asia", "gara", "x1", "ia-"):
        assert part not in tail
        assert all(part.encode() not in line for line in lines)


@pytest.mark.parametrize("shift", range(16))
def test_a_secret_that_holds_another_one_leaves_no_half_either(shift: int) -> None:
    secrets = ("e", "e" * 14 + "Z9")
    tail, _unused = hear(secrets[1].encode() * 3000 + b"." * shift, secrets)
    assert set(tail) == {"*", "."} if shift else {"*"}


def test_after_a_taker_failed_the_rest_is_read_and_not_shown() -> None:
    shown: list[bytes] = []
    told: list[str] = []

    def take(line: bytes) -> None:
        shown.append(line)
        raise ValueError("enough")

    reading, writing = os.pipe()
    complaints = Complaints(reading, ())
    complaints.begin(take, lambda: told.append("fault"))
    os.write(writing, b"a\nb\n")
    os.close(writing)
    assert complaints.conclude() == "a\nb\n"
    assert (shown, told, str(complaints.fault)) == ([b"a"], ["fault"], "enough")


def test_a_stream_that_somebody_holds_open_is_read_as_far_as_it_came() -> None:
    reading, writing = os.pipe()
    complaints = Complaints(reading, ())
    complaints.begin(None, lambda: None)
    time.sleep(0.25)
    os.write(writing, b"words")
    began = time.monotonic()
    assert complaints.conclude() == "words"
    assert time.monotonic() - began < 25
    os.close(writing)


def test_complaints_that_had_no_thread_are_read_in_the_end() -> None:
    reading, writing = os.pipe()
    complaints = Complaints(reading, ())
    os.write(writing, b"words")
    assert complaints.conclude() == "words"
    os.close(writing)
