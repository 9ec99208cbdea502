from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.csv import (
    render_csv,
    render_csv_semicolon,
)
from ansible_collections.diskominfo.backup.tests.reports import PAYLOADS, make_city_report, make_hostile_report

CITY = make_city_report()


def read(data: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_a_program_reads_the_fields_by_the_names_that_json_gives_them() -> None:
    rows = read(render_csv(CITY))
    assert [row["application"] for row in rows] == [row.application for row in CITY.rows]
    first = rows[0]
    assert (first["status"], first["reason_slug"], first["size_bytes"]) == ("failed", "source_missing", "")
    assert rows[-2]["began"] == "2026-11-22T07:01:00Z"
    assert rows[-2]["size_bytes"] == "1500000"


def test_a_spreadsheet_of_an_office_reads_semicolons_and_its_own_decimal_sign() -> None:
    report = replace(CITY, rows=(replace(CITY.rows[-2], size_change=-0.125),))
    data = render_csv_semicolon(report, "id")
    assert data.startswith(b"\xef\xbb\xbf")
    assert read(data, ";")[0]["size_change"] == "-0,125"
    assert read(render_csv_semicolon(report, "en"), ";")[0]["size_change"] == "-0.125"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "  ="])
def test_no_text_is_a_formula(sign: str) -> None:
    (row,) = read(render_csv(replace(CITY, rows=(replace(CITY.rows[0], title=f"{sign}cmd()"),))))
    assert row["title"] == f"'{sign}cmd()"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_stays_in_its_cell(payload: str) -> None:
    rows = read(render_csv(make_hostile_report(payload)))
    assert len(rows) == len(CITY.rows)
    assert len({row["title"] for row in rows}) == 1
    assert all(None not in row and None not in row.values() for row in rows)
