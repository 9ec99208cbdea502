"""A source that is locked, gone, damaged or unreadable makes its application red, with a remedy, and no other."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.tests.office import Office
from ansible_collections.diskominfo.backup.tests.ordinary import run_as_ordinary_user


def fail_of(receipts: list[dict[str, Any]], name: str) -> dict[str, Any]:
    (receipt,) = [receipt for receipt in receipts if receipt["application"] == name]
    return dict(receipt["failure"])


def test_a_missing_source_fails_its_application_alone(office: Office) -> None:
    office.add_application("arsip")
    office.add_application("laman")
    assert office.call("run").status == 0
    shutil.rmtree(office.site("arsip"))

    answer = office.call("run")

    assert answer.status == 1
    assert [receipt["status"] for receipt in answer.receipts] == ["succeeded", "failed", "succeeded"]
    failure = fail_of(answer.receipts, "arsip")
    assert failure["slug"] == "source_missing"
    assert str(office.site("arsip")) in failure["message"]
    assert failure["hint"]
    assert len(office.stored_runs("arsip")) == 1, "the last good backup stays"
    assert not office.site("arsip").exists()


def test_a_missing_database_is_a_failure_and_creates_nothing(office: Office) -> None:
    office.database().unlink()

    answer = office.call("run")

    assert fail_of(answer.receipts, "sippn")["slug"] == "source_missing"
    assert list(office.database().parent.iterdir()) == []


def test_all_faults_of_an_application_are_told_at_once(office: Office) -> None:
    office.database().unlink()
    shutil.rmtree(office.site())

    answer = office.call("run")

    assert [part["status"] for part in answer.receipt["parts"]] == ["failed", "failed"]
    assert "1 more" in answer.receipt["failure"]["message"]


def test_an_emptied_tree_is_no_backup(office: Office) -> None:
    shutil.rmtree(office.site())
    office.site().mkdir()

    assert fail_of(office.call("run").receipts, "sippn")["slug"] == "source_missing"


def test_a_locked_database_fails_in_time(office: Office) -> None:
    office.applications[0]["time_limit"] = "4s"
    with contextlib.closing(sqlite3.connect(office.database(), isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        answer = office.call("run")

    assert answer.status == 1
    assert fail_of(answer.receipts, "sippn")["slug"] in ("source_locked", "time_limit")
    assert office.stored_runs() == []
    assert office.call("run").status == 0, "once the lock is gone, all is well"


def test_a_damaged_database_is_told(office: Office) -> None:
    content = bytearray(office.database().read_bytes())
    content[0:16] = b"not a database!!"
    office.database().write_bytes(content)

    assert fail_of(office.call("run").receipts, "sippn")["slug"] in ("source_damaged", "source_unreadable")


def test_an_unreadable_file_fails_the_run_and_is_named() -> None:
    def work(folder: Path) -> None:
        office = Office(folder)
        office.add_application()
        (office.site() / ".env").chmod(0)
        answer = office.call("run")
        assert answer.status == 1
        failure = fail_of(answer.receipts, "sippn")
        assert failure["slug"] == "source_unreadable"
        assert ".env" in failure["message"]
        assert office.stored_runs() == []

    run_as_ordinary_user(work)


def test_the_database_is_not_in_the_archive_of_the_tree(office: Office) -> None:
    home = str(office.database().parent.parent)
    office.applications[0]["sources"] = [{"path": home}]

    receipt = office.call("run").receipt

    tree = receipt["parts"][1]
    assert tree["census"]["counts"]["files"] == 7, "five uploads, .env and index.php, but no app.db"
