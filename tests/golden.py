"""Documents as they should be, kept beside the tests: compared line by line, written anew when somebody asks."""

from __future__ import annotations

import difflib
import os
from codecs import BOM_UTF8
from pathlib import Path

REWRITE = "REWRITE_GOLDEN"
"""Set in the environment, each golden file is written anew; the change is then to be read in `git diff`."""


def assert_golden(path: Path, rendered: bytes) -> None:
    """Holds a rendered document against its golden file, which has lines of text alone: no mark of the byte order, no
    carriage returns."""
    if os.environ.get(REWRITE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(rendered.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n"))
    expected, found = (
        data.decode("utf-8-sig").splitlines() for data in (path.read_bytes() if path.exists() else b"", rendered)
    )
    difference = "\n".join(difflib.unified_diff(expected, found, str(path.name), "rendered", lineterm="", n=1))
    assert found == expected, f"{difference}\nif this is as it should be: {REWRITE}=1 pytest {path.name}"
