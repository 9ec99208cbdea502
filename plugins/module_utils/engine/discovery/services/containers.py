"""docker and podman: containers, compose projects, the folders they keep and the databases they serve or use."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ...errors import BackupError, ToolMissing
from ...record.discovered import Configuration, Container, FoundDatabase, Volume
from ..base import Finds, Machine
from ..languages.environment import find_references

TOOLS = ("docker", "podman")
COUNT_LIMIT = 500
COMPOSE = ("com.docker.compose", "io.podman.compose")
IMAGES: Mapping[str, str] = {
    "mariadb": "mysql",
    "mysql": "mysql",
    "percona": "mysql",
    "pgvector": "postgresql",
    "postgis": "postgresql",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "timescaledb": "postgresql",
}
"""The last word of an image's name -> the engine it serves."""

SERVED: Mapping[str, tuple[str, ...]] = {
    "mysql": ("MARIADB_DATABASE", "MYSQL_DATABASE"),
    "postgresql": ("POSTGRES_DB", "POSTGRESQL_DATABASE", "POSTGRES_USER"),
}
"""What names the database that an image makes when it begins."""


def read_containers(machine: Machine, finds: Finds) -> None:
    """Every container of both tools, those that are stopped too."""
    for tool in TOOLS:
        try:
            names = machine.run([tool, "ps", "--all", "--quiet", "--no-trunc"]).split()[:COUNT_LIMIT]
            if names:
                read_inspected(machine.run([tool, "inspect", "--type", "container", *names]), tool, finds)
        except ToolMissing:
            continue
        except BackupError as error:
            finds.miss("containers", tool, error.message)


def read_inspected(text: str, tool: str, finds: Finds) -> None:
    """What `docker inspect` prints; what is not as expected is left out."""
    try:
        inspected = json.loads(text)
    except (ValueError, RecursionError):
        inspected = None
    if not isinstance(inspected, list):
        finds.miss("containers", tool, "what inspect printed is no list")
        return
    for entry in inspected:
        _add(_Entry(entry), tool, finds)


class _Entry:
    """Values of nested mappings by their path, each of the kind that is expected, or empty."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def take(self, path: str, kind: Any) -> Any:
        value = self.values
        for key in path.split("/"):
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, kind) else kind()

    def label(self, name: str) -> str:
        labels = self.take("Config/Labels", dict)
        return next((str(labels[f"{stem}.{name}"]) for stem in COMPOSE if labels.get(f"{stem}.{name}")), "")


def _add(entry: _Entry, tool: str, finds: Finds) -> None:
    name = entry.take("Name", str).lstrip("/")
    image = entry.take("Config/Image", str) or entry.take("ImageName", str)
    word = re.split(r"[:@]", image.rpartition("/")[2])[0]
    volumes = tuple(_read_volume(mount) for mount in entry.take("Mounts", list) if isinstance(mount, dict))
    networks = entry.take("NetworkSettings/Networks", dict).values()
    container = Container(
        name=name,
        tool=tool,
        image=image,
        is_running=entry.take("State/Running", bool),
        project=entry.label("project"),
        service=entry.label("service"),
        folder=entry.label("project.working_dir"),
        engine=IMAGES.get(word, ""),
        ports=tuple(_read_ports(entry.take("NetworkSettings/Ports", dict))),
        addresses=tuple(filter(None, (_Entry(network).take("IPAddress", str) for network in networks))),
        volumes=volumes,
    )
    finds.add("containers", container)
    pairs = dict(str(line).partition("=")[::2] for line in entry.take("Config/Env", list))
    _add_databases(container, pairs, finds)


def _add_databases(container: Container, pairs: dict[str, str], finds: Finds) -> None:
    """A container of a known image serves the database that its environment names; any other uses it."""
    if container.engine:
        served = next((pairs[key] for key in SERVED[container.engine] if pairs.get(key)), "")
        served = served or ("postgres" if container.engine == "postgresql" else "")
        if served:
            instance, name = f"container:{container.name}", container.name
            finds.add("databases", FoundDatabase(container.engine, served, instance, container=name))
        return
    references = tuple(filter(None, find_references(pairs)))
    if references:
        found = Configuration(f"container:{container.name}", "generic", container.folder, references)
        finds.add("configurations", Configuration(**{**vars(found), "container": container.name}))


def _read_volume(mount: dict[str, Any]) -> Volume:
    entry = _Entry(mount)
    return Volume(entry.take("Source", str), entry.take("Destination", str), entry.take("Name", str))


def _read_ports(ports: dict[str, Any]) -> list[str]:
    """`127.0.0.1:3307->3306/tcp`."""
    return [
        f"{_Entry(each).take('HostIp', str)}:{_Entry(each).take('HostPort', str)}->{inner}"
        for inner, outer in ports.items()
        for each in (outer if isinstance(outer, list) else [])
    ]
