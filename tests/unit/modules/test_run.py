from __future__ import annotations

import json
from typing import Any

from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.office import Office


def read(office: Office) -> dict[str, Any]:
    return dict(json.loads(office.write_config().read_text()))


def test_all_applications_are_backed_up_and_each_has_a_receipt(office: Office) -> None:
    office.add_application("arsip")
    result = use("run", config=read(office))
    assert result["changed"]
    assert result["succeeded_applications"] == ["sippn", "arsip"]
    assert [receipt["status"] for receipt in result["receipts"]] == ["succeeded", "succeeded"]
    assert len(office.stored_runs("sippn")) == len(office.stored_runs("arsip")) == 1


def test_the_receipt_says_that_a_playbook_asked(office: Office) -> None:
    result = use("run", config_path=str(office.write_config()))
    assert result["receipts"] == office.receipts_of()
    assert result["receipts"][0]["trigger"] == "playbook"


def test_one_failure_does_not_stop_the_others_and_fails_the_task(office: Office) -> None:
    office.add_application("arsip")
    office.database().unlink()
    result = use("run", config=read(office))
    assert result["failed"]
    assert (result["failed_applications"], result["succeeded_applications"]) == (["sippn"], ["arsip"])
    assert result["slug"] == "source_missing"
    assert str(office.database()) in result["msg"]
    assert result["hint"]


def test_several_failures_are_counted_in_the_message(office: Office) -> None:
    office.add_application("arsip")
    office.database("sippn").unlink()
    office.database("arsip").unlink()
    result = use("run", config=read(office))
    assert "run failed for 2 of 2" in result["msg"]


def test_only_the_chosen_applications_are_backed_up(office: Office) -> None:
    office.add_application("arsip", category="monthly")
    assert use("run", config=read(office), applications=["sippn"])["succeeded_applications"] == ["sippn"]
    assert use("run", config=read(office), category="bulanan")["succeeded_applications"] == ["arsip"]


def test_nothing_of_that_category_is_neither_a_change_nor_a_failure(office: Office) -> None:
    result = use("run", config=read(office), category="monthly")
    assert (result["changed"], result["receipts"], "failed" in result) == (False, [], False)


def test_check_mode_probes_and_leaves_nothing(office: Office) -> None:
    before = sorted(office.root.rglob("*"))
    result = use("run", check_mode=True, config=read(office))
    office.config.unlink(missing_ok=True)
    assert result["changed"]
    assert result["findings"] == []
    assert sorted(office.root.rglob("*")) == [path for path in before if path != office.config]


def test_check_mode_fails_where_a_backup_would_not_begin_well(office: Office) -> None:
    office.add_application("arsip")
    office.database("sippn").unlink()
    office.database("arsip").unlink()
    result = use("run", check_mode=True, config=read(office))
    assert result["failed"]
    assert [finding["slug"] for finding in result["findings"]] == ["source_missing", "source_missing"]
    assert str(office.database("sippn")) in result["msg"]
    assert str(office.database("arsip")) in result["msg"]
    assert not office.state.exists()


def test_all_problems_of_a_configuration_are_told_at_once(office: Office) -> None:
    office.settings = {"stores": {}}
    office.applications[0]["category"] = "hourly"
    result = use("run", config=read(office))
    assert result["failed"]
    assert "hourly" in result["msg"]
    assert "stores" in result["msg"]
    assert (result["slug"], office.state.exists()) == ("configuration", False)


def test_an_unknown_application_is_refused(office: Office) -> None:
    result = use("run", config=read(office), applications=["nobody"])
    assert (result["failed"], result["slug"]) == (True, "unknown_application")


def test_the_method_of_compression_is_that_of_the_configuration(office: Office) -> None:
    office.settings = {"compression": {"method": "gzip"}}
    result = use("run", config=read(office))
    assert [part["file"]["name"][-3:] for part in result["receipts"][0]["parts"]] == [".gz", ".gz"]
