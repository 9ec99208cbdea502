"""Trees as applications have them: links, holes, odd names, attributes, and files that change while they are read."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.base import Dumped, Scratch
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.tree.driver import DRIVER
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.tree.manifest import SUFFIX
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    DumpFailed,
    RestoreFailed,
    SourceMissing,
    SourceUnreadable,
    StoredDamaged,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.pipeline import relay
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.application import Source, TreeSource
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Census

from ..contract import (
    DriverContract,
    Taken,
    examine_target,
    read_stream,
    restore_stream,
    take_snapshot,
)
from ..rights import ordinary_rights
from .archives import write_archive, write_member

# More than the pipes and buffers on the way hold: while nobody reads, tar stands still in the middle of such a file.
LARGE_BYTES = 8 << 20


def make_tree(root: Path) -> TreeSource:
    """Something of everything that every user can make."""
    (root / "src" / "deep").mkdir(parents=True)
    (root / "index.php").write_text("<?php echo 'halo';")
    (root / "src" / "deep" / "empty").write_bytes(b"")
    (root / "src" / "run.sh").write_text("#!/bin/sh\n")
    (root / "src" / "run.sh").chmod(0o755)
    (root / "uploads").mkdir(mode=0o2775)
    (root / os.fsdecode(b"n\xff\xfe")).write_bytes(b"not UTF-8")
    (root / "line\nbreak é 文").write_bytes(b"odd")
    (root / ("x" * 255)).write_bytes(b"long")
    (root / "link").symlink_to("/etc/hostname")
    (root / "src" / "up").symlink_to("../index.php")
    os.link(root / "index.php", root / "src" / "index.php")
    os.mkfifo(root / "pipe")
    with open(root / "sparse", "wb") as stream:
        stream.seek(3_000_000)
        stream.write(b"middle")
        stream.truncate(9_000_000)
    os.setxattr(root / "index.php", "user.note", b"halo\n\0")
    os.utime(root / "src" / "run.sh", ns=(0, 1_234_567_890_123_456_789))
    return TreeSource(str(root))


class TestContract(DriverContract):
    driver = DRIVER

    def make_source(self, folder: Path, name: str = "app") -> Source:
        source = make_tree(folder / name)
        for path in (*(folder / name).rglob("*"), folder / name):
            if not path.is_symlink() and path.name != "run.sh":
                os.utime(path, (1, 1))
        return source

    def find_end(self, content: bytes) -> int:
        return len(content.rstrip(b"\0")) + 1024

    def change_source(self, source: Source) -> None:
        path = Path(source.path) / "index.php"
        path.write_text("<?php echo 'HALO';")
        os.utime(path, (1, 1))

    def alter_restored(self, source: Source, target: Path) -> str:
        path = target / source.label / "src" / "run.sh"
        path.write_text("#!/bin/Sh\n")
        os.utime(path, ns=(0, 1_234_567_890_123_456_789))
        return "sha256 of src/run.sh"


@pytest.fixture
def shell() -> Iterator[Shell]:
    with Shell(60) as shell:
        yield shell


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_tree(tmp_path / "app")
    return tmp_path / "app"


def take(root: Path, folder: Path, shell: Shell, *exclude: str) -> Taken:
    return take_snapshot(DRIVER, TreeSource(str(root), exclude), folder, shell)


def come_back(root: Path, taken: Taken, target: Path, shell: Shell) -> Path:
    """Restores and compares without a difference; the restored folder."""
    source = TreeSource(str(root))
    restore_stream(DRIVER, source, taken.stream.read_bytes(), target, shell)
    assert list(examine_target(DRIVER, source, taken, target, shell).differences) == []
    return target / source.label


def test_everything_is_counted(root: Path, tmp_path: Path, shell: Shell) -> None:
    census = take(root, tmp_path / "taken", shell).census
    assert census.counts == {
        "files": 7,
        "directories": 4,
        "symlinks": 2,
        "hardlinks": 1,
        "fifos": 1,
        "bytes": sum(path.stat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink()) - 18,
    }
    assert census.consistency == "none"


def test_every_kind_of_file_comes_back(root: Path, tmp_path: Path, shell: Shell) -> None:
    restored = come_back(root, take(root, tmp_path / "taken", shell), tmp_path / "target", shell)
    assert os.readlink(restored / "link") == "/etc/hostname"
    assert (restored / "index.php").stat().st_ino == (restored / "src" / "index.php").stat().st_ino
    assert (restored / "pipe").is_fifo()
    assert (restored / "src" / "run.sh").stat().st_mtime_ns == 1_234_567_890_123_456_789
    assert (restored / "uploads").stat().st_mode & 0o7777 == (root / "uploads").stat().st_mode & 0o7777
    assert os.getxattr(restored / "index.php", "user.note") == b"halo\n\0"
    assert (restored / "sparse").read_bytes() == (root / "sparse").read_bytes()
    assert (restored / "sparse").stat().st_blocks * 512 < 1_000_000
    assert (restored / os.fsdecode(b"n\xff\xfe")).read_bytes() == b"not UTF-8"


def test_access_lists_come_back(root: Path, tmp_path: Path, shell: Shell) -> None:
    subprocess.run(["setfacl", "-m", "u:54321:rw,g:54321:r", root / "index.php"], check=True)
    subprocess.run(["setfacl", "-d", "-m", "u:54321:rwx", root / "uploads"], check=True)
    restored = come_back(root, take(root, tmp_path / "taken", shell), tmp_path / "target", shell)
    for name in ("index.php", "uploads"):
        listed = [
            subprocess.run(["getfacl", "-n", "-c", folder / name], capture_output=True, check=True).stdout
            for folder in (root, restored)
        ]
        assert listed[0] == listed[1]
        assert b"54321" in listed[0]


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["setfacl", "-m", "u:54321:r", "index.php"], "attributes of index.php"),
        (["setfattr", "-n", "user.note", "-v", "other", "index.php"], "attributes of index.php"),
        (["chmod", "600", "src/run.sh"], "mode of src/run.sh"),
        (["touch", "-h", "-d", "2020-01-01", "link"], "mtime of link"),
        (["ln", "-sfn", "/etc/passwd", "link"], "link of link"),
        (["rm", "pipe"], "fifo pipe"),
        (["mkdir", "added"], "directory added"),
        (["cp", "--remove-destination", "index.php", "src/index.php"], "type of src/index.php"),
        (["truncate", "-s", "3", "sparse"], "size of sparse"),
    ],
)
def test_every_alteration_is_found_and_named(
    root: Path, tmp_path: Path, shell: Shell, argv: list[str], named: str
) -> None:
    taken = take(root, tmp_path / "taken", shell)
    restore_stream(DRIVER, TreeSource(str(root)), taken.stream.read_bytes(), tmp_path / "target", shell)
    subprocess.run(argv, cwd=tmp_path / "target" / "app", check=True)
    examined = examine_target(DRIVER, TreeSource(str(root)), taken, tmp_path / "target", shell)
    assert named in [difference.what for difference in examined.differences]


def test_the_archive_is_one_that_plain_tar_unpacks(root: Path, tmp_path: Path, shell: Shell) -> None:
    taken = take(root, tmp_path / "taken", shell)
    (tmp_path / "plain").mkdir()
    subprocess.run(["tar", "-xf", taken.stream, "-C", tmp_path / "plain"], check=True)
    assert (tmp_path / "plain" / "index.php").read_text() == "<?php echo 'halo';"
    assert taken.dumped.tool.startswith("tar (GNU tar)")


def test_the_manifest_holds_the_hash_that_sha256sum_gives(root: Path, tmp_path: Path, shell: Shell) -> None:
    manifest = take(root, tmp_path / "taken", shell).asides[SUFFIX].read_text()
    for name in ("sparse", "src/deep/empty"):
        told = subprocess.run(["sha256sum", root / name], capture_output=True, text=True, check=True).stdout.split()[0]
        assert f'"path":"{name}","sha256":"{told}"' in manifest


def test_what_is_excluded_is_not_there(root: Path, tmp_path: Path, shell: Shell) -> None:
    (root / "node_modules").mkdir()
    (root / "node_modules" / "a").write_bytes(b"x")
    (root / "data.db").write_bytes(b"x")
    taken = take(root, tmp_path / "taken", shell, "node_modules", "/data.db")
    restored = come_back(root, taken, tmp_path / "target", shell)
    assert (restored / "index.php").exists()
    assert not (restored / "node_modules").exists()
    assert not (restored / "data.db").exists()


def test_a_root_that_is_a_link_is_followed_and_told(root: Path, tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "current").symlink_to("app")
    taken = take(tmp_path / "current", tmp_path / "taken", shell)
    assert taken.dumped.notes == (f"its path leads through a link to {root}",)
    restored = come_back(tmp_path / "current", taken, tmp_path / "target", shell)
    assert (restored / "index.php").exists()
    assert not restored.is_symlink()


def test_links_inside_are_archived_as_links(tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("rahasia-3174")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "index.php").write_bytes(b"x")
    (tmp_path / "app" / "folder").symlink_to(tmp_path / "secret")
    (tmp_path / "app" / "file").symlink_to(tmp_path / "secret" / "key")
    taken = take(tmp_path / "app", tmp_path / "taken", shell)
    assert b"rahasia-3174" not in taken.stream.read_bytes()
    assert taken.census.counts["symlinks"] == 2


def test_a_socket_is_left_out_and_told(root: Path, tmp_path: Path, shell: Shell) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(root / "app.sock"))
        taken = take(root, tmp_path / "taken", shell)
    assert taken.dumped.notes == ("not archived, a socket: ./app.sock",)
    assert taken.dumped.warnings == ()


@pytest.mark.parametrize("name", ["app", "app/only/folders"])
def test_a_tree_without_a_file_is_no_backup(tmp_path: Path, shell: Shell, name: str) -> None:
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(SourceMissing, match="holds no file"):
        take(tmp_path / "app", tmp_path / "taken", shell)


def test_an_empty_folder_is_found_by_the_probe(tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "app").mkdir()
    (finding,) = DRIVER.probe(TreeSource(str(tmp_path / "app")), shell)
    assert (finding.slug, finding.severity) == ("source_missing", "red")


def test_a_tree_whose_every_file_is_excluded_is_no_backup(root: Path, tmp_path: Path, shell: Shell) -> None:
    with pytest.raises(SourceMissing, match="holds no file"):
        take(root, tmp_path / "taken", shell, "*")


def read_slowly(root: Path, place: Path, shell: Shell, meanwhile: Callable[[], None]) -> tuple[Dumped, Census, bytes]:
    """A dump during which something happens while tar stands in the middle of the first file of the tree."""
    place.mkdir()
    with DRIVER.open_snapshot(TreeSource(str(root)), shell, place) as snapshot:
        stream = snapshot.open_stream()
        parts = [os.read(stream, 100_000)]
        snapshot.take(memoryview(parts[0]))
        meanwhile()
        relay(stream, [snapshot.take, lambda chunk: parts.append(bytes(chunk))])
        return snapshot.finish(), snapshot.census(), b"".join(parts)


@pytest.fixture
def slow_root(tmp_path: Path) -> Path:
    """Its first file is so large that what comes after it has not been looked at while nobody reads."""
    root = tmp_path / "slow"
    root.mkdir()
    (root / "a-large").write_bytes(b"x" * LARGE_BYTES)
    (root / "b-folder").mkdir()
    (root / "b-folder" / "file").write_bytes(b"harmless")
    (root / "c-file").write_bytes(b"harmless")
    return root


def test_a_file_that_grows_while_it_is_read_is_a_warning(slow_root: Path, tmp_path: Path, shell: Shell) -> None:
    def grow() -> None:
        with open(slow_root / "a-large", "ab") as stream:
            stream.write(b"more")

    dumped, census, _unused = read_slowly(slow_root, tmp_path / "place", shell, grow)
    assert dumped.warnings == ("./a-large: file changed as we read it",)
    assert census.counts["bytes"] == LARGE_BYTES + 16


def test_a_file_that_shrinks_while_it_is_read_is_a_warning(slow_root: Path, tmp_path: Path, shell: Shell) -> None:
    def shrink() -> None:
        os.truncate(slow_root / "a-large", LARGE_BYTES // 2)

    dumped, _unused, _unused2 = read_slowly(slow_root, tmp_path / "place", shell, shrink)
    assert f"./a-large: File shrank by {LARGE_BYTES // 2} bytes; padding with zeros" in dumped.warnings


def test_what_vanishes_while_the_tree_is_read_is_a_warning(slow_root: Path, tmp_path: Path, shell: Shell) -> None:
    def vanish() -> None:
        (slow_root / "c-file").unlink()
        (slow_root / "b-folder" / "file").unlink()
        (slow_root / "b-folder").rmdir()

    dumped, _unused, _unused2 = read_slowly(slow_root, tmp_path / "place", shell, vanish)
    assert "./c-file: File removed before we read it" in dumped.warnings
    assert "./b-folder: File removed before we read it" in dumped.warnings


def test_a_tree_that_is_moved_meanwhile_is_read_to_its_end(slow_root: Path, tmp_path: Path, shell: Shell) -> None:
    def move() -> None:
        os.rename(slow_root, tmp_path / "elsewhere")

    dumped, census, _unused = read_slowly(slow_root, tmp_path / "place", shell, move)
    assert dumped.warnings == (".: file changed as we read it",)
    assert census.counts["files"] == 3


def test_a_folder_that_becomes_a_link_leaks_nothing(slow_root: Path, tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "file").write_text("rahasia-3174")

    def swap() -> None:
        os.rename(slow_root / "b-folder", tmp_path / "b-folder")
        (slow_root / "b-folder").symlink_to(tmp_path / "secret")

    _unused, _unused2, archive = read_slowly(slow_root, tmp_path / "place", shell, swap)
    assert b"rahasia-3174" not in archive


def test_a_race_between_a_folder_and_a_link_leaks_nothing(tmp_path: Path) -> None:
    """While the same folder is archived again and again, it is swapped for a link to a secret as fast as can be."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "file").write_text("rahasia-3174")
    root = tmp_path / "app"
    for number in range(30):
        (root / f"{number:02d}").mkdir(parents=True)
        (root / f"{number:02d}" / "file").write_bytes(b"harmless")
    stop = threading.Event()

    def swap() -> None:
        (tmp_path / "link").symlink_to(tmp_path / "secret")
        while not stop.is_set():
            for number in range(30):
                os.rename(root / f"{number:02d}", tmp_path / "folder")
                os.rename(tmp_path / "link", root / f"{number:02d}")
                os.rename(root / f"{number:02d}", tmp_path / "link")
                os.rename(tmp_path / "folder", root / f"{number:02d}")

    racer = threading.Thread(target=swap)
    racer.start()
    try:
        for number in range(25):
            place = tmp_path / f"place{number}"
            place.mkdir()
            parts: list[bytes] = []
            with Shell(60) as shell, DRIVER.open_snapshot(TreeSource(str(root)), shell, place) as snapshot:
                relay(snapshot.open_stream(), [lambda chunk, parts=parts: parts.append(bytes(chunk))])  # type: ignore[misc]
            archive = b"".join(parts)
            assert b"harmless" in archive
            assert b"rahasia-3174" not in archive
    finally:
        stop.set()
        racer.join()


def test_a_folder_that_cannot_be_listed_is_found_by_the_probe_and_fails() -> None:
    with ordinary_rights() as folder, Shell(60) as shell:
        (folder / "app").mkdir()
        (folder / "app" / "file").write_bytes(b"x")
        (folder / "app").chmod(0o300)
        (finding,) = DRIVER.probe(TreeSource(str(folder / "app")), shell)
        assert (finding.slug, finding.severity) == ("source_unreadable", "red")
        assert "Permission denied" in finding.message
        with pytest.raises(SourceUnreadable):
            take(folder / "app", folder / "taken", shell)


def test_every_file_that_cannot_be_read_is_named() -> None:
    with ordinary_rights() as folder, Shell(60) as shell:
        root = folder / "app"
        (root / "closed").mkdir(parents=True)
        (root / "listed").mkdir()
        (root / "listed" / "file").write_bytes(b"x")
        (root / ".env").write_text("DB_PASSWORD=x")
        (root / "index.php").write_bytes(b"x")
        (root / ".env").chmod(0)
        (root / "closed").chmod(0)
        (root / "listed").chmod(0o400)
        with pytest.raises(SourceUnreadable) as caught:
            take(root, folder / "taken", shell)
        for name in ("./.env: ", "./closed: ", "./listed/file: "):
            assert name in caught.value.message
        assert "cannot read 3 of what is below" in caught.value.message


def test_an_ordinary_user_proves_a_tree_of_somebody_else() -> None:
    """Owners and devices cannot come back; everything else does, and is compared."""
    with ordinary_rights() as folder, Shell(60) as shell:
        root = folder / "app"
        make_tree(root)
        taken = take(root, folder / "taken", shell)
        manifest = taken.asides[SUFFIX]
        mine = f'"gid":{os.getegid()},'
        manifest.write_text(manifest.read_text().replace(mine, '"gid":12345,'))
        examined_source = TreeSource(str(root))
        restore_stream(DRIVER, examined_source, taken.stream.read_bytes(), folder / "target", shell)
        examined = examine_target(DRIVER, examined_source, taken, folder / "target", shell)
        assert [difference.what for difference in examined.differences] == ["manifest"]


MOUNTED = """
import subprocess, sys
from pathlib import Path
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.tree.driver import DRIVER
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.pipeline import relay
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.application import TreeSource
root, place = map(Path, sys.argv[1:])
for name in ("uploads", "src/deep/other"):
    subprocess.run(["mount", "-t", "tmpfs", "none", root / name], check=True)
    (root / name / "foto.jpg").write_bytes(b"x")
with Shell(60) as shell, DRIVER.open_snapshot(TreeSource(str(root)), shell, place) as snapshot:
    relay(snapshot.open_stream(), [snapshot.take])
    for note in snapshot.finish().notes:
        print(note)
"""


def test_other_file_systems_are_left_out_and_listed(root: Path, tmp_path: Path) -> None:
    (root / "src" / "deep" / "other").mkdir()
    (tmp_path / "place").mkdir()
    argv = ["unshare", "--map-root-user", "--mount", sys.executable, "-c", MOUNTED, str(root), str(tmp_path / "place")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "not archived, another file system: src/deep/other",
        "not archived, another file system: uploads",
    ]


def test_a_folder_of_another_file_system_is_noticed_in_passing(tmp_path: Path, shell: Shell) -> None:
    """Of `/dev`, tar leaves the mounts in it empty; it holds no file, and is no backup."""
    place = tmp_path / "place"
    place.mkdir()
    with DRIVER.open_snapshot(TreeSource("/dev"), shell, place) as snapshot:
        relay(snapshot.open_stream(), [snapshot.take])
        with pytest.raises((SourceMissing, SourceUnreadable)):
            snapshot.finish()
        assert any("another file system: shm" in note for note in snapshot.complaints.notes.lines)


def test_an_altered_archive_is_no_longer_readable(root: Path, tmp_path: Path, shell: Shell) -> None:
    taken = take(root, tmp_path / "taken", shell)
    content = bytearray(taken.stream.read_bytes())
    position = content.index(b"echo 'halo'")
    content[position] ^= 1
    with pytest.raises(StoredDamaged, match="not those that were archived"):
        read_stream(DRIVER, taken, bytes(content))


def test_a_swapped_archive_is_no_longer_readable(root: Path, tmp_path: Path, shell: Shell) -> None:
    taken = take(root, tmp_path / "taken", shell)
    for archive in (write_archive(write_member(b"./a", b"x")), write_archive(write_member(b"./a", b"x" * 20_000_000))):
        with pytest.raises(StoredDamaged):
            read_stream(DRIVER, taken, archive)


def test_a_manifest_that_is_gone_or_altered_is_told(root: Path, tmp_path: Path, shell: Shell) -> None:
    source = TreeSource(str(root))
    taken = take(root, tmp_path / "taken", shell)
    restore_stream(DRIVER, source, taken.stream.read_bytes(), tmp_path / "target", shell)
    manifest = taken.asides[SUFFIX]
    manifest.write_text(manifest.read_text().replace('"mode":"0755"', '"mode":"4755"'))
    examined = examine_target(DRIVER, source, taken, tmp_path / "target", shell)
    assert examined.differences[0].what == "manifest"
    assert any(difference.what == "mode of src/run.sh" for difference in examined.differences)
    (tmp_path / "again").mkdir()
    with pytest.raises(StoredDamaged, match="missing"):
        DRIVER.examine(source, Scratch(tmp_path / "target"), taken.census, {}, shell, tmp_path / "again")


def test_a_restored_tree_that_was_emptied_did_not_come_back(root: Path, tmp_path: Path, shell: Shell) -> None:
    taken = take(root, tmp_path / "taken", shell)
    (tmp_path / "target" / "app").mkdir(parents=True)
    with pytest.raises(RestoreFailed, match="holds no file"):
        examine_target(DRIVER, TreeSource(str(root)), taken, tmp_path / "target", shell)


def test_what_tar_cannot_have_written_fails_the_dump(root: Path, tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "place").mkdir()
    with DRIVER.open_snapshot(TreeSource(str(root)), shell, tmp_path / "place") as snapshot:
        with pytest.raises(DumpFailed, match="not whole"):
            snapshot.take(memoryview(b"x" * 1024))
        with pytest.raises(DumpFailed, match="no proper end"):
            snapshot.finish()
