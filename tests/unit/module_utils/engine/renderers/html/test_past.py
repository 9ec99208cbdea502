from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import date

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.html.past import (
    SCRIPT,
    PastReport,
    Place,
    render_past,
)
from ansible_collections.diskominfo.backup.tests.evidence import NOW

GOOD = PastReport("20261122T130100Z-00000001", ("report.html", "report.json"), NOW, "Asia/Jakarta", 4, 4, 3, 0)


def test_a_report_is_listed_with_its_numbers_and_links() -> None:
    page = render_past([GOOD], "Dinas Contoh", "id").decode("utf-8")
    link = '<a href="reports/20261122T130100Z-00000001/report.html">22 November 2026 pukul 20.01 WIB</a>'
    assert link in page
    assert 'reports/20261122T130100Z-00000001/report.json">report.json</a>' in page
    assert "4 / 4" in page
    assert "3 / 4" in page
    assert "Dinas Contoh" in page


def test_a_report_that_needs_somebody_is_marked_by_a_sign() -> None:
    bad = PastReport(GOOD.id, GOOD.files, NOW, "UTC", 4, 2, 1, 2)
    page = render_past([bad], "", "en").decode("utf-8")
    assert '<b aria-hidden="true">✗</b> 2</span>' in page


def test_a_report_of_which_nothing_is_known_is_listed_by_its_id() -> None:
    page = render_past([PastReport("20261122T130100Z-00000001", ())], "", "en").decode("utf-8")
    assert "20261122T130100Z-00000001" in page
    assert "<a href" not in page


def test_reports_stand_below_their_month_and_the_newest_month_is_open() -> None:
    older = replace(GOOD, id="20261009T130100Z-00000002")
    odd = replace(GOOD, id="20269909T130100Z-00000003")
    strange = PastReport("notes", ())
    page = render_past([GOOD, replace(GOOD, id="20261120T130100Z-00000004"), older, odd, strange], "", "id").decode()
    months = re.findall(r'<details class="month"( open)?><summary>([^<]+) <span class="soft">\((\d)\)', page)
    assert months == [
        (" open", "November 2026", "2"),
        ("", "Oktober 2026", "1"),
        ("", "99 2026", "1"),
        ("", "notes", "1"),
    ]


def test_an_application_is_shown_with_its_year_and_nothing_of_it_is_markup() -> None:
    place = Place("web", "sippn", "<b>Layanan</b>", "Bagian Umum", "failed", False, "ss.fd")
    page = render_past([], "", "en", [place, replace(place, owner="")], date(2026, 11, 22)).decode()
    assert "&lt;b&gt;Layanan&lt;/b&gt;" in page
    assert "sippn @ web · Bagian Umum" in page
    assert 'aria-label="2 days succeeded, 2 failed or were damaged, 1 without a run"' in page


def test_only_the_search_may_run_in_the_page() -> None:
    page = render_past([GOOD], "", "id").decode()
    (allowed,) = re.findall(r"script-src 'sha256-([^']+)'", page)
    assert base64.b64decode(allowed) == hashlib.sha256(SCRIPT.encode()).digest()
    assert page.count("<script>") == 1
    assert "unsafe-inline'; script-src" in page
    assert '<form class="find" id="find" hidden' in page, "without script there is no field that does nothing"
