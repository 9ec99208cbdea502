"""Throwaway places: private folders that vanish with their block, and are swept at the next start after a crash.

Database files and trees run no code of their owner when they come back, so a private folder is all they need.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import NotRecorded
from .files import make_private_folder, remove_tree

PREFIX = "throwaway-"


@contextmanager
def open_place(root: Path) -> Iterator[Path]:
    """A new empty folder (0700) below `root`, removed with all that came into it.

    NotRecorded where none can be made, or where it cannot be removed: what it holds must not stay. An error of the
    block goes before that, and `sweep_places` tries again.
    """
    try:
        make_private_folder(root.parent)
        make_private_folder(root)
        place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
    except OSError as error:
        raise NotRecorded.unwritable(str(root), error.strerror or str(error)) from error
    try:
        yield place
    except BaseException:
        with suppress(NotRecorded):
            _remove(place)
        raise
    _remove(place)


def sweep_places(root: Path) -> int:
    """Removes every throwaway place below `root`, for when nobody can be using one; how many there were.

    Raises NotRecorded for what cannot be removed.
    """
    try:
        names = [name for name in os.listdir(root) if name.startswith(PREFIX)]
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise NotRecorded.unwritable(str(root), error.strerror or str(error)) from error
    for name in names:
        _remove(root / name)
    return len(names)


def _remove(place: Path) -> None:
    try:
        remove_tree(place)
    except OSError as error:
        raise NotRecorded.unwritable(str(place), error.strerror or str(error)) from error
