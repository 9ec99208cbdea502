"""The drivers by the name that a register gives them; to be imported from the floor above only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .base import Driver


def _load_mysql() -> Driver:
    from .mysql.driver import DRIVER

    return DRIVER


def _load_postgresql() -> Driver:
    from .postgresql.driver import DRIVER

    return DRIVER


def _load_sqlite() -> Driver:
    from .sqlite.driver import DRIVER

    return DRIVER


def _load_tree() -> Driver:
    from .tree.driver import DRIVER

    return DRIVER


class Drivers(Mapping[str, Driver]):
    """Reads a driver when it is first asked for: a run needs one or two of them, and each is a tenth of its start."""

    _LOADERS: Mapping[str, Callable[[], Driver]] = {
        "mysql": _load_mysql,
        "postgresql": _load_postgresql,
        "sqlite": _load_sqlite,
        "tree": _load_tree,
    }

    def __getitem__(self, name: str) -> Driver:
        return self._LOADERS[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._LOADERS)

    def __len__(self) -> int:
        return len(self._LOADERS)


DRIVERS = Drivers()
"""Every database engine of record/application.py, and `tree`."""
