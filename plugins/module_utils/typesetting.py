# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one file that knows the library `typst`: makes PDF/A out of Typst source, with the report's data attached."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from .engine.errors import ToolMissing

try:
    import typst
except ImportError:
    typst = None  # type: ignore[assignment]

STANDARD: Literal["a-3a"] = "a-3a"
"""PDF/A-3 may carry files; its level A has text that can be read out (ISO 19005-3)."""


def require_library() -> None:
    """Raises ToolMissing where the library is not installed."""
    if typst is None:
        raise ToolMissing.no_library("typst", "the format pdf")


def typeset_pdf(source: bytes, data: bytes, moment: datetime) -> bytes:
    """The PDF of a letter, dated `moment`, with `data` attached as report.json. Equal input gives equal bytes.

    Only the fonts within the library are used, so that every machine sets the same page. Raises ToolMissing where the
    library is not installed.
    """
    require_library()
    inputs = {"report": data.decode("utf-8")}
    made = typst.compile(
        source,
        format="pdf",
        pdf_standards=[STANDARD],
        sys_inputs=inputs,
        ignore_system_fonts=True,
        timestamp=moment.replace(microsecond=0),
    )
    return bytes(made)
