from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import publish as verb
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    Busy,
    ConfigurationError,
    NotRecorded,
    ToolMissing,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.lock import hold
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.publish import publish_report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.tests.evidence import NOW, OFFICE, SOP, make_city

FORMATS = ("json", "html", "txt")


def make_city_report(minutes: int = 0) -> Report:
    now = NOW + timedelta(minutes=minutes)
    return make_report(make_city(), make_recent_period(now, 24), now, OFFICE, SOP)


REPORT = make_city_report()


def list_names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_every_format_is_written_and_latest_points_at_it(tmp_path: Path) -> None:
    paths = publish_report(REPORT, tmp_path / "evidence", FORMATS, "id")
    folder = tmp_path / "evidence" / "reports"
    assert paths == {name: folder / REPORT.id / f"report.{name}" for name in FORMATS}
    assert json.loads((folder / "latest" / "report.json").read_text())["id"] == REPORT.id
    assert "Laporan Hasil Backup" in (folder / "latest" / "report.html").read_text()
    assert (folder / "latest" / "report.txt").read_text().startswith("Laporan Hasil Backup")
    assert os.readlink(folder / "latest") == REPORT.id


def test_nothing_is_left_beside_the_reports(tmp_path: Path) -> None:
    publish_report(REPORT, tmp_path, FORMATS, "id")
    publish_report(make_city_report(1), tmp_path, FORMATS, "id")
    assert list_names(tmp_path) == {"reports", "index.html"}
    assert list_names(tmp_path / "reports") == {REPORT.id, make_city_report(1).id, "latest", ".lock", ".places.json"}
    assert list_names(tmp_path / "reports" / REPORT.id) == {"report.html", "report.json", "report.txt", "summary.json"}


def test_only_the_owner_may_read_a_report(tmp_path: Path) -> None:
    paths = publish_report(REPORT, tmp_path / "evidence", ("html",), "id")
    assert stat.S_IMODE(paths["html"].stat().st_mode) == 0o600
    assert stat.S_IMODE(paths["html"].parent.stat().st_mode) == 0o700


def test_the_list_begins_with_the_newest_report(tmp_path: Path) -> None:
    later = make_city_report(5)
    publish_report(later, tmp_path, ("html",), "id")
    publish_report(REPORT, tmp_path, ("json",), "id")
    page = (tmp_path / "index.html").read_text()
    assert page.index(f"reports/{later.id}/report.html") < page.index(f"reports/{REPORT.id}/report.json")
    assert "22 November 2026 pukul 20.06 WIB" in page
    assert "3 / 8" in page
    assert "latest" not in page


def test_the_year_of_every_application_stands_on_the_first_page(tmp_path: Path) -> None:
    publish_report(REPORT, tmp_path, ("html",), "id")
    page = (tmp_path / "index.html").read_text()
    assert page.count('<svg class="year"') == sum(row.status not in ("retired", "pending") for row in REPORT.rows)
    assert 'aria-label="10 hari berhasil, 0 hari gagal atau rusak, 0 hari tanpa backup"' in page
    assert page.index("ppid @ db") < page.index("sippn @ web"), "what failed comes first"
    assert "Situs Lama" not in page


def test_a_report_of_an_earlier_period_does_not_turn_the_year_back(tmp_path: Path) -> None:
    publish_report(REPORT, tmp_path, ("html",), "id")
    period = make_recent_period(NOW - timedelta(days=3), 24)
    publish_report(make_report(make_city(), period, NOW, OFFICE, SOP), tmp_path, ("html",), "id")
    page = (tmp_path / "index.html").read_text()
    assert 'aria-label="10 hari berhasil' in page
    assert page.count("report.html</a>") == 2


@pytest.mark.parametrize("spoiled", [b"", b"{}", b'{"ended": "9", "last": "9", "places": 1}', b'{"ended": 9}'])
def test_what_is_kept_for_the_first_page_is_made_again_when_it_is_spoiled(tmp_path: Path, spoiled: bytes) -> None:
    publish_report(REPORT, tmp_path, ("html",), "id")
    before = (tmp_path / "index.html").read_text()
    (tmp_path / "reports" / ".places.json").write_bytes(spoiled)
    publish_report(REPORT, tmp_path, ("html",), "id")
    assert (tmp_path / "index.html").read_text() == before


def test_the_first_page_works_wherever_the_folder_is_taken(tmp_path: Path) -> None:
    publish_report(REPORT, tmp_path / "evidence", FORMATS, "id")
    (tmp_path / "evidence").rename(tmp_path / "stick")
    page = (tmp_path / "stick" / "index.html").read_text()
    links = re.findall('<a href="([^"#]+)"', page)
    assert len(links) == 4
    assert all((tmp_path / "stick" / link).is_file() for link in links)


def test_a_list_is_no_longer_than_people_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "LISTED_REPORTS", 1)
    publish_report(REPORT, tmp_path, ("html",), "id")
    publish_report(make_city_report(1), tmp_path, ("html",), "id")
    assert REPORT.id not in (tmp_path / "index.html").read_text()
    assert (tmp_path / "reports" / REPORT.id / "report.html").exists()


@pytest.mark.parametrize("summary", [None, b"not json", b"{}", b'{"applications": "many"}'])
def test_a_report_whose_summary_cannot_be_read_is_listed_all_the_same(tmp_path: Path, summary: bytes | None) -> None:
    old = tmp_path / "reports" / "20250101T000000Z-00000000"
    old.mkdir(parents=True)
    (old / "report.html").write_text("<p>old</p>")
    if summary is not None:
        (old / "summary.json").write_bytes(summary)
    publish_report(REPORT, tmp_path, ("html",), "id")
    assert (
        'reports/20250101T000000Z-00000000/report.html">20250101T000000Z-00000000'
        in (tmp_path / "index.html").read_text()
    )


def test_the_same_report_in_another_format_joins_the_first(tmp_path: Path) -> None:
    publish_report(REPORT, tmp_path, ("json",), "id")
    publish_report(REPORT, tmp_path, ("html",), "en")
    assert list_names(tmp_path / "reports" / REPORT.id) == {"report.html", "report.json", "summary.json"}


def test_what_a_publisher_that_died_left_is_swept(tmp_path: Path) -> None:
    left = tmp_path / "reports" / ".partial-20250101T000000Z-00000000"
    left.mkdir(parents=True)
    (left / "report.html").write_text("half")
    (tmp_path / "reports" / ".partial-latest").symlink_to("nowhere")
    publish_report(REPORT, tmp_path, ("html",), "id")
    assert list_names(tmp_path / "reports") == {REPORT.id, "latest", ".lock", ".places.json"}


def test_a_report_that_cannot_be_rendered_leaves_nothing_that_is_listed(tmp_path: Path) -> None:
    publish_report(REPORT, tmp_path, ("html",), "id")
    broken = replace(make_city_report(1), rows=(None,))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        publish_report(broken, tmp_path, ("json", "html"), "id")
    assert os.readlink(tmp_path / "reports" / "latest") == REPORT.id
    assert broken.id not in list_names(tmp_path / "reports")


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'doc' is not known"):
        publish_report(REPORT, tmp_path / "evidence", ("html", "doc"), "id")
    assert not (tmp_path / "evidence").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file where the folder should be")
    with pytest.raises(NotRecorded, match="evidence"):
        publish_report(REPORT, tmp_path / "evidence", ("html",), "id")


def test_a_folder_in_the_place_of_latest_is_told_and_not_removed(tmp_path: Path) -> None:
    (tmp_path / "reports" / "latest").mkdir(parents=True)
    with pytest.raises(NotRecorded):
        publish_report(REPORT, tmp_path, ("html",), "id")
    assert (tmp_path / "reports" / "latest").is_dir()


def test_two_publishers_do_not_write_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "LOCK_WAIT_S", 0.0)
    with hold(tmp_path / "reports" / ".lock", "the folder of reports", 0.0), pytest.raises(Busy):
        publish_report(REPORT, tmp_path, ("html",), "id")


def test_a_letter_is_typeset_from_its_source_and_the_data_of_the_report(tmp_path: Path) -> None:
    asked: list[tuple[bytes, bytes, object]] = []

    def typeset(source: bytes, data: bytes, moment: object) -> bytes:
        asked.append((source, data, moment))
        return b"%PDF"

    paths = publish_report(REPORT, tmp_path, ("json", "pdf"), "id", typeset)
    assert paths["pdf"].read_bytes() == b"%PDF"
    [(source, data, moment)] = asked
    assert b"LAPORAN HASIL BACKUP" in source.upper()
    assert (data, moment) == (paths["json"].read_bytes(), REPORT.generated)


def test_where_nobody_can_typeset_a_letter_is_refused_with_the_remedy_before_anything_is_written(
    tmp_path: Path,
) -> None:
    with pytest.raises(ToolMissing, match="typst is not installed, which the format pdf needs") as caught:
        publish_report(REPORT, tmp_path / "evidence", ("html", "pdf"), "id")
    assert "pip install typst" in caught.value.hint
    assert not (tmp_path / "evidence").exists()
