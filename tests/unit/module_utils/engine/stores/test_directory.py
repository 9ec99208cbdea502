from __future__ import annotations

import functools
import json
import os
import random
import resource
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    StoredDamaged,
    StoreFull,
    StoreUnavailable,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.stores import directory
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.stores.base import Store
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.stores.directory import DirectoryStore
from ansible_collections.diskominfo.backup.tests.ordinary import kill_in_child, run_as_ordinary_user, run_in_child
from ansible_collections.diskominfo.backup.tests.unit.module_utils.engine.stores.contract import (
    CONTENT,
    RUN,
    StoreContract,
    store_run,
)


def make_directory_store(root: Path) -> DirectoryStore:
    return DirectoryStore(root / "store", root / "state" / "store.json")


def open_directory_store(root: Path) -> DirectoryStore:
    store = make_directory_store(root)
    store.open()
    return store


def list_leftovers(root: Path) -> list[str]:
    """Whatever lies in the places for unfinished work."""
    folders = (root / "store" / directory.PARTIAL, root / "store" / directory.DELETED)
    return [str(path) for folder in folders for path in folder.rglob("*")]


class TestDirectoryStore(StoreContract):
    def make_store(self, root: Path) -> Store:
        return make_directory_store(root)


def test_a_run_is_plain_files_that_coreutils_can_prove(tmp_path: Path) -> None:
    store_run(open_directory_store(tmp_path))
    run = tmp_path / "store" / "sippn" / RUN
    assert sorted(os.listdir(run)) == sorted([*CONTENT, "SHA256SUMS", "receipt.json"])
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=run, check=True, capture_output=True)
    sums = (run / "SHA256SUMS").read_text()
    assert [line.split("  ")[1] for line in sums.splitlines()] == sorted(CONTENT)
    (run / "database-app.db.sqlite.zst").write_bytes(b"changed")
    assert subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=run, capture_output=True, check=False).returncode


def test_nobody_else_can_read_what_is_stored_whatever_the_umask_is(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store_run(open_directory_store(tmp_path))
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.lstat().st_mode) for path in (tmp_path / "store").rglob("*")}
    assert modes == {0o600, 0o700}
    assert stat.S_IMODE((tmp_path / "store").stat().st_mode) == 0o700


def test_nothing_is_left_behind_by_good_runs_failed_ones_and_deleted_ones(tmp_path: Path) -> None:
    store = open_directory_store(tmp_path)
    store.delete("sippn", store_run(store).id)
    with pytest.raises(ZeroDivisionError), store.open_deposit("sippn", RUN):
        raise ZeroDivisionError
    assert list_leftovers(tmp_path) == []
    assert sorted(os.listdir(tmp_path / "store")) == [".deleted", ".diskominfo-backup-store", ".partial"]


def test_what_died_half_done_is_swept_for_its_own_application_only(tmp_path: Path) -> None:
    store = open_directory_store(tmp_path)
    store_run(store)
    partial, deleted = tmp_path / "store" / directory.PARTIAL, tmp_path / "store" / directory.DELETED
    for folder in (partial / "sippn" / RUN, partial / "sippn-lama" / RUN, partial / "sippn" / "odd"):
        (folder / directory.SCRATCH / "x").mkdir(parents=True)
    for name in (f"sippn-{RUN}", f"sippn-lama-{RUN}"):
        (deleted / name).mkdir()
    assert store.sweep("sippn") == [RUN]
    assert sorted(os.listdir(partial)) == ["sippn-lama"]
    assert os.listdir(deleted) == [f"sippn-lama-{RUN}"]
    assert store.sweep("sippn-lama") == [RUN]
    assert store.runs("sippn") == [RUN]


@pytest.mark.parametrize("leftover", [directory.PARTIAL + "/sippn/" + RUN, directory.DELETED + "/sippn-" + RUN])
def test_a_leftover_with_the_same_id_is_no_success(tmp_path: Path, leftover: str) -> None:
    store = open_directory_store(tmp_path)
    is_deletion = leftover.startswith(directory.DELETED)
    if is_deletion:
        store_run(store)
    (tmp_path / "store" / leftover / "full").mkdir(parents=True)
    with pytest.raises(StoreUnavailable):
        store.delete("sippn", RUN) if is_deletion else store_run(store)
    assert store.runs("sippn") == ([RUN] if is_deletion else [])


def test_links_in_the_store_are_never_followed(tmp_path: Path) -> None:
    store = open_directory_store(tmp_path)
    store_run(store)
    other = tmp_path / "elsewhere"
    shutil.move(tmp_path / "store" / "sippn", other)
    (tmp_path / "store" / "sippn").symlink_to(other)
    assert store.applications() == []
    for refused in (
        lambda: store.runs("sippn"),
        lambda: store.read_receipt("sippn", RUN),
        lambda: store.delete("sippn", RUN),
        lambda: store_run(store, 1),
    ):
        with pytest.raises(StoreUnavailable):
            refused()
    assert sorted(os.listdir(other / RUN)) == sorted([*CONTENT, "SHA256SUMS", "receipt.json"])
    (tmp_path / "store" / "sippn").unlink()
    (tmp_path / "store" / "sippn").mkdir()
    (tmp_path / "store" / "sippn" / RUN).symlink_to(other / RUN)
    assert store.runs("sippn") == []


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "socket"])
def test_what_is_not_a_file_in_place_of_a_stored_file_is_damage(tmp_path: Path, kind: str) -> None:
    store = open_directory_store(tmp_path)
    store_run(store)
    path = tmp_path / "store" / "sippn" / RUN / "source-site.tar.zst"
    path.unlink()
    if kind == "link":
        path.symlink_to("/etc/hostname")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        os.mknod(path, stat.S_IFSOCK | 0o600)
    with pytest.raises(StoredDamaged, match="not a regular file"):
        store.get("sippn", RUN, path.name)


def test_a_missing_file_is_named_with_its_run(tmp_path: Path) -> None:
    store = open_directory_store(tmp_path)
    store_run(store)
    for name in ("source-site.tar.zst", "receipt.json"):
        (tmp_path / "store" / "sippn" / RUN / name).unlink()
    with pytest.raises(StoredDamaged, match=f"sippn/{RUN}/source-site.tar.zst"):
        store.get("sippn", RUN, "source-site.tar.zst")
    with pytest.raises(StoredDamaged, match=r"receipt\.json"):
        store.read_receipt("sippn", RUN)


def test_a_file_that_this_user_may_not_read_is_not_called_damaged() -> None:
    def work(folder: Path) -> None:
        store = open_directory_store(folder)
        store_run(store)
        (folder / "store" / "sippn" / RUN / "source-site.tar.zst").chmod(0)
        with pytest.raises(StoreUnavailable, match="Permission denied"):
            store.get("sippn", RUN, "source-site.tar.zst")

    run_as_ordinary_user(work)


def test_an_administrator_may_link_the_store_to_where_there_is_room(tmp_path: Path) -> None:
    (tmp_path / "large-disk").mkdir()
    (tmp_path / "store").symlink_to(tmp_path / "large-disk")
    store_run(open_directory_store(tmp_path))
    assert (tmp_path / "large-disk" / "sippn" / RUN / "receipt.json").is_file()


def test_a_store_that_is_not_open_takes_nothing(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    with pytest.raises(StoreUnavailable):
        store_run(make_directory_store(tmp_path))
    assert os.listdir(tmp_path / "store") == []


def test_a_store_that_is_gone_is_told_of_as_such(tmp_path: Path) -> None:
    store = open_directory_store(tmp_path)
    shutil.rmtree(tmp_path / "store")
    for use in (store.inspect, store.open, store.probe, lambda: store_run(store)):
        with pytest.raises(StoreUnavailable):
            use()
    assert (store.applications(), store.runs("sippn")) == ([], [])


def test_the_disk_begins_to_write_while_more_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "posix_fadvise", lambda _file, offset, size, _advice: told.append((offset, size)))
    with directory.StoredWriter(open(tmp_path / "file", "wb", buffering=0), tmp_path) as writer:
        for number in range(20):
            writer.write(bytes([number]) * (1 << 20))
    step = directory.WRITTEN_BACK_BYTES
    assert told == [(0, step), (step, step)]
    assert (tmp_path / "file").read_bytes() == b"".join(bytes([number]) * (1 << 20) for number in range(20))


def test_a_full_disk_is_told_by_the_writer_and_is_no_fault_of_the_source() -> None:
    writer = directory.StoredWriter(open("/dev/full", "wb", buffering=0), Path("/store"))  # noqa: SIM115
    with pytest.raises(StoreFull, match="/store"):
        writer.write(b"x" * 100000)
    writer.write(b"x")
    with pytest.raises(StoreFull):
        writer.settle()
    with pytest.raises(StoreFull):
        writer.close()


def test_a_file_larger_than_the_system_allows_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    store = open_directory_store(tmp_path)

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
        with pytest.raises(StoreUnavailable, match="File too large"):
            store_run(store)

    run_in_child(work)
    assert list_leftovers(tmp_path) == []
    assert store.runs("sippn") == []


def test_a_fault_of_the_source_within_a_file_stays_a_fault_of_the_source(tmp_path: Path) -> None:
    store = open_directory_store(tmp_path)
    with pytest.raises(FileNotFoundError), store.open_deposit("sippn", RUN) as deposit, deposit.put("a") as stream:
        stream.write(Path("/nonexistent/source").read_bytes())
    assert list_leftovers(tmp_path) == []


FILL = """
import json, os, subprocess, sys
from pathlib import Path
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import StoreFull
from ansible_collections.diskominfo.backup.tests.records import NOON, make_identity, make_receipt
from ansible_collections.diskominfo.backup.tests.unit.module_utils.engine.stores import contract, test_directory
root = Path(sys.argv[1])
(root / "store").mkdir()
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(root / "store")], check=True)
store = test_directory.open_directory_store(root)
kept = contract.store_run(store)
outcomes = []
for size, spare in ((500000, 0), (100, 4096), (100, 12288), (100, 16384), (100, 20480), (100, 24576)):
    free = store.inspect().free_bytes
    ballast = root / "store" / ".deleted" / "ballast"
    ballast.write_bytes(b"x" * max(0, free - spare) if spare else b"")
    identity = make_identity(NOON, len(outcomes) + 1)
    try:
        with store.open_deposit("sippn", identity) as deposit:
            with deposit.put("a") as stream:
                for _ in range(size // 100):
                    stream.write(b"x" * 100)
            deposit.seal(make_receipt(NOON, len(outcomes) + 1), contract.describe_files({"a": b"x" * size}))
        outcomes.append("stored")
        store.delete("sippn", identity)
    except StoreFull as error:
        outcomes.append(error.slug)
    ballast.unlink()
    assert test_directory.list_leftovers(root) == [], test_directory.list_leftovers(root)
    assert store.runs("sippn") == [kept.id]
subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=root / "store" / "sippn" / kept.id, check=True)
print(json.dumps(outcomes))
"""


def test_a_disk_that_fills_up_at_any_step_leaves_the_earlier_backup_and_nothing_else(tmp_path: Path) -> None:
    namespace = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--mount")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    argv = [*namespace, sys.executable, "-c", FILL, str(tmp_path)]
    ended = subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    outcomes = json.loads(ended.stdout)
    assert outcomes[0] == "store_full", "the disk ended within a file"
    assert outcomes[1] == "store_full", "the disk ended before the receipt"
    assert outcomes[-1] == "stored", "with room again all is well"


def test_a_process_that_is_killed_at_any_moment_leaves_whole_runs_only(tmp_path: Path) -> None:
    store = open_directory_store(tmp_path)
    chance = random.Random(20261122)

    def store_and_delete(first: int) -> None:
        for number in range(first, first + 1000):
            store_run(store, number)
            store.delete("sippn", store.runs("sippn")[0]) if number % 3 == 2 else None

    turn = 0
    while turn < 15 or not store.runs("sippn"):
        turn += 1
        kill_in_child(functools.partial(store_and_delete, turn * 1000), chance.uniform(0.005, 0.08))
        for run_id in store.runs("sippn"):
            run = tmp_path / "store" / "sippn" / run_id
            subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=run, check=True)
            assert json.loads(store.read_receipt("sippn", run_id))["id"] == run_id
        store.sweep("sippn")
        assert list_leftovers(tmp_path) == []
