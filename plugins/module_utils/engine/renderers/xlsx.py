"""The lists of a report as a workbook for Excel and LibreOffice (ECMA-376), the same bytes for the same report.

Written by the standard library alone, so that it works wherever the engine does. Every text is an inline string, which
no spreadsheet takes for a formula; dates and durations are numbers with a format, as the clocks of the office count.
"""

from __future__ import annotations

import io
import math
import textwrap
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime

from ..record.report import Report
from .language import CLOCKS, ZONE_NAMES, Language
from .sheets import BYTES, FRACTION, SECONDS, TEXT, TIME, WHOLE, Sheet, Value, list_sheets, read_values
from .xml import HEAD, element, show

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"

A4 = 9
PAGE_CHARACTERS = 200
"""So many characters stand side by side on a landscape page that can still be read; what is wider takes more pages."""

LINE_POINTS = 15
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # day 0 of spreadsheets, which know no zones
DAY_S = 86400
FIXED_DATE = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the archive: the first that a zip can hold."""

FORMATS = {
    TEXT: "@",
    WHOLE: "#,##0",
    BYTES: "#,##0",
    FRACTION: "+0%;-0%;0%",
    SECONDS: "[h]:mm:ss",
    TIME: "yyyy-mm-dd hh:mm",
}
KINDS = tuple(FORMATS)
HEADING = len(KINDS) + 1
"""Style 0 is plain, then one a kind, then that of headings."""


def render_xlsx(report: Report, language: str) -> bytes:
    """A sheet for each list, with a frozen heading and filters."""
    chosen = Language(language)
    sheets = list_sheets(report, chosen)
    names = [chosen.word(sheet.title) for sheet in sheets]
    files = {
        "[Content_Types].xml": _tell_types(len(sheets)),
        "_rels/.rels": _relate([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _write_workbook(names, sheets),
        "xl/_rels/workbook.xml.rels": _relate(
            [*(("worksheet", f"worksheets/sheet{at}.xml") for at in _count(sheets)), ("styles", "styles.xml")]
        ),
        "xl/styles.xml": _write_styles(),
    }
    for position, sheet in enumerate(sheets, 1):
        files[f"xl/worksheets/sheet{position}.xml"] = _write_sheet(sheet, chosen, report.period.zone)
    return _pack(files)


def _pack(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, FIXED_DATE)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, (HEAD + content).encode("utf-8"))
    return packed.getvalue()


def _count(sheets: Sequence[Sheet]) -> range:
    return range(1, len(sheets) + 1)


def _tell_types(count: int) -> str:
    parts = {
        "xl/workbook.xml": "sheet.main",
        "xl/styles.xml": "styles",
        **{f"xl/worksheets/sheet{at}.xml": "worksheet" for at in range(1, count + 1)},
    }
    defaults = element(
        "Default",
        {"Extension": "rels", "ContentType": "application/vnd.openxmlformats-package.relationships+xml"},
    )
    overrides = "".join(
        element("Override", {"PartName": f"/{name}", "ContentType": f"{TYPES}.{kind}+xml"})
        for name, kind in parts.items()
    )
    return element("Types", {"xmlns": f"{PACKAGE}/content-types"}, defaults + overrides)


def _relate(targets: Sequence[tuple[str, str]]) -> str:
    told = "".join(
        element("Relationship", {"Id": f"rId{at}", "Type": f"{RELATIONS}/{kind}", "Target": target})
        for at, (kind, target) in enumerate(targets, 1)
    )
    return element("Relationships", {"xmlns": f"{PACKAGE}/relationships"}, told)


def _write_workbook(names: Sequence[str], sheets: Sequence[Sheet]) -> str:
    listed = "".join(
        element("sheet", {"name": name, "sheetId": at, "r:id": f"rId{at}"}) for at, name in enumerate(names, 1)
    )
    ranges = "".join(_name_ranges(at, *named) for at, named in enumerate(zip(names, sheets)))
    content = element("sheets", None, listed) + element("definedNames", None, ranges)
    return element("workbook", {"xmlns": MAIN, "xmlns:r": RELATIONS}, content)


def _name_ranges(at: int, name: str, sheet: Sheet) -> str:
    """What is filtered, and what is printed on every page: the heading, and the columns that say whose row it is."""
    filtered = f"'{name}'!$A$1:${_name_column(len(sheet.columns))}${len(sheet.records) + 1}"
    repeated = f"'{name}'!$A:$B,'{name}'!$1:$1"
    hidden = {"name": "_xlnm._FilterDatabase", "localSheetId": at, "hidden": 1}
    return element("definedName", hidden, show(filtered)) + element(
        "definedName", {"name": "_xlnm.Print_Titles", "localSheetId": at}, show(repeated)
    )


def _write_styles() -> str:
    first = 164
    formats = "".join(
        element("numFmt", {"numFmtId": first + at, "formatCode": FORMATS[kind]}) for at, kind in enumerate(KINDS)
    )
    plain, bold = element("sz", {"val": 11}) + element("name", {"val": "Calibri"}), "<b/>"
    fonts = element("font", None, plain) + element("font", None, bold + plain)
    none, grey = element("patternFill", {"patternType": "none"}), element("patternFill", {"patternType": "gray125"})
    shade = element("patternFill", {"patternType": "solid"}, element("fgColor", {"rgb": "FFE3E9F0"}))
    fills = "".join(element("fill", None, each) for each in (none, grey, shade))
    border = element("border", None, "<left/><right/><top/><bottom/><diagonal/>")
    base = {"fontId": 0, "fillId": 0, "borderId": 0}
    top = element("alignment", {"vertical": "top", "wrapText": 1})
    kinds = "".join(
        element("xf", {"numFmtId": first + at, **base, "xfId": 0, "applyNumberFormat": 1, "applyAlignment": 1}, top)
        for at in range(len(KINDS))
    )
    heading = {"numFmtId": 0, "fontId": 1, "fillId": 2, "borderId": 0, "xfId": 0, "applyFont": 1, "applyFill": 1}
    styles = element("xf", {"numFmtId": 0, **base, "xfId": 0}) + kinds + element("xf", heading, top)
    content = (
        element("numFmts", {"count": len(KINDS)}, formats)
        + element("fonts", {"count": 2}, fonts)
        + element("fills", {"count": 3}, fills)
        + element("borders", {"count": 1}, border)
        + element("cellStyleXfs", {"count": 1}, element("xf", {"numFmtId": 0, **base}))
        + element("cellXfs", {"count": HEADING + 1}, styles)
        + element("cellStyles", {"count": 1}, element("cellStyle", {"name": "Normal", "xfId": 0, "builtinId": 0}))
    )
    return element("styleSheet", {"xmlns": MAIN}, content)


def _name_column(number: int) -> str:
    """1 -> A, 27 -> AA."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _write_sheet(sheet: Sheet, language: Language, zone: str) -> str:
    width, height = _name_column(len(sheet.columns)), len(sheet.records) + 1
    pane = element("pane", {"ySplit": 1, "topLeftCell": "A2", "activePane": "bottomLeft", "state": "frozen"})
    view = element("sheetView", {"workbookViewId": 0}, pane)
    columns = "".join(
        element("col", {"min": at, "max": at, "width": column.width, "customWidth": 1})
        for at, column in enumerate(sheet.columns, 1)
    )
    fit = element("sheetPr", None, element("pageSetUpPr", {"fitToPage": 1}))
    pages = math.ceil(sum(column.width for column in sheet.columns) / PAGE_CHARACTERS)
    setup = {"paperSize": A4, "orientation": "landscape", "fitToWidth": pages, "fitToHeight": 0}
    content = (
        fit
        + element("dimension", {"ref": f"A1:{width}{height}"})
        + element("sheetViews", None, view)
        + element("cols", None, columns)
        + element("sheetData", None, "".join(_write_rows(sheet, language, zone)))
        + element("autoFilter", {"ref": f"A1:{width}{height}"})
        + element("pageSetup", setup)
    )
    return element("worksheet", {"xmlns": MAIN}, content)


def _write_rows(sheet: Sheet, language: Language, zone: str) -> Iterator[str]:
    clock = ZONE_NAMES.get(zone, "UTC")
    titles = [
        f"{language.word(column.title)} ({clock})" if column.kind == TIME else language.word(column.title)
        for column in sheet.columns
    ]
    yield _write_row(1, [_write_text(title, HEADING) for title in titles], _count_lines(sheet, titles))
    kinds = [KINDS.index(column.kind) + 1 for column in sheet.columns]
    for number, values in enumerate(read_values(sheet), 2):
        cells = [_write_cell(value, style, zone) for value, style in zip(values, kinds)]
        yield _write_row(number, cells, _count_lines(sheet, values))


def _count_lines(sheet: Sheet, values: Sequence[Value]) -> int:
    """How many lines the longest text takes in its column. Not every program finds out by itself."""
    texts = ((value, column.width) for value, column in zip(values, sheet.columns) if isinstance(value, str))
    return max((len(textwrap.wrap(text, width - 1)) for text, width in texts), default=1) or 1


def _write_row(number: int, cells: Sequence[str], lines: int) -> str:
    placed = (cell.format(f"{_name_column(at)}{number}") for at, cell in enumerate(cells, 1) if cell)
    return element("row", {"r": number, "ht": lines * LINE_POINTS}, "".join(placed))


def _write_text(text: str, style: int) -> str:
    shown = show(text).replace("{", "{{").replace("}", "}}")
    return f'<c r="{{}}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _write_cell(value: Value, style: int, zone: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return _write_text(value, style)
    if isinstance(value, datetime):
        local = value.astimezone(CLOCKS.get(zone, CLOCKS["UTC"])).replace(tzinfo=None)
        number: float = (local - EPOCH).total_seconds() / DAY_S
    else:
        number = value / DAY_S if KINDS[style - 1] == SECONDS else value
    return f'<c r="{{}}" s="{style}"><v>{number:.10g}</v></c>'
