from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import STORE_TYPES, StorePlace
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.stores.registry import STORES, open_store


def test_the_types_that_a_register_may_name_are_those_that_there_are() -> None:
    assert set(STORES) == set(STORE_TYPES.values())


def test_each_path_is_remembered_by_a_file_of_its_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        open_store(StorePlace("directory", str(tmp_path / name)), tmp_path / "state").open()
    assert len(os.listdir(tmp_path / "state" / "stores")) == 2
    open_store(StorePlace("directory", str(tmp_path / "one")), tmp_path / "state").open()
    assert len(os.listdir(tmp_path / "state" / "stores")) == 2


def test_an_unknown_type_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'tape'; use one of: directory"):
        open_store(StorePlace("tape", "/dev/st0"), tmp_path)
