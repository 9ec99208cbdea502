from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.diskominfo.backup.plugins.filter.schedule import FilterModule

plan = FilterModule().filters()["schedule"]
SERVER = {"server": "web", "applications": [{"name": "portal", "sources": [{"path": "/srv/portal"}]}]}


def test_a_configuration_becomes_plain_data() -> None:
    table = plan(SERVER, {"daily": "23:00"})

    assert table["server"] == "web"
    assert [entry["on_calendar"] for entry in table["entries"]] == ["*-*-* 23:00:00 Asia/Jakarta"]


def test_without_a_calendar_the_defaults_hold() -> None:
    assert plan(SERVER)["spread_s"] == 1800


def test_a_calendar_that_cannot_be_kept_is_told_with_its_remedy() -> None:
    with pytest.raises(AnsibleFilterError, match="daily: cannot be 'noon'"):
        plan(SERVER, {"daily": "noon"})
