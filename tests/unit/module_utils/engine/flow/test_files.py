from __future__ import annotations

import errno
import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow import files
from ansible_collections.diskominfo.backup.tests.ordinary import limit_file_size, run_as_ordinary_user


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_file_written_beside_has_all_its_bytes_and_is_for_its_owner_only(tmp_path: Path) -> None:
    files.write_beside(tmp_path / "a.json", b"new" * 100000)
    assert ((tmp_path / "a.json").read_bytes(), mode_of(tmp_path / "a.json")) == (b"new" * 100000, 0o600)
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_wider_mode_holds_whatever_the_umask_is(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        files.write_beside(tmp_path / "index.html", b"x", 0o644, is_durable=False)
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "index.html") == 0o644


def test_a_link_in_place_of_the_file_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"untouched")
    (tmp_path / "a").symlink_to(victim)
    files.write_beside(tmp_path / "a", b"new")
    assert (victim.read_bytes(), (tmp_path / "a").read_bytes()) == (b"untouched", b"new")
    assert not (tmp_path / "a").is_symlink()


def test_a_file_that_cannot_be_written_whole_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with limit_file_size(1000), pytest.raises(OSError, match="File too large"):
        files.write_beside(tmp_path / "a", b"x" * 5000)
    assert (os.listdir(tmp_path), (tmp_path / "a").read_bytes()) == (["a"], b"old")


def test_a_folder_in_place_of_the_file_is_an_error_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        files.write_beside(tmp_path / "a", b"x")
    assert os.listdir(tmp_path) == ["a"]


def test_a_name_as_long_as_the_file_system_allows_can_be_written(tmp_path: Path) -> None:
    files.write_beside(tmp_path / ("n" * 255), b"x")
    assert os.listdir(tmp_path) == ["n" * 255]


OVERWRITE = """
import sys
from pathlib import Path
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.files import write_beside
print("ready", flush=True)
while True:
    for letter in b"abc":
        write_beside(Path(sys.argv[1]), bytes([letter]) * 300000)
"""


def test_a_writer_that_is_killed_leaves_the_old_file_or_the_new_and_its_rest_is_swept(tmp_path: Path) -> None:
    chance = random.Random(7)
    for _unused in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", OVERWRITE, str(tmp_path / "a")],
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(chance.uniform(0.01, 0.05))
            child.send_signal(signal.SIGKILL)
        data = (tmp_path / "a").read_bytes()
        assert len(data) == 300000
        assert len(set(data)) == 1
    left = len(os.listdir(tmp_path)) - 1
    assert files.sweep_beside(tmp_path) == 0, "what is young may be in use"
    assert files.sweep_beside(tmp_path, age_s=0) == left
    assert os.listdir(tmp_path) == ["a"]


def test_sweeping_leaves_other_files_alone_and_takes_an_absent_folder_as_swept(tmp_path: Path) -> None:
    for name in (".hidden", "a.tmp", ".a.1234.tmp"):
        (tmp_path / name).touch()
    assert files.sweep_beside(tmp_path, age_s=0) == 1
    assert sorted(os.listdir(tmp_path)) == [".hidden", "a.tmp"]
    assert files.sweep_beside(tmp_path / "absent") == 0


def test_a_private_folder_is_made_with_what_is_missing_above_it(tmp_path: Path) -> None:
    files.make_private_folder(tmp_path / "a" / "b")
    assert mode_of(tmp_path / "a" / "b") == 0o700


def test_the_rights_of_others_to_a_private_folder_are_taken_away(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o755)
    files.make_private_folder(tmp_path / "a")
    files.make_private_folder(tmp_path / "a")
    assert mode_of(tmp_path / "a") == 0o700


def test_a_link_in_place_of_a_private_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
        files.make_private_folder(tmp_path / "a")
    assert mode_of(tmp_path / "elsewhere") == 0o755


def test_a_folder_below_another_is_opened_only_by_true_folders(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with files.open_folder(tmp_path, "a", "b") as folder:
        assert os.listdir(folder) == ["file"]
    with pytest.raises(OSError, match=r"Not a directory|symbolic links"), files.open_folder(tmp_path, "link", "b"):
        pass


def test_no_descriptor_stays_open_whether_a_folder_opens_or_not(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    for names in ((), ("absent",)):
        try:
            with files.open_folder(tmp_path, *names):
                pass
        except FileNotFoundError:
            assert names
    assert os.listdir("/proc/self/fd") == before


def test_a_new_file_is_for_its_owner_only_and_never_over_or_through_another(tmp_path: Path) -> None:
    with files.open_new(tmp_path / "a") as stream:
        stream.write(b"x")
    assert mode_of(tmp_path / "a") == 0o600
    (tmp_path / "link").symlink_to(tmp_path / "absent")
    with files.open_folder(tmp_path) as folder:
        for name in ("a", "link"):
            with pytest.raises(FileExistsError):
                files.open_new(Path(name), folder)
        with files.open_new(Path("b"), folder) as stream:
            stream.write(b"y")
    assert (tmp_path / "b").read_bytes() == b"y"
    assert not (tmp_path / "absent").exists()


def test_a_stored_file_is_read_and_a_link_or_anything_that_could_block_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "fifo")
    with files.open_stored(tmp_path / "a") as stream:
        assert stream.read() == b"x"
    with files.open_folder(tmp_path) as folder, files.open_stored(Path("a"), folder) as stream:
        assert stream.read() == b"x"
    os.mknod(tmp_path / "socket", stat.S_IFSOCK | 0o600)
    for name in ("link", "fifo", "socket", "."):
        with pytest.raises(files.NotRegular, match="not a regular file"):
            files.open_stored(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        files.open_stored(tmp_path / "absent")


def test_a_file_system_that_cannot_fsync_a_folder_is_not_an_error() -> None:
    with files.open_folder(Path("/proc")) as folder, pytest.raises(OSError, match="Invalid argument"):
        os.fsync(folder)
    files.fsync_folder(Path("/proc"))


def test_a_disk_that_fails_to_fsync_a_folder_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output error"):
        files.fsync_folder(tmp_path)


def plant_tree(root: Path) -> Path:
    """A tree as restores leave them: read-only folders, links out of it, special files, odd names."""
    outside = root / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"untouched")
    tree = root / "tree"
    for folder in ("a/b/c", "a/b/d", "empty", "z"):
        (tree / folder).mkdir(parents=True)
        (tree / folder / "file").touch()
    (tree / "a" / "out").symlink_to(outside)
    (tree / "a" / "file-out").symlink_to(outside / "file")
    os.mkfifo(tree / "z" / "fifo")
    os.mkdir(os.fsencode(tree) + b"/\xff\xfe")
    for folder, mode in (("a/b/c", 0o555), ("a/b", 0o555), ("a", 0o000), ("z", 0o111), ("", 0o555)):
        (tree / folder).chmod(mode)
    return tree


def remove_planted_tree(root: Path) -> None:
    tree = plant_tree(root)
    files.remove_tree(tree)
    assert os.listdir(root) == ["outside"]
    assert (root / "outside" / "file").read_bytes() == b"untouched"


def test_a_tree_with_read_only_folders_and_links_out_of_it_is_removed_and_nothing_else(tmp_path: Path) -> None:
    remove_planted_tree(tmp_path)


def test_an_ordinary_user_can_remove_read_only_folders_too() -> None:
    run_as_ordinary_user(remove_planted_tree)


def test_a_link_to_a_tree_is_removed_and_the_tree_stays(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "tree")
    (tmp_path / "file").touch()
    for name in ("link", "file", "absent"):
        files.remove_tree(tmp_path / name)
    assert os.listdir(tmp_path) == ["tree"]


def test_a_tree_deeper_than_any_path_or_number_of_open_files_is_removed(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    folder = os.open(tmp_path / "tree", os.O_RDONLY)
    for _unused in range(1100):
        os.mkdir("folder", dir_fd=folder)
        deeper = os.open("folder", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = deeper
    os.close(folder)
    files.remove_tree(tmp_path / "tree")
    assert os.listdir(tmp_path) == []


def test_free_bytes_are_those_that_an_ordinary_user_may_write(tmp_path: Path) -> None:
    system = os.statvfs(tmp_path)
    assert files.free_bytes(tmp_path) == pytest.approx(system.f_bavail * system.f_frsize, rel=0.05)


def test_a_mount_is_told_from_a_folder_also_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/proc")
    assert [files.is_mount(path) for path in (Path("/proc"), tmp_path / "link", tmp_path, tmp_path / "absent")] == [
        True,
        True,
        False,
        False,
    ]
