"""Evidence that is kept in lists, and a city's worth of it: every status that a report knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import level as levels
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import policy
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.application import Application
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Census, Difference
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.installed import Installed
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.moment import Moment
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.note import Note, make_note
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import (
    CHECK,
    CONTACT,
    FAILED,
    RESTORE,
    Failure,
    Part,
    Receipt,
    StoredFile,
    StoreTrace,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register, Server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.schedule import Entry, Schedule
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.search import NOT_SEARCHED, Search
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource, TreeSource
from ansible_collections.diskominfo.backup.tests.records import make_receipt

NOW = datetime.fromisoformat("2026-11-22T13:01:00+00:00")
DAY = timedelta(days=1)
OFFICE = {
    "parent": "Pemerintah Kota Contoh",
    "name": "Dinas Komunikasi, Informatika, Statistik dan Persandian",
    "address": "Jalan Merdeka Nomor 1",
    "city": "Kota Contoh",
    "telephone": "(0271) 000000",
    "email": "diskominfo@contoh.example",
}
SOP = "SKA.Diskominfo SP.04.01. CFM.01.SOP.BID_Tinf/28"


@dataclass
class KeptEvidence:
    """Evidence in memory: the port that make_report reads, filled by hand."""

    servers: dict[str, list[Application]] = field(default_factory=dict)
    kept: dict[tuple[str, str], list[Receipt]] = field(default_factory=dict)
    silences: dict[str, list[Receipt]] = field(default_factory=dict)
    since: dict[tuple[str, str], datetime] = field(default_factory=dict)
    said: list[Note] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    searched: Search = NOT_SEARCHED
    planned: dict[str, Schedule] = field(default_factory=dict)
    seen: dict[str, Installed] | None = None

    @property
    def register(self) -> Register:
        return Register(tuple(Server(name, tuple(held)) for name, held in self.servers.items()))

    def receipts(self, server: str, application: str, _breaks: list[str]) -> Iterable[Receipt]:
        return iter(self.kept.get((server, application), []))

    def contacts(self, server: str) -> Iterable[Receipt]:
        return iter(self.silences.get(server, []))

    def unregistered(self) -> Iterable[tuple[str, str]]:
        listed = {(server, application.name) for server, held in self.servers.items() for application in held}
        return iter(sorted({*self.kept} - listed))

    def notes(self, refused: list[str]) -> Iterable[Note]:
        refused += self.unread
        return iter(self.said)

    def registered_since(self, server: str, application: str) -> datetime | None:
        return self.since.get((server, application))

    def schedule(self, server: str) -> Schedule | None:
        return self.planned.get(server)

    def installed(self) -> dict[str, Installed] | None:
        return self.seen

    def search(self) -> Search:
        return self.searched

    def add(self, application: Application, *receipts: Receipt, server: str = "web") -> None:
        """Registers an application with its receipts."""
        self.servers.setdefault(server, []).append(application)
        if receipts:
            self.kept[server, application.name] = list(receipts)


def make_application(name: str = "sippn", **changes: Any) -> Application:
    """An application with a database and a tree."""
    category = changes.get("category", policy.DAILY)
    fields: dict[str, Any] = {
        "name": name,
        "title": "Sistem Informasi Pelayanan Publik",
        "owner": "Bagian Organisasi",
        "category": category,
        "databases": (DatabaseSource("sqlite", f"/srv/{name}/app.db"),),
        "sources": (TreeSource(f"/srv/{name}/www"),),
        "check": policy.CHECK[category],
        "retention": policy.RETENTION[category],
        "time_limit_s": 3600.0,
        **changes,
    }
    return Application(**fields)


def make_parts(name: str = "sippn", size_bytes: int = 1_500_000, **changes: Any) -> tuple[Part, ...]:
    """A database and a tree, stored."""
    rows = {"users": 120, "letters": size_bytes // 5000}
    objects = {"view": {"active_users": "a" * 8}, "trigger": {"log": "b" * 8}}
    files = {"files": 431, "directories": 40, "bytes": size_bytes * 3}
    stored = [size_bytes // 5, size_bytes - size_bytes // 5]
    digest = f"{size_bytes:064x}"
    database = Part(
        *("database", "sqlite", "app.db", f"/srv/{name}/app.db"),
        duration_s=4.0,
        file=StoredFile("database-app.db.sqlite.zst", stored[0], digest),
        census=Census(rows=rows, objects=objects),
        level=levels.WRITTEN,
    )
    tree = Part(
        *("source", "tree", "www", f"/srv/{name}/www"),
        duration_s=9.0,
        file=StoredFile("source-www.tar.zst", stored[1], digest),
        census=Census(counts=files),
        level=levels.WRITTEN,
    )
    return replace(database, **changes), replace(tree, **changes)


def make_run(
    began: datetime, number: int = 1, name: str = "sippn", size_bytes: int = 1_500_000, **changes: Any
) -> Receipt:
    """A run that stored both parts, on another disk than the source."""
    fields: dict[str, Any] = {
        "application": name,
        "ended": began + timedelta(seconds=13),
        "duration_s": 13.0,
        "parts": make_parts(name, size_bytes),
        "store": StoreTrace("directory", "/mnt/backup", 7, 40 * 10**9, False),
        "previous": "c" * 64,
        **changes,
    }
    return make_receipt(began, number, **fields)


def make_failed_run(began: datetime, slug: str = "source_missing", message: str = "", **changes: Any) -> Receipt:
    """A run that stored nothing."""
    failure = Failure(slug, message or "source is missing: /srv/sippn/www", "restore it, or correct its path")
    return make_run(began, status=FAILED, failure=failure, parts=(), **changes)


def make_check(
    run: Receipt, level: str = levels.COMPARED, after: timedelta = timedelta(minutes=20), **changes: Any
) -> Receipt:
    """A check of a run that reached `level` without finding anything wrong, by counts."""
    is_compared = level == levels.COMPARED
    parts = tuple(
        Part(
            *(part.kind, part.engine, part.name, part.path),
            file=part.file,
            level=level,
            comparison="rows" if is_compared else "none",
            census=part.census if is_compared else None,
            found=part.census if is_compared else None,
        )
        for part in run.parts
    )
    fields: dict[str, Any] = {
        "kind": CHECK,
        "run_id": run.id,
        "ended": run.began + after + timedelta(seconds=41),
        "duration_s": 41.0,
        "application": run.application,
        "server": run.server,
        "parts": parts,
        "previous": "c" * 64,
        **changes,
    }
    return make_receipt(run.began + after, 2, **fields)


def make_restore(run: Receipt, after: timedelta = timedelta(hours=1), **changes: Any) -> Receipt:
    """A restore of the whole run over the original, and found equal."""
    parts = tuple(
        Part(*(part.kind, part.engine, part.name, part.path), level=levels.COMPARED, comparison="rows")
        for part in run.parts
    )
    fields: dict[str, Any] = {
        "kind": RESTORE,
        "run_id": run.id,
        "safety_id": "20261122T075900Z-0000000a",
        "target": "original",
        "trigger": "command",
        "ended": run.began + after + timedelta(seconds=95),
        "duration_s": 95.0,
        "application": run.application,
        "server": run.server,
        "parts": parts,
        "previous": "c" * 64,
        **changes,
    }
    return make_receipt(run.began + after, 3, **fields)


def make_failed_check(run: Receipt, slug: str = "different", level: str = levels.DAMAGED, **changes: Any) -> Receipt:
    """A check whose first part failed with `slug`, having reached `level`."""
    failure = Failure(
        slug, "app.db: 1 differences from the source, first: table users", "run a new backup and check it"
    )
    good = make_check(run)
    first = replace(good.parts[0], status=FAILED, failure=failure, level=level)
    if slug == "different":
        found = Census(rows={**run.parts[0].census.rows, "users": 119})  # type: ignore[union-attr]
        difference = Difference("table users", "120 rows", "119 rows")
        first = replace(first, found=found, differences=(difference,), difference_count=1)
    parts = (first, *good.parts[1:])
    return replace(make_check(run), **{"status": FAILED, "failure": failure, "parts": parts, **changes})


def make_contact(at: datetime, server: str = "web", **changes: Any) -> Receipt:
    """A try to reach a server that came to nothing."""
    failure = Failure("unreachable", f"{server} gave no answer: connection timed out", "see whether it is up")
    fields = {"kind": CONTACT, "application": "", "server": server, "status": FAILED, "failure": failure, **changes}
    return make_receipt(at, 3, **fields)


def make_said(about: str, at: datetime = NOW, until: datetime | None = None, **changes: str) -> Note:
    """What an analyst said about `sippn`."""
    texts = {"name": "Analis Sistem", "position": "", "server": "web", "application": "sippn", "text": "Sudah dicek"}
    return make_note(at, until or at, about=about, **{**texts, **changes})


def make_city() -> KeptEvidence:
    """Every status, level and kind of finding, on three servers."""
    city, hour = KeptEvidence(), DAY / 24
    good = [make_run(NOW - 6 * hour - night * DAY, size_bytes=1_500_000 + night) for night in range(9, -1, -1)]
    city.add(make_application(), *good, make_check(good[-1]))
    same = {"databases": make_application().databases, "sources": make_application().sources}
    read = [replace(run, application="jdih") for run in good]
    back = make_restore(read[-1])
    city.add(make_application("jdih", title="Dokumentasi Hukum", **same), *read, make_check(read[-1], "readable"), back)
    damaged = [replace(run, application="arsip") for run in good]
    city.add(make_application("arsip", title="Arsip", **same), *damaged, make_failed_check(damaged[-1]))
    city.add(make_application("baru", title="Aplikasi Baru"))
    city.since["web", "baru"] = NOW - hour
    city.add(make_application("lupa", title="Terlupa"), make_run(NOW - 3 * DAY, name="lupa"))
    failed = [make_failed_run(NOW - 6 * hour - night * DAY, name="ppid", server="db") for night in (2, 1, 0)]
    city.add(make_application("ppid", title="PPID"), make_run(NOW - 4 * DAY, name="ppid"), *failed, server="db")
    retried = make_failed_run(NOW - 5 * hour, "busy", "ulas is busy", name="ulas", server="db")
    retry = make_run(NOW - 4 * hour, name="ulas", server="db", retry_of=retried.id, warnings=("www: app.log grew",))
    city.add(make_application("ulas", title="Aduan"), retried, retry, server="db")
    city.add(make_application("sepi", title="Dinas"), make_run(NOW - DAY, name="sepi", server="dinas"), server="dinas")
    city.silences["dinas"] = [make_contact(NOW - hour, "dinas")]
    city.kept["web", "lama"] = [make_run(NOW - 40 * DAY, name="lama", title="Situs Lama", owner="Bagian Umum")]
    for server, held in city.servers.items():
        nightly = Entry("daily", "daily", tuple(application.name for application in held), Moment(22 * 60 + 30))
        city.planned[server] = Schedule("Asia/Jakarta", (nightly,))
    city.said.append(make_said("check", at=NOW - hour, position="Analis Sistem Informasi dan Jaringan"))
    city.said.append(make_said("repair", at=NOW - hour, server="db", application="ulas", text="Kunci lama dihapus"))
    return city
