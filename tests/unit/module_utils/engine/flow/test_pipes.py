from __future__ import annotations

import fcntl
import os
import select
import time

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow import pipes
from ansible_collections.diskominfo.backup.tests.traces import leave_nothing

F_GETPIPE_SZ = 1032


def test_a_wait_looks_aside_while_nothing_comes() -> None:
    reading, writing = os.pipe()
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            os.write(writing, b"x")

    pipes.make_wait(reading, pipes.READ, look)()
    assert looks == 3
    os.close(writing)
    pipes.make_wait(reading, pipes.READ, look)()
    os.close(reading)


def test_a_wait_is_ended_by_what_it_sees_aside() -> None:
    reading, writing = os.pipe()
    deadline = time.monotonic() + 0.3

    def look() -> None:
        if time.monotonic() > deadline:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        pipes.make_wait(reading, pipes.READ, look)()
    os.set_blocking(writing, False)
    while select.select([], [writing], [], 0)[1]:
        os.write(writing, bytes(4096))
    with pytest.raises(TimeoutError):
        pipes.make_wait(writing, pipes.WRITE, look)()
    os.close(reading)
    pipes.make_wait(writing, pipes.WRITE, lambda: None)()
    os.close(writing)


def test_a_pipe_is_widened_and_what_is_none_stays() -> None:
    reading, writing = os.pipe()
    pipes.widen_pipe(reading)
    assert fcntl.fcntl(writing, F_GETPIPE_SZ) == pipes.BUFFER_BYTES
    os.close(reading)
    os.close(writing)
    pipes.widen_pipe(reading)


def test_a_group_that_is_gone_is_not_tied() -> None:
    reading, writing = os.pipe()
    pipes.tie_group(reading, 2**22 + 1)
    assert fcntl.fcntl(reading, fcntl.F_GETOWN) == 0
    os.close(reading)
    os.close(writing)


def test_both_sides_are_closed_when_a_start_fails() -> None:
    def fail(ours: pipes.Ends, theirs: pipes.Ends) -> None:
        assert -1 not in (*vars(ours).values(), *vars(theirs).values())
        raise OSError("no")

    with leave_nothing(), pytest.raises(OSError, match="no"), pipes.lay_ends(pipes.PIPE, pipes.PIPE) as both:
        fail(*both)


def test_what_the_process_inherits_is_closed_here_when_it_was_started() -> None:
    with leave_nothing():
        with pipes.lay_ends(pipes.NOTHING, pipes.PIPE) as (ours, theirs):
            assert (ours.stdin, theirs.stdin) == (-1, pipes.NOTHING)
        for descriptor in (theirs.stdout, theirs.stderr, theirs.tie):
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.fstat(descriptor)
        for descriptor in (ours.stdout, ours.stderr, ours.tie):
            os.close(descriptor)
