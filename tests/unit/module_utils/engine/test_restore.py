from __future__ import annotations

import contextlib
import filecmp
import sqlite3
from pathlib import Path

from ansible_collections.diskominfo.backup.tests.office import Office, change_database


def count_rows(database: Path) -> int:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM layanan").fetchone()[0])


def test_an_application_comes_back_into_a_new_place(office: Office) -> None:
    office.call("run")
    target = office.root / "restored"

    answer = office.call("restore", "sippn", "--target", str(target))

    assert answer.status == 0
    assert answer.receipt["kind"] == "restore"
    assert answer.receipt["target"] == str(target)
    assert {part["level"] for part in answer.receipt["parts"]} == {"compared"}
    assert count_rows(target / "database-app.db" / "app.db") == 100
    site = target / "source-site" / "site"
    comparison = filecmp.dircmp(office.site(), site)
    assert not comparison.left_only + comparison.right_only + comparison.diff_files
    assert (site / "uploads" / "lampiran").readlink() == Path("../index.php")
    assert office.leftovers() == []


def test_a_place_that_holds_something_is_refused_and_untouched(office: Office) -> None:
    office.call("run")

    answer = office.call("restore", "sippn", "--target", str(office.site()))

    assert answer.status == 1
    assert answer.receipt["failure"]["slug"] == "target_refused"
    assert (office.site() / "index.php").is_file()


def test_an_empty_place_is_taken(office: Office) -> None:
    office.call("run")
    target = office.root / "empty"
    target.mkdir()

    assert office.call("restore", "sippn", "--target", str(target)).status == 0


def test_one_part_can_be_chosen(office: Office) -> None:
    office.call("run")
    target = office.root / "restored"

    answer = office.call("restore", "sippn", "--target", str(target), "--part", "app.db")

    assert [part["name"] for part in answer.receipt["parts"]] == ["app.db"]
    assert [path.name for path in target.iterdir()] == ["database-app.db"]


def test_a_part_that_is_not_there_is_told_before_anything_is_made(office: Office) -> None:
    office.call("run")
    target = office.root / "restored"

    answer = office.call("restore", "sippn", "--target", str(target), "--part", "lain.db")

    assert answer.receipt["failure"]["slug"] == "run_not_found"
    assert "app.db" in answer.receipt["failure"]["hint"]
    assert not target.exists()


def test_what_came_back_stays_when_another_part_is_damaged(office: Office) -> None:
    office.call("run")
    (office.stored_runs()[0] / "source-site.tar.zst").write_bytes(b"rusak")
    target = office.root / "restored"

    answer = office.call("restore", "sippn", "--target", str(target))

    assert answer.status == 1
    assert [part["status"] for part in answer.receipt["parts"]] == ["succeeded", "failed"]
    assert [path.name for path in target.iterdir()] == ["database-app.db"]


def test_an_earlier_run_is_restored_by_its_id(office: Office) -> None:
    first = office.call("run").receipt["id"]
    with change_database(office.database()) as connection:
        connection.execute("DELETE FROM layanan")
    office.call("run")
    target = office.root / "restored"

    office.call("restore", "sippn", "--run", first, "--target", str(target))

    assert count_rows(target / "database-app.db" / "app.db") == 100


def test_the_last_proved_run_can_be_meant(office: Office) -> None:
    proved = office.call("run").receipt["id"]
    office.call("check", "--runs", "latest")
    office.call("run")
    target = office.root / "restored"

    assert office.call("restore", "sippn", "--run", "proved", "--target", str(target)).receipt["run_id"] == proved


def test_without_a_proved_run_none_is_invented(office: Office) -> None:
    office.call("run")

    answer = office.call("restore", "sippn", "--run", "proved", "--target", str(office.root / "restored"))

    assert answer.status == 2
    assert "no stored run 'proved'" in answer.stderr


def test_a_retired_application_can_still_be_restored(office: Office) -> None:
    office.call("run")
    office.applications.clear()
    office.add_application("arsip")
    target = office.root / "restored"

    assert office.call("restore", "sippn", "--target", str(target)).status == 0


def test_an_unknown_application_is_told_with_those_that_are_known(office: Office) -> None:
    answer = office.call("restore", "sipn", "--target", str(office.root / "restored"))

    assert answer.status == 2
    assert "sippn" in answer.stderr


def test_a_file_in_place_of_the_folder_is_refused(office: Office) -> None:
    office.call("run")
    target = office.root / "berkas"
    target.write_text("penting")

    answer = office.call("restore", "sippn", "--target", str(target))

    assert answer.receipt["failure"]["slug"] == "target_refused"
    assert target.read_text() == "penting"
