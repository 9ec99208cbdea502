"""PHP-FPM: its pools, and the databases that a pool's own environment names."""

from __future__ import annotations

import re

from ...record.discovered import Configuration, Pool
from ..base import Finds, Machine, Unfit
from ..languages.environment import find_references
from ..languages.ini import read_ini

PATTERNS = ("/etc/php/*/fpm/pool.d/*.conf", "/etc/php-fpm.d/*.conf", "/etc/opt/remi/*/php-fpm.d/*.conf")


def read_pools(machine: Machine, finds: Finds) -> None:
    """Every pool of every version."""
    for path in [path for pattern in PATTERNS for path in machine.files.expand(pattern)]:
        try:
            sections = read_ini(machine.files.read(path) or "")
        except Unfit as error:
            finds.miss("pools", path, error)
            continue
        for name, values in sections.items():
            if "listen" in values:
                folder = values.get("chdir", "")
                finds.add("pools", Pool(name, path, values.get("user", ""), values["listen"], folder))
                _add_environment(values, folder, path, finds)


def _add_environment(values: dict[str, str], folder: str, path: str, finds: Finds) -> None:
    pairs = {found[1]: value for key, value in values.items() if (found := re.fullmatch(r"env\[(\w+)\]", key))}
    references = tuple(filter(None, find_references(pairs)))
    if references:
        finds.add("configurations", Configuration(path, "generic", folder, references))
