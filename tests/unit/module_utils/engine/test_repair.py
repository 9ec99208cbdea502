"""Only what failed is repeated, and the report names cause, action and result."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import retrieval
from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.office import Office


@pytest.fixture
def office(office: Office) -> Office:
    """Three applications."""
    office.add_application("agenda")
    office.add_application("arsip")
    return office


def read_repairs(office: Office) -> dict[str, dict[str, Any]]:
    """Application -> its line of the Laporan Hasil Perbaikan."""
    return {line["application"]: line for line in office.call("report", "--format", "json").data["repairs"]}


def test_after_a_failing_night_one_is_mended_and_one_fails_again(office: Office) -> None:
    shutil.move(office.site("sippn"), office.root / "aside")
    office.database("agenda").write_bytes(b"rusak")
    night = {receipt["application"]: receipt for receipt in office.call("run").receipts}
    shutil.move(office.root / "aside", office.site("sippn"))

    answer = office.call("repair")
    lines = read_repairs(office)

    assert answer.status == 1
    repeated = {receipt["application"]: receipt for receipt in answer.receipts}
    assert {name: receipt["retry_of"] for name, receipt in repeated.items()} == {
        name: night[name]["id"] for name in ("sippn", "agenda")
    }
    assert [repeated[name]["status"] for name in ("sippn", "agenda")] == ["succeeded", "failed"]
    assert {(line["action"], line["result"]) for line in lines.values()} == {
        ("retried", "repaired"),
        ("retried", "open"),
    }
    for name in ("sippn", "agenda"):
        assert lines[name]["cause"]["slug"] == night[name]["failure"]["slug"]
    assert lines["sippn"]["repaired_at"]
    assert lines["agenda"]["repaired_at"] is None


def test_when_nothing_failed_nothing_is_done(office: Office) -> None:
    office.call("run")
    office.call("check", "--runs", "latest")

    answer = office.call("repair")

    assert (answer.status, answer.receipts) == (0, [])


def test_what_never_ran_is_no_failure(office: Office) -> None:
    assert office.call("repair").receipts == []


def test_a_run_that_was_found_damaged_is_made_again(office: Office) -> None:
    office.call("run")
    (stored,) = office.stored_runs("arsip")[0].glob("source-site.tar.zst")
    stored.write_bytes(b"rusak")
    checks = office.call("check", "--runs", "latest").receipts

    (again,) = office.call("repair").receipts

    assert (again["kind"], again["application"], again["status"]) == ("run", "arsip", "succeeded")
    assert again["retry_of"] in [check["id"] for check in checks]
    assert read_repairs(office)["arsip"]["action"] == "retried"
    assert office.call("repair").receipts == []


def test_a_check_that_came_to_no_result_is_made_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.call("run")

    def stumble(self: retrieval.Retrieval, *_unused: object) -> None:
        if self.run.application == "agenda":
            raise OSError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(retrieval.Retrieval, "restore", stumble)
        broken.setattr(retrieval.Retrieval, "read", stumble)
        first = next(it for it in office.call("check", "--runs", "latest").receipts if it["application"] == "agenda")

    (again,) = office.call("repair", "agenda").receipts

    assert (again["kind"], again["status"], again["retry_of"]) == ("check", "succeeded", first["id"])


def test_the_modules_repeat_the_same(office: Office) -> None:
    shutil.move(office.site("sippn"), office.root / "aside")
    office.call("run")
    shutil.move(office.root / "aside", office.site("sippn"))
    path = str(office.write_config())

    again = use("run", config_path=path, only_failed=True)
    checks = use("check", config_path=path, runs="failed")
    foretold = use("check", check_mode=True, config_path=path, runs="failed")

    assert again["succeeded_applications"] == ["sippn"]
    assert again["receipts"][0]["retry_of"]
    assert (checks["receipts"], foretold["planned"]) == ([], [])


def test_what_a_restore_replaced_is_neither_repeated_nor_checked(office: Office) -> None:
    office.call("run")
    office.call("restore", "sippn", "--in-place", "--confirm", "sippn")

    assert office.call("repair").receipts == []


def test_the_time_that_a_whole_restore_took_is_in_the_report(office: Office) -> None:
    office.call("run")
    part = office.call("restore", "sippn", "--part", "site", "--target", str(office.root / "part"))
    rows = {row["application"]: row for row in office.call("report", "--format", "json").data["applications"]}
    whole = office.call("restore", "sippn", "--target", str(office.root / "whole"))
    later = {row["application"]: row for row in office.call("report", "--format", "json").data["applications"]}

    assert part.status == whole.status == 0
    assert rows["sippn"]["restore_s"] is None
    assert later["sippn"]["restore_s"] == pytest.approx(whole.receipt["duration_s"], abs=0.001)
