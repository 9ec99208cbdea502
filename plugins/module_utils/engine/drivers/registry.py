"""The drivers by the name that a register gives them; to be imported from the floor above only."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Driver
from .mysql import driver as mysql
from .postgresql import driver as postgresql
from .sqlite import driver as sqlite
from .tree import driver as tree

DRIVERS: Mapping[str, Driver] = {
    mysql.DRIVER.name: mysql.DRIVER,
    postgresql.DRIVER.name: postgresql.DRIVER,
    sqlite.DRIVER.name: sqlite.DRIVER,
    tree.DRIVER.name: tree.DRIVER,
}
"""Every database engine of record/application.py, and `tree`."""
