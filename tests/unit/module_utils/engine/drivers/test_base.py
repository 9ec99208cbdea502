"""A target is a place that was proved to hold nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.base import NewPlace
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import TargetRefused


def test_a_new_place_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    place = NewPlace.prove(tmp_path / "deep" / "target")
    assert place.path.stat().st_mode & 0o777 == 0o700
    assert NewPlace.prove(place.path) == place


def test_a_place_that_holds_anything_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".hidden").write_bytes(b"")
    with pytest.raises(TargetRefused, match="not empty"):
        NewPlace.prove(tmp_path)


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(TargetRefused, match="cannot restore into"):
            NewPlace.prove(path)
