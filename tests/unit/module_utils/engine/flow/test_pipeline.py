from __future__ import annotations

import errno
import fcntl
import hashlib
import itertools
import operator
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import errors
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow import compression, credentials, pipeline
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.pipeline import (
    Digest,
    Pumped,
    pump,
    relay,
    write_to,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.pipes import BUFFER_BYTES, widen_pipe
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Process, Shell
from ansible_collections.diskominfo.backup.tests.ordinary import run_as_ordinary_user
from ansible_collections.diskominfo.backup.tests.traces import (
    ENGINE,
    interrupt_after,
    is_alive,
    leave_nothing,
    list_children,
    list_descriptors,
    run_python,
    wait_for,
)

CAT = ("cat",)
F_GETPIPE_SZ = 1032
CONTENT = random.Random(4).randbytes(3_000_000)


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    with leave_nothing():
        yield


@pytest.fixture
def shell() -> Iterator[Shell]:
    with Shell(30) as opened:
        yield opened


@pytest.fixture
def source(tmp_path: Path) -> Iterator[int]:
    """A descriptor of CONTENT."""
    (tmp_path / "content").write_bytes(CONTENT)
    with (tmp_path / "content").open("rb") as stream:
        yield stream.fileno()


@pytest.fixture
def silence() -> Iterator[int]:
    """A descriptor from which nothing comes, and which does not end."""
    reading, writing = os.pipe()
    yield reading
    os.close(reading)
    os.close(writing)


@pytest.fixture
def endless() -> Iterator[int]:
    """A descriptor that never ends."""
    with open("/dev/zero", "rb") as stream:
        yield stream.fileno()


def run_script(script: str) -> tuple[str, str, str]:
    return ("sh", "-c", script)


# --- bytes


@pytest.mark.parametrize("method", ["zstd", "gzip"])
@pytest.mark.parametrize("content", [b"", b"x", CONTENT], ids=["none", "one", "many"])
def test_what_goes_in_comes_out_behind_both_ways_of_compression(
    shell: Shell, tmp_path: Path, method: str, content: bytes
) -> None:
    codec = compression.make_codec(method, 3, 2)
    (tmp_path / "content").write_bytes(content)
    before, after = Digest(), Digest()
    with (tmp_path / "content").open("rb") as stream:
        pumped = pump(stream.fileno(), [codec.compress, codec.decompress], shell, [before.take], [after.take])
    assert pumped == Pumped(len(content), len(content))
    assert before.hexadecimal == after.hexadecimal == hashlib.sha256(content).hexdigest()
    assert before.size_bytes == after.size_bytes == len(content)


def test_without_filters_the_takers_see_the_source(shell: Shell, source: int) -> None:
    before, after = Digest(), Digest()
    assert pump(source, [], shell, [before.take], [after.take]) == Pumped(len(CONTENT), len(CONTENT))
    assert before.hexadecimal == after.hexadecimal == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("shown_bytes", [0, 1_000_000])
def test_what_nobody_wants_to_see_any_more_goes_by_unread_and_is_counted(
    shell: Shell, source: int, shown_bytes: int
) -> None:
    seen, came = Digest(), Digest()
    counted: list[int] = []
    pumped = pump(
        source, [CAT], shell, [seen.take], [came.take], counted.append, lambda: seen.size_bytes >= shown_bytes
    )
    assert shown_bytes <= seen.size_bytes < shown_bytes + BUFFER_BYTES
    assert pumped == Pumped(len(CONTENT), len(CONTENT))
    assert sum(counted) == len(CONTENT)
    assert came.hexadecimal == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("is_known", [True, False])
def test_where_nothing_can_be_spliced_all_bytes_are_read(
    shell: Shell, source: int, is_known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "CAN_SPLICE", not is_known)
    monkeypatch.setattr(os, "splice", fail_with(errno.EINVAL))
    seen, came = Digest(), Digest()
    pump(source, [CAT], shell, [seen.take], [came.take], enough=lambda: True)
    assert seen.size_bytes == len(CONTENT)
    assert came.hexadecimal == hashlib.sha256(CONTENT).hexdigest()


def test_a_few_bytes_are_spliced_too(shell: Shell) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"words")
    os.close(writing)
    came = Digest()
    pump(reading, [CAT], shell, after=[came.take], enough=lambda: True)
    os.close(reading)
    assert came.size_bytes == 5


def fail_with(number: int) -> Callable[..., int]:
    def fail(*_unused: object) -> int:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.EPIPE, errno.EIO])
def test_a_splice_that_fails_ends_the_pump(
    shell: Shell, source: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "splice", fail_with(number))
    told = errors.DumpFailed if number == errno.EPIPE else OSError
    with pytest.raises(told):
        pump(source, [CAT], shell, enough=lambda: True)


def test_a_pipe_that_is_written_in_small_pieces_is_left_to_fill_before_it_is_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, writing = os.pipe()
    widen_pipe(writing)
    pieces = iter([bytes(4096)] * 200)
    end = ExitStack()
    end.callback(os.close, writing)

    def let_time_pass(_seconds: float) -> None:
        """What the writer does meanwhile: twenty pieces, and the end after the last."""
        for piece in itertools.islice(pieces, 20):
            os.write(writing, piece)
        if not operator.length_hint(pieces):
            end.close()

    monkeypatch.setattr(time, "sleep", let_time_pass)
    sizes: list[int] = []
    os.write(writing, bytes(BUFFER_BYTES))

    def take(chunk: memoryview) -> None:
        sizes.append(len(chunk))
        if len(sizes) == 1:
            os.write(writing, bytes(4096))

    total = relay(reading, [take])
    os.close(reading)
    assert sizes == [BUFFER_BYTES, 4096, *[20 * 4096] * 10]
    assert total == sum(sizes)


def test_what_is_relayed_can_be_written_on(source: int, tmp_path: Path) -> None:
    with (tmp_path / "copy").open("wb") as copy:
        assert relay(source, [write_to(copy.fileno())]) == len(CONTENT)
    assert (tmp_path / "copy").read_bytes() == CONTENT


def test_memory_does_not_grow_with_what_passes() -> None:
    code = f"""
import re, sys
from {ENGINE}.flow.pipeline import Digest, pump
from {ENGINE}.flow.process import Shell
with Shell(100) as shell:
    source = shell.start(["head", "-c", sys.argv[1], "/dev/zero"])
    pump(source.stdout, [["cat"]], shell, [], [Digest().take])
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""
    small, large = (int(run_python(code, str(size))) for size in (10_000_000, 1_000_000_000))
    assert large <= small * 1.1


def test_pipes_that_may_not_grow_only_cost_time() -> None:
    def work(folder: Path) -> None:
        for _unused in range(80):  # more than one user may have of this width
            widen_pipe(os.pipe()[0])
        unwidened, _unused = os.pipe()
        widen_pipe(unwidened)
        assert fcntl.fcntl(unwidened, F_GETPIPE_SZ) < BUFFER_BYTES
        (folder / "content").write_bytes(CONTENT)
        with Shell(30) as shell, (folder / "content").open("rb") as stream:
            assert pump(stream.fileno(), [CAT, CAT], shell).out_bytes == len(CONTENT)

    run_as_ordinary_user(work)


# --- every exit status counts


@pytest.mark.parametrize("position", [0, 1, 2])
def test_the_status_of_every_filter_counts(shell: Shell, source: int, position: int) -> None:
    filters: list[tuple[str, ...]] = [CAT, CAT, CAT]
    filters[position] = run_script("cat; echo no >&2; exit 3")
    with pytest.raises(errors.DumpFailed, match=r"^sh ended with status 3: no$"):
        pump(source, filters, shell)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_filter_that_dies_in_the_middle_is_named_and_not_those_that_it_cut_off(
    shell: Shell, endless: int, position: int
) -> None:
    filters: list[tuple[str, ...]] = [CAT, CAT, CAT]
    filters[position] = run_script("head -c 100000; echo disk full >&2; exit 28")
    with pytest.raises(errors.DumpFailed, match=r"^sh ended with status 28: disk full$"):
        pump(endless, filters, shell)


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGPIPE, signal.SIGSEGV])
def test_a_filter_that_a_signal_ends_is_a_failure(shell: Shell, source: int, position: int, number: int) -> None:
    filters: list[tuple[str, ...]] = [CAT, CAT, CAT]
    filters[position] = run_script(f"cat; kill -{number} $$")
    with pytest.raises(errors.DumpFailed, match=f"ended with status -{number}"):
        pump(source, filters, shell)


@pytest.mark.parametrize("filters", [[("head", "-c", "10")], [("head", "-c", "10"), CAT]])
def test_a_filter_that_stops_reading_and_calls_it_a_success_is_a_failure(
    shell: Shell, endless: int, filters: list[tuple[str, ...]]
) -> None:
    with pytest.raises(errors.DumpFailed, match=r"^head ended before its input did$"):
        pump(endless, filters, shell)


def test_a_later_filter_that_stops_reading_is_a_failure(shell: Shell, endless: int) -> None:
    with pytest.raises(errors.DumpFailed, match=f"cat ended (with status -{signal.SIGPIPE}|before its input did)"):
        pump(endless, [CAT, ("head", "-c", "10")], shell)


def test_a_producer_that_fails_after_a_whole_stream_is_told_by_its_own_status(shell: Shell) -> None:
    producer = shell.start(run_script("echo whole; echo lost the connection >&2; exit 2"))
    assert pump(producer.stdout, [CAT], shell) == Pumped(6, 6)
    with pytest.raises(errors.DumpFailed, match="status 2: lost the connection"):
        producer.wait().require_success()


def test_a_filter_that_is_missing_ends_those_before_it(shell: Shell, source: int) -> None:
    with pytest.raises(errors.ToolMissing):
        pump(source, [CAT, ("no-such-filter",)], shell)
    assert [trace.status for trace in shell.traces] == [-signal.SIGKILL]


@pytest.mark.parametrize("status", [0, 1])
def test_a_filter_that_ends_while_the_source_is_silent_is_noticed_at_once(
    shell: Shell, silence: int, status: int
) -> None:
    began = time.monotonic()
    with pytest.raises(errors.DumpFailed):
        pump(silence, [run_script(f"exit {status}")], shell)
    assert time.monotonic() - began < 25


# --- takers


def fail_after(count: int, error: BaseException) -> Callable[[memoryview], None]:
    seen = 0

    def take(chunk: memoryview) -> None:
        nonlocal seen
        seen += len(chunk)
        if seen >= count:
            raise error

    return take


@pytest.mark.parametrize("filters", [[], [CAT], [CAT, CAT]])
@pytest.mark.parametrize("error", [ValueError("full"), BrokenPipeError("mine"), KeyboardInterrupt()])
def test_what_a_taker_raises_is_raised_and_everything_ends(
    shell: Shell, endless: int, filters: list[tuple[str, ...]], error: BaseException
) -> None:
    sleeping = shell.start(["sleep", "60"])
    with pytest.raises(type(error)) as caught:
        pump(endless, filters, shell, before=[fail_after(3_000_000, error)])
    assert caught.value is error
    with pytest.raises(type(error)):
        pump(endless, filters, shell, after=[fail_after(3_000_000, error)])
    assert sleeping.wait().status == -signal.SIGKILL


def test_a_taker_that_fails_does_not_wait_for_a_filter_that_takes_its_time(shell: Shell, endless: int) -> None:
    began = time.monotonic()
    with pytest.raises(ValueError, match="full"):
        pump(endless, [run_script("cat >/dev/null; sleep 60")], shell, before=[fail_after(1, ValueError("full"))])
    assert time.monotonic() - began < 25


def test_a_taker_that_fails_does_not_wait_for_a_silent_source(shell: Shell) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"first words")
    began = time.monotonic()
    with pytest.raises(ValueError, match="full"):
        pump(reading, [CAT], shell, after=[fail_after(1, ValueError("full"))])
    assert time.monotonic() - began < 25
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("script", ["exit 1", "head -c 300000 >/dev/null; exit 1", "cat >/dev/null; exit 1"])
def test_after_a_failure_the_rest_of_the_source_is_there_to_be_read(shell: Shell, source: int, script: str) -> None:
    digest = Digest()
    with pytest.raises(errors.DumpFailed):
        pump(source, [run_script(script)], shell, before=[digest.take])
    relay(source, [digest.take])
    assert (digest.size_bytes, digest.hexadecimal) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


def test_a_source_that_cannot_be_read_is_told(shell: Shell, tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        for filters in ([], [CAT]):
            with pytest.raises(IsADirectoryError):
                pump(folder, filters, shell)
    finally:
        os.close(folder)


def test_an_interrupt_ends_a_pump_and_is_raised(shell: Shell, silence: int) -> None:
    with interrupt_after(0.2), pytest.raises(KeyboardInterrupt):
        pump(silence, [CAT, CAT], shell)
    assert shell.traces[0].status == -signal.SIGKILL
    assert len(shell.traces) == 2


class CrowdedShell(Shell):
    """Has no room for a thread after the first process was started."""

    def start(self, *arguments: Any, **options: Any) -> Process:
        process = super().start(*arguments, **options)
        threading.stack_size(1 << 60)
        return process


def test_without_room_for_the_thread_that_feeds_nothing_is_lost(source: int) -> None:
    usual = threading.stack_size()
    with CrowdedShell(30) as shell:
        try:
            with pytest.raises(RuntimeError, match="thread"):
                pump(source, [CAT], shell)
        finally:
            threading.stack_size(usual)
    assert [trace.status for trace in shell.traces] == [-signal.SIGKILL]


# --- time


@pytest.mark.parametrize("filters", [[], [CAT], [CAT, CAT]])
def test_a_silent_source_ends_at_the_time_limit(silence: int, filters: list[tuple[str, ...]]) -> None:
    with Shell(0.3) as shell, pytest.raises(errors.TimeLimitReached):
        pump(silence, filters, shell)


@pytest.mark.parametrize("script", ["exec sleep 60", "kill -STOP $$; cat", "cat; exec >&-; sleep 60"])
def test_a_filter_that_hangs_ends_at_the_time_limit(source: int, script: str) -> None:
    with Shell(0.4) as shell, pytest.raises(errors.TimeLimitReached):
        pump(source, [CAT, run_script(script)], shell)
    assert all(trace.status != 0 for trace in shell.traces[1:])


def test_a_filter_whose_offspring_left_its_group_with_the_pipes_ends_at_the_time_limit(
    endless: int, tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    script = f"exec 3<&0; setsid sh -c 'echo $$ >{notes}; exec sleep 60' <&3 & head -c 100000 >/dev/null; wait"
    began = time.monotonic()
    with Shell(0.5) as shell, pytest.raises(errors.TimeLimitReached):
        pump(endless, [run_script(script)], shell)
    assert time.monotonic() - began < 25
    number = int(notes.read_text())
    assert is_alive(number)
    os.kill(number, signal.SIGKILL)


# --- leaks


def test_two_hundred_pumps_of_which_half_fail_leave_nothing(tmp_path: Path) -> None:
    (tmp_path / "content").write_bytes(CONTENT[:200_000])
    failures = 0
    with leave_nothing(), Shell(60) as shell, (tmp_path / "content").open("rb") as stream:
        before = list_descriptors()
        for number in range(200):
            stream.seek(0)
            first = run_script("exit 1") if number % 4 == 0 else CAT
            after = [fail_after(1, ValueError())] if number % 4 == 2 else []
            try:
                pump(stream.fileno(), [first, CAT][: 1 + number % 2], shell, after=after)
            except (errors.DumpFailed, ValueError):
                failures += 1
            assert len(shell.traces) > number
            assert list_descriptors() == before
    assert failures == 100


# --- secrets


def test_a_secret_that_is_lent_stands_in_no_argument_and_no_environment(tmp_path: Path) -> None:
    secret = "s3cr3t-Rahasia"
    seen: list[bytes] = []
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.is_set():
            for child in list_children(os.getpid()):
                for name in ("cmdline", "environ"):
                    try:
                        seen.append(Path(f"/proc/{child}/{name}").read_bytes())
                    except OSError:
                        continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with Shell(30) as shell, credentials.lend(f"password={secret}", tmp_path) as lent:
            script = f"cat; cat {lent} >&2; sleep 0.3; exit 1"
            producer = shell.start(run_script(script.replace("cat;", "", 1)), secrets=[secret])
            with pytest.raises(errors.DumpFailed) as caught:
                pump(producer.stdout, [run_script(f"cat; cat {lent} >/dev/null; exit 1")], shell)
            with pytest.raises(errors.DumpFailed) as own:
                producer.wait().require_success()
            told = f"{shell.traces} {caught.value} {own.value}"
    finally:
        is_over.set()
        watcher.join()
    assert any(b"sleep" in content for content in seen)
    assert not any(secret.encode() in content for content in seen)
    assert secret not in told
    assert "password=********" in told
    wait_for(lambda: list(tmp_path.iterdir()) == [])
