from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pypdf
import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils import typesetting
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ToolMissing
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.json import render_json
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.typeset.letter import render_typst
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.typeset.markup import _KNOWN
from ansible_collections.diskominfo.backup.plugins.module_utils.typesetting import typeset_pdf
from ansible_collections.diskominfo.backup.tests.evidence import NOW
from ansible_collections.diskominfo.backup.tests.reports import PAYLOADS, make_city_report, make_hostile_report

CITY = make_city_report()


def typeset(report: Report, language: str = "id") -> bytes:
    return typeset_pdf(render_typst(report, language), render_json(report), report.generated)


def read(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def read_pages(report: Report, language: str = "id") -> list[str]:
    return [" ".join(page.extract_text().split()) for page in read(typeset(report, language)).pages]


def test_the_head_of_division_gets_one_page_and_the_lists_are_annexes() -> None:
    first, second, *others = read_pages(CITY)
    assert "PEMERINTAH KOTA CONTOH" in first
    assert "Nomor:" in first
    assert "4 dari 8 aplikasi perlu ditindaklanjuti" in first
    assert "Diterima oleh, " in first
    assert "Kepala Bidang Contoh" in first
    assert second.startswith("Lampiran 1: Laporan Hasil Backup per Aplikasi")
    assert "Lampiran" not in first.replace("Lampiran 3", "")
    assert "Lampiran 7: Waktu pelaksanaan menurut SOP" in others[-1]


def test_a_letter_with_many_failures_and_long_names_is_still_one_page() -> None:
    bad = [
        replace(CITY.rows[0], title="Sistem Informasi " * 30, application=f"a{at}", owner="w" * 300) for at in range(60)
    ]
    people = tuple(replace(each, name="Nama Panjang " * 20, position="Jabatan " * 30) for each in CITY.people)
    office = {key: value * 9 for key, value in CITY.office.items()}
    pages = read_pages(replace(CITY, rows=tuple(bad), people=people, office=office))
    assert "Diterima oleh," in pages[0]
    assert "dan 54 aplikasi lagi" in pages[0]
    assert pages[1].startswith("Lampiran 1")


def test_the_data_of_the_report_is_attached_as_its_source() -> None:
    document = read(typeset(CITY))
    assert list(document.attachments) == ["report.json"]
    (held,) = document.attachments["report.json"]
    assert json.loads(held) == CITY.to_data()
    root: Any = document.trailer["/Root"]
    assert root["/AF"][0].get_object()["/AFRelationship"] == "/Source"


def test_the_letter_is_an_archive_document_with_everything_in_it() -> None:
    """What PDF/A-3a (ISO 19005-3) asks for and a reader can see; the library itself refuses what is not so."""
    document = read(typeset(CITY))
    root: Any = document.trailer["/Root"]
    told = root["/Metadata"].get_object().get_data().decode("utf-8")
    assert "<pdfaid:part>3</pdfaid:part>" in told
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in told
    assert root["/OutputIntents"][0].get_object()["/S"] == "/GTS_PDFA1"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "id"
    assert document.trailer.get("/Encrypt") is None
    for page in document.pages:
        fonts: Any = page["/Resources"]["/Font"]  # type: ignore[index]
        for font in fonts.values():
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)


def test_the_same_report_gives_the_same_bytes() -> None:
    assert typeset(CITY) == typeset(make_city_report())


def test_the_letter_is_dated_as_the_report_is() -> None:
    told = read(typeset(CITY)).metadata
    assert told is not None
    assert told.creation_date is not None
    assert told.creation_date.replace(tzinfo=None).isoformat() == "2026-11-22T20:01:00"
    assert told.title == f"Laporan Hasil Backup {CITY.id}"


@pytest.mark.parametrize("payload", [*PAYLOADS, "日本語 \U0001f600 \u0600", "z" * 5000, "", "a\\", '"', "\u200b\u00ad"])
def test_a_hostile_text_is_only_text(payload: str) -> None:
    pages = read_pages(make_hostile_report(payload))
    assert pages[1].startswith("Lampiran 1")
    if payload.startswith("#eval"):
        assert '#eval("1+1")' in "".join(pages).replace("\u200b", "")


def test_every_character_that_is_let_through_has_a_shape() -> None:
    shown = "".join(character for character in map(chr, range(0x20, 0x2800)) if not _KNOWN.match(character))
    shown = "".join(f"{character} " for character in shown if character not in '"\\')
    date = "datetime(year: 2026, month: 1, day: 1)"
    source = f'#set document(title: "x", date: {date})\n#set text(font: "Libertinus Serif")\n#"{shown}"\n'
    assert typeset_pdf(source.encode("utf-8"), b"", NOW).startswith(b"%PDF-")


def test_without_the_library_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "typst", None)
    with pytest.raises(ToolMissing) as caught:
        typeset(CITY)
    assert "pip install typst" in caught.value.hint
