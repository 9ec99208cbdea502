from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.find import Find
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import Failure
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.language import clean
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.text import (
    LEAST_WIDTH,
    fit,
    measure_width,
    render_plain,
    render_text,
    wrap,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.tests.evidence import (
    DAY,
    NOW,
    OFFICE,
    SOP,
    KeptEvidence,
    make_application,
    make_city,
    make_contact,
    make_failed_run,
    make_run,
)

HOSTILE = "\x1b[31mred\x1b]0;title\x07\n\u202egnp.exe 日本語のタイトル {0} %s"
HOSTILE_FIND = Find(HOSTILE, HOSTILE, HOSTILE, "unknown", HOSTILE, HOSTILE, HOSTILE)
ESCAPE = re.compile("\x1b\\[[0-9;]*m")


def report_on(evidence: KeptEvidence) -> Report:
    return make_report(evidence, make_recent_period(NOW, 24), NOW, OFFICE, SOP)


def find_line(text: str, part: str) -> str:
    return next(line for line in text.splitlines() if part in line)


CITY = report_on(make_city())


@pytest.mark.parametrize("code", ["id", "en"])
@pytest.mark.parametrize("width", [*range(20, 130, 7), 80, 160, 300])
def test_no_line_is_wider_than_the_terminal(code: str, width: int) -> None:
    lines = render_text(CITY, code, width).splitlines()
    assert max(map(measure_width, lines)) <= max(width, LEAST_WIDTH)


def test_at_eighty_columns_every_application_is_told_in_one_line() -> None:
    text = render_text(CITY, "id", 80)
    for row in CITY.rows:
        line = find_line(text, f"{row.application} @")
        assert re.search(r"berhasil|gagal|rusak|terlewat|menunggu|tak terjangkau|nonaktif", line)
    assert re.search(r"^✓ berhasil +sippn @ web +harian +22 Nov 14\.01 +0:13 +1,5 MB .*cocok$", text, re.MULTILINE)


def test_failures_come_first_with_reason_and_remedy_below() -> None:
    lines = render_text(CITY, "en", 160).splitlines()
    assert lines[3].startswith("Status")
    assert lines[4].startswith("✗ failed")
    assert "ppid @ db" in lines[4]
    assert "What should be backed up is not there" in lines[4]
    assert lines[5] == "    source is missing: /srv/sippn/www"
    assert lines[6] == "  → Restore the source, or correct its path in the register."
    assert lines[7].startswith("! damaged")


def test_where_the_reason_has_no_column_its_sentence_stands_below() -> None:
    text = render_text(CITY, "en", 100)
    assert "    What should be backed up is not there: source is missing: /srv/sippn/www" in text
    assert "Reason" not in find_line(text, "Status")


def test_the_end_counts_and_names_what_nobody_claimed() -> None:
    text = render_text(CITY, "en", 160).replace("\xa0", " ")
    assert (
        "8 applications registered: 1 failed, 1 damaged, 1 unreachable, 1 missed, 1 pending, 3 succeeded, 1 retired"
        in text
    )
    assert "1 proved: restored and compared · 6.0 MB stored" in text
    assert text.endswith("unclaimed: not searched yet\n")


def test_what_nobody_claims_is_listed() -> None:
    find = Find("web", "folder", "tree:/var/www/yatim" + HOSTILE, "unclaimed", "yatim")
    summary = replace(CITY.summary, unclaimed=1)
    text = render_text(replace(CITY, summary=summary, unclaimed=(find,)), "id", 160)
    assert "belum terdaftar: 1" in text
    assert "  web: tree:/var/www/yatim\\x1b[31mred" in text
    assert "belum masuk backup; usulan nama: yatim" in text
    assert "belum terdaftar: 0\n" in render_text(replace(CITY, unclaimed=()), "id", 80)


def test_a_long_list_of_what_nobody_claims_is_cut_and_counted() -> None:
    finds = tuple(Find("web", "database", f"mysql:localhost/d{number}", "gone") for number in range(35))
    text = render_text(replace(CITY, unclaimed=finds), "en", 160)
    assert text.count("not there any more; it belonged to –") == 30
    assert text.rstrip().endswith("and 5 more")


def test_notes_are_told_once_for_all_whom_they_are_about() -> None:
    evidence = KeptEvidence()
    for number in range(6):
        runs = [make_failed_run(NOW - hours * DAY / 24, name=f"a{number}") for hours in (3, 2, 1)]
        evidence.add(make_application(f"a{number}"), *runs)
    text = render_text(report_on(evidence), "en", 80)
    assert "! There is not one good backup: a0, a1, a2, a3 and 2 more" in text
    assert "! Failed 3 times in a row: a0, a1, a2, a3 and 2 more" in text


def test_an_application_without_notes_leaves_no_gap() -> None:
    evidence = KeptEvidence()
    evidence.add(make_application(), make_run(NOW - DAY / 24))
    text = render_text(report_on(evidence), "en", 80)
    assert text.splitlines()[-5:-3] == [find_line(text, "sippn @ web"), ""]


def test_a_silence_that_hits_many_is_explained_once() -> None:
    evidence = KeptEvidence()
    for name in ("a", "b", "c"):
        evidence.add(make_application(name), make_run(NOW - DAY, name=name))
    evidence.silences["web"] = [make_contact(NOW - DAY / 24)]
    text = render_text(report_on(evidence), "en", 80)
    assert text.count("connection timed out") == 1
    assert text.count("    the same as above") == 2


def test_an_empty_register_is_told_with_its_remedy() -> None:
    text = render_text(report_on(KeptEvidence()), "en", 80)
    assert "No application is registered yet" in text
    assert "backup_applications" in text
    assert "0 applications registered: –" in text


def test_nothing_from_a_server_can_steer_the_terminal() -> None:
    row = replace(CITY.rows[0], application="a" + HOSTILE, title=HOSTILE, reason=Failure("odd", HOSTILE, HOSTILE))
    hostile = replace(
        CITY,
        rows=(row, *CITY.rows[1:]),
        office={"name": HOSTILE},
        unclaimed=(HOSTILE_FIND,),
    )
    text = render_text(hostile, "id", 80)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert "\\x1b[31mred" in text
    assert max(map(measure_width, text.splitlines())) <= 80


def test_a_message_without_end_takes_three_lines() -> None:
    row = replace(CITY.rows[0], reason=Failure("odd", "z" * 5000, ""))
    text = render_text(replace(CITY, rows=(row,)), "en", 80)
    block = [line for line in text.splitlines() if "zzz" in line]
    assert len(block) == 3
    assert block[-1].endswith("…")
    assert "  → " not in text


def test_colours_are_only_for_those_who_want_them() -> None:
    painted = render_text(CITY, "en", 100, colours=True)
    assert ESCAPE.sub("", painted) == render_text(CITY, "en", 100)
    assert "\x1b[1;31m✗ failed" in painted
    assert "\x1b" not in render_text(CITY, "en", 100)


def test_an_office_without_a_name_is_not_named() -> None:
    assert render_text(replace(CITY, office={}), "en", 80).splitlines()[0] == "Backup report"


def test_the_file_is_the_table_without_colours() -> None:
    assert render_plain(CITY, "id").decode("utf-8") == render_text(CITY, "id")


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("ａ", 2), ("", 0), ("✓ …", 3)])
def test_wide_characters_take_two_columns_and_marks_none(text: str, columns: int) -> None:
    assert measure_width(text) == columns


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [("ab", 4, "ab  "), ("abcdef", 4, "abc…"), ("日本語", 4, "日… "), ("日本", 4, "日本"), ("日本語", 5, "日本…")],
)
def test_a_text_fits_its_column_exactly(text: str, width: int, fitted: str) -> None:
    assert fit(text, width) == fitted
    assert measure_width(fit(text, width)) == width


def test_lines_break_at_spaces_and_only_there_if_they_can() -> None:
    assert wrap("one two three", 8, 9) == ["one two", "three"]
    assert wrap("1\xa0gagal 2\xa0rusak", 9, 9) == ["1\xa0gagal", "2\xa0rusak"]
    assert wrap("abcdefghij", 4, 9) == ["abcd", "efgh", "ij"]
    assert wrap("one two three", 8, 9, "- ") == ["- one", "  two", "  three"]
    assert wrap("", 8, 9) == [""]


@given(st.text(), st.integers(4, 40), st.integers(1, 4))
def test_any_text_wraps_within_its_lines(text: str, width: int, limit: int) -> None:
    lines = wrap(clean(text), width, limit)
    assert 1 <= len(lines) <= limit
    assert all(measure_width(line) <= width for line in lines)


def make_wide(**changes: Any) -> Report:
    return replace(CITY, rows=tuple(replace(row, **changes) for row in CITY.rows))


def test_a_narrow_terminal_loses_columns_and_keeps_status_and_name() -> None:
    head = find_line(render_text(make_wide(server="db-02.intra.contoh.example"), "id", 40), "Status")
    assert head.split()[:2] == ["Status", "Aplikasi"]
    assert "Ubah" not in head
