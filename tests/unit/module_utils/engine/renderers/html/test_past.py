from __future__ import annotations

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.html.past import (
    PastReport,
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
    assert "href" not in page
