from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import errors
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.compression import (
    SMALL_BYTES,
    find_decompression,
    make_codec,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell


def test_zstd_is_taken_where_it_is_and_gzip_where_it_is_not(tmp_path: Path) -> None:
    assert make_codec("auto", 3, 2).name == "zstd"
    assert make_codec("auto", 3, 2, str(tmp_path)).name == "gzip"


def test_what_was_asked_for_is_taken_even_where_it_is_missing(tmp_path: Path) -> None:
    assert make_codec("zstd", 3, 2, str(tmp_path)).name == "zstd"
    assert make_codec("gzip", 3, 2).name == "gzip"


def test_as_many_threads_as_asked_for_or_two_where_there_are_cores() -> None:
    assert "-T7" in make_codec("zstd", 3, 7).compress
    assert f"-T{min(2, os.cpu_count() or 1)}" in make_codec("zstd", 3, 0).compress


@pytest.mark.parametrize(("method", "level"), [("zstd", 1), ("zstd", 19), ("gzip", 1), ("gzip", 19)])
def test_a_stored_file_is_read_back_by_the_ending_of_its_name(tmp_path: Path, method: str, level: int) -> None:
    codec = make_codec(method, level, 1)
    stored = tmp_path / f"database-app.db.sqlite.{codec.suffix}"
    (tmp_path / "raw").write_bytes(b"rows" * 10000)
    with Shell(30) as shell:
        with (tmp_path / "raw").open("rb") as stream:
            stored.write_bytes(shell.run(codec.compress, stdin=stream.fileno()).stdout)
        with stored.open("rb") as stream:
            found = shell.run(find_decompression(stored.name), stdin=stream.fileno())
    assert (found.stdout, found.trace.status) == (b"rows" * 10000, 0)
    assert find_decompression(stored.name) == codec.decompress


@pytest.mark.parametrize("method", ["zstd", "gzip"])
def test_equal_bytes_are_compressed_to_equal_bytes(tmp_path: Path, method: str) -> None:
    """So that a second run of an unchanged source has the same hash."""
    codec = make_codec(method, 3, 2)
    (tmp_path / "raw").write_bytes(b"rows" * 100000)
    outputs = set()
    with Shell(30) as shell:
        for _unused in range(2):
            with (tmp_path / "raw").open("rb") as stream:
                outputs.add(shell.run(codec.compress, stdin=stream.fileno()).stdout)
    assert len(outputs) == 1


@pytest.mark.parametrize("content", [b"", b"a", b"rows\n" * 200, os.urandom(SMALL_BYTES)])
@pytest.mark.parametrize("method", ["zstd", "gzip"])
def test_a_small_file_that_no_program_made_is_one_for_the_programs(tmp_path: Path, method: str, content: bytes) -> None:
    codec = make_codec(method, 3, 2)
    stored = tmp_path / f"source-site.manifest.jsonl.{codec.suffix}"
    stored.write_bytes(codec.enclose(content))
    assert codec.enclose(content) == stored.read_bytes(), "equal bytes every time"
    for argv in (codec.decompress, (codec.name, "--test")):
        with Shell(30) as shell, stored.open("rb") as stream:
            found = shell.run(argv, stdin=stream.fileno())
        assert (found.trace.status, found.stdout) == (0, content if argv == codec.decompress else b"")


@pytest.mark.parametrize("name", ["a.sqlite", "zst", "", "a.zst.exe", "gz"])
def test_a_name_that_was_never_written_is_damage(name: str) -> None:
    if name in ("zst", "gz"):
        assert find_decompression(name)
        return
    with pytest.raises(errors.StoredDamaged, match="no known ending"):
        find_decompression(name)


def test_both_programs_are_here() -> None:
    assert shutil.which("zstd")
    assert shutil.which("gzip")
