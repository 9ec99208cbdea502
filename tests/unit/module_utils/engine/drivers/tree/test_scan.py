"""Archives are followed byte by byte: those of GNU tar are understood, all others refused."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.tree.archive import ARGUMENTS
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.tree.headers import (
    MalformedArchive,
    Member,
    read_records,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.tree.scan import (
    PIECES_LIMIT,
    RECORDS_LIMIT_BYTES,
    Scanner,
)

from .archives import (
    END,
    MTIME,
    ROOT,
    pad,
    seal_header,
    write_archive,
    write_header,
    write_member,
    write_record,
    write_records,
    write_sparse,
)


class Witness:
    """Remembers every member with its hash; wants the hash of files unless told otherwise."""

    def __init__(self, wants_hash: bool = True) -> None:
        self.seen: list[tuple[Member, str]] = []
        self._wants_hash = wants_hash

    def begin(self, member: Member) -> bool:
        return self._wants_hash and member.kind == "file"

    def end(self, member: Member, sha256: str) -> None:
        self.seen.append((member, sha256))


def scan(archive: bytes, step: int = 1 << 20, wants_hash: bool = True) -> list[tuple[Member, str]]:
    witness = Witness(wants_hash)
    scanner = Scanner(witness)
    for start in range(0, len(archive), step):
        scanner.take(memoryview(archive)[start : start + step])
    scanner.finish()
    return witness.seen


def find_one(archive: bytes) -> tuple[Member, str]:
    (_unused, found) = scan(archive)
    return found


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 100_000])
@pytest.mark.parametrize("step", [1, 511, 512, 1024, 1 << 20])
def test_files_of_any_size_are_hashed_in_portions_of_any_size(size: int, step: int) -> None:
    content = os.urandom(size)
    archive = write_archive(write_member(b"./a", content), write_member(b"./b", b"end"))
    _unused, (first, first_hash), (second, second_hash) = scan(archive, step if size < 1000 else max(step, 97))
    assert (first.path, first.size, first_hash) == (b"./a", size, hash_of(content))
    assert (second.path, second_hash) == (b"./b", hash_of(b"end"))


def test_what_is_not_wanted_is_not_hashed() -> None:
    archive = write_archive(write_member(b"./a", b"content"), write_member(b"./b"), write_sparse(b"./c", 1 << 62, []))
    assert [sha256 for _unused, sha256 in scan(archive, wants_hash=False)] == [""] * 4


def test_a_header_tells_all_of_a_member() -> None:
    member, _unused = find_one(write_archive(write_member(b"./run.sh", b"#!", mode=0o4755)))
    assert member.kind == "file"
    assert (member.mode, member.uid, member.gid, member.mtime) == (0o4755, 1000, 1000, str(MTIME))
    assert (member.size, member.stored, member.link, member.device) == (2, 2, b"", "")


def test_pax_records_go_before_the_header() -> None:
    records = {
        b"path": b"./" + b"x" * 300,
        b"linkpath": b"y" * 300,
        b"mtime": b"-3.25",
        b"uid": b"4000000000",
        b"gid": b"4000000001",
        b"uname": b"nama",
        b"SCHILY.xattr.user.note": b"line\nbreak\0",
    }
    member, _unused = find_one(write_archive(write_member(b"./short", flag=b"2", records=records)))
    assert (member.path, member.link, member.mtime) == (records[b"path"], records[b"linkpath"], "-3.25")
    assert (member.uid, member.gid) == (4000000000, 4000000001)
    assert member.attributes == {b"SCHILY.xattr.user.note": b"line\nbreak\0"}


def test_records_hold_for_one_member_only() -> None:
    archive = write_archive(write_member(b"./a", records={b"mtime": b"5.5"}), write_member(b"./b"))
    assert [member.mtime for member, _unused in scan(archive)] == [str(MTIME), "5.5", str(MTIME)]


def test_a_size_beyond_what_the_header_can_say_stands_in_a_record() -> None:
    header = bytes(write_header(b"./a", size=0))
    member, sha256 = find_one(write_archive(write_records({b"size": b"600"}) + header + pad(b"x" * 600)))
    assert (member.size, sha256) == (600, hash_of(b"x" * 600))


def test_a_long_name_may_be_split() -> None:
    archive = write_archive(bytes(write_header(b"name", prefix=b"./" + b"d" * 150)))
    assert find_one(archive)[0].path == b"./" + b"d" * 150 + b"/name"


@pytest.mark.parametrize(("flag", "kind"), [(b"3", "character device"), (b"4", "block device")])
def test_devices_have_a_number(flag: bytes, kind: str) -> None:
    header = write_header(b"./null", flag)
    header[329:345] = b"%07o\0%07o\0" % (1, 3)
    member, _unused = find_one(write_archive(bytes(seal_header(header))))
    assert (member.kind, member.device) == (kind, "1:3")


@pytest.mark.parametrize(
    ("size", "pieces"),
    [
        (5000, []),
        (5000, [(0, b"x" * 5000)]),
        (3_000_000, [(0, b"a" * 10), (1_500_000, b"b" * 513), (3_000_000, b"")]),
        (2_000_000, [(1_999_999, b"z")]),
        (100, [(10, b""), (50, b"c" * 50)]),
    ],
)
@pytest.mark.parametrize("step", [313, 1 << 20])
def test_holes_are_hashed_as_zeros(size: int, pieces: list[tuple[int, bytes]], step: int) -> None:
    content = bytearray(size)
    for offset, piece in pieces:
        content[offset : offset + len(piece)] = piece
    archive = write_archive(write_sparse(b"./a", size, pieces), write_member(b"./b", b"end"))
    _unused, (member, sha256), (following, _unused2) = scan(archive, step)
    assert (member.path, member.size, sha256) == (b"./a", size, hash_of(bytes(content)))
    assert following.path == b"./b"


def test_a_sparse_file_of_many_pieces_is_followed() -> None:
    pieces = [(number * 2000, b"p" * 7) for number in range(400)]
    content = bytearray(800_000)
    for offset, piece in pieces:
        content[offset : offset + 7] = piece
    assert find_one(write_archive(write_sparse(b"./a", 800_000, pieces)))[1] == hash_of(bytes(content))


def test_the_hashing_of_holes_can_be_ended() -> None:
    def check() -> None:
        raise TimeoutError

    scanner = Scanner(Witness(), check=check)
    with pytest.raises(TimeoutError):
        scanner.take(memoryview(write_archive(write_sparse(b"./a", 1 << 60, []))))


@pytest.mark.parametrize(
    "numbers",
    [
        [],
        [1],
        [1, 0],
        [2, 0, 1],
        [1, 0, 2],
        [1, 99_999, 1],
        [2, 0, 1, 0, 0],
        [2, 50, 1, 20, 0],
        [1, 0, 1, 7],
        [PIECES_LIMIT + 1],
        [10**18, 0, 1],
    ],
)
def test_a_map_that_cannot_be_is_refused(numbers: list[int]) -> None:
    with pytest.raises(MalformedArchive, match="sparse"):
        scan(write_archive(write_sparse(b"./a", 1000, [(0, b"x")], numbers)))


@pytest.mark.parametrize(
    "text", [b"1\n-1\n2\n", b"1\n0x1\n1\n", b"\n", b"1\n" + b"9" * 30 + b"\n1\n", b"1_0\n", b"9" * 600]
)
def test_a_map_of_other_signs_is_refused(text: bytes) -> None:
    records = {b"GNU.sparse.major": b"1", b"GNU.sparse.minor": b"0", b"GNU.sparse.name": b"./a"}
    records[b"GNU.sparse.realsize"] = b"1000"
    with pytest.raises(MalformedArchive, match="sparse"):
        scan(write_archive(write_member(b"./x", pad(text) + b"x", records=records)))


@pytest.mark.parametrize(
    "records",
    [
        {b"GNU.sparse.major": b"0", b"GNU.sparse.minor": b"1", b"GNU.sparse.map": b"0,1"},
        {b"GNU.sparse.name": b"./a"},
        {
            b"GNU.sparse.major": b"1",
            b"GNU.sparse.minor": b"1",
            b"GNU.sparse.name": b"./a",
            b"GNU.sparse.realsize": b"1",
        },
        {b"comment": b"x"},
        {b"hdrcharset": b"BINARY"},
        {b"GNU.volume.label": b"x"},
        {b"uid": b"-1", b"mtime": b"1"},
        {b"size": b"1e3"},
        {b"size": b"9" * 19},
        {b"size": b"9" * 30},
        {b"gid": b""},
        {b"path": b"./a\0b"},
        {b"linkpath": b"a\0"},
    ],
)
def test_records_that_are_never_written_here_are_refused(records: dict[bytes, bytes]) -> None:
    with pytest.raises(MalformedArchive):
        scan(write_archive(write_member(b"./a", records=records)))


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        b"0 a=b\n",
        b"6 a=b\n7 a=b\n",
        b"7 a=bc\n7 a=cd\n",
        b"99 a=b\n",
        b"-6 a=b\n",
        b"6 abc\n",
        b"6 a=b\r",
        b" a=b\n",
        b"1_0 a=bcd\n\n",
        b"\0" * 20,
    ],
)
def test_records_that_are_not_well_formed_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedArchive, match="pax record"):
        read_records(data)


@hypothesis.given(
    strategies.dictionaries(strategies.binary(min_size=1).filter(lambda key: b"=" not in key), strategies.binary())
)
def test_whatever_records_say_is_read_back(records: dict[bytes, bytes]) -> None:
    assert read_records(b"".join(write_record(key, value) for key, value in records.items())) == records


@hypothesis.given(strategies.binary(max_size=3000))
def test_no_bytes_bring_the_reader_to_another_end(noise: bytes) -> None:
    for archive in (noise, ROOT + noise, ROOT + write_header(b"./x", b"x", len(noise)) + noise):
        with pytest.raises(MalformedArchive):
            scan(bytes(archive))


@pytest.mark.parametrize("flag", [b"\0", b"7", b"g", b"L", b"K", b"S", b"D", b"M", b"V", b"Z"])
def test_a_type_that_is_never_archived_is_refused(flag: bytes) -> None:
    with pytest.raises(MalformedArchive, match="type"):
        scan(write_archive(write_member(b"./a", flag=flag)))


@pytest.mark.parametrize("flag", [b"1", b"2", b"5", b"6"])
def test_content_where_none_can_be_is_refused(flag: bytes) -> None:
    with pytest.raises(MalformedArchive, match="content"):
        scan(write_archive(write_member(b"./a", b"x", flag=flag)))


@pytest.mark.parametrize(
    ("at", "field"),
    [
        (257, b"ustar  \0"),
        (124, b"\x80" + bytes(11)),
        (124, b"           1"),
        (124, b"-0000000001\0"),
        (124, b"0000000000_\0"),
        (100, b"     644"),
        (100, b"0000888\0"),
    ],
)
def test_a_header_of_another_format_is_refused(at: int, field: bytes) -> None:
    header = write_header(b"./a")
    header[at : at + len(field)] = field
    with pytest.raises(MalformedArchive):
        scan(write_archive(bytes(seal_header(header))))


def test_a_device_without_a_number_is_refused() -> None:
    header = write_header(b"./null", b"3")
    header[329:345] = bytes(16)
    with pytest.raises(MalformedArchive, match="number"):
        scan(write_archive(bytes(seal_header(header))))


@pytest.mark.parametrize("position", [0, 99, 150, 255, 256, 400, 511])
def test_a_changed_byte_of_a_header_is_noticed(position: int) -> None:
    header = write_header(b"./a")
    header[position] ^= 1
    with pytest.raises(MalformedArchive, match="checksum"):
        scan(write_archive(bytes(header)))


def test_a_checksum_that_only_wraps_around_to_the_right_one_is_refused() -> None:
    header = write_header(b"\xff" * 100, link=b"\xff" * 100, prefix=b"\xff" * 155)
    total = int(header[148:154], 8)
    assert total > 65521
    header[148:156] = b"%06o\0 " % (total - 65521)
    with pytest.raises(MalformedArchive, match="checksum"):
        scan(write_archive(bytes(header)))


def test_checksums_of_our_own_tar_are_taken_on_trust() -> None:
    header = write_header(b"./a")
    header[5] ^= 1
    witness = Witness()
    scanner = Scanner(witness, is_trusted=True)
    scanner.take(memoryview(write_archive(bytes(header))))
    scanner.finish()
    assert len(witness.seen) == 2


def test_a_pax_header_stands_before_one_member() -> None:
    once = write_records({b"mtime": b"1"})
    for archive in (ROOT + once + once + write_member(b"./a") + END, ROOT + once + END):
        with pytest.raises(MalformedArchive, match="pax header"):
            scan(archive)


@pytest.mark.parametrize("size", [0, RECORDS_LIMIT_BYTES + 1, 8**11 - 1])
def test_records_are_of_a_size_that_can_be(size: int) -> None:
    with pytest.raises(MalformedArchive, match="too large"):
        scan(ROOT + bytes(write_header(b"./x", b"x", size)) + END)


@pytest.mark.parametrize("tail", [b"", bytes(511), bytes(512), bytes(1023), bytes(1025), bytes(1500)])
def test_an_archive_ends_with_two_blocks_of_zeros(tail: bytes) -> None:
    with pytest.raises(MalformedArchive, match="no proper end"):
        scan(ROOT + tail)


@pytest.mark.parametrize("tail", [END + b"x", END + bytes(512) + ROOT, bytes(512) + ROOT])
@pytest.mark.parametrize("step", [512, 1 << 20])
def test_nothing_lies_behind_the_end(tail: bytes, step: int) -> None:
    with pytest.raises(MalformedArchive, match="behind"):
        scan(ROOT + tail, step)


def test_more_zeros_at_the_end_are_fine() -> None:
    scanner = Scanner(Witness())
    scanner.take(memoryview(ROOT))
    had_ended = scanner.has_ended
    for _unused in range(300):
        scanner.take(memoryview(bytes(5120)))
    scanner.finish()
    assert (had_ended, scanner.has_ended) == (False, True)


def test_the_archives_of_gnu_tar_are_understood(tmp_path: Path) -> None:
    """Names of every length around the limits of the formats, and times before 1970."""
    for length in (1, 90, 99, 100, 101, 155, 200, 254):
        folder = tmp_path / ("d" * min(length, 200))
        folder.mkdir(exist_ok=True)
        (folder / ("n" * length)).write_bytes(b"x" * length)
    os.utime(tmp_path / "d" / "n", ns=(0, -1_500_000_000))
    argv = [*ARGUMENTS, f"--directory={tmp_path}", "."]
    seen = scan(subprocess.run(argv, capture_output=True, check=True).stdout, step=10_000)
    paths = {b"./" + os.fsencode(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    assert {member.path.rstrip(b"/") for member, _unused in seen} == paths | {b"."}
    for member, sha256 in seen:
        if member.kind == "file":
            assert sha256 == hash_of((Path(os.fsdecode(tmp_path)) / os.fsdecode(member.path)).read_bytes())
    assert [member.mtime for member, _unused in seen if member.path == b"./d/n"] == ["-1.5"]
