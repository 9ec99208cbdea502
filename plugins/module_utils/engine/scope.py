"""What of an application is taken: its databases, and its trees without what is no part of them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace

from .record.application import Application
from .record.source import FILE_ENGINES, Source, TreeSource

WILDCARDS = re.compile(r"([\\*?[])")
SQLITE_COMPANIONS = ("", "-wal", "-shm", "-journal")


def guard_sources(application: Application, own_folders: Sequence[str] = ()) -> tuple[Source, ...]:
    """The sources with every database file taken out of the trees, since a copy of a file in use proves nothing, and
    with our own folders (store and state) taken out, since an archive cannot hold itself."""
    files = [os.path.realpath(database.path) for database in application.databases if database.engine in FILE_ENGINES]
    left_out = [name + companion for name in files for companion in SQLITE_COMPANIONS]
    left_out += [os.path.realpath(folder) for folder in own_folders]
    return (*application.databases, *(_exclude_paths(tree, left_out) for tree in application.sources))


def _exclude_paths(tree: TreeSource, paths: Sequence[str]) -> TreeSource:
    root = os.path.realpath(tree.path).rstrip("/")
    inside = tuple(WILDCARDS.sub(r"\\\1", path[len(root) :]) for path in paths if path.startswith(root + "/"))
    return replace(tree, exclude=tree.exclude + inside)
