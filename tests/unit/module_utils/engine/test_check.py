from __future__ import annotations

import json
import shutil

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import retrieval
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import TimeLimitReached
from ansible_collections.diskominfo.backup.tests.office import Office


def test_a_fresh_run_is_due_and_comes_out_compared(office: Office) -> None:
    office.call("run")

    answer = office.call("check")

    assert answer.status == 0
    receipt = answer.receipt
    assert receipt["kind"] == "check"
    assert receipt["run_id"] == office.stored_runs()[0].name
    assert [(part["level"], part["comparison"]) for part in receipt["parts"]] == [("compared", "content")] * 2
    assert receipt["parts"][0]["found"]["rows"] == receipt["parts"][0]["census"]["rows"]
    assert office.leftovers() == []


def test_what_was_proved_is_not_due_again(office: Office) -> None:
    office.call("run")
    office.call("check")

    answer = office.call("check")

    assert answer.status == 0
    assert answer.receipts == []


def test_a_shallow_check_reads_to_the_end_and_restores_nothing(office: Office) -> None:
    office.call("run")

    receipt = office.call("check", "--runs", "latest", "--depth", "readable").receipt

    assert {part["level"] for part in receipt["parts"]} == {"readable"}


def test_all_runs_can_be_checked(office: Office) -> None:
    office.call("run")
    office.call("run")

    assert len(office.call("check", "--runs", "all").receipts) == 2


def test_one_run_can_be_named(office: Office) -> None:
    first = office.call("run").receipt["id"]
    office.call("run")

    assert office.call("check", "--runs", first).receipt["run_id"] == first


def test_the_latest_of_an_application_without_runs_is_nothing(office: Office) -> None:
    assert office.call("check", "--runs", "latest").receipts == []


def test_every_part_is_checked_even_after_one_has_failed(office: Office) -> None:
    office.call("run")
    (folder,) = office.stored_runs()
    (folder / "database-app.db.sqlite.zst").unlink()

    receipt = office.call("check", "--runs", "latest").receipt

    assert [part["level"] for part in receipt["parts"]] == ["damaged", "compared"]
    assert receipt["failure"] == receipt["parts"][0]["failure"]


def test_a_fault_of_the_check_itself_damages_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.call("run")

    def end_early(*_arguments: object) -> None:
        raise TimeLimitReached.after(1)

    monkeypatch.setattr(retrieval.Retrieval, "restore", end_early)

    receipt = office.call("check", "--runs", "latest").receipt

    assert receipt["failure"]["slug"] == "time_limit"
    assert {part["level"] for part in receipt["parts"]} == {"written"}
    assert office.call("list").data["runs"][0]["level"] == "written"


@pytest.mark.parametrize("lost", ["file", "census"])
def test_a_receipt_that_lost_its_facts_proves_nothing(office: Office, lost: str) -> None:
    office.call("run")
    path = next((office.state / "receipts" / "sippn").glob("2*.json"))
    content = json.loads(path.read_bytes())
    del content["parts"][0][lost]
    path.write_text(json.dumps(content))

    receipt = office.call("check", "--runs", "latest").receipt

    assert receipt["status"] == "failed"
    assert receipt["parts"][0]["level"] == "damaged"


def test_a_store_that_vanished_is_no_proof_of_damage(office: Office) -> None:
    office.call("run")
    shutil.rmtree(office.store)

    answer = office.call("check", "--runs", "latest")

    assert answer.status == 1
    assert "store" in answer.stderr
