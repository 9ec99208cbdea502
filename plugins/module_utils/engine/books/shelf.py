"""A folder of dated publications: each appears whole by one rename, `latest` points at the newest."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ..flow.files import fsync_folder, make_private_folder, remove_tree, write_beside

PARTIAL = ".partial-"
LATEST = "latest"


def shelve(shelf: Path, identity: str, files: Iterable[tuple[str, bytes]]) -> Path:
    """Writes `shelf/<identity>/<name>` for each file, all of it or nothing, then moves `latest`; the folder.

    What is published again under its id gets its files replaced one by one: the same id says the same. The caller
    keeps others out meanwhile. Raises OSError.
    """
    make_private_folder(shelf)
    for left in shelf.glob(f"{PARTIAL}*"):  # of a publisher that died
        remove_tree(left)
    partial, final = shelf / f"{PARTIAL}{identity}", shelf / identity
    make_private_folder(partial)
    for name, data in files:
        write_beside(partial / name, data)
    _appear(partial, final)
    beside = shelf / f"{PARTIAL}{LATEST}"
    beside.symlink_to(identity)
    os.replace(beside, shelf / LATEST)
    return final


def _appear(partial: Path, final: Path) -> None:
    if final.is_dir():
        for file in sorted(partial.iterdir()):
            os.replace(file, final / file.name)
        partial.rmdir()
    else:
        os.rename(partial, final)
    fsync_folder(final.parent)
