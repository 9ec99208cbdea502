"""A recovery card is typed exactly as printed, and everything is back."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import cards
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import NotRecorded, RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import Part, StoredFile
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.recovery import tell_commands
from ansible_collections.diskominfo.backup.tests.clusters import run_cluster
from ansible_collections.diskominfo.backup.tests.mariadb import run_server
from ansible_collections.diskominfo.backup.tests.office import Office
from ansible_collections.diskominfo.backup.tests.recovery import (
    read_page_commands,
    read_text_commands,
    type_commands,
    write_cards,
)

MARIADB = """CREATE TABLE berita (id INT PRIMARY KEY, judul TEXT); INSERT INTO berita SELECT seq, 'x' FROM seq_1_to_90;
CREATE USER halaman@localhost IDENTIFIED BY 'rahasia'; GRANT SELECT ON `por tal`.* TO halaman@localhost;"""
POSTGRESQL = """CREATE ROLE izin LOGIN PASSWORD 'rahasia'; CREATE TABLE t (a int);
INSERT INTO t SELECT generate_series(1, 80); ALTER TABLE t OWNER TO izin;
ALTER DATABASE "per izinan" SET work_mem = '5MB';
GRANT CONNECT ON DATABASE "per izinan" TO izin;"""


def list_tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Everything below a folder: name -> mode, and content or target of a link."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b"",
        )
        for path in folder.rglob("*")
    }


def test_files_come_back_by_the_commands_as_they_are_printed(office: Office) -> None:
    (office.site() / 'it\'s a "file"').write_text("ada")
    office.call("run")
    before = list_tree(office.site())
    text, page = write_cards(office)
    commands = read_text_commands(text)
    shutil.rmtree(office.root / "www")

    said = type_commands(commands)

    assert read_page_commands(page) == commands
    assert "ok" in said
    assert list_tree(office.site()) == before
    with contextlib.closing(sqlite3.connect(office.database())) as connection:
        assert connection.execute("SELECT count(*) FROM layanan").fetchone() == (100,)


def test_where_something_is_left_the_commands_stop_and_touch_nothing(office: Office) -> None:
    office.call("run")
    commands = read_text_commands(write_cards(office)[0])
    (office.site() / "index.php").write_text("hari ini")
    office.database().write_bytes(b"hari ini")

    for command in commands[1:]:
        with pytest.raises(RuntimeError):
            type_commands([commands[0], command])

    assert (office.site() / "index.php").read_text() == "hari ini"
    assert office.database().read_bytes() == b"hari ini"


@pytest.fixture
def servers(office: Office) -> Iterator[Office]:
    """The office with a database on each kind of server, whose names have a blank in them."""
    with run_server() as mariadb, run_cluster() as cluster:
        mariadb.create("por tal")
        mariadb.run(MARIADB, "por tal")
        cluster.create("per izinan", POSTGRESQL)
        office.applications[0]["databases"] = [
            mariadb.source("por tal").to_data(),
            cluster.source("per izinan").to_data(),
        ]
        office.call("run")
        text = write_cards(office, "en")[0]
        grants = mariadb.run("SHOW GRANTS FOR halaman@localhost")
        mariadb.run("DROP DATABASE `por tal`; DROP USER halaman@localhost")
        cluster.run("postgres", 'DROP DATABASE "per izinan"')
        cluster.run("postgres", "DROP ROLE izin")
        shutil.rmtree(office.site())

        type_commands(read_text_commands(text))

        assert mariadb.run("SELECT COUNT(*) FROM berita", "por tal") == "90"
        assert mariadb.run("SHOW GRANTS FOR halaman@localhost") == grants
        assert (
            cluster.run(
                "per izinan", "SELECT count(*), (SELECT relowner::regrole FROM pg_class WHERE relname = 't') FROM t"
            )
            == "80|izin"
        )
        assert cluster.run("per izinan", "SHOW work_mem") == "5MB"
        yield office


def test_databases_and_accounts_come_back_by_the_commands_as_they_are_printed(servers: Office) -> None:
    (text, _page) = write_cards(servers, "en")
    told = text.read_text()

    assert servers.call("run").status == 0
    assert "The accounts come back with their passwords" in told
    servers.applications[0]["databases"][0]["credentials"] = servers.applications[0]["databases"][1]["credentials"] = (
        False
    )
    assert servers.call("run").status == 0
    assert "Akun basis data tidak ada dalam backup ini" in write_cards(servers)[0].read_text()
    assert "(database, postgresql" in told


def test_the_card_says_what_where_how_big_how_well_proved_and_how_long(office: Office) -> None:
    office.applications[0]["title"] = "Layanan <b>Publik</b>"
    run = office.call("run").receipt
    office.call("check", "--runs", "latest")
    (text, page) = write_cards(office)
    told = text.read_text()

    assert told.startswith("Kartu pemulihan: Layanan <b>Publik</b>")
    for fact in (run["id"], str(office.store / "sippn" / run["id"]), "cocok", "Terakhir dipulihkan dan dibandingkan"):
        assert fact in told
    assert "Lama pemulihan yang terukur: –" not in told
    assert told.rstrip().endswith("Setelah itu jalankan aplikasi dan periksa.")
    assert "Akun" not in told
    assert "<b>" not in page.read_text().partition("<main>")[2].replace("&lt;b&gt;", "")


def test_a_card_that_says_the_same_is_not_written_again(office: Office) -> None:
    office.call("run")
    (text, _page) = write_cards(office)
    first = text.stat().st_mtime_ns
    write_cards(office)
    same = text.stat().st_mtime_ns
    office.call("run")
    write_cards(office)

    assert first == same != text.stat().st_mtime_ns


def test_an_application_without_a_good_backup_gets_no_card(office: Office) -> None:
    shutil.rmtree(office.site())
    office.call("run")
    assert write_cards(office) == []


def test_a_receipt_that_cannot_be_read_makes_no_card(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.call("run")

    def refuse(*_unused: object) -> None:
        raise RecordRefused.malformed("a receipt", "it is none")

    monkeypatch.setattr(cards, "read_receipt", refuse)
    assert write_cards(office) == []


def test_a_part_without_a_file_has_no_commands_and_gzip_is_unpacked_by_gzip() -> None:
    tree = Part("source", "tree", "www", "/srv/www")
    assert list(tell_commands(tree)) == []
    (first, _second) = tell_commands(replace(tree, file=StoredFile("source-www.tar.gz", 1, "a" * 64)))
    assert "gzip --decompress --stdout source-www.tar.gz" in first


@pytest.mark.parametrize("engine", ["mysql", "postgresql"])
def test_a_database_of_another_host_is_reached_there_and_asks_for_its_password(engine: str) -> None:
    part = Part("database", engine, "app", "db.kota.example/app", file=StoredFile("database-app.x.zst", 1, "a" * 64))
    there: dict[str, Any] = {"host": "db.kota.example", "port": 7000, "user": "backup", "password_file": "/etc/x"}
    (command,) = tell_commands(part, DatabaseSource(engine, name="app", **there))
    assert "--host=db.kota.example --port=7000" in command
    assert "runuser" not in command


def test_a_check_of_the_same_second_is_not_taken_for_the_run(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run = office.call("run").receipt["id"]
    office.call("check", "--runs", "latest")
    monkeypatch.setattr(cards, "find_good_ids", lambda _row, ids: [*reversed(ids)])

    assert run in write_cards(office)[0].read_text()


def test_a_folder_that_cannot_be_written_is_named(office: Office) -> None:
    office.call("run")
    (office.root / "evidence").mkdir()
    (office.root / "evidence" / "cards").write_text("in the way")
    with pytest.raises(NotRecorded, match="cards"):
        write_cards(office)
