from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import StoredDamaged
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.parcel import pack_parcel, unpack_parcel

CONTENT = {"receipt.json": b"{}", "database-app.db.sqlite.zst": bytes(range(256)) * 9000}


def pack(folder: Path) -> bytes:
    sink = io.BytesIO()
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    streams = [(name, (folder / name).open("rb")) for name in CONTENT]
    try:
        assert pack_parcel(streams, sink) == sum(map(len, CONTENT.values()))
    finally:
        for _unused, stream in streams:
            stream.close()
    return sink.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    return {name: b"".join(content) for name, content in unpack_parcel(io.BytesIO(data))}


def test_what_was_packed_comes_out_as_it_was(tmp_path: Path) -> None:
    assert unpack(pack(tmp_path)) == CONTENT


def test_anybodys_tar_unpacks_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    subprocess.run(["tar", "x"], cwd=tmp_path / "out", input=pack(tmp_path / "in"), check=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == CONTENT


@pytest.mark.parametrize("left", [0, 100, 600, 100_000])
def test_a_parcel_that_was_cut_is_noticed(tmp_path: Path, left: int) -> None:
    data = pack(tmp_path)[:left]
    with pytest.raises(StoredDamaged):
        unpack(data)


def test_what_is_no_regular_file_is_refused() -> None:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        member = tarfile.TarInfo("receipt.json")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/shadow"
        archive.addfile(member)
    with pytest.raises(StoredDamaged, match="not a regular file"):
        unpack(sink.getvalue())


def test_a_header_that_lies_about_holes_is_damage() -> None:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("receipt.json")
        member.pax_headers = {"GNU.sparse.size": "abc"}
        archive.addfile(member)
    with pytest.raises(StoredDamaged):
        unpack(sink.getvalue())
