"""How much lies below an application's folder, how new it is, and which of its files are SQLite databases."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone

from ..record.discovered import SqliteFile, Tree
from ..record.wire import format_time
from . import base
from .base import Files, Finds, Unfit

MAGIC = b"SQLite format 3\0"
PAGE_BYTES = 512
"""A SQLite database is a whole number of pages, and the smallest page has so many bytes (its file format, 1.3.2)."""

WEEK = timedelta(days=7)
FILES_LIMIT = 300_000
LATEST = datetime(2200, 1, 1, tzinfo=timezone.utc).timestamp()

_SKIPPED = frozenset({"node_modules", ".git"})


def measure_trees(files: Files, roots: Iterable[str], now: datetime, is_over: Callable[[], bool], finds: Finds) -> None:
    """A Tree for each root; a root within another is counted by itself only. Links are not followed."""
    wanted = sorted(set(roots))
    for root in wanted:
        if files.is_folder(root):
            _Measure(files, root, frozenset(wanted), now, is_over, finds).run()


class _Measure:
    def __init__(
        self, files: Files, root: str, others: frozenset[str], now: datetime, is_over: Callable[[], bool], finds: Finds
    ) -> None:
        self.files, self.root, self.others, self.is_over, self.finds = files, root, others, is_over, finds
        self.since = (now - WEEK).timestamp()
        self.size_bytes = self.count = self.changed = 0
        self.newest = 0.0
        self.is_cut = False

    def run(self) -> None:
        waiting = [self.root]
        while waiting:
            folder = waiting.pop()
            if self.is_over() or self.count > FILES_LIMIT:
                self.is_cut = True
                break
            waiting += self._look(folder)
        newest = format_moment(self.newest) if self.count else ""
        self.finds.add("trees", Tree(self.root, self.size_bytes, self.count, self.changed, newest, self.is_cut))

    def _look(self, folder: str) -> list[str]:
        """Counts the files of one folder; the folders below it."""
        below = []
        try:
            entries = self.files.entries(folder)
            self.is_cut |= len(entries) >= base.ENTRIES_LIMIT
            for entry in entries:
                path = f"{folder.rstrip('/')}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    below += [path] if path not in self.others and entry.name not in _SKIPPED else []
                else:
                    self._count(path, entry.stat(follow_symlinks=False))
        except (Unfit, OSError):
            self.is_cut = True
        return below

    def _count(self, path: str, status: os.stat_result) -> None:
        self.count += 1
        self.size_bytes += status.st_size
        self.changed += status.st_mtime > self.since
        self.newest = max(self.newest, status.st_mtime)
        may_be = stat.S_ISREG(status.st_mode) and status.st_size >= PAGE_BYTES and status.st_size % PAGE_BYTES == 0
        if may_be and self.files.begins_with(path, MAGIC):
            written = format_moment(status.st_mtime)
            self.finds.add("sqlite_files", SqliteFile(path, self.root, status.st_size, written))


def format_moment(seconds: float) -> str:
    """A file's time as records write it; anybody may set it, also to what no calendar holds."""
    return format_time(datetime.fromtimestamp(min(max(seconds, 0), LATEST), timezone.utc))
