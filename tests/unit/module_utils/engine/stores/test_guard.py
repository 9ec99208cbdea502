from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import NotRecorded, StoreUnavailable
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.stores import guard
from ansible_collections.diskominfo.backup.tests.ordinary import limit_file_size, run_as_ordinary_user


def read_memory(memory: Path) -> dict[str, object]:
    return dict(json.loads(memory.read_bytes()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "state" / "stores" / "store.json"


@pytest.mark.parametrize("content", [None, [], ["lost+found"], [f".{guard.MARKER}.0011aabb.tmp"]])
def test_a_new_store_is_begun_where_nothing_is(path: Path, memory: Path, content: list[str] | None) -> None:
    for name in content or []:
        path.mkdir(exist_ok=True)
        (path / name).touch()
    assert guard.examine_store(path, memory) == ""
    guard.admit_store(path, memory)
    identity = guard.examine_store(path, memory)
    assert len(identity) == 32
    assert read_memory(memory) == {
        "schema": guard.STORE_SCHEMA,
        "path": str(path),
        "id": identity,
        "is_mount": False,
        "device": path.stat().st_dev,
    }
    guard.admit_store(path, memory)
    assert guard.examine_store(path, memory) == identity


def test_to_examine_changes_nothing(tmp_path: Path, path: Path, memory: Path) -> None:
    guard.examine_store(path, memory)
    guard.require_writable(path)
    assert os.listdir(tmp_path) == []


def test_an_empty_folder_in_place_of_a_store_is_refused_and_stays_empty(path: Path, memory: Path) -> None:
    guard.admit_store(path, memory)
    (path / guard.MARKER).unlink()
    with pytest.raises(StoreUnavailable, match="marker file is missing"):
        guard.admit_store(path, memory)
    assert os.listdir(path) == []
    path.rmdir()
    with pytest.raises(StoreUnavailable, match="marker file is missing"):
        guard.admit_store(path, memory)
    assert not path.exists()


def test_a_folder_with_other_files_is_never_taken_over(path: Path, memory: Path) -> None:
    path.mkdir()
    (path / "skripsi.docx").touch()
    with pytest.raises(StoreUnavailable, match="holds other files") as caught:
        guard.admit_store(path, memory)
    assert "never taken over" in caught.value.hint
    assert os.listdir(path) == ["skripsi.docx"]


def test_another_store_in_its_place_is_refused(tmp_path: Path, path: Path, memory: Path) -> None:
    guard.admit_store(path, memory)
    guard.admit_store(tmp_path / "other", tmp_path / "other-state" / "store.json")
    os.rename(tmp_path / "other" / guard.MARKER, path / guard.MARKER)
    with pytest.raises(StoreUnavailable, match="another store"):
        guard.admit_store(path, memory)


def test_a_rebuilt_server_adopts_the_store_it_finds(path: Path, memory: Path) -> None:
    guard.admit_store(path, memory)
    identity = read_memory(memory)["id"]
    memory.unlink()
    guard.admit_store(path, memory)
    assert read_memory(memory)["id"] == identity


def test_a_store_that_was_a_mount_and_is_not_now_is_refused_whatever_lies_there(path: Path, memory: Path) -> None:
    guard.admit_store(path, memory)
    memory.write_bytes(memory.read_bytes().replace(b'"is_mount": false', b'"is_mount": true'))
    with pytest.raises(StoreUnavailable, match="was a mounted file system"):
        guard.admit_store(path, memory)


def test_another_device_after_a_boot_is_no_error_and_is_remembered(path: Path, memory: Path) -> None:
    guard.admit_store(path, memory)
    memory.write_bytes(memory.read_bytes().replace(b'"device": ', b'"device": 9'))
    guard.admit_store(path, memory)
    assert read_memory(memory)["device"] == path.stat().st_dev


@pytest.mark.parametrize(
    "spoiled",
    [b"", b"{}", b"[]", b'{"schema": "x"}', b'{"schema": "diskominfo.backup/store/1", "id": "../x"}', b"x" * 5000],
)
@pytest.mark.parametrize("what", ["marker", "memory"])
def test_a_damaged_marker_or_memory_is_refused_and_named(path: Path, memory: Path, spoiled: bytes, what: str) -> None:
    guard.admit_store(path, memory)
    victim = memory if what == "memory" else path / guard.MARKER
    victim.write_bytes(spoiled)
    with pytest.raises(StoreUnavailable, match=victim.name):
        guard.admit_store(path, memory)
    assert victim.read_bytes() == spoiled


def test_a_link_in_place_of_the_marker_is_refused(path: Path, memory: Path) -> None:
    guard.admit_store(path, memory)
    os.rename(path / guard.MARKER, path / "marker")
    (path / guard.MARKER).symlink_to("marker")
    with pytest.raises(StoreUnavailable, match="not a regular file"):
        guard.admit_store(path, memory)


def test_too_wide_rights_of_a_store_are_taken_away(path: Path, memory: Path) -> None:
    path.mkdir(mode=0o755)
    guard.admit_store(path, memory)
    assert path.stat().st_mode & 0o777 == 0o700


def test_a_store_that_cannot_be_remembered_is_told_as_a_fault_of_the_records(path: Path, memory: Path) -> None:
    memory.parent.parent.touch()
    with pytest.raises(NotRecorded, match="state"):
        guard.admit_store(path, memory)
    memory.parent.parent.unlink()
    memory.mkdir(parents=True)
    with pytest.raises(StoreUnavailable, match="not a regular file"):
        guard.admit_store(path, memory)


def test_a_memory_that_cannot_be_written_whole_is_told_and_leaves_nothing(path: Path, memory: Path) -> None:
    guard.admit_store(path, memory)
    memory.unlink()
    with limit_file_size(20), pytest.raises(NotRecorded, match="File too large"):
        guard.admit_store(path, memory)
    assert os.listdir(memory.parent) == []


def test_threads_that_come_at_once_begin_one_store(path: Path, memory: Path) -> None:
    failures: list[BaseException] = []

    def admit() -> None:
        try:
            guard.admit_store(path, memory)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=admit) for _unused in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert guard.examine_store(path, memory) == read_memory(memory)["id"]


def test_a_place_that_cannot_be_written_is_told_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "store"):
        with pytest.raises(StoreUnavailable, match="not a folder that this user can write in"):
            guard.require_writable(place)
    guard.require_writable(tmp_path / "new" / "store")


def test_an_ordinary_user_is_told_that_it_may_not_write_there() -> None:
    def work(folder: Path) -> None:
        (folder / "store").mkdir(mode=0o500)
        with pytest.raises(StoreUnavailable, match="not a folder that this user can write in"):
            guard.require_writable(folder / "store")

    run_as_ordinary_user(work)
