from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.installed import read_installed
from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.office import Office


@pytest.fixture
def runs(config: dict[str, Any]) -> list[str]:
    """The ids of three runs."""
    return [use("run", config=config)["receipts"][0]["id"] for number in range(3)]


def collect(evidence: Path, config: dict[str, Any]) -> dict[str, Any]:
    documents = use("receipt_info", config=config, exact=True)["documents"]
    return use("collect", evidence=str(evidence), server="web", documents=documents)


def test_the_receipts_of_a_server_come_oldest_first(config: dict[str, Any], runs: list[str]) -> None:
    result = use("receipt_info", config=config)
    assert [receipt["id"] for receipt in result["receipts"]] == runs
    assert (result["changed"], result["has_more"], result["problems"]) == (False, False, [])


def test_a_limit_keeps_the_newest_and_says_that_there_are_more(config: dict[str, Any], runs: list[str]) -> None:
    result = use("receipt_info", config=config, limit=2)
    assert [receipt["id"] for receipt in result["receipts"]] == runs[1:]
    assert result["has_more"]


def test_kinds_and_applications_choose(config: dict[str, Any], runs: list[str]) -> None:
    use("check", config=config, runs="latest")
    found = use("receipt_info", config=config, kinds=["check"])["receipts"]
    assert [(receipt["kind"], receipt["run_id"]) for receipt in found] == [("check", runs[-1])]
    assert use("receipt_info", config=config, application="nobody")["receipts"] == []


def test_what_is_known_or_older_is_left_out(config: dict[str, Any], runs: list[str]) -> None:
    left = use("receipt_info", config=config, known=runs[:2])["receipts"]
    assert [receipt["id"] for receipt in left] == runs[2:]
    assert use("receipt_info", config=config, since="2999-01-01T00:00:00Z")["receipts"] == []
    assert use("receipt_info", config=config, since="yesterday")["slug"] == "configuration"


def test_exact_documents_are_the_bytes_that_were_written(
    office: Office, config: dict[str, Any], runs: list[str]
) -> None:
    documents = use("receipt_info", config=config, exact=True)["documents"]
    files = [office.state / "receipts" / "sippn" / f"{run}.json" for run in runs]
    assert [document["text"].encode() for document in documents] == [file.read_bytes() for file in files]
    assert {document["application"] for document in documents} == {"sippn"}


def test_what_is_no_receipt_is_told_and_stops_no_other(office: Office, config: dict[str, Any], runs: list[str]) -> None:
    (office.state / "receipts" / "sippn" / f"{runs[1]}.json").write_text("{")
    result = use("receipt_info", config=config)
    assert [receipt["id"] for receipt in result["receipts"]] == [runs[0], runs[2]]
    assert [runs[1] in problem for problem in result["problems"]] == [True]


def test_the_evidence_tells_how_far_it_reaches(tmp_path: Path, config: dict[str, Any], runs: list[str]) -> None:
    evidence = tmp_path / "evidence"
    assert use("receipt_info", evidence=str(evidence), limit=0)["since"] == {}
    collect(evidence, config)
    (evidence / "receipts" / "new-server").mkdir()
    told = use("receipt_info", evidence=str(evidence), limit=0)
    assert (told["receipts"], told["known"]) == ([], {"web": runs})
    assert told["since"]["web"] < f"{runs[0][:4]}-{runs[0][4:6]}-{runs[0][6:8]}"
    lacking = use("receipt_info", config=config, since=told["since"]["web"], known=told["known"]["web"], exact=True)
    assert lacking["documents"] == []
    assert [receipt["id"] for receipt in use("receipt_info", evidence=str(evidence))["receipts"]] == runs


def test_what_is_installed_is_told_only_when_it_is_asked_for(tmp_path: Path, config: dict[str, Any]) -> None:
    assert "installed" not in use("receipt_info", config=config)
    here = {"config": config, "config_path": str(tmp_path / "nothing.json"), "installed": True}
    seen = read_installed(use("receipt_info", check_mode=True, **here)["installed"], "test")
    assert (seen.server, seen.config_hash, seen.config_problem) == (config["server"], "", "")
    assert "installed" not in use("receipt_info", evidence=str(tmp_path), installed=True)
