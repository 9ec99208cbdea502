from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Period, Report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_report
from ansible_collections.diskominfo.backup.plugins.plugin_utils.plays import PlayEvidence
from ansible_collections.diskominfo.backup.plugins.plugin_utils.reports import read_report, write_report
from ansible_collections.diskominfo.backup.tests.records import NOON, make_config, make_failed_receipt, make_receipt


@pytest.fixture
def report() -> Report:
    """A report with a row of each temper."""
    evidence, later = PlayEvidence(), NOON + timedelta(minutes=5)
    for host in ("web", "db"):
        evidence.take_host(host)
    evidence.take_facts({"backup_register": [make_config(server="web"), make_config(server="db")]})
    receipts = [make_failed_receipt(), make_receipt(NOON, 1), make_failed_receipt(application="arsip")]
    evidence.take_result("web", "run", {"receipts": [receipt.to_data() for receipt in receipts]}, later)
    evidence.take_silence("db", "no route", later)
    return make_report(evidence, Period(NOON - timedelta(hours=1), later), later, {"name": "Dinas"}, "28")


def test_a_report_comes_back_as_it_was(report: Report) -> None:
    assert read_report(json.loads(json.dumps(report.to_data()))).to_data() == report.to_data()


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "other/1"},
        {"applications": [{"name": "?"}]},
        {"generated": "yesterday"},
        {"surprise": 1},
        {"summary": None},
        {"office": {"name": "x" * 100_000}},
    ],
)
def test_what_is_no_report_is_refused(report: Report, changes: dict[str, Any]) -> None:
    with pytest.raises(RecordRefused, match="report is refused"):
        read_report({**report.to_data(), **changes})


def test_the_files_of_a_report_lie_in_the_folder_and_nothing_else(report: Report, tmp_path: Path) -> None:
    write_report(report, "en", tmp_path / "new" / "folder")
    written = write_report(report, "id", tmp_path / "new" / "folder")
    assert sorted(os.listdir(tmp_path / "new" / "folder")) == ["report.html", "report.json"]
    assert [path.name for path in written] == ["report.html", "report.json"]
    assert json.loads(written[1].read_bytes()) == report.to_data()
