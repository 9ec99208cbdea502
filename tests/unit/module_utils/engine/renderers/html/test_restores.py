from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import Failure
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.html.page import render_html
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.language import Language
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.markdown import render_markdown
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.reasons import describe_restore
from ansible_collections.diskominfo.backup.tests.evidence import NOW, OFFICE, SOP, make_city, make_restore, make_run

CITY = make_report(make_city(), make_recent_period(NOW, 24), NOW, OFFICE, SOP)
RESTORE = describe_restore(make_restore(make_run(NOW)))
LOST = replace(
    RESTORE,
    status="failed",
    target="/srv/<b>baru",
    safety_id="",
    parts=(),
    failure=Failure("no_space", "no room for sippn", "make room"),
)


def test_a_restore_tells_what_came_back_where_to_and_what_was_there_before() -> None:
    page = render_html(CITY, "id").decode()
    assert '<section id="restores"><h2>Pemulihan data</h2>' in page
    told = page[page.index('id="restores"') :]
    for part in ("jdih", "ke tempat semula", "dengan perintah di server", "isi sebelumnya disimpan sebagai 2026"):
        assert part in told
    assert "app.db, www" in told


def test_where_nothing_was_restored_there_is_no_section() -> None:
    quiet = replace(CITY, restores=())
    assert 'id="restores"' not in render_html(quiet, "id").decode()
    assert "Pemulihan data" not in render_markdown(quiet, "id").decode()


def test_a_restore_that_failed_tells_why_in_every_form() -> None:
    lost = replace(CITY, restores=(LOST,))
    reason = Language("en").explain(LOST.failure).sentence  # type: ignore[arg-type]
    page, text = render_html(lost, "en").decode(), render_markdown(lost, "en").decode()
    assert reason in page[page.index('id="restores"') :]
    assert reason in text
    assert "/srv/&lt;b&gt;baru" in page


@pytest.mark.parametrize(
    ("target", "told"),
    [("original", "over the original"), ("database uji", "into the database uji"), ("/srv/a b", "/srv/a b")],
)
def test_where_a_restore_went_is_told_in_words(target: str, told: str) -> None:
    assert Language("en").tell_target(target) == told
