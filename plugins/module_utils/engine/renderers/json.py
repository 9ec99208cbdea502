"""The report as JSON, each application on a line of its own: docs/schemas/report.schema.json."""

from __future__ import annotations

import json

from ..record.report import Report, write_value


def render_json(report: Report, _language: str = "") -> bytes:
    """The whole report; the words of JSON are the same in every language. Written row by row, to save memory."""
    pieces = ["{\n"]
    for key, value in report.head_to_data().items():
        pieces.append(f"{json.dumps(key)}: {_dump(value)},\n")
    pieces.append('"applications": [')
    for position, row in enumerate(report.rows):
        pieces.append(f"{',' if position else ''}\n{_dump(write_value(row))}")
    pieces.append("\n]\n}\n")
    return "".join(pieces).encode("ascii")


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, sort_keys=True)
