"""Puts something new in the place of something old: made beside it, on its file system, then exchanged by renames."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..errors import TargetRefused
from .files import make_private_folder, remove_tree

NEW, OLD = "diskominfo-backup-new", "diskominfo-backup-old"
MOUNTS = Path("/proc/self/mountinfo")


class Exchange:
    """One exchange at `path`, whose links are resolved. `staging` is a private folder for the new."""

    def __init__(self, path: str) -> None:
        self.path = Path(os.path.realpath(path))
        self.staging = self.path.with_name(f".{self.path.name}.{NEW}")
        self.former = self.path.with_name(f".{self.path.name}.{OLD}")

    @property
    def is_there(self) -> bool:
        """Whether there is something old; also what an exchange that was killed in the middle left aside."""
        return os.path.lexists(self.path) or self.is_torn

    @property
    def is_torn(self) -> bool:
        """Whether an exchange was killed between its two renames."""
        return os.path.lexists(self.former) and not os.path.lexists(self.path)

    @property
    def room(self) -> Path:
        """The nearest folder above that exists."""
        return next(folder for folder in self.path.parents if folder.is_dir())

    def prove(self) -> None:
        """Raises TargetRefused for what a rename could not or must not move; changes nothing."""
        mounts = find_mounts(self.path)
        if mounts:
            raise TargetRefused.holds_mounts(str(self.path), mounts)
        if os.path.lexists(self.former) and not self.is_torn:
            raise TargetRefused.has_leftover(str(self.former))

    def begin(self) -> None:
        """Makes the staging folder; heals an exchange that was killed in the middle: the old goes back to its place."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.is_torn:
                os.rename(self.former, self.path)
            remove_tree(self.staging)
            make_private_folder(self.staging)
        except OSError as error:
            raise TargetRefused.unusable(str(self.path), error.strerror or str(error)) from error

    def swap(self, new: Path) -> None:
        """The old goes aside, then the new into its place. A death in between is healed by the next `begin`."""
        try:
            if os.path.lexists(self.path):
                os.rename(self.path, self.former)
            os.rename(new, self.path)
        except OSError as error:
            raise TargetRefused.unusable(str(self.path), error.strerror or str(error)) from error

    def forget(self) -> None:
        """The old is not needed any more."""
        remove_tree(self.former)

    def end(self) -> None:
        """Removes what was only made beside."""
        remove_tree(self.staging)


def find_mounts(path: Path) -> list[str]:
    """Where file systems are mounted at `path` and below it."""
    lines = MOUNTS.read_bytes().splitlines()
    points = [os.fsdecode(re.sub(rb"\\([0-7]{3})", _unescape, line.split(b" ")[4])) for line in lines]
    return sorted({point for point in points if point == str(path) or point.startswith(f"{path}/")})


def _unescape(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8)])
