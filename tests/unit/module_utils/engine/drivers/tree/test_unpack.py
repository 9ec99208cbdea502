"""Hostile archives: nothing lands outside the place, whatever their headers say."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.tree.archive import ARGUMENTS
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.tree.unpack import TreeSink
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    RestoreFailed,
    TimeLimitReached,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell

from ..rights import ordinary_rights
from .archives import (
    END,
    ROOT,
    pad,
    seal_header,
    write_archive,
    write_header,
    write_member,
    write_records,
    write_sparse,
)


@pytest.fixture
def shell() -> Iterator[Shell]:
    with Shell(60) as shell:
        yield shell


def unpack(archive: bytes, folder: Path, shell: Shell, step: int = 1 << 20) -> None:
    sink = TreeSink(folder, shell)
    try:
        for start in range(0, len(archive), step):
            sink.take(memoryview(archive)[start : start + step])
        sink.finish()
    finally:
        sink.close()


def folder_of(path: bytes) -> bytes:
    return write_member(path, flag=b"5", mode=0o755)


def link_to(path: bytes, target: bytes) -> bytes:
    return write_member(path, flag=b"2", link=target, mode=0o777)


def hard_link_to(path: bytes, target: bytes) -> bytes:
    return write_member(path, flag=b"1", link=target)


def write_device(path: bytes) -> bytes:
    header = write_header(path, b"3")
    header[329:345] = b"%07o\0%07o\0" % (1, 3)
    return bytes(seal_header(header))


EVIL = b"evil"
HOSTILE = {
    "a name that leads up": write_archive(write_member(b"./../evil", EVIL)),
    "a name that leads up at its end": write_archive(folder_of(b"./.."), folder_of(b"./../")),
    "a name that leads up in the middle": write_archive(folder_of(b"./a/"), write_member(b"./a/../../evil", EVIL)),
    "an absolute name": write_archive(write_member(b"/tmp/evil", EVIL)),
    "a name without its root": write_archive(write_member(b"evil", EVIL)),
    "a name with two slashes": write_archive(write_member(b".//evil", EVIL)),
    "a name of one dot": write_archive(write_member(b"./.", EVIL)),
    "an empty name": write_archive(write_member(b"", EVIL)),
    "a root that is a link": write_member(b"./", flag=b"2", link=b"/tmp") + write_member(b"./evil", EVIL) + END,
    "no root": write_member(b"./evil", EVIL) + END,
    "a second root": write_archive(ROOT),
    "a folder that was not brought": write_archive(write_member(b"./a/evil", EVIL)),
    "a link and a file through it": write_archive(link_to(b"./a", b"/tmp"), write_member(b"./a/evil", EVIL)),
    "a folder, a link over it, a file through it": write_archive(
        folder_of(b"./a/"), link_to(b"./a", b"/tmp"), write_member(b"./a/evil", EVIL)
    ),
    "a link and a folder over it": write_archive(
        link_to(b"./a", b"/tmp"), folder_of(b"./a/"), write_member(b"./a/evil", EVIL)
    ),
    "a name that comes twice": write_archive(write_member(b"./a", b"good"), write_member(b"./a", EVIL)),
    "names out of order": write_archive(write_member(b"./b", b"good"), write_member(b"./a", EVIL)),
    "a folder that was left already": write_archive(
        folder_of(b"./a/"), write_member(b"./b", b""), write_member(b"./a/evil", EVIL)
    ),
    "a file that is called a folder": write_archive(write_member(b"./a/", EVIL)),
    "a folder that is called a file": write_archive(folder_of(b"./a")),
    "a hard link to an absolute name": write_archive(hard_link_to(b"./a", b"/etc/passwd")),
    "a hard link that leads up": write_archive(hard_link_to(b"./a", b"./../../etc/passwd")),
    "a hard link to a folder": write_archive(folder_of(b"./a/"), hard_link_to(b"./b", b"./a/")),
    "a hard link to nothing": write_archive(hard_link_to(b"./a", b"")),
    "a hard link through a link": write_archive(link_to(b"./a", b"/etc"), hard_link_to(b"./b", b"./a/passwd")),
    "a hard link through a link in a folder": write_archive(
        folder_of(b"./a/"), link_to(b"./a/b", b"/etc"), hard_link_to(b"./c", b"./a/b/passwd")
    ),
    "a pax record over a good name": write_archive(write_member(b"./a", EVIL, records={b"path": b"../evil"})),
    "a pax header over another": ROOT
    + write_records({b"path": b"./good"})
    + write_records({b"path": b"/tmp/evil"})
    + bytes(write_header(b"./a", size=4))
    + pad(EVIL)
    + END,
    "a sparse file with a name that leads up": write_archive(write_sparse(b"./../evil", 10, [(0, EVIL)])),
    "a link target in a pax record": write_archive(
        write_member(b"./a", flag=b"1", link=b"./a", records={b"linkpath": b"/etc/passwd"})
    ),
    "a pax header for all members": ROOT + bytes(write_header(b"./g", b"g", 11)) + pad(b"11 path=/x\n") + END,
    "a long name in the way of GNU": ROOT
    + bytes(write_header(b"././@LongLink", b"L", 5))
    + pad(b"/evil")
    + write_member(b"./a", EVIL)
    + END,
    "a type of its own": write_archive(write_member(b"./a", EVIL, flag=b"Z")),
    "a huge sparse claim": write_archive(write_sparse(b"./a", 10, [(0, EVIL)], [1, 0, 1 << 62])),
    "a huge map": write_archive(write_sparse(b"./a", 10, [(0, EVIL)], [10**17])),
    "something behind the end": write_archive() + write_member(b"./../evil", EVIL) + END,
    "a header that tar would skip": ROOT + b"x" + write_member(b"./a", EVIL)[1:] + END,
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("step", [300, 1 << 20])
def test_a_hostile_archive_is_refused(tmp_path: Path, shell: Shell, what: str, step: int) -> None:
    evil = Path("/tmp/evil")
    target = tmp_path / "deep" / "target"
    target.parent.mkdir()
    with pytest.raises(RestoreFailed) as caught:
        unpack(HOSTILE[what], target, shell, step)
    assert caught.value.hint
    assert not evil.exists()
    assert {path.name for path in tmp_path.rglob("*")} <= {"deep", "target", "a", "b", "good"}
    for path in target.rglob("*"):
        assert path.is_symlink() or not path.is_file() or path.read_bytes() != EVIL or path.name == "a"
    assert not any(path.is_file() and os.path.samefile(path, "/etc/passwd") for path in target.rglob("*"))


def test_the_member_that_was_refused_is_named(tmp_path: Path, shell: Shell) -> None:
    with pytest.raises(RestoreFailed, match=r"archive member refused: \./\.\./evil: it would leave the place"):
        unpack(HOSTILE["a name that leads up"], tmp_path / "target", shell)


def test_a_link_that_leads_outside_comes_back_as_a_link(tmp_path: Path, shell: Shell) -> None:
    archive = write_archive(
        link_to(b"./absolute", b"/etc/passwd"), link_to(b"./dangling", b"nowhere"), link_to(b"./up", b"../../x")
    )
    unpack(archive, tmp_path / "target", shell)
    assert {path.name: os.readlink(path) for path in (tmp_path / "target").iterdir()} == {
        "absolute": "/etc/passwd",
        "dangling": "nowhere",
        "up": "../../x",
    }


def test_a_hard_link_to_a_link_shares_the_link_itself(tmp_path: Path, shell: Shell) -> None:
    archive = write_archive(link_to(b"./a", b"/etc/passwd"), hard_link_to(b"./b", b"./a"))
    unpack(archive, tmp_path / "target", shell)
    one, other = ((tmp_path / "target" / name).lstat() for name in "ab")
    assert one.st_ino == other.st_ino
    assert os.readlink(tmp_path / "target" / "b") == "/etc/passwd"


def test_a_hard_link_to_what_was_never_brought_fails(tmp_path: Path, shell: Shell) -> None:
    with pytest.raises(RestoreFailed, match="Cannot hard link"):
        unpack(write_archive(hard_link_to(b"./b", b"./gone")), tmp_path / "target", shell)


def test_a_huge_hole_takes_no_room_and_no_time(tmp_path: Path, shell: Shell) -> None:
    unpack(write_archive(write_sparse(b"./a", 1 << 42, [(0, b"x"), (1 << 42, b"")])), tmp_path / "target", shell)
    found = (tmp_path / "target" / "a").stat()
    assert found.st_size == 1 << 42
    assert found.st_blocks < 100


def test_zeros_behind_the_end_need_no_reader(tmp_path: Path, shell: Shell) -> None:
    """tar stops reading at the end of an archive, long before a generous writer stops writing zeros."""
    unpack(write_archive(write_member(b"./a", b"x")) + bytes(20 << 20), tmp_path / "target", shell, step=1 << 20)
    assert (tmp_path / "target" / "a").read_bytes() == b"x"


ENDLESS = ROOT + bytes(write_header(b"./a", size=6_000_000)) + b"x" * 5_000_000


def test_tar_that_dies_is_noticed(tmp_path: Path, shell: Shell) -> None:
    sink = TreeSink(tmp_path / "target", shell)
    shell.kill_all()
    with pytest.raises(RestoreFailed, match="status -9"):
        sink.take(memoryview(ENDLESS))
    sink.close()


def test_tar_that_dies_at_the_end_is_noticed(tmp_path: Path, shell: Shell) -> None:
    sink = TreeSink(tmp_path / "target", shell)
    sink._process.kill()
    sink.take(memoryview(write_archive(write_member(b"./a", b"x" * 5_000_000))))
    with pytest.raises(RestoreFailed, match="status -9"):
        sink.finish()
    sink.close()


def test_the_time_limit_ends_it(tmp_path: Path) -> None:
    with Shell(60) as shell:
        sink = TreeSink(tmp_path / "target", shell)
        shell.end(TimeLimitReached.after(60))
        with pytest.raises(TimeLimitReached):
            sink.take(memoryview(ENDLESS))
        sink.close()


def test_an_archive_of_nothing_is_refused(tmp_path: Path, shell: Shell) -> None:
    with pytest.raises(RestoreFailed, match="holds nothing"):
        unpack(bytes(10240), tmp_path / "target", shell)


def test_a_place_that_cannot_be_made_is_named(tmp_path: Path, shell: Shell) -> None:
    with pytest.raises(RestoreFailed, match="No such file"):
        TreeSink(tmp_path / "gone" / "target", shell)


def test_of_many_faults_the_first_is_told(tmp_path: Path, shell: Shell) -> None:
    archive = write_archive(*(hard_link_to(b"./%04d" % number, b"./gone%d" % number) for number in range(100)))
    with pytest.raises(RestoreFailed, match="gone0"):
        unpack(archive, tmp_path / "target", shell)


def test_an_ordinary_user_gets_everything_but_devices_and_owners() -> None:
    archive = write_archive(write_device(b"./device"), write_member(b"./file", b"x", mode=0o640))
    with ordinary_rights() as folder, Shell(60) as shell:
        unpack(archive, folder / "target", shell)
        assert [path.name for path in (folder / "target").iterdir()] == ["file"]
        assert (folder / "target" / "file").stat().st_uid == os.geteuid()
        assert (folder / "target" / "file").stat().st_mode & 0o7777 == 0o640


def test_an_ordinary_user_is_still_told_of_other_faults() -> None:
    archive = write_archive(write_device(b"./device"), hard_link_to(b"./file", b"./gone"))
    with ordinary_rights() as folder, Shell(60) as shell, pytest.raises(RestoreFailed, match="Cannot hard link"):
        unpack(archive, folder / "target", shell)


def test_what_tar_archives_is_let_pass(tmp_path: Path, shell: Shell) -> None:
    """Names that sort differently as a whole and folder by folder, and bits of every kind."""
    source = tmp_path / "source"
    for name in ("a/b/c", "a/b.d/e", "a-b/f", "a.b", "a/z", "B", "é", "\udcff", "-x"):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, errors="surrogateescape")
    (source / "a" / "set").write_bytes(b"#!")
    (source / "a" / "set").chmod(0o6755)
    (source / "a").chmod(0o3775)
    archive = subprocess.run([*ARGUMENTS, f"--directory={source}", "."], capture_output=True, check=True).stdout
    unpack(archive, tmp_path / "target", shell, step=4096)
    assert (tmp_path / "target" / "a" / "set").stat().st_mode & 0o7777 == 0o6755
    assert (tmp_path / "target" / "a").stat().st_mode & 0o7777 == 0o3775
    again = [*ARGUMENTS, f"--directory={tmp_path / 'target'}", "."]
    assert subprocess.run(again, capture_output=True, check=True).stdout == archive
