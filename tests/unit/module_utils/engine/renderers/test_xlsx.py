from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.finding import Finding
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers import xlsx
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.xlsx import render_xlsx
from ansible_collections.diskominfo.backup.tests.reports import PAYLOADS, make_city_report, make_hostile_report

CITY = make_city_report()


def read(report: Report, language: str = "id") -> Any:
    return openpyxl.load_workbook(io.BytesIO(render_xlsx(report, language)))


def read_rows(sheet: Any) -> list[dict[str, Any]]:
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row)) for row in rows]


def test_each_list_has_a_sheet() -> None:
    assert read(CITY).sheetnames == [
        *("Aplikasi", "Pengecekan", "Perbaikan", "Pemulihan", "Belum terdaftar", "Catatan", "Catatan petugas"),
        "Waktu pelaksanaan",
    ]
    assert read(CITY, "en").sheetnames[:3] == ["Applications", "Checks", "Repairs"]


def test_dates_durations_sizes_and_changes_are_numbers_with_a_format() -> None:
    row = read_rows(read(CITY)["Aplikasi"])[-2]
    assert row["Status"] == "berhasil"
    assert row["Aplikasi"] == "sippn"
    assert abs(row["Tanggal backup (WIB)"] - datetime.fromisoformat("2026-11-22T14:01")) < timedelta(seconds=1)
    assert row["Lama"] == timedelta(seconds=13)
    assert row["Ukuran"] == 1_500_000
    assert row["Ubah"] == pytest.approx(0, abs=1e-4)
    assert row["Backup baik terakhir (WIB)"].hour == 14


def test_every_sheet_has_a_frozen_heading_and_filters() -> None:
    for sheet in read(CITY).worksheets:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.print_title_rows, sheet.print_title_cols) == ("$1:$1", "$A:$B")


def test_a_wide_list_is_printed_on_several_pages_side_by_side() -> None:
    book = read(CITY)
    assert (book["Aplikasi"].page_setup.fitToWidth, book["Catatan"].page_setup.fitToWidth) == (3, 1)


def test_a_row_is_as_high_as_its_longest_text_needs() -> None:
    first, *others = CITY.notes
    sheet = read(replace(CITY, notes=(replace(first, text="kunci diganti " * 30), *others)))["Catatan petugas"]
    assert sheet.row_dimensions[2].height >= 15 * 30 * len("kunci diganti ") / 60
    assert sheet.row_dimensions[3].height == 15


def test_the_checks_repairs_and_norms_are_there() -> None:
    book = read(replace(CITY, findings=(Finding("low_room", "red", "web", "no room", "make room"),)))
    checks, repairs = read_rows(book["Pengecekan"]), read_rows(book["Perbaikan"])
    assert checks[0]["Perbedaan pertama"] == "table users: seharusnya 120 rows, ditemukan 119 rows"
    assert {row["Hasil"] for row in repairs} == {"masih terbuka", "berhasil diperbaiki"}
    assert read_rows(book["Catatan"])[0]["Tentang"] == "web"
    notes = read_rows(book["Catatan petugas"])
    assert [(note["Tentang"], note["Catatan"], note["Nama"]) for note in notes] == [
        ("pengecekan", "Sudah dicek", "Analis Sistem"),
        ("perbaikan", "Kunci lama dihapus", "Analis Sistem"),
    ]
    steps = {row["Baris SOP"]: row for row in read_rows(book["Waktu pelaksanaan"])}
    assert (steps[5]["Baku mutu"], steps[5]["Kenyataan"]) == (timedelta(minutes=30), timedelta(minutes=45))
    assert steps[8]["Kenyataan"] is None


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render_xlsx(CITY, "id") == render_xlsx(make_city_report(), "id")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_is_a_text_cell(payload: str) -> None:
    book = read(make_hostile_report(payload))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "d"}
    assert len(read_rows(book["Aplikasi"])) == len(CITY.rows)
    assert len(read_rows(book["Belum terdaftar"])) == 1


def test_a_zone_that_nobody_knows_is_utc() -> None:
    report = replace(CITY, period=replace(CITY.period, zone="Mars/Olympus"))
    assert read_rows(read(report)["Aplikasi"])[-2]["Tanggal backup (UTC)"].hour == 7


@pytest.mark.parametrize(("number", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")])
def test_columns_are_named_as_spreadsheets_do(number: int, name: str) -> None:
    assert xlsx._name_column(number) == name
