"""Every engine that a register may name has its driver, and so have trees."""

from __future__ import annotations

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.registry import DRIVERS
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import ENGINES, TREE


def test_every_kind_of_source_has_its_driver() -> None:
    assert set(DRIVERS) == {*ENGINES, TREE}
    assert len(DRIVERS) == len({*ENGINES, TREE})


def test_a_driver_is_known_by_its_own_name() -> None:
    assert {name: driver.name for name, driver in DRIVERS.items()} == {name: name for name in DRIVERS}
