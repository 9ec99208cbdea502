from __future__ import annotations

import json
import os
import resource
import signal
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import errors
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow import lock
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.files import fsync_folder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.lock import hold, hold_slot
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import NOTHING, Shell
from ansible_collections.diskominfo.backup.tests.traces import ENGINE, leave_nothing, start_python

NOTE = {"kind": "run", "began": "2026-11-22T20:01:00Z", "pid": 4711}


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    with leave_nothing():
        yield


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "locks" / "sippn.lock"


def test_a_lock_is_held_by_one_at_a_time(path: Path) -> None:
    with hold(path, "sippn", 0), pytest.raises(errors.Busy) as caught, hold(path, "sippn", 0):
        pass
    assert caught.value.message == "sippn is busy: another process holds it"
    with hold(path, "sippn", 0):
        pass


def test_a_lock_is_for_its_owner_only(path: Path) -> None:
    with hold(path, "sippn", 0):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_who_finds_it_busy_is_told_by_whom(path: Path) -> None:
    with hold(path, "sippn", 0) as held:
        held.note(NOTE)
        with pytest.raises(errors.Busy) as caught, hold(path, "sippn", 0.1):
            pass
    assert caught.value.message == "sippn is busy: run since 2026-11-22T20:01:00Z (process 4711)"


def test_who_waits_gets_it_when_it_becomes_free(path: Path) -> None:
    free = threading.Event()

    def keep() -> None:
        with hold(path, "sippn", 0):
            free.set()
            time.sleep(0.2)

    keeper = threading.Thread(target=keep)
    keeper.start()
    free.wait()
    with hold(path, "sippn", 10):
        pass
    keeper.join()


def test_a_wait_can_be_ended(path: Path) -> None:
    def end() -> None:
        raise errors.Interrupted.by_signal(15)

    with hold(path, "sippn", 0), pytest.raises(errors.Interrupted), hold(path, "sippn", 60, end):
        pass


def test_a_note_that_was_not_cleared_is_found_by_the_next(path: Path) -> None:
    with hold(path, "sippn", 0) as held:
        assert held.left is None
        held.note({**NOTE, "long": "x" * 2000})
        held.note(NOTE)
    with hold(path, "sippn", 0) as held:
        assert held.left == NOTE
        held.clear()
    with hold(path, "sippn", 0) as held:
        assert held.left is None


def test_what_was_noted_outlives_a_kill_and_the_lock_does_not(path: Path) -> None:
    code = f"""
import pathlib, sys, time
from {ENGINE}.flow.lock import hold
with hold(pathlib.Path(sys.argv[1]), "sippn", 0) as held:
    held.note({NOTE!r})
    print("held", flush=True)
    time.sleep(60)
"""
    holder = start_python(code, str(path))
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(errors.Busy, match="process 4711"), hold(path, "sippn", 0):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with hold(path, "sippn", 0) as held:
        assert held.left == NOTE


@pytest.mark.parametrize("killed_after", ["writing", "half of the writing"])
def test_a_kill_in_the_middle_of_a_second_note_loses_none(path: Path, killed_after: str) -> None:
    first, second = {**NOTE, "id": "a" * 300}, {**NOTE, "id": "b"}
    with hold(path, "sippn", 0) as held:
        held.note(first)
    content = json.dumps(second, sort_keys=True).encode() + b"\n"
    with path.open("r+b") as stream:
        stream.write(content if killed_after == "writing" else content[:-20])
    with hold(path, "sippn", 0) as held:
        assert held.left == (second if killed_after == "writing" else {})
        assert held.left is not None, "something was being done"


@pytest.mark.parametrize("content", [b"\0" * 100, b"[1]\n", b"\xff\xfe", b"{", b"{}\n"])
def test_a_note_that_cannot_be_read_still_tells_that_something_was_left(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with hold(path, "sippn", 0) as held:
        assert held.left == {}
        with pytest.raises(errors.Busy, match="another process holds it"), hold(path, "sippn", 0):
            pass


def test_a_process_that_was_started_meanwhile_does_not_keep_the_lock(path: Path) -> None:
    with Shell(30) as shell:
        with hold(path, "sippn", 0):
            shell.start(["sleep", "60"], stdout=NOTHING)
        with hold(path, "sippn", 0):
            pass


def test_a_copy_of_the_descriptor_elsewhere_does_not_keep_the_lock(path: Path) -> None:
    reading, writing = os.pipe()
    with hold(path, "sippn", 0):
        child = os.fork()
        if child == 0:
            os.read(reading, 1)
            os._exit(0)
    with hold(path, "sippn", 0):
        pass
    os.write(writing, b"x")
    os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)


# --- the disk


def test_a_full_disk_is_a_record_that_could_not_be_written() -> None:
    full = hold(Path("/dev/full"), "sippn", 0)
    with full as held, pytest.raises(errors.NotRecorded, match="record /dev/full: No space left on device"):
        held.note(NOTE)


def test_a_note_that_only_half_fits_is_not_taken_for_written(path: Path) -> None:
    with hold(path, "sippn", 0) as held:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
        try:
            with pytest.raises(errors.NotRecorded, match="No space left"):
                held.note(NOTE)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with hold(path, "sippn", 0) as held:
        assert held.left == {}


def test_a_folder_that_cannot_be_made_is_a_record_that_could_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for opened in (hold(tmp_path / "file" / "a.lock", "sippn", 0), hold_slot(tmp_path / "file", range(2), 0)):
        with pytest.raises(errors.NotRecorded, match="cannot write the record"), opened:
            pass


def test_a_link_in_place_of_a_lock_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(errors.NotRecorded), hold(path, "sippn", 0):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_the_names_of_all_locks_are_brought_to_the_disk_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    brought = []

    def bring(folder: Path) -> None:
        brought.append(folder)
        fsync_folder(folder)

    monkeypatch.setattr(lock, "fsync_folder", bring)
    with hold(path, "sippn", 0) as first, hold(path.with_name("arsip.lock"), "arsip", 0) as second:
        for held in (first, second, first):
            held.note(NOTE)
            held.clear()
        assert brought == [path.parent]
        with hold(path.with_name("later.lock"), "later", 0) as third:
            third.note(NOTE)
    assert brought == [path.parent, path.parent]


# --- slots


def test_as_many_may_work_as_there_are_slots(tmp_path: Path) -> None:
    with hold_slot(tmp_path, range(2), 0) as first, hold_slot(tmp_path, range(2), 0) as second:
        assert {first, second} == {0, 1}
        with pytest.raises(errors.Busy, match="this server is busy"), hold_slot(tmp_path, range(2), 0.1):
            pass
    with hold_slot(tmp_path, range(2), 0) as again:
        assert again == 0


def test_who_has_slots_of_its_own_takes_none_of_the_others(tmp_path: Path) -> None:
    with hold_slot(tmp_path, range(1), 0), hold_slot(tmp_path, range(1, 3), 0) as own:
        assert own == 1
        with hold_slot(tmp_path, range(1, 3), 0) as next_one:
            assert next_one == 2


# --- boots


def test_a_boot_has_an_id_where_the_kernel_gives_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(lock.read_boot_id()) == 36
    assert lock.read_boot_id() == lock.read_boot_id()
    monkeypatch.setattr(lock, "BOOT_ID", tmp_path / "absent")
    assert lock.read_boot_id() == ""
