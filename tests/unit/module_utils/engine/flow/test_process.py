from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import errors
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow import process as processes
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import PIPE, Shell, Supervisor
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.trace import STATUS_LOST
from ansible_collections.diskominfo.backup.tests.traces import (
    ENGINE,
    interrupt_after,
    is_alive,
    leave_nothing,
    list_children,
    run_python,
    start_python,
    wait_for,
)

STUBBORN = """
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGPIPE):
    signal.signal(number, signal.SIG_IGN)
with open(sys.argv[1], "a") as notes:
    notes.write(f"{os.getpid()}\\n")
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    with leave_nothing():
        yield


@pytest.fixture
def shell() -> Iterator[Shell]:
    with Shell(30) as opened:
        yield opened


def make_program(folder: Path, name: str, content: str) -> Path:
    program = folder / name
    program.write_text(content)
    program.chmod(0o755)
    return program


def read_numbers(notes: Path, count: int) -> list[int]:
    wait_for(lambda: notes.exists() and len(notes.read_text().splitlines()) == count)
    return [int(line) for line in notes.read_text().splitlines()]


def test_a_process_that_was_run_tells_its_output_its_complaints_and_its_status(shell: Shell) -> None:
    finished = shell.run(["sh", "-c", "echo out; echo bad >&2; exit 3"])

    assert (finished.stdout, finished.trace.stderr_tail, finished.trace.status) == (b"out\n", "bad\n", 3)
    assert finished.trace.argv[0].endswith("/sh")
    assert finished.trace.argv[1:] == ("-c", "echo out; echo bad >&2; exit 3")
    assert 0 <= finished.trace.duration_s < 10
    assert shell.traces == [finished.trace]


def test_a_process_reads_what_it_is_given_where_it_is_told_to(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "here").write_text("x")
    with (tmp_path / "here").open("rb") as stream:
        finished = shell.run(["sh", "-c", "cat; ls"], stdin=stream.fileno(), cwd=str(tmp_path))
    assert finished.stdout == b"xhere\n"


def test_a_process_without_input_or_output_gets_none(shell: Shell) -> None:
    started = shell.start(["sh", "-c", "cat && echo lost"], stdout=processes.NOTHING)
    assert (started.stdin, started.stdout) == (-1, -1)
    started.wait().require_success()


def test_nothing_of_the_callers_environment_reaches_a_process(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSTD_CLEVEL", "19")
    seen = shell.run(["env"]).stdout.decode().split()
    assert sorted(line.partition("=")[0] for line in seen) == ["HOME", "LC_ALL", "PATH", "TZ"]


def test_a_missing_program_is_named_with_the_package_that_holds_it(tmp_path: Path) -> None:
    with Shell(30, {"PATH": str(tmp_path)}) as shell, pytest.raises(errors.ToolMissing) as caught:
        shell.start(["zstd", "-q"])
    assert (caught.value.message, caught.value.hint) == ("program not found: zstd", "install it: apt-get install zstd")
    with Shell(30, {"PATH": str(tmp_path)}) as shell, pytest.raises(errors.ToolMissing, match="program not found: own"):
        shell.find("own")


def test_a_program_that_cannot_be_started_is_a_fault_with_a_name(tmp_path: Path) -> None:
    make_program(tmp_path, "broken", "\x7fELF and no more")
    with Shell(30, {"PATH": str(tmp_path)}) as shell:
        with pytest.raises(errors.ToolMissing, match=r"cannot start broken: .*Exec format error"):
            shell.start(["broken"], stdin=PIPE)
        assert shell.traces == []


def test_a_folder_to_work_in_that_is_missing_is_named(shell: Shell, tmp_path: Path) -> None:
    with pytest.raises(errors.ToolMissing, match=r"cannot start true: .*absent"):
        shell.run(["true"], cwd=str(tmp_path / "absent"))


def test_a_program_out_of_descriptors_loses_none(shell: Shell) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.open("/dev/null", os.O_RDONLY)
    os.close(free)
    with leave_nothing():
        for more in range(1, 10):
            resource.setrlimit(resource.RLIMIT_NOFILE, (free + more, before[1]))
            try:
                with pytest.raises(errors.ToolMissing, match="Too many open files"):
                    shell.start(["true"], stdin=PIPE)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_program_without_room_for_a_thread_leaves_no_process(shell: Shell) -> None:
    began = time.monotonic()
    usual = threading.stack_size(1 << 60)
    try:
        with pytest.raises(RuntimeError, match="thread"):
            shell.start(["sh", "-c", "echo hello >&2; exec sleep 60"])
    finally:
        threading.stack_size(usual)
    assert [trace.status for trace in shell.traces] == [-signal.SIGKILL]
    assert time.monotonic() - began < 25


def test_more_output_than_anybody_reads_is_a_failure_and_not_a_full_memory(shell: Shell) -> None:
    with pytest.raises(errors.DumpFailed, match=r"yes wrote more than 16777216 bytes"):
        shell.run(["yes"])
    assert shell.traces[0].status == -signal.SIGKILL


def test_a_status_is_only_a_success_when_it_is_allowed(shell: Shell) -> None:
    trace = shell.run(["sh", "-c", "echo; echo 'sh: gone' >&2; exit 1"]).trace
    trace.require_success((0, 1))
    with pytest.raises(errors.DumpFailed) as caught:
        trace.require_success()
    assert caught.value.message == "sh ended with status 1: sh: gone"


# --- the limit of time


def test_at_its_time_limit_a_group_dies_with_grandchildren_that_ignore_signals_and_hold_the_pipes(
    tmp_path: Path,
) -> None:
    notes = tmp_path / "notes"
    program = make_program(tmp_path, "stubborn.py", STUBBORN)
    command = f"{sys.executable} {program} {notes} & {sys.executable} {program} {notes}"
    began = time.monotonic()
    with Shell(1.5) as shell:
        with pytest.raises(errors.TimeLimitReached, match="time limit of 2 s"):
            shell.run(["sh", "-c", command])
        assert shell.time_left_s == 0
        assert isinstance(shell.ended_by, errors.TimeLimitReached)
    assert time.monotonic() - began < 25
    numbers = read_numbers(notes, 2)
    wait_for(lambda: not any(map(is_alive, numbers)))


def test_a_process_that_left_its_group_and_holds_the_pipes_delays_nobody(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    began = time.monotonic()
    with Shell(0.7) as shell, pytest.raises(errors.TimeLimitReached):
        shell.run(["sh", "-c", f"setsid sh -c 'echo $$ >{notes}; exec sleep 60' & exit 0"])
    assert time.monotonic() - began < 25
    (number,) = read_numbers(notes, 1)
    os.kill(number, signal.SIGKILL)


def test_what_a_process_left_behind_ends_with_it(shell: Shell, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    started = shell.start(["sh", "-c", f"sleep 60 & echo $! >{notes}"], stdout=processes.NOTHING)
    assert started.wait().status == 0
    (number,) = read_numbers(notes, 1)
    wait_for(lambda: not is_alive(number))


def test_what_a_process_left_behind_ends_even_where_it_closed_all_that_it_inherited(shell: Shell) -> None:
    code = """
import os, time
os.closerange(1, 100)
if os.fork():
    os._exit(0)
time.sleep(60)
"""
    started = shell.start([sys.executable, "-c", code], stdout=processes.NOTHING)
    assert started.wait().status == 0
    wait_for(lambda: started._popen.pid not in list_groups())


def test_a_stopped_process_ends_at_the_time_limit() -> None:
    with Shell(0.4) as shell:
        started = shell.start(["sh", "-c", "kill -STOP $$"], stdout=processes.NOTHING)
        assert started.wait().status == -signal.SIGKILL


@pytest.mark.parametrize("limit_s", [0.0, 0.002, 0.004, 0.006, 0.008, 0.01, 0.02])
def test_a_limit_that_is_reached_at_the_very_end_is_reached_or_not(limit_s: float) -> None:
    for _unused in range(5):
        with Shell(limit_s) as shell:
            try:
                finished = shell.run(["sh", "-c", "echo whole"])
            except errors.TimeLimitReached:
                assert shell.ended_by is not None
            else:
                assert (finished.stdout, finished.trace.status) == (b"whole\n", 0)
        verdict = shell.ended_by
        time.sleep(0.001)
        assert shell.ended_by is verdict


def test_time_that_is_left_grows_less(shell: Shell) -> None:
    first = shell.time_left_s
    time.sleep(0.01)
    assert 29 < shell.time_left_s < first <= 30


# --- the end


def test_an_ended_shell_starts_nothing_and_says_why() -> None:
    with Shell(30) as shell:
        sleeping = shell.start(["sleep", "60"])
        shell.end(errors.Interrupted.by_signal(15))
        shell.end(errors.TimeLimitReached.after(1))
        with pytest.raises(errors.Interrupted, match="signal 15"):
            shell.start(["true"])
        with pytest.raises(errors.Interrupted):
            shell.require_time()
        assert sleeping.wait().status == -signal.SIGKILL


def test_work_that_is_no_process_is_told_of_the_end_and_cannot_hinder_it() -> None:
    told = threading.Event()

    def complain() -> None:
        raise ValueError("closed already")

    with Shell(0.1) as shell:
        shell.on_end(complain)
        shell.on_end(told.set)
        assert told.wait(10)


def test_a_shell_whose_block_is_over_is_not_ended_any_more() -> None:
    told = threading.Event()
    with Shell(30) as shell:
        shell.on_end(told.set)
    shell.end(errors.Interrupted.by_signal(15))
    assert (shell.ended_by, told.is_set()) == (None, False)


def test_killing_all_leaves_the_shell_open(shell: Shell) -> None:
    sleeping = shell.start(["sleep", "60"])
    shell.kill_all()
    assert sleeping.wait().status == -signal.SIGKILL
    sleeping.kill()
    shell.kill_all()
    assert shell.run(["echo", "again"]).stdout == b"again\n"


def test_an_exception_in_the_block_ends_the_processes() -> None:
    with interrupt_after(0.5), pytest.raises(KeyboardInterrupt), Shell(30) as shell:
        shell.start(["sleep", "60"], stdin=PIPE).wait()
    assert [trace.status for trace in shell.traces] == [-signal.SIGKILL]


def test_many_threads_may_wait_for_one_process(shell: Shell) -> None:
    started = shell.start(["sh", "-c", "sleep 0.2; exit 7"], stdout=processes.NOTHING)
    found: list[int] = []
    waiting = [threading.Thread(target=lambda: found.append(started.wait().status)) for _unused in range(4)]
    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join()
    assert found == [7] * 4


def test_an_interrupted_wait_can_be_taken_up_again(shell: Shell) -> None:
    started = shell.start(
        ["sh", "-c", "echo slow >&2; exit 5"], stdout=processes.NOTHING, taker=lambda _unused: time.sleep(1)
    )
    with interrupt_after(0.3), pytest.raises(KeyboardInterrupt):
        started.wait()
    assert (started.wait().status, started.wait().stderr_tail) == (5, "slow\n")


def test_an_exit_status_that_somebody_else_took_is_no_success(shell: Shell) -> None:
    started = shell.start(["true"])
    os.waitpid(started._popen.pid, 0)
    trace = started.wait()
    assert trace.status == STATUS_LOST
    with pytest.raises(errors.DumpFailed, match="its exit status was lost"):
        trace.require_success()
    started.kill()


def test_where_the_kernel_throws_exit_statuses_away_nothing_is_a_success() -> None:
    code = f"""
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
from {ENGINE}.flow.process import Shell
with Shell(30) as shell:
    print(shell.run(["true"]).trace.status)
"""
    assert run_python(code) == f"{STATUS_LOST}\n"


# --- takers of complaints


def test_a_taker_is_shown_every_line_of_standard_error(shell: Shell) -> None:
    lines: list[bytes] = []
    started = shell.start(
        ["sh", "-c", "printf 'a\\n\\nb\\377\\nend' >&2"], stdout=processes.NOTHING, taker=lines.append
    )
    started.wait()
    assert lines == [b"a", b"", b"b\xff", b"end"]


def test_what_a_taker_raises_ends_the_process_and_is_not_lost(shell: Shell) -> None:
    def refuse(line: bytes) -> None:
        raise ValueError(line.decode())

    started = shell.start(["sh", "-c", "while :; do echo no >&2; done"], stdout=processes.NOTHING, taker=refuse)
    for _unused in range(2):
        with pytest.raises(ValueError, match=r"^no$"):
            started.wait()
    assert shell.traces[0].status == -signal.SIGKILL


# --- secrets


def test_a_secret_is_in_no_trace_and_no_error(shell: Shell) -> None:
    secret = "s3cr3t-Rahasia"
    lines: list[bytes] = []
    script = f"echo access denied for {secret} >&2; exit 1"
    started = shell.start(
        ["sh", "-c", script], stdout=processes.NOTHING, secrets=["", "s3cr3t", secret], taker=lines.append
    )
    trace = started.wait()
    with pytest.raises(errors.DumpFailed) as caught:
        trace.require_success()
    everything = f"{trace} {lines} {caught.value} {caught.value.hint} {errors.describe_error(caught.value)}"
    assert "s3cr3t" not in everything
    assert "Rahasia" not in everything
    assert "access denied for ********" in trace.stderr_tail


# --- signals and supervisors


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """One that a signal tells to end, from within the main thread and whatever that thread is doing."""
    opened = Supervisor()
    before = signal.signal(
        signal.SIGUSR1, lambda *_unused: opened.end_all(errors.Interrupted.by_signal(signal.SIGUSR1))
    )
    yield opened
    signal.signal(signal.SIGUSR1, before)


class Telling(list[str]):
    """Arguments that send this process a signal while they are read: in the middle of a start."""

    def __iter__(self) -> Iterator[str]:
        os.kill(os.getpid(), signal.SIGUSR1)
        return super().__iter__()


def test_a_signal_in_the_middle_of_a_start_ends_what_was_started(supervisor: Supervisor) -> None:
    with supervisor.open_shell(30) as shell:
        started = shell.start(["sleep", "60"], secrets=Telling(["x"]))
        assert started.wait().status == -signal.SIGKILL
        with pytest.raises(errors.Interrupted):
            shell.require_time()


def test_a_signal_in_the_middle_of_a_kill_ends_it_too(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    kill_group = os.killpg

    def kill_during_a_signal(group: int, number: int) -> None:
        monkeypatch.undo()
        os.kill(os.getpid(), signal.SIGUSR1)
        kill_group(group, number)

    with supervisor.open_shell(30) as shell:
        started = shell.start(["sleep", "60"])
        monkeypatch.setattr(os, "killpg", kill_during_a_signal)
        started.kill()
        assert started.wait().status == -signal.SIGKILL


def test_a_signal_ends_a_wait(supervisor: Supervisor) -> None:
    with supervisor.open_shell(30) as shell:
        started = shell.start(["sleep", "60"])
        timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1))
        timer.start()
        assert started.wait().status == -signal.SIGKILL
        timer.join()


def test_one_call_ends_every_shell_that_is_open_or_will_be() -> None:
    supervisor = Supervisor()
    with supervisor.open_shell(30) as over:
        pass
    with supervisor.open_shell(30) as first, supervisor.open_shell(30) as second:
        waiting = [first.start(["sleep", "60"]), second.start(["sleep", "60"])]
        supervisor.end_all(errors.Interrupted.by_signal(15))
        assert [one.wait().status for one in waiting] == [-signal.SIGKILL] * 2
        with supervisor.open_shell(30) as late, pytest.raises(errors.Interrupted):
            late.start(["true"])
    assert over.ended_by is None


def test_a_supervisor_loses_no_shell_that_threads_open_at_once() -> None:
    supervisor, opened = Supervisor(), list[Shell]()

    def open_many() -> None:
        opened.extend(supervisor.open_shell(30) for _unused in range(200))

    threads = [threading.Thread(target=open_many) for _unused in range(4)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    supervisor.end_all(errors.Interrupted.by_signal(15))
    assert all(shell.ended_by is not None for shell in opened)


def list_groups() -> set[int]:
    """The process groups of everything that runs."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _unused, group, *_unused2 = stat.read_text().rpartition(")")[2].split()
            found |= {int(group)} - ({int(group)} if state in "ZX" else set())
    return found


# --- the death of the program


PROGRAM = f"""
import sys, threading, time
from {ENGINE}.flow.pipeline import pump
from {ENGINE}.flow.process import Shell

def work():
    with Shell(300) as shell:
        source = shell.start(["sh", "-c", "trap '' TERM HUP INT PIPE; sleep 301 & sleep 302"])
        print("ready", flush=True)
        pump(source.stdout, [["sh", "-c", "sleep 303 <&- & cat"], ["gzip", "-c"]], shell)

threading.Thread(target=work).start()
"""


def list_descendants(process: int) -> set[int]:
    children = list_children(process)
    return children.union(*map(list_descendants, children))


def test_a_killed_program_leaves_no_process_behind() -> None:
    program = start_python(PROGRAM)
    wait_for(lambda: len(list_descendants(program.pid)) == 7)
    below = list_descendants(program.pid)
    program.kill()
    program.communicate()
    wait_for(lambda: not any(map(is_alive, below)), seconds=5)
