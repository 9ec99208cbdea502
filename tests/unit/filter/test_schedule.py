from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.diskominfo.backup.plugins.filter.schedule import FilterModule

find_units = FilterModule().filters()["schedule"]
SERVER = {"server": "web", "applications": [{"name": "portal", "sources": [{"path": "/srv/portal"}]}]}
PLANNED = {"zone": "UTC", "entries": [{"name": "daily", "category": "daily", "begins": "03:15"}]}


def test_a_configuration_becomes_plain_data() -> None:
    table = find_units({**SERVER, "schedule": PLANNED})

    assert table["server"] == "web"
    assert [entry["on_calendar"] for entry in table["entries"]] == [("*-*-* 03:15:00 UTC",)]


def test_a_server_that_nobody_planned_is_planned_by_itself() -> None:
    table = find_units({**SERVER, "calendar": {"daily": "23:00"}})

    assert [entry["on_calendar"] for entry in table["entries"]] == [("*-*-* 23:00:00 Asia/Jakarta",)]


def test_a_server_without_applications_needs_no_timers() -> None:
    assert find_units({"server": "web", "applications": []})["entries"] == ()


def test_a_calendar_that_cannot_be_kept_is_told_with_its_remedy() -> None:
    with pytest.raises(AnsibleFilterError, match="daily: cannot be 'noon'"):
        find_units({**SERVER, "calendar": {"daily": "noon"}})
