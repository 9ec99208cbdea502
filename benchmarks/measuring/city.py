"""A made-up city of any number of applications with months of receipts each, written as fast as a disk takes them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

END = datetime(2026, 11, 22, 13, 1, tzinfo=timezone.utc)
"""When the report is made."""

PER_SERVER = 50
CHECKED_EACH = 7
FAILS_EACH = 97
ID_FORM = "%Y%m%dT%H%M%SZ"
TIME_FORM = "%Y-%m-%dT%H:%M:%SZ"

RUN = """{
 "application": "NAME",
 "began": "BEGAN",
 "category": "daily",
 "config_hash": "CONFIG",
 "duration_s": 13.0,
 "ended": "ENDED",
 "host": {"boot_id": "5b1e", "os": "Debian GNU/Linux 12 (bookworm)", "python": "3.11.2"},
 "id": "ID",
 "kind": "run",
 "owner": "Bagian Organisasi",
 "parts": [
  {"kind": "database", "engine": "mysql", "name": "NAME", "path": "localhost:3306", "status": "succeeded",
   "duration_s": 4.0, "raw_bytes": 9150000, "tool": "mariadb-dump 10.11.6", "server_version": "10.11.6-MariaDB",
   "file": {"name": "database-NAME.sql.zst", "size_bytes": SIZE, "sha256": "DIGEST"},
   "census": {"rows": {"users": 120, "letters": 3400, "sessions": 18, "settings": 44, "files": 5210},
    "objects": {"view": {"active": "aaaaaaaa"}, "trigger": {"log": "bbbbbbbb"}}, "consistency": "snapshot"}},
  {"kind": "source", "engine": "tree", "name": "www", "path": "/srv/NAME", "status": "succeeded", "duration_s": 9.0,
   "raw_bytes": 41000000, "tool": "tar (GNU tar) 1.34",
   "file": {"name": "source-www.tar.zst", "size_bytes": 7000000, "sha256": "DIGEST"},
   "asides": [{"name": "source-www.manifest.zst", "size_bytes": 31000, "sha256": "DIGEST"}],
   "census": {"counts": {"bytes": 41000000, "directories": 40, "files": 431}, "consistency": "none"}}
 ],
PREVIOUS "processes": [{"argv": ["mariadb-dump", "--single-transaction", "NAME"], "status": 0, "duration_s": 4.0,
  "stderr_tail": ""}, {"argv": ["tar", "--create"], "status": 0, "duration_s": 9.0, "stderr_tail": ""}],
 "runner": {"sha256": "CONFIG", "version": "0.1.0"},
 "schema": "diskominfo.backup/receipt/1",
 "server": "SERVER",
 "status": "succeeded",
 "store": {"type": "directory", "path": "/mnt/backup", "device": 7, "free_bytes": 40000000000, "is_same_disk": false},
 "title": "Layanan NAME",
 "trigger": "timer"
}
"""
FAILED = RUN[: RUN.index(' "parts"')] + RUN[RUN.index("PREVIOUS") :].replace(
    ' "status": "succeeded"',
    ' "failure": {"slug": "source_missing", "message": "source is missing", "hint": "restore it"},\n'
    ' "status": "failed"',
)
PARTS = RUN[RUN.index(' "parts"') : RUN.index("PREVIOUS")]
CHECK = (
    RUN.replace('"kind": "run"', '"kind": "check"')
    .replace(PARTS, PARTS.replace('"status"', '"level": "compared", "comparison": "rows", "status"'))
    .replace(' "runner"', ' "run_id": "RUN_ID",\n "runner"')
)


def name_places(applications: int) -> Iterator[tuple[str, str]]:
    """(server, application) of each, as they stand in the register."""
    for number in range(applications):
        yield f"srv{number // PER_SERVER:03}.kota.example", f"app{number:05}"


def make_register(applications: int) -> list[dict[str, Any]]:
    """The servers' configurations."""
    servers: dict[str, list[dict[str, Any]]] = {}
    for server, name in name_places(applications):
        source = {"path": f"/srv/{name}"}
        servers.setdefault(server, []).append({"name": name, "title": f"Layanan {name}", "sources": [source]})
    return [{"server": server, "applications": held} for server, held in servers.items()]


def write_receipts(evidence: Path, applications: int, days: int) -> int:
    """A run a day up to the morning of END and a check a week, one after the other in a chain; how many receipts."""
    count = 0
    for number, (server, name) in enumerate(name_places(applications)):
        folder = evidence / "receipts" / server / name
        folder.mkdir(parents=True)
        for identity, data in make_receipts(server, name, number, days):
            (folder / f"{identity}.json").write_bytes(data)
            count += 1
    return count


def make_receipts(server: str, name: str, number: int, days: int) -> Iterator[tuple[str, bytes]]:
    """Id and bytes of each receipt of an application, oldest first."""
    previous = ""
    for ago in range(days - 1, -1, -1):
        for identity, data in _make_day(server, name, number, ago, previous):
            yield identity, data
            previous = hashlib.sha256(data).hexdigest()


def name_receipts(number: int, days: int) -> Iterator[str]:
    """The moments that the ids of an application's receipts begin with, oldest first."""
    for ago in range(days - 1, -1, -1):
        began = END - timedelta(days=ago, hours=12, seconds=number % 3000)
        yield f"{began:{ID_FORM}}"
        if (number + ago) % CHECKED_EACH == 0 and (number + ago) % FAILS_EACH:
            yield f"{began + timedelta(hours=1):{ID_FORM}}"


def add_night(evidence: Path, applications: int, heads: Mapping[str, Mapping[str, str]] | None = None) -> None:
    """One more run of each application, an hour before END; `heads`: server -> application -> what it follows, by
    default the hash of the last file."""
    for number, (server, name) in enumerate(name_places(applications)):
        folder = evidence / "receipts" / server / name
        last = heads[server][name] if heads else hashlib.sha256(max(folder.glob("*.json")).read_bytes()).hexdigest()
        began = END - timedelta(hours=1)
        identity = f"{began:{ID_FORM}}-{number:08x}"
        (folder / f"{identity}.json").write_bytes(_fill(RUN, server, name, began, identity, last))


def _make_day(server: str, name: str, number: int, ago: int, previous: str) -> Iterator[tuple[str, bytes]]:
    began = END - timedelta(days=ago, hours=12, seconds=number % 3000)
    run_id = f"{began:{ID_FORM}}-{number:08x}"
    has_failed = (number + ago) % FAILS_EACH == 0
    data = _fill(FAILED if has_failed else RUN, server, name, began, run_id, previous)
    yield run_id, data
    if (number + ago) % CHECKED_EACH == 0 and not has_failed:
        checked = began + timedelta(hours=1)
        identity = f"{checked:{ID_FORM}}-{number:08x}"
        template = CHECK.replace("RUN_ID", run_id)
        yield identity, _fill(template, server, name, checked, identity, hashlib.sha256(data).hexdigest())


def _fill(template: str, server: str, name: str, began: datetime, identity: str, previous: str) -> bytes:
    moment = int(began.timestamp())
    values = {
        "PREVIOUS": f' "previous": "{previous}",\n' if previous else "",
        "NAME": name,
        "SERVER": server,
        "BEGAN": began.strftime(TIME_FORM),
        "ENDED": (began + timedelta(seconds=13)).strftime(TIME_FORM),
        "CONFIG": "b" * 64,
        "DIGEST": f"{moment:064x}",
        "SIZE": str(1_500_000 + moment % 9973),
        '"ID"': f'"{identity}"',
    }
    for key, value in values.items():
        template = template.replace(key, value)
    return template.encode("ascii")
