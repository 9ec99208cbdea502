from __future__ import annotations

from typing import Any

from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.office import Office


def test_the_newest_run_is_compared_with_its_source(config: dict[str, Any]) -> None:
    run = use("run", config=config)["receipts"][0]
    result = use("check", config=config, runs="latest")
    assert result["changed"]
    assert [(receipt["kind"], receipt["run_id"]) for receipt in result["receipts"]] == [("check", run["id"])]
    assert {part["level"] for part in result["receipts"][0]["parts"]} == {"compared"}


def test_an_application_without_a_run_is_passed_over(config: dict[str, Any]) -> None:
    result = use("check", config=config, runs="latest")
    assert (result["changed"], result["receipts"]) == (False, [])


def test_what_is_damaged_fails_the_task(office: Office, config: dict[str, Any]) -> None:
    use("run", config=config)
    (stored,) = office.stored_runs()
    (artifact,) = stored.glob("database-*.sqlite.*")
    artifact.write_bytes(artifact.read_bytes()[:-20])
    result = use("check", config=config, runs="latest", depth="readable")
    assert (result["failed"], result["failed_applications"], result["slug"]) == (True, ["sippn"], "damaged")


def test_check_mode_names_what_would_be_checked(office: Office, config: dict[str, Any]) -> None:
    run = use("run", config=config)["receipts"][0]
    result = use("check", check_mode=True, config=config)
    assert result["planned"] == [{"application": "sippn", "run_id": run["id"], "depth": "compared"}]
    assert [receipt["kind"] for receipt in office.receipts_of()] == ["run"]
