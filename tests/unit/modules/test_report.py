from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils import typesetting
from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.records import make_config, make_failed_receipt, make_receipt

NOW = datetime.now(timezone.utc).replace(microsecond=0)


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """An evidence folder with one application that succeeded and one that failed."""
    receipts = [make_receipt(NOW), make_failed_receipt(NOW, server="db")]
    for receipt in receipts:
        document = {"application": receipt.application, "text": receipt.to_bytes().decode()}
        use("collect", evidence=str(tmp_path), server=receipt.server, documents=[document])
    return tmp_path


def report(evidence: Path, **options: Any) -> dict[str, Any]:
    register = [make_config(server="web", office={"name": "Dinas"}, language="en"), make_config(server="db")]
    return use("report", evidence=str(evidence), **{"register": register, **options})


def test_the_report_is_written_in_all_formats_and_latest_points_at_it(evidence: Path) -> None:
    result = report(evidence)
    assert {name: Path(path).name for name, path in result["paths"].items()} == {
        "html": "report.html",
        "json": "report.json",
        "txt": "report.txt",
    }
    assert Path(result["latest"]).resolve() == Path(result["paths"]["html"]).parent
    assert json.loads(Path(result["paths"]["json"]).read_bytes()) == result["report"]
    assert result["rows"] == result["report"]["applications"]
    assert (result["changed"], result["summary"]["failed"], result["summary"]["succeeded"]) == (True, 1, 1)
    assert "Dinas" in Path(result["paths"]["txt"]).read_text()


def test_who_needs_somebody_is_told_and_the_task_is_well(evidence: Path) -> None:
    result = report(evidence)
    assert "failed" not in result
    (unwell,) = result["unwell"]
    assert (unwell["server"], unwell["application"], unwell["slug"]) == ("db", "sippn", "source_missing")
    assert unwell["told"].startswith("db/sippn is failed: source is missing")
    assert unwell["hint"]


def test_only_servers_that_were_asked_are_unwell(evidence: Path) -> None:
    result = report(evidence, limit=["web"])
    assert (result["unwell"], result["summary"]["failed"]) == ([], 1)


def test_the_register_is_kept_as_a_dated_version_once(evidence: Path) -> None:
    report(evidence)
    report(evidence)
    assert len(list((evidence / "register").iterdir())) == 1
    report(evidence, register=[make_config(server="web")])
    assert len(list((evidence / "register").iterdir())) == 2


def test_an_application_that_never_ran_is_a_row(tmp_path: Path) -> None:
    result = report(tmp_path)
    assert len(result["rows"]) == 2


def test_check_mode_tells_and_writes_nothing(tmp_path: Path) -> None:
    result = use("report", check_mode=True, evidence=str(tmp_path / "evidence"), register=[make_config()])
    assert (result["changed"], len(result["rows"]), "paths" in result) == (False, 1, False)
    assert not (tmp_path / "evidence").exists()


def test_a_period_and_a_letterhead_can_be_given(evidence: Path) -> None:
    result = report(
        evidence,
        began="2026-01-01T00:00:00Z",
        ended="2026-02-01T00:00:00Z",
        zone="Asia/Jayapura",
        office={"name": "Kantor", "sop_number": "28"},
        language="id",
        formats=["json"],
    )
    assert result["report"]["period"] == {
        "began": "2026-01-01T00:00:00Z",
        "ended": "2026-02-01T00:00:00Z",
        "zone": "Asia/Jayapura",
    }
    assert (result["report"]["office"]["name"], result["report"]["sop"]) == ("Kantor", "28")
    assert list(result["paths"]) == ["json"]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"began": "yesterday", "ended": "today"}, "began"),
        ({"began": "2026-02-01T00:00:00Z", "ended": "2026-01-01T00:00:00Z"}, "ended"),
        ({"office": {"nama": "Kantor"}}, "nama"),
        ({"register": [{"server": "web"}]}, "applications"),
    ],
)
def test_what_cannot_be_used_is_refused(evidence: Path, options: dict[str, Any], word: str) -> None:
    result = report(evidence, **options)
    assert (result["failed"], result["slug"]) == (True, "configuration")
    assert word in result["msg"]
    assert not (evidence / "reports").exists()


def test_a_folder_that_cannot_be_written_fails_the_task(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = report(tmp_path / "file")
    assert (result["failed"], result["slug"]) == (True, "not_recorded")


def test_a_period_and_people_are_named(evidence: Path) -> None:
    result = report(evidence, period="2026-11", people={"head": {"name": "Kepala"}}, zone="UTC")
    assert result["report"]["period"] == {
        "began": "2026-11-01T00:00:00Z",
        "ended": "2026-12-01T00:00:00Z",
        "zone": "UTC",
    }
    assert result["report"]["people"][-1]["name"] == "Kepala"
    assert report(evidence, people={"boss": {}})["slug"] == "configuration"


def test_the_letter_is_written_beside_the_other_formats(evidence: Path) -> None:
    result = report(evidence, formats=["json", "pdf", "xlsx"])
    assert Path(result["paths"]["pdf"]).read_bytes().startswith(b"%PDF-")
    assert {Path(path).name for path in result["paths"].values()} == {"report.json", "report.pdf", "report.xlsx"}


def test_where_the_library_is_missing_the_other_formats_are_written_and_the_remedy_is_told(
    evidence: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typesetting, "typst", None)
    result = report(evidence, formats=["json", "pdf"])
    assert (result["failed"], result["slug"]) == (True, "tool_missing")
    assert "pip install typst" in result["hint"]
    assert Path(result["paths"]["json"]).exists()
    assert "pdf" not in result["paths"]


def test_each_format_may_have_a_language_of_its_own(evidence: Path) -> None:
    result = report(evidence, formats=["html", "txt"], language="id", languages={"html": "en"})
    assert "<title>Backup report" in Path(result["paths"]["html"]).read_text()
    assert Path(result["paths"]["txt"]).read_text().startswith("Laporan Hasil Backup")
    told = report(evidence, languages={"docx": "en", "html": "fr"})["msg"]
    assert "docx is not a format" in told
    assert "html: cannot be 'fr'; use one of: id, en" in told
