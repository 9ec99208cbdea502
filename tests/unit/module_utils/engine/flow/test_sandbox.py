from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import errors
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.sandbox import open_place, sweep_places
from ansible_collections.diskominfo.backup.tests.traces import ENGINE, start_python


def fill(place: Path) -> None:
    (place / "deep" / "er").mkdir(parents=True)
    (place / "deep" / "er" / "rows").write_bytes(b"secret rows")
    (place / "deep").chmod(0o500)
    (place / "link").symlink_to("/")


def test_a_place_is_private_empty_and_gone_with_its_block(tmp_path: Path) -> None:
    with open_place(tmp_path / "scratch") as place:
        assert place.parent == tmp_path / "scratch"
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert list(place.iterdir()) == []
        fill(place)
    assert list((tmp_path / "scratch").iterdir()) == []


def test_two_places_are_two(tmp_path: Path) -> None:
    with open_place(tmp_path) as first, open_place(tmp_path) as second:
        assert first != second


def test_a_place_is_gone_after_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), open_place(tmp_path):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(errors.NotRecorded, match="cannot write the record"), open_place(tmp_path / "file"):
        pass


def bury(root: Path) -> None:
    """Makes a place unreachable, for the superuser as well."""
    root.rename(root.with_name("buried"))
    root.touch()


def test_a_place_that_cannot_be_removed_is_told(tmp_path: Path) -> None:
    with pytest.raises(errors.NotRecorded, match="Not a directory"), open_place(tmp_path / "scratch"):
        bury(tmp_path / "scratch")


def test_an_error_of_the_work_goes_before_one_of_the_removal(tmp_path: Path) -> None:
    def work() -> None:
        bury(tmp_path / "scratch")
        raise errors.RestoreFailed.ended("app.db", "no")

    with pytest.raises(errors.RestoreFailed), open_place(tmp_path / "scratch"):
        work()


def test_what_a_killed_program_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    code = f"""
import os, pathlib, signal, sys
from {ENGINE}.flow.sandbox import open_place
with open_place(pathlib.Path(sys.argv[1])) as place:
    (place / "rows").write_bytes(b"secret rows")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    start_python(code, str(tmp_path)).communicate()
    (tmp_path / "throwaway-link").symlink_to(tmp_path / "kept")
    (tmp_path / "kept").mkdir()
    fill(next(entry for entry in tmp_path.iterdir() if entry.name.startswith("throwaway-") and entry.is_dir()))

    assert sweep_places(tmp_path) == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]
    assert sweep_places(tmp_path) == 0


def test_where_nothing_was_there_is_nothing_to_sweep(tmp_path: Path) -> None:
    assert sweep_places(tmp_path / "absent") == 0


def test_what_cannot_be_swept_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(errors.NotRecorded, match="Not a directory"):
        sweep_places(tmp_path / "file")
