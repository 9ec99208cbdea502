"""How `.ci/lanes.sh` does several things at a time: nothing is mixed, lost, or left behind."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120


def start(folder: Path, lanes: list[str], script: str) -> subprocess.Popen[str]:
    """Each name runs a script of the shell that knows the folder as $0 and the name as $1."""
    # Who runs these tests in the background may have let them ignore what a person at a terminal interrupts with.
    argv = ["env", "--default-signal=INT", "bash", str(ROOT / ".ci/lanes.sh"), str(folder / "logs")]
    argv += [*lanes, "--", "sh", "-c", script, str(folder)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        output, _none = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.terminate()
        raise
    return process.returncode, output


def test_lanes_go_at_a_time_and_what_each_says_is_printed_whole(tmp_path: Path) -> None:
    # The first says a word before and one after the other lane has said all of its own.
    script = """echo "$1 one"
until test "$1" != first || grep -q third "$0/logs/times"; do sleep 0.05; done
echo "$1 two" """
    status, output = finish(start(tmp_path, ["first", "second third"], script))

    assert status == 0, output
    for name in ("first", "second", "third"):
        assert f":\n{name} one\n{name} two\n" in output
    times = (tmp_path / "logs" / "times").read_text().splitlines()
    assert [line.split()[0] for line in times] == ["second", "third", "first"]


def test_what_fails_fails_the_whole_and_nothing_more_is_begun(tmp_path: Path) -> None:
    # The lane beside it ends what it is at.
    script = """case $1 in
  bad) echo "it is broken"; exit 3 ;;
  slow) until test -e "$0/logs/failed"; do sleep 0.05; done ;;
esac
touch "$0/$1" """
    status, output = finish(start(tmp_path, ["bad never", "slow neither"], script))

    assert status == 1
    assert "it is broken" in output
    assert "Failed: bad" in output
    assert {path.name for path in tmp_path.iterdir()} == {"logs", "slow"}
    # What failed before is no failure of the next time.
    assert finish(start(tmp_path, ["good"], "true"))[0] == 0


def test_an_interruption_reaches_every_lane_and_is_waited_for(tmp_path: Path) -> None:
    script = """trap 'sleep 0.3; echo put away >"$0/$1.ended"; exit 1' INT
touch "$0/$1.begun"
while :; do sleep 0.05; done"""
    for number in (signal.SIGINT, signal.SIGTERM):
        process = start(tmp_path, ["first more", "second more"], script)
        deadline = time.monotonic() + PATIENCE_S
        while not all((tmp_path / f"{name}.begun").exists() for name in ("first", "second")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(number)
        status, output = finish(process)

        assert status == 130, output
        for name in ("first", "second"):
            assert (tmp_path / f"{name}.ended").read_text() == "put away\n"
            (tmp_path / f"{name}.ended").unlink()
            (tmp_path / f"{name}.begun").unlink()
        assert not (tmp_path / "more.begun").exists()
