"""Database servers that this machine keeps data of, whether they run or not: one that is stopped tells nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...record.source import DEFAULT_PORTS
from ..base import Files, Finds, Unfit

CLUSTERS = "/etc/postgresql/*/*/postgresql.conf"
DATA_FOLDERS = ("/var/lib/pgsql/data/postgresql.conf", "/var/lib/pgsql/*/data/postgresql.conf")
MYSQL_DATA = "/var/lib/mysql/mysql"

_PORT = re.compile(r"^\s*port\s*=?\s*'?(\d{1,5})", re.MULTILINE)


class Kept(NamedTuple):
    """Data of a server: its engine, what people call it, and the port it would listen at (0: any)."""

    engine: str
    subject: str
    port: int


def find_kept(files: Files, finds: Finds) -> Iterator[Kept]:
    """The clusters that Debian and Red Hat lay out, and the usual data folder of MariaDB and MySQL."""
    for path in [path for pattern in (CLUSTERS, *DATA_FOLDERS) for path in files.expand(pattern)]:
        try:
            found = _PORT.search(files.read(path) or "")
        except Unfit as error:
            finds.miss("postgresql", path, error)
            continue
        yield Kept("postgresql", path.rpartition("/")[0], int(found[1]) if found else DEFAULT_PORTS["postgresql"])
    if files.is_folder(MYSQL_DATA):
        yield Kept("mysql", MYSQL_DATA.rpartition("/")[0], 0)
