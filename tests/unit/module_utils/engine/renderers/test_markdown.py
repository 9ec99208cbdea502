from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Step
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.markdown import render_markdown, show
from ansible_collections.diskominfo.backup.tests.reports import PAYLOADS, make_city_report, make_hostile_report

CITY = make_city_report()


def read_city(language: str = "id", **changes: object) -> str:
    return render_markdown(replace(CITY, **changes), language).decode("utf-8")  # type: ignore[arg-type]


def test_the_verdict_and_the_failures_come_first() -> None:
    text = read_city()
    assert text.index("**4 dari 8 aplikasi perlu ditindaklanjuti**") < text.index("| ✗ gagal |")
    assert text.index("| ✗ gagal |") < text.index("| ✓ berhasil |")


def test_nothing_failed_and_nothing_checked_is_told() -> None:
    text = read_city(checks=(), repairs=(), rows=(), unclaimed=())
    assert "Nihil: tidak ada pengecekan" in text
    assert "Nihil: tidak ada kegagalan" in text
    assert "backup\\_applications" in text
    assert "Nihil: semua database dan folder" in text


def test_what_people_added_is_told_with_their_names() -> None:
    assert "- db/ulas, perbaikan: Kunci lama dihapus (Analis Sistem, 22 November 2026 pukul 19.01 WIB)" in read_city()
    assert "Catatan petugas" not in read_city(notes=())


def test_a_step_above_its_norm_is_marked() -> None:
    text = read_city("en", steps=(Step(5, 30, 45.0), Step(6, 60, 5.0)))
    assert "| 45 min (above the norm) |" in text
    assert "| 5 min |" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*a* _b_ `c`", "\\*a\\* \\_b\\_ \\`c\\`"),
        ("- point", "\\- point"),
        ("1. point", "1\\. point"),
        ("# head", "\\# head"),
        ("a|b", "a\\|b"),
        ("[x](y)", "\\[x\\](y)"),
        ("<b>&amp;", "&lt;b>&amp;amp;"),
        ("http://x www.x.example a@b.example", "http&#58;//x www&#46;x.example a&#64;b.example"),
        ("two\nlines", "two lines"),
        ("20 files", "20 files"),
    ],
)
def test_a_text_is_only_text(text: str, shown: str) -> None:
    assert show(text) == shown


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_changes_no_table(payload: str) -> None:
    def count(report: object) -> list[int]:
        lines = render_markdown(report, "id").decode("utf-8").splitlines()  # type: ignore[arg-type]
        return [line.replace("\\|", "").count("|") for line in lines if line.startswith("|")]

    assert count(make_hostile_report(payload)) == count(CITY)
    assert "<script" not in render_markdown(make_hostile_report(payload), "id").decode("utf-8")
