"""Which kinds of stores there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ..errors import ConfigurationError
from ..record.register import StorePlace
from ..record.wire import hash_bytes
from .base import Store
from .directory import DirectoryStore

STORES: Mapping[str, Callable[[Path, Path], Store]] = {"directory": DirectoryStore}
"""Type -> maker, from the store's path and the file below the server's state that remembers it."""


def open_store(place: StorePlace, state: Path) -> Store:
    """The store of `place`, not opened yet; `state` is the server's state folder. Raises ConfigurationError."""
    make = STORES.get(place.type)
    if make is None:
        known = ", ".join(sorted(STORES))
        raise ConfigurationError.has_problems([f"store: type: cannot be {place.type!r}; use one of: {known}"])
    name = hash_bytes(place.path.encode("utf-8", "surrogateescape"))[:16]
    return make(Path(place.path), state / "stores" / f"{name}.json")
