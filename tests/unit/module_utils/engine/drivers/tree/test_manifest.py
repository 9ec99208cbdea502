"""A manifest says of every file what it is, and two of them differ exactly where their trees do."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.tree.headers import (
    MalformedArchive,
    Member,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.tree.manifest import (
    BATCH_LINES,
    Differences,
    Manifest,
    compare_manifests,
    write_entry,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import SHOWN_DIFFERENCES
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import hash_bytes, write_line

PLAIN = Member(b"./index.php", "file", 0o644, 33, 33, "1700000000.5", 3, 3, b"", False, {}, "")
HASH = hash_bytes(b"abc")


def write(path: str, **changes: object) -> bytes:
    """One line for a file; None takes a field away."""
    fields = {"path": path, "type": "file", "mode": "0644", "uid": 1, "gid": 1, "mtime": "1", "sha256": HASH, "size": 3}
    fields.update(changes)
    return write_line({name: value for name, value in fields.items() if value is not None})


def compare(folder: Path, expected: list[bytes], found: list[bytes], as_root: bool = True) -> Differences:
    (folder / "expected").write_bytes(b"".join(expected))
    (folder / "found").write_bytes(b"".join(found))
    differences = Differences()
    compare_manifests(folder / "expected", folder / "found", as_root, differences)
    return differences


def tell(differences: Differences) -> list[str]:
    return [f"{one.what}: {one.expected} -> {one.found}" for one in differences.shown]


@pytest.mark.parametrize(
    ("member", "sha256"),
    [
        (PLAIN, HASH),
        (PLAIN._replace(path=b"./", kind="directory", size=0), ""),
        (PLAIN._replace(path=b'./a b/\xff\n"\\/', kind="directory"), ""),
        (PLAIN._replace(path=b"./l", kind="symlink", link=b"../\xfe'"), ""),
        (PLAIN._replace(path="./naskah-é-文".encode(), mode=0o4755), HASH),
        (PLAIN._replace(path=b"./null", kind="character device", device="1:3"), ""),
        (PLAIN._replace(attributes={b"SCHILY.xattr.user.a": b"1", b"SCHILY.xattr.trusted.b": b"2"}), HASH),
    ],
)
def test_a_line_is_canonical_json(member: Member, sha256: str) -> None:
    line = write_entry(member, sha256).encode("ascii")
    fields = json.loads(line)
    assert write_line(fields) == line
    assert fields["path"].encode("utf-8", "surrogateescape") in (member.path[2:], member.path[2:-1], b".")
    assert fields.get("link", "").encode("utf-8", "surrogateescape") == member.link
    assert fields["mode"] == f"{member.mode:04o}"
    assert ("sha256" in fields) == bool(sha256)


def test_attributes_that_only_root_can_set_are_told_apart() -> None:
    def read(attributes: dict[bytes, bytes]) -> tuple[object, object]:
        fields = json.loads(write_entry(PLAIN._replace(attributes=attributes), HASH))
        return fields.get("attributes"), fields.get("privileged")

    one = read({b"SCHILY.acl.access": b"user::rw-", b"SCHILY.xattr.user.a": b"1"})
    other = read({b"SCHILY.acl.access": b"user::rw-", b"SCHILY.xattr.user.a": b"2"})
    assert one[0]
    assert one[0] != other[0]
    assert one[1] is other[1] is None
    assert read({b"SCHILY.xattr.security.capability": b"\0"})[0] is None
    assert read({b"SCHILY.xattr.user.a": b"1 x", b"SCHILY.xattr.user.b": b""}) != read(
        {b"SCHILY.xattr.user.a": b"1", b"SCHILY.xattr.user.b": b" x"}
    )


def test_everything_is_counted_and_hashed() -> None:
    stream = io.BytesIO()
    manifest = Manifest(stream)
    kinds = ("directory", "symlink", "hardlink", "fifo", "character device", "block device")
    for number in range(BATCH_LINES + 5):
        assert manifest.begin(PLAIN)
        manifest.end(PLAIN._replace(path=b"./%06d" % number), HASH)
    for kind in kinds:
        assert not manifest.begin(PLAIN._replace(kind=kind))
        manifest.end(PLAIN._replace(kind=kind), "")
    counts, digest = manifest.conclude()
    assert counts == {
        "files": BATCH_LINES + 5,
        "bytes": 3 * (BATCH_LINES + 5),
        "directories": 1,
        "symlinks": 1,
        "hardlinks": 1,
        "fifos": 1,
        "devices": 2,
    }
    assert digest == hash_bytes(stream.getvalue())
    assert stream.getvalue().count(b"\n") == BATCH_LINES + 11


def test_more_than_there_was_is_refused_before_it_is_hashed() -> None:
    manifest = Manifest(limit_bytes=5)
    manifest.begin(PLAIN)
    with pytest.raises(MalformedArchive, match="more than"):
        manifest.begin(PLAIN)


def test_equal_manifests_do_not_differ(tmp_path: Path) -> None:
    lines = [write("."), write("a"), write("b")]
    assert compare(tmp_path, lines, lines).count == 0
    assert compare(tmp_path, [], []).count == 0


def test_every_field_is_named(tmp_path: Path) -> None:
    differences = compare(
        tmp_path,
        [write("a", mtime="1.5", link="x", attributes=HASH)],
        [write("a", type="symlink", mode="0600", uid=2, sha256=None, privileged=HASH)],
    )
    assert tell(differences) == [
        f"attributes of a: {HASH} -> none",
        "link of a: x -> none",
        "mode of a: 0644 -> 0600",
        "mtime of a: 1.5 -> 1",
        f"privileged of a: none -> {HASH}",
        f"sha256 of a: {HASH} -> none",
        "type of a: file -> symlink",
        "uid of a: 1 -> 2",
    ]
    assert differences.count == 8


def test_what_is_missing_and_what_is_added_is_named(tmp_path: Path) -> None:
    shared = [write("."), write("d", type="directory"), write("d/x"), write("d-e")]
    expected = [*shared[:2], write("d/a"), *shared[2:], write("z")]
    found = [*shared[:3], write("d/y"), shared[3]]
    assert tell(compare(tmp_path, expected, found)) == [
        "file d/a: present -> missing",
        "file d/y: missing -> present",
        "file z: present -> missing",
    ]


def test_names_are_ordered_by_their_bytes(tmp_path: Path) -> None:
    names = ["a\udcff", "b", "é", "文", "\udcfe"]
    assert tell(compare(tmp_path, [write(name) for name in names], [write(name) for name in names if name != "b"])) == [
        "file b: present -> missing"
    ]


def test_an_ordinary_user_is_not_asked_for_what_only_root_restores(tmp_path: Path) -> None:
    expected = [write("a"), write("b", type="block device", sha256=None), write("c", privileged=HASH), write("d")]
    found = [write("a", uid=7, gid=7), write("c", uid=7), write("d", mode="0600")]
    assert tell(compare(tmp_path, expected, found, as_root=False)) == ["mode of d: 0644 -> 0600"]
    assert compare(tmp_path, expected, found, as_root=True).count == 6
    assert tell(compare(tmp_path, [], [write("n", type="block device")], as_root=False)) == [
        "block device n: missing -> present"
    ]


def test_only_the_first_of_many_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    differences = compare(tmp_path, [write(f"{number:04d}") for number in range(500)], [])
    assert len(differences.shown) == SHOWN_DIFFERENCES
    assert differences.count == 500


@pytest.mark.parametrize(
    "line",
    [
        b"no json\n",
        b"[1]\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"path": 5}\n',
        b'{"path": "\\ud800"}\n',
        b'{"a":"' + b"x" * 300_000 + b'"}\n',
        b"{}\n",
    ],
)
def test_a_line_that_somebody_altered_is_a_difference(tmp_path: Path, line: bytes) -> None:
    differences = compare(tmp_path, [write("a"), line], [write("a")])
    assert differences.count >= 1
    for one in differences.shown:
        assert max(map(len, (one.what, one.expected, one.found))) <= 200
