"""Compose files: the databases that the services of a project serve or use, and the folders they keep."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...record.discovered import Configuration, DatabaseReference
from ..base import FrameworkReader, Place, Unfit
from ..languages.dotenv import read_dotenv
from ..languages.environment import find_references
from ..languages.literal import dig
from ..languages.yaml import read_yaml

SERVICES_LIMIT = 200

_VARIABLE = re.compile(r"\$\{(\w+)(?::?[-?+]([^}]*))?\}|\$(\w+)")


def read_compose(text: str, place: Place) -> Configuration | None:
    """`docker-compose.yml` and its other names; `${NAME}` is what the `.env` beside it says."""
    services = dig(read_yaml(text), "services")
    if not isinstance(services, dict):
        return None
    values = read_dotenv(_read_beside(place, ".env"))
    found: list[DatabaseReference | None] = []
    folders: list[str] = []
    for service in list(services.values())[:SERVICES_LIMIT]:
        if isinstance(service, dict):
            found += find_references(_read_environment(service, values, place))
            folders += _find_folders(service)
    return place.make("compose", found, folders) if any(found) else None


def _read_beside(place: Place, name: str) -> str:
    try:
        return place.files.read(place.join(name)) or ""
    except Unfit:
        return ""


def _read_environment(service: dict[str, Any], values: dict[str, str], place: Place) -> dict[str, str]:
    """`environment` as a mapping or a list, over the files of `env_file`."""
    named = service.get("env_file", [])
    found: dict[str, str] = {}
    for name in named if isinstance(named, list) else [named]:
        found.update(read_dotenv(_read_beside(place, name if isinstance(name, str) else ".env")))
    given = service.get("environment") or {}
    pairs = given.items() if isinstance(given, dict) else [str(entry).partition("=")[::2] for entry in given]
    found.update((str(key), _fill(str(value), values)) for key, value in pairs)
    return found


def _fill(text: str, values: dict[str, str]) -> str:
    """`${NAME}`, `$NAME` and `${NAME:-otherwise}` as compose reads them."""
    return _VARIABLE.sub(lambda found: values.get(found[1] or found[3]) or found[2] or "", text)[:4096]


def _find_folders(service: dict[str, Any]) -> Iterator[str]:
    """The folders of the server that a service mounts; volumes with a name have none of the project's own."""
    volumes = service.get("volumes", [])
    for volume in volumes if isinstance(volumes, list) else []:
        source = str(volume.get("source", "") if isinstance(volume, dict) else volume.partition(":")[0])
        if source.startswith(("/", "./", "../")) and not source.endswith(".sock"):
            yield source


READERS = (
    FrameworkReader(
        "compose", read_compose, ("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml")
    ),
)
