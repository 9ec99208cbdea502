from __future__ import annotations

from typing import Any

from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.office import Office


def make_runs(config: dict[str, Any], count: int) -> list[str]:
    return [use("run", config=config)["receipts"][0]["id"] for number in range(count)]


def test_the_only_run_stays_and_nothing_changes(office: Office, config: dict[str, Any]) -> None:
    make_runs(config, 1)
    result = use("prune", config=config)
    assert (result["changed"], result["deleted"]) == (False, {})
    assert len(office.stored_runs()) == 1


def test_check_mode_says_what_would_go_and_removes_nothing(office: Office, config: dict[str, Any]) -> None:
    runs = make_runs(config, 5)
    planned = use("prune", check_mode=True, config=config)
    assert [run.name for run in office.stored_runs()] == runs
    removed = use("prune", config=config)
    assert planned["deleted"] == removed["deleted"]
    assert planned["changed"] == removed["changed"] == bool(removed["deleted"])
    assert [run.name for run in office.stored_runs()] == [
        run for run in runs if run not in removed["deleted"].get("sippn", [])
    ]
