"""The rows of a report as CSV: for programs with commas, for spreadsheets of offices with semicolons."""

from __future__ import annotations

import csv
import io
from datetime import datetime

from ..record.report import Report, write_value
from .language import Language
from .sheets import MACHINE_COLUMNS, Sheet, Value, read_values

BYTE_ORDER_MARK = "\ufeff"
FORMULA_SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a text for a formula, also as the wide characters of East Asia."""


def render_csv(report: Report, _language: str = "") -> bytes:
    """Commas and decimal points, the field names of report.json as header, UTC times: the same in every language."""
    return _write(report, ",", ".").encode("utf-8")


def render_csv_semicolon(report: Report, language: str) -> bytes:
    """The same with semicolons and the decimal sign of `language`, marked as UTF-8: spreadsheets open it by itself."""
    decimal = Language(language).word("number.decimal")
    return (BYTE_ORDER_MARK + _write(report, ";", decimal)).encode("utf-8")


def _write(report: Report, delimiter: str, decimal: str) -> str:
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([column.name for column in MACHINE_COLUMNS])
    for values in read_values(Sheet("", MACHINE_COLUMNS, report.rows)):
        writer.writerow([_tell(value, decimal) for value in values])
    return lines.getvalue()


def _tell(value: Value, decimal: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.lstrip().startswith(FORMULA_SIGNS) else value
    if isinstance(value, datetime):
        return str(write_value(value))
    if isinstance(value, float):
        return f"{round(value, 4) + 0.0:.4f}".rstrip("0").rstrip(".").replace(".", decimal)
    return str(value)
