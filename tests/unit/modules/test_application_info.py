from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.discovered import read_discovered
from ansible_collections.diskominfo.backup.tests.doors import use


def test_a_server_without_a_configuration_is_looked_at(tmp_path: Path) -> None:
    result = use("application_info", config_path=str(tmp_path / "none.json"), time_limit=20)
    assert not result["changed"]
    assert read_discovered(result["discovered"], "test").server == platform.node()


def test_the_name_is_that_of_the_option_or_of_the_configuration(config: dict[str, Any]) -> None:
    assert use("application_info", config=config)["discovered"]["server"] == config["server"]
    assert use("application_info", config=config, server="lain", check_mode=True)["discovered"]["server"] == "lain"


def test_a_configuration_that_cannot_be_used_is_refused(config: dict[str, Any]) -> None:
    assert use("application_info", config={**config, "colour": "red"})["slug"] == "configuration"
