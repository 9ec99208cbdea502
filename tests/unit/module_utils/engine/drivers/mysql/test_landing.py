"""A database on its running server again: under a new name, and in its own place after its name was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql import landing
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.client import read_version
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import TargetRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.retrieval import Retrieval
from ansible_collections.diskominfo.backup.tests.mariadb import PrivateServer
from ansible_collections.diskominfo.backup.tests.office import Answer, Office

TABLES = """CREATE TABLE berita (id INT PRIMARY KEY AUTO_INCREMENT, judul VARCHAR(200));
INSERT INTO berita (judul) SELECT CONCAT('Berita ', seq) FROM seq_1_to_300;
CREATE VIEW terbaru AS SELECT judul FROM berita ORDER BY id DESC LIMIT 10;
CREATE TABLE catatan (berita INT);
CREATE TRIGGER catat AFTER INSERT ON berita FOR EACH ROW INSERT INTO catatan VALUES (NEW.id);"""
ACCOUNT = "portal_web@localhost"
IN_PLACE = ("--in-place", "--confirm", "portal")


@pytest.fixture
def office(tmp_path: Path, server: PrivateServer) -> Iterator[Office]:
    """An office whose portal is a database with an account of its own."""
    server.create("portal", TABLES)
    server.run(f"CREATE USER {ACCOUNT} IDENTIFIED BY 'rahasia-1'; GRANT ALL PRIVILEGES ON portal.* TO {ACCOUNT}")
    made = Office(tmp_path)
    database = {"engine": "mysql", "name": "portal", "socket": str(server.socket), "user": "root"}
    made.applications.append({"name": "portal", "databases": [database]})
    yield made
    server.run(f"DROP DATABASE IF EXISTS portal; DROP DATABASE IF EXISTS portal_baru; DROP USER IF EXISTS {ACCOUNT}")


def restore(office: Office, *words: str) -> Answer:
    return office.call("restore", "portal", *words)


def count(server: PrivateServer, database: str = "portal") -> str:
    return server.run("SELECT COUNT(*) FROM berita", database)


def test_a_destroyed_database_comes_back_with_its_account(office: Office, server: PrivateServer) -> None:
    office.call("run")
    verifier = server.run(f"SHOW CREATE USER {ACCOUNT}")
    server.run(f"DROP DATABASE portal; DROP USER {ACCOUNT}")

    told = restore(office, "--dry-run", *IN_PLACE)
    assert "portal" not in server.run("SHOW DATABASES").split()
    answer = restore(office, *IN_PLACE)

    assert any("make the accounts that are missing" in step and "portal_web" in step for step in told.data["steps"])
    assert answer.status == 0, answer.stdout
    assert answer.receipt["parts"][0]["level"] == "compared"
    assert (count(server), server.run("SELECT COUNT(*) FROM terbaru", "portal")) == ("300", "10")
    assert server.run(f"SHOW CREATE USER {ACCOUNT}") == verifier
    assert "ON `portal`" in server.run(f"SHOW GRANTS FOR {ACCOUNT}")
    assert server.count_sessions() == 0


def test_what_is_there_is_kept_first_and_the_account_keeps_its_password(office: Office, server: PrivateServer) -> None:
    office.call("run")
    server.run("DELETE FROM berita WHERE id > 7; CREATE TABLE baru (a INT)", "portal")
    server.run(f"ALTER USER {ACCOUNT} IDENTIFIED BY 'rahasia-2'")
    verifier = server.run(f"SHOW CREATE USER {ACCOUNT}")

    answer = restore(office, *IN_PLACE)

    assert answer.status == 0, answer.stdout
    assert (count(server), server.run("SHOW TABLES LIKE 'baru'", "portal")) == ("300", "")
    assert server.run(f"SHOW CREATE USER {ACCOUNT}") == verifier
    assert restore(office, "--run", answer.receipt["safety_id"], *IN_PLACE).status == 0
    assert count(server) == "7"


def test_beside_the_original_a_database_gets_a_new_name(office: Office, server: PrivateServer) -> None:
    office.call("run")
    server.run("DELETE FROM berita", "portal")

    answer = restore(office, "--database", "portal_baru")

    assert answer.status == 0, answer.stdout
    assert answer.receipt["target"] == "database portal_baru"
    assert (count(server, "portal_baru"), count(server)) == ("300", "0")
    assert "safety_id" not in answer.receipt
    assert any("nobody is granted" in note for note in answer.receipt["parts"][0]["notes"])


@pytest.mark.parametrize("name", ["portal", "mysql"])
def test_a_name_that_is_taken_is_refused(office: Office, server: PrivateServer, name: str) -> None:
    office.call("run")

    answer = restore(office, "--database", name)

    assert answer.status == 1
    assert "exists" in answer.stdout or "belongs to the server" in answer.stdout
    assert count(server) == "300"


def test_a_database_that_left_the_register_is_restored_to_no_unknown_place(office: Office, tmp_path: Path) -> None:
    office.call("run")
    (tmp_path / "site").mkdir()
    office.applications[0] = {"name": "portal", "sources": [{"path": str(tmp_path / "site")}]}

    answer = restore(office, *IN_PLACE)

    assert answer.receipt["failure"]["slug"] == "target_refused"
    assert "is not in the register any more" in answer.receipt["failure"]["message"]


def test_a_database_that_is_reached_another_way_now_is_still_the_same(office: Office, server: PrivateServer) -> None:
    office.call("run")
    server.run("DELETE FROM berita", "portal")
    (server.folder / "link.sock").symlink_to(server.socket)
    office.applications[0]["databases"][0]["socket"] = str(server.folder / "link.sock")

    assert restore(office, *IN_PLACE).status == 0
    assert count(server) == "300"


def test_a_right_that_was_taken_away_since_stays_away(office: Office, server: PrivateServer) -> None:
    office.call("run")
    server.run(f"REVOKE ALL PRIVILEGES ON portal.* FROM {ACCOUNT}; GRANT SELECT ON portal.* TO {ACCOUNT}")
    grants = server.run(f"SHOW GRANTS FOR {ACCOUNT}")

    told = restore(office, "--dry-run", *IN_PLACE)
    answer = restore(office, *IN_PLACE)

    assert answer.status == 0, answer.stdout
    assert server.run(f"SHOW GRANTS FOR {ACCOUNT}") == grants
    assert not any("accounts" in step for step in told.data["steps"])


def test_a_dump_that_is_not_whole_drops_nothing(office: Office, server: PrivateServer) -> None:
    office.call("run")
    (stored,) = office.stored_runs("portal")[0].glob("database-portal.sql.zst")
    stored.write_bytes(stored.read_bytes()[:-9] + b"rusak")

    answer = restore(office, *IN_PLACE)

    assert answer.receipt["failure"]["slug"] == "damaged"
    assert count(server) == "300"


def test_who_fails_in_the_middle_names_the_safety_backup(
    office: Office, server: PrivateServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.call("run")
    server.run("DELETE FROM berita WHERE id > 7", "portal")

    def stumble(_self: Retrieval, _target: object) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(Retrieval, "restore", stumble)
        answer = restore(office, *IN_PLACE)

    assert answer.status == 1
    assert server.run("SHOW TABLES", "portal") == ""
    safety = answer.receipt["safety_id"]
    assert f"--run {safety} --in-place --confirm portal" in answer.receipt["warnings"][0]
    assert restore(office, "--run", safety, *IN_PLACE).status == 0
    assert count(server) == "7"


def test_a_new_database_that_does_not_come_to_be_goes(
    office: Office, server: PrivateServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.call("run")

    def stumble(_self: Retrieval, _target: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(Retrieval, "restore", stumble)
    assert restore(office, "--database", "portal_baru").status == 1
    assert "portal_baru" not in server.run("SHOW DATABASES").split()


def test_an_account_that_may_not_make_it_is_told_before_anything_is_done(
    office: Office, server: PrivateServer, tmp_path: Path
) -> None:
    office.call("run")
    secret = tmp_path / "secret"
    secret.write_text("rahasia-3\n")
    secret.chmod(0o600)
    server.run("CREATE USER sempit@localhost IDENTIFIED BY 'rahasia-3'; GRANT SELECT ON *.* TO sempit@localhost")
    office.applications[0]["databases"][0].update(user="sempit", password_file=str(secret))

    answer = restore(office, *IN_PLACE)
    server.run("DROP USER sempit@localhost")

    assert answer.receipt["failure"]["slug"] == "source_unreadable"
    assert "ALL PRIVILEGES ON `portal`.*" in answer.receipt["failure"]["message"]
    assert [receipt["kind"] for receipt in office.receipts_of("portal")] == ["run", "restore"]
    assert "rahasia" not in answer.stdout


def test_an_account_that_may_not_grant_says_which_accounts_stay_away(
    office: Office, server: PrivateServer, tmp_path: Path
) -> None:
    office.call("run")
    secret = tmp_path / "secret"
    secret.write_text("rahasia-3\n")
    secret.chmod(0o600)
    server.run(f"DROP DATABASE portal; DROP USER {ACCOUNT}")
    server.run("CREATE USER sempit@localhost IDENTIFIED BY 'rahasia-3'; GRANT ALL ON *.* TO sempit@localhost")
    office.applications[0]["databases"][0].update(user="sempit", password_file=str(secret))

    told = restore(office, "--dry-run", *IN_PLACE)
    answer = restore(office, *IN_PLACE)
    known = server.run("SELECT User FROM mysql.user").split()
    server.run("DROP USER sempit@localhost")

    assert any("accounts do NOT come back" in step and "portal_web" in step for step in told.data["steps"])
    assert answer.status == 0, answer.stdout
    assert any("do NOT come back" in note for note in answer.receipt["parts"][0]["notes"])
    assert "portal_web" not in known


def test_a_backup_without_accounts_names_who_its_code_runs_as(office: Office, server: PrivateServer) -> None:
    office.applications[0]["databases"][0]["credentials"] = False
    office.call("run")
    server.run("DROP DATABASE portal")

    answer = restore(office, *IN_PLACE)

    assert answer.status == 0, answer.stdout
    notes = answer.receipt["parts"][0]["notes"]
    assert "accounts do NOT come back: none are in the backup" in notes
    assert any("root@localhost" in note for note in notes)


def test_accounts_that_cannot_be_made_end_it_before_the_database_is_touched(
    office: Office, server: PrivateServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.call("run")
    server.run(f"DROP USER {ACCOUNT}")
    monkeypatch.setattr(landing, "drop_verifier", lambda line: line.replace("CREATE USER", "CREATE NOBODY"))

    answer = restore(office, *IN_PLACE)

    assert answer.receipt["failure"]["slug"] == "restore_failed"
    assert count(server) == "300"


def make_newer(office: Office, server_version: str) -> None:
    """The stored run as a server of another version would have left it."""
    for folder in (office.stored_runs("portal")[0], office.state / "receipts" / "portal"):
        for path in folder.glob("*.json"):
            text = re.sub(r'("server_version": ?")[^"]*"', rf'\g<1>{server_version}"', path.read_text())
            path.write_text(text)


def test_a_newer_backup_is_refused_by_an_older_server_by_name(office: Office, server: PrivateServer) -> None:
    office.call("run")
    make_newer(office, "99.1.2-MariaDB")

    answer = restore(office, *IN_PLACE)

    assert answer.receipt["failure"]["slug"] == "target_refused"
    assert "was backed up from MariaDB 99.1.2-MariaDB, this server is MariaDB" in answer.receipt["failure"]["message"]
    assert count(server) == "300"


def test_an_older_backup_is_taken_and_compared_by_rows_and_names(office: Office, server: PrivateServer) -> None:
    office.call("run")
    make_newer(office, "10.3.1-MariaDB")

    answer = restore(office, *IN_PLACE)

    assert answer.status == 0, answer.stdout
    assert count(server) == "300"


def test_the_products_are_told_apart() -> None:
    here = read_version("10.11.6-MariaDB")
    landing.require_not_older("portal", "a version that nobody knows", here)
    landing.require_not_older("portal", "10.11.2-MariaDB", here)
    with pytest.raises(TargetRefused, match=r"MySQL 8\.0\.30"):
        landing.require_not_older("portal", "8.0.30", here)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("GRANT USAGE ON *.* TO `a`@`b` IDENTIFIED BY PASSWORD '*6C'", "GRANT USAGE ON *.* TO `a`@`b`"),
        ("GRANT USAGE ON *.* TO `a` IDENTIFIED VIA x USING 'y' WITH GRANT OPTION;", "GRANT USAGE ON *.* TO `a` WITH GRANT OPTION"),  # noqa: E501
        ("GRANT USAGE ON *.* TO `a` IDENTIFIED BY PASSWORD '*6C' REQUIRE SSL", "GRANT USAGE ON *.* TO `a` REQUIRE SSL"),
    ],
)  # fmt: skip
def test_a_grant_repeats_no_password(line: str, told: str) -> None:
    assert landing.drop_verifier(line) == told + ";"


@pytest.mark.parametrize(
    ("line", "account"),
    [
        ("GRANT SELECT (`x TO ``y`` TO`) ON `p`.`t` TO `a``b`@`%` WITH GRANT OPTION", ("a`b", "%")),
        ("GRANT `peran` TO 'a'@'b'", ("a", "b")),
        ("SET DEFAULT ROLE `peran` FOR `a`@`b`", ("a", "b")),
        ("CREATE ROLE IF NOT EXISTS `peran`", ("peran", "")),
        ("-- a remark TO `a`", None),
    ],
)
def test_whom_a_statement_gives_something_is_read(line: str, account: tuple[str, str] | None) -> None:
    assert landing.find_account(line) == account


def test_other_lines_stay_as_they_are() -> None:
    line = "CREATE USER IF NOT EXISTS `a`@`b` IDENTIFIED BY PASSWORD '*6C';"
    assert landing.drop_verifier(line) == line
