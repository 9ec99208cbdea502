"""A report out of its JSON object again, and reports as files of a folder."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.files import write_beside
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import REPORT_SCHEMA, Report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import find_excess, parse_time

FORMATS = ("html", "json")
FILE_MODE = 0o640


def read_report(data: Mapping[str, Any]) -> Report:
    """The report that `Report.to_data` wrote; RecordRefused for anything else."""
    fields = {key: value for key, value in data.items() if key not in ("schema", "applications")}
    try:
        if data.get("schema") != REPORT_SCHEMA or find_excess(dict(data)):
            raise ValueError(f"schema {data.get('schema')!r}")
        report = _read(Report, {**fields, "rows": data["applications"]})
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RecordRefused.malformed("report", f"{type(error).__name__}: {error}") from error
    return report  # type: ignore[no-any-return]


def _read(kind: Any, value: Any) -> Any:
    """`value` as the annotation `kind` of a record says."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _read(arguments[0], value)
    if origin is tuple:
        return tuple(_read(arguments[0], entry) for entry in value)
    if kind is datetime:
        return parse_time(value)
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        hints = get_type_hints(kind)
        return kind(**{key: _read(hints[key], entry) for key, entry in value.items()})
    return value


def write_report(report: Report, language: str, folder: Path) -> list[Path]:
    """Writes `report.html` and `report.json` into `folder`, each in one step; their paths. Raises OSError.

    All formats are read here alone: the table at the end of a play needs none of them.
    """
    from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.registry import find_renderer

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in FORMATS:
        renderer = find_renderer(name)
        path = folder / f"report.{renderer.suffix}"
        write_beside(path, renderer.render(report, language), FILE_MODE)
        written.append(path)
    return written
