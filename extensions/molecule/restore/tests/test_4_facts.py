"""What rc=0 hides and what a dump may do, tried on the servers themselves: by their systemd, databases and Python."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.diskominfo.backup.tests.bench import Bench
from ansible_collections.diskominfo.backup.tests.fleet import Fleet

SERVERS = {name: f"{name}.kota.example" for name in ("web", "data")}
STATE = "/var/lib/diskominfo-backup"
GATE = f"test ! -p {STATE}/gate || {{ setsid sleep 9876 <&- >&- 2>&- & echo waiting >{STATE}/gate; cat {STATE}/gate; }}"
"""A hook that waits in the midst of a run for whoever holds the other end, and leaves somebody behind."""


def databases(engine: str, *names: str) -> list[dict[str, str]]:
    return [{"engine": engine, "name": name} for name in names]


LIMITED = {"engine": "mysql", "name": "gelap", "host": "127.0.0.1", "user": "terbatas"}
PASSWORD_FILE = "/etc/diskominfo-backup/credentials/gelap"
CONTENT = {"restore": "daily", "compare": "content"}
TABLE = {
    SERVERS["web"]: [
        {
            "name": "portal",
            "databases": databases("mysql", "portal"),
            "sources": [{"path": "/var/www/portal"}],
            "check": CONTENT,
        },
        {"name": "gelap", "databases": [{**LIMITED, "password_file": PASSWORD_FILE}]},
        {"name": "jahat", "databases": databases("mysql", "jahat")},
        {
            "name": "nama",
            "check": CONTENT,
            "databases": databases("mysql", "-f evil", "--result-file=x", "x/../../etc", "a;touch PWN"),
        },
        {"name": "pintu", "sources": [{"path": "/var/www/agenda"}], "hooks": {"before_run": ["/bin/sh", "-c", GATE]}},
    ],
    SERVERS["data"]: [
        {"name": "perizinan", "databases": databases("postgresql", "perizinan"), "check": CONTENT},
        {"name": "jahat", "databases": databases("postgresql", "jahat")},
        {
            "name": "nama",
            "check": CONTENT,
            "databases": databases("postgresql", "-f evil", "dbname=x host=127.0.0.1 port=9", "x/../../etc"),
        },
        {
            "name": "terkunci",
            "databases": [{"engine": "sqlite", "path": "/srv/antrean/data/antrean.db"}],
            "time_limit": "5s",
        },
        {"name": "salah", "databases": [{"engine": "sqlite", "path": "/srv/antrean/data/antraen.db"}]},
    ],
}
"""A register whose every application is a trap, but for two."""
GIVEN = {
    "table": TABLE,
    "backup_applications": "{{ table[inventory_hostname] | default([]) }}",
    "backup_calendar": {"retry": {"times": 0}},
    "backup_passwords": {"gelap": "rahasia-terbatas"},
}
LIMIT = ("--limit", ":".join(SERVERS.values()))

CHOSEN = {name: [f"extensions/molecule/facts/test_{name}.py"] for name in SERVERS}


@pytest.fixture(scope="module")
def told(fleet: Fleet) -> dict[str, str]:
    """What the tests on both servers said; they run side by side."""
    assert fleet.play("schedule", *LIMIT, **GIVEN).status == 0

    def try_on(name: str) -> str:
        bench = Bench(name)
        bench.bring()
        return bench.try_tests(CHOSEN[name])

    with ThreadPoolExecutor() as both:
        return dict(zip(CHOSEN, both.map(try_on, CHOSEN)))


def test_every_fact_holds_on_the_servers(told: dict[str, str]) -> None:
    for said in told.values():
        assert " passed" in said
        assert "SKIPPED" not in said


@pytest.mark.usefixtures("told")
def test_what_ended_well_and_proved_nothing_is_a_red_row_with_the_reason(fleet: Fleet) -> None:
    before = fleet.report_id
    fleet.play("report", *LIMIT, backup_hours=1, **GIVEN)
    assert fleet.report_id != before
    rows = fleet.rows
    red = {name: rows[name]["reason"] for name in ("gelap", "terkunci", "salah")}

    assert {rows[name]["status"] for name in red} == {"failed"}
    assert "TRIGGER" in red["gelap"]["message"]
    assert "antraen.db" in red["salah"]["message"]
    assert all(reason["hint"] for reason in red.values())
    assert {row["status"] for name, row in rows.items() if name in ("portal", "perizinan", "nama")} == {"succeeded"}
