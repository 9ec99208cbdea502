"""What searches found, made by hand: a city with a web server, a database server apart from it, and containers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.application import read_application
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.discovered import (
    Configuration,
    Container,
    DatabaseReference,
    Discovered,
    FoundDatabase,
    Site,
    SqliteFile,
    Tree,
    Unit,
    Volume,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.fields import Fields, Problems
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.ignored import read_ignored
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register, Server

NOW = datetime.fromisoformat("2026-11-22T13:01:00+00:00")
DAY = timedelta(days=1)
WEB, DATA = "web.kota.example", "data.kota.example"


def make_look(server: str = WEB, **found: Any) -> Discovered:
    """A look at a server an hour ago."""
    short = server.partition(".")[0]
    addresses = {"db.kota.example": ("10.0.0.12",), WEB: ("10.0.0.10",), DATA: ("10.0.0.11", "127.0.1.1")}.get(
        server, ()
    )
    return Discovered(server, **{"at": NOW - DAY / 24, "names": (short,), "addresses": addresses, **found})


def make_database(name: str, engine: str = "mysql", **changes: Any) -> FoundDatabase:
    """A database of the usual instance, or of the one that `changes` tell."""
    return FoundDatabase(engine, name, **{"instance": "localhost", **changes})


def make_configuration(root: str, *databases: DatabaseReference, **changes: Any) -> Configuration:
    """An application's configuration in its root."""
    fields = {"file": f"{root}/.env", "framework": "laravel", "root": root, "databases": databases, **changes}
    return Configuration(**fields)


def refer(name: str, host: str = "localhost", engine: str = "mysql", **changes: Any) -> DatabaseReference:
    """A database as a configuration names it."""
    return DatabaseReference(engine, name, host=host, **changes)


def register(ignored: dict[str, list[dict[str, str]]] | None = None, **servers: list[dict[str, Any]]) -> Register:
    """A register: `web=[{"name": ...}]` registers applications on web.kota.example."""
    problems = Problems()
    known = {**{name: [] for name in ignored or {}}, **servers}
    made = tuple(
        Server(
            f"{name}.kota.example",
            tuple(read_application(entry, problems, 1) for entry in entries),
            ignored=tuple(read_ignored(Fields(entry, "x", problems)) for entry in (ignored or {}).get(name, [])),
        )
        for name, entries in known.items()
    )
    problems.raise_if_any()
    return Register(made)


PORTAL = {
    "name": "portal",
    "databases": [{"engine": "mysql", "name": "portal"}],
    "sources": [{"path": "/var/www/portal", "exclude": ["/cache", "*.log"]}],
}


def make_city() -> dict[str, Discovered]:
    """Eight applications: see the tests of the claim join for what each of them tries."""
    web = make_look(
        sites=(
            Site("nginx", ("portal.kota.example",), ("80",), "/var/www/portal/public", "/var/www/portal/public"),
            Site("nginx", ("izin.kota.example",), ("80",), "/srv/izin/current/public", "/srv/izin/releases/7/public"),
            Site("apache", ("brosur.kota.example",), ("8080",), "/var/www/brosur", "/var/www/brosur"),
            Site("nginx", ("_",), ("80",), "/var/www", "/var/www"),
            Site("nginx", ("api.kota.example",), ("80",), proxies=("127.0.0.1:8000",)),
        ),
        configurations=(
            make_configuration("/var/www/portal", refer("portal")),
            make_configuration("/srv/izin/releases/7", refer("izin", "db.internal", addresses=("10.0.0.11",))),
            make_configuration(
                "/var/www/elearning",
                refer("moodle", "data", "postgresql"),
                framework="moodle",
                data=("/srv/moodledata", "/var/www/elearning/local"),
            ),
            make_configuration("", refer("kasir", "db"), container="kasir_app", framework="generic", file="kasir_app"),
        ),
        units=(Unit("antrean.service", "/opt/antrean"),),
        containers=(
            Container("kasir_db", "podman", project="kasir", service="db", engine="mysql"),
            Container(
                "kasir_app",
                "podman",
                project="kasir",
                volumes=(Volume("/srv/kasir/unggahan", "/data"), Volume("/etc/localtime", "/x")),
            ),
        ),
        databases=(
            make_database("portal"),
            make_database("mysql", is_system=True),
            make_database("kasir", instance="container:kasir_db", container="kasir_db"),
        ),
        sqlite_files=(SqliteFile("/opt/antrean/data/antrean.db", "/opt/antrean"),),
        trees=(Tree("/var/www/portal", 1000, 10), Tree("/opt/antrean", 1000, 10)),
    )
    data = make_look(
        DATA,
        databases=(
            make_database("izin"),
            make_database("moodle", "postgresql", port=5432),
            make_database("arsip", "postgresql", instance="localhost:5433", port=5433),
        ),
    )
    return {WEB: web, DATA: data}
