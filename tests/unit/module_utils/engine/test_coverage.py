"""The last incidents that were closest to offices like this were not faults of a tool but of coverage.

What nobody had registered had no backup, and nothing said so. Here whatever lives on a server and is in no backup
stands in every report, and so does every server that nobody could search.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import EvidenceFolder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.searches import Searches
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.discovered import Discovered, Unreadable
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.priority import PriorityList
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.html.page import render_html
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.json import render_json
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.text import render_text
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.tests.looks import (
    DATA,
    DAY,
    NOW,
    PORTAL,
    WEB,
    make_database,
    make_look,
    register,
)

KNOWN = register(web=[PORTAL], data=[])
WHOLE = make_look(databases=(make_database("portal"),))


def report_on(folder: Path, known: Register = KNOWN, hours: float = 24) -> Report:
    return make_report(EvidenceFolder(folder, known), make_recent_period(NOW, hours), NOW, {}, "")


def keep(folder: Path, *looks: Discovered) -> None:
    for look in looks:
        Searches(folder).keep_look(look)


def test_a_database_that_somebody_made_by_hand_is_in_the_next_report_in_every_form(tmp_path: Path) -> None:
    keep(tmp_path, WHOLE, make_look(DATA))
    assert report_on(tmp_path).unclaimed == ()
    assert report_on(tmp_path).summary.unclaimed == 0

    keep(tmp_path, replace(WHOLE, at=NOW, databases=(*WHOLE.databases, make_database("coba_coba"))))
    report = report_on(tmp_path)
    assert [(find.server, find.key, find.state) for find in report.unclaimed or ()] == [
        (WEB, "mysql:localhost/coba_coba", "unclaimed")
    ]
    assert report.summary.unclaimed == 1
    last_lines = render_text(report, "id", 160).splitlines()[-2:]
    assert last_lines[0] == "belum terdaftar: 1"
    assert "mysql:localhost/coba_coba" in last_lines[1]
    assert b"mysql:localhost/coba_coba" in render_html(report, "id")
    assert b"mysql:localhost/coba_coba" in render_json(report, "id")


def test_while_nobody_has_searched_the_report_does_not_say_none(tmp_path: Path) -> None:
    report = report_on(tmp_path)
    assert (report.unclaimed, report.summary.unclaimed) == (None, None)


def test_a_server_that_was_not_searched_is_told_beside_one_that_is_clean(tmp_path: Path) -> None:
    keep(tmp_path, WHOLE)
    assert [(find.key, find.reason) for find in report_on(tmp_path).unclaimed or ()] == [
        (f"server:{DATA}", "never_searched")
    ]


def test_a_search_from_before_the_period_does_not_speak_for_it(tmp_path: Path) -> None:
    keep(tmp_path, replace(WHOLE, at=NOW - 3 * DAY), make_look(DATA))
    assert [find.reason for find in report_on(tmp_path).unclaimed or ()] == ["searched_long_ago"]
    assert report_on(tmp_path, hours=24 * 7).unclaimed == ()


def test_what_could_not_be_read_keeps_a_report_from_being_clean(tmp_path: Path) -> None:
    keep(tmp_path, replace(WHOLE, unreadable=(Unreadable("postgresql", "localhost:5433", "refused"),)), make_look(DATA))
    (find,) = report_on(tmp_path).unclaimed or ()
    assert (find.state, find.reason) == ("unknown", "refused")


def test_what_was_there_in_the_last_look_and_is_not_any_more_is_told(tmp_path: Path) -> None:
    keep(tmp_path, replace(WHOLE, databases=(*WHOLE.databases, make_database("lama"))), make_look(DATA))
    keep(tmp_path, replace(WHOLE, at=NOW))
    assert [(find.key, find.state) for find in report_on(tmp_path).unclaimed or ()] == [
        ("mysql:localhost/lama", "gone")
    ]


def test_what_a_person_accepted_as_known_is_not_new_and_is_missed_when_it_goes(tmp_path: Path) -> None:
    keep(tmp_path, replace(WHOLE, databases=(*WHOLE.databases, make_database("lama"))), make_look(DATA))
    known = report_on(tmp_path).unclaimed or ()
    Searches(tmp_path).accept(PriorityList((), known), "Analis", NOW)
    keep(tmp_path, replace(WHOLE, databases=(*WHOLE.databases, make_database("baru"))))
    keep(tmp_path, replace(WHOLE, databases=(*WHOLE.databases, make_database("baru"), make_database("baru2"))))

    assert [(find.key, find.state) for find in report_on(tmp_path).unclaimed or ()] == [
        ("mysql:localhost/baru", "new"),
        ("mysql:localhost/baru2", "new"),
        ("mysql:localhost/lama", "gone"),
    ]
