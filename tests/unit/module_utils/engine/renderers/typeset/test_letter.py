from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.find import Find
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.finding import Finding
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Summary
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.language import Language
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.typeset import annex
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.typeset.letter import render_typst
from ansible_collections.diskominfo.backup.tests.evidence import DAY, NOW, make_said
from ansible_collections.diskominfo.backup.tests.reports import make_city_report

CITY = make_city_report()
GOOD = tuple(row for row in CITY.rows if not row.needs_somebody and row.status == "succeeded")


def render(language: str = "en", **changes: Any) -> str:
    return render_typst(replace(CITY, **changes), language).decode("utf-8").replace("\\u{200b}", "")


def test_a_good_night_is_concluded_as_one() -> None:
    text = render(rows=GOOD, summary=Summary(applications=3, succeeded=3))
    assert '#verdict("good", "Every application was backed up (3 of 3).")' in text
    assert '#"This report is made to be used as is due."' in text
    assert "Failed at" in text


def test_a_first_night_to_come_is_neither_good_nor_bad() -> None:
    pending = tuple(row for row in CITY.rows if row.status == "pending")
    text = render(rows=pending, summary=Summary(applications=1, pending=1))
    assert '#verdict("none", "Nothing failed; 1 of 1 still to be backed up for the first time.")' in text


def test_an_empty_register_is_told_with_its_remedy() -> None:
    text = render(rows=(), summary=Summary())
    assert '#verdict("bad", "No application is registered yet.")' in text
    assert "Fill in the priority list" in text


def test_nothing_checked_failed_found_or_said_is_written_down() -> None:
    text = render("id", checks=(), repairs=(), unclaimed=(), notes=(), rows=GOOD, findings=(), steps=())
    assert "Nihil: tidak ada pengecekan" in text
    assert "Nihil: tidak ada kegagalan" in text
    assert Language("id").word("unclaimed.none") in text
    assert "Nihil: tidak ada catatan." in text
    assert "#remarks(" not in text.partition('#letterhead("')[2]


def test_what_nobody_claims_is_counted_and_listed() -> None:
    finds = (Find("web", "folder", "tree:/var/www/yatim", "new", "yatim"), Find("web", "server", "db", "unknown"))
    text = render(unclaimed=finds, summary=replace(CITY.summary, unclaimed=1))
    assert '"unclaimed: 1"' in text
    assert '("web", "tree:/var/www/yatim", ("bad", "new", ), ' in text
    assert '("web", "db", ("none", "unknown", ), ' in text


def test_who_said_what_until_when_stands_with_the_notes() -> None:
    text = render(notes=(make_said("shrunk", until=NOW + DAY, text="Log dihapus"),))
    assert (
        '#remarks((("web/sippn", "Log dihapus", '
        '"Analis Sistem, 22 November 2026, 20:01 WIB; holds until 23 November 2026, 20:01 WIB", ), ))'
    ) in text


def test_an_office_that_gave_nothing_has_an_empty_letterhead_and_the_roles_of_the_procedure() -> None:
    text = render(office={}, sop="", people=())
    assert '#letterhead("", "", "", "")' in text
    assert '"Kepala Bidang Teknologi dan Informatika", "", "", "NIP"' in text
    assert '#signatures("22 November 2026"' in text
    assert '("Procedure", "–", )' in text


def test_a_zone_that_nobody_knows_is_utc() -> None:
    text = render(period=replace(CITY.period, zone="Mars/Olympus"))
    assert "hour: 13, minute: 1" in text


def test_a_list_without_end_is_cut_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annex, "LISTED", 2)
    assert '#"and 7 more"' in render()


def test_a_yellow_finding_is_not_red() -> None:
    text = render(findings=(Finding("low_room", "yellow", "web", "", "", {"free_bytes": 1e6, "round_bytes": 2e6}),))
    assert '("web", ("none", "1.0 MB left in the store is not enough' in text
