from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import run, scope
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.act import perform
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.registry import DRIVERS
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import StoreFull
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.application import (
    Application,
    make_stand_in,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.finding import YELLOW, Finding
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import Receipt
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import (
    DatabaseSource,
    Source,
    TreeSource,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules import order
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.station import Station
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.stores import directory
from ansible_collections.diskominfo.backup.tests.office import Office, change_database, make_database


def test_a_run_leaves_plain_files_that_standard_tools_verify(office: Office) -> None:
    answer = office.call("run")

    assert answer.status == 0
    (folder,) = office.stored_runs()
    subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=folder, check=True)
    names = sorted(path.name for path in folder.iterdir())
    assert names == [
        "SHA256SUMS",
        "database-app.db.sqlite.zst",
        "receipt.json",
        "source-site.manifest.jsonl.zst",
        "source-site.tar.zst",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert office.leftovers() == []


def test_the_receipt_beside_the_files_is_the_one_in_the_records(office: Office) -> None:
    receipt = office.call("run").receipt

    (folder,) = office.stored_runs()
    assert json.loads((folder / "receipt.json").read_bytes()) == receipt
    assert office.receipts_of() == [receipt]


@pytest.mark.parametrize(("files", "compressors"), [(5, 1), (60, 2)])
@pytest.mark.parametrize("method", ["zstd", "gzip"])
def test_a_small_manifest_is_compressed_by_no_program_and_reads_as_any(
    office: Office, method: str, files: int, compressors: int
) -> None:
    office.settings["compression"] = {"method": method}
    application = office.add_application("arsip", files=files)
    del application["databases"]
    receipt = office.call("run", "arsip").receipt

    argvs = [process["argv"] for process in receipt["processes"] if "--version" not in process["argv"]]
    assert sorted(Path(argv[0]).name for argv in argvs) == sorted(["tar", *[method] * compressors])
    (folder,) = office.stored_runs("arsip")
    subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=folder, check=True)
    (stored,) = folder.glob("source-*.manifest.jsonl.*")
    lines = subprocess.run([method, "-dc", stored], capture_output=True, check=True).stdout.splitlines()
    site = office.site("arsip")
    listed = {entry["path"] for entry in map(json.loads, lines) if entry["type"] == "file"}
    assert listed == {
        str(path.relative_to(site)) for path in site.rglob("*") if path.is_file() and not path.is_symlink()
    }
    assert office.call("check", "arsip", "--runs", "latest").receipt["parts"][0]["level"] == "compared"


def test_a_row_that_was_inserted_is_in_the_next_census(office: Office) -> None:
    before = office.call("run").receipt["parts"][0]["census"]["rows"]["layanan"]
    with change_database(office.database()) as connection:
        connection.execute("INSERT INTO layanan (nama) VALUES ('Layanan baru')")

    after = office.call("run").receipt["parts"][0]["census"]["rows"]["layanan"]

    assert after == before + 1


def test_receipts_form_one_chain(office: Office) -> None:
    for _unused in range(3):
        office.call("run")
    office.call("check", "--runs", "latest")

    receipts = office.receipts_of()

    assert len(receipts) == 4
    assert "previous" not in receipts[0]
    assert all(receipt["previous"] for receipt in receipts[1:])


def test_applications_run_side_by_side_and_are_told_in_order(office: Office) -> None:
    office.settings["slots"] = 3
    for name in ("arsip", "laman", "surat"):
        office.add_application(name)

    answer = office.call("run")

    assert [receipt["application"] for receipt in answer.receipts] == ["sippn", "arsip", "laman", "surat"]
    assert answer.status == 0


def test_a_short_application_does_not_wait_for_a_long_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add_application("arsip")
    assert office.call("run", "arsip").status == 0, "from now on it is known to be short"
    finished = threading.Event()

    def work(station: Station, application: Application, *rest: Any) -> Receipt:
        """The application that is new, and so may be a long one, ends after the short one."""
        if application.name == "sippn":
            assert finished.wait(60)
        receipt = perform(station, application, *rest)
        if application.name == "arsip":
            finished.set()
        return receipt

    monkeypatch.setattr(run, "perform", work)
    answer = office.call("run")

    assert [receipt["application"] for receipt in answer.receipts] == ["sippn", "arsip"]
    assert answer.status == 0


def test_small_applications_of_files_are_worked_on_side_by_side(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("arsip", "laman", "surat"):
        office.add_application(name)
    assert office.call("run").status == 0, "from now on they are known to be small"
    together = threading.Barrier(2)

    def work(*arguments: Any) -> Receipt:
        """Each is begun together with another one."""
        together.wait(300)
        return perform(*arguments)

    monkeypatch.setattr(run, "perform", work)
    answer = office.call("run")

    assert answer.status == 0
    assert [receipt["application"] for receipt in answer.receipts] == ["sippn", "arsip", "laman", "surat"]


def test_small_applications_with_hooks_are_worked_on_one_after_another(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an office's commands do may not be done twice at once."""
    for application in (office.applications[0], office.add_application("arsip"), office.add_application("laman")):
        application["hooks"] = {"before_run": ["/bin/true"]}
    monkeypatch.setattr(order, "LIGHT_S", float("inf"))
    assert office.call("run").status == 0
    at_work: list[str] = []

    def work(station: Station, application: Application, *rest: Any) -> Receipt:
        at_work.append(application.name)
        receipt = perform(station, application, *rest)
        assert at_work == [application.name]
        at_work.remove(application.name)
        return receipt

    monkeypatch.setattr(run, "perform", work)
    assert office.call("run").status == 0


def test_only_the_category_asked_for_is_run(office: Office) -> None:
    office.add_application("arsip", category="bulanan")

    assert [receipt["application"] for receipt in office.call("run", "--category", "bulanan").receipts] == ["arsip"]
    assert [receipt["application"] for receipt in office.call("run", "--category", "daily").receipts] == ["sippn"]
    assert office.call("run", "--category", "weekly").receipts == []


def test_where_the_second_part_fails_nothing_of_the_first_stays(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = DRIVERS["tree"]
    monkeypatch.setattr(type(driver), "probe", lambda *_unused: [])
    shutil.rmtree(office.site())

    answer = office.call("run")

    assert [part["status"] for part in answer.receipt["parts"]] == ["succeeded", "failed"]
    assert answer.receipt["failure"]["slug"] == "source_missing"
    assert office.stored_runs() == []
    assert office.leftovers() == []


def test_a_store_that_is_not_mounted_is_a_failed_receipt_of_each_application(office: Office) -> None:
    assert office.call("run").status == 0
    shutil.rmtree(office.store)
    office.store.mkdir()

    answer = office.call("run")

    assert answer.status == 1
    assert answer.receipt["failure"]["slug"] == "store_unavailable"
    assert list(office.store.iterdir()) == [], "a mount point without its disk is not filled"


def test_gzip_serves_where_zstd_is_not_wanted(office: Office) -> None:
    office.settings["compression"] = {"method": "gzip"}

    assert office.call("run").status == 0
    (folder,) = office.stored_runs()
    artifact = folder / "database-app.db.sqlite.gz"
    copy = office.root / "copy.db"
    copy.write_bytes(subprocess.run(["gzip", "-dc", artifact], check=True, capture_output=True).stdout)
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM layanan").fetchone() == (100,)
    assert office.call("check", "--runs", "latest").status == 0


def test_a_growing_file_is_a_warning_of_the_run(office: Office) -> None:
    log = office.site() / "catatan.log"
    log.write_bytes(bytes(40_000_000))
    writer = subprocess.Popen(["sh", "-c", f"while :; do echo baris >> '{log}'; done"], start_new_session=True)
    try:
        answer = office.call("run")
    finally:
        os.killpg(writer.pid, 9)
        writer.wait()

    assert answer.status == 0
    assert any("catatan.log" in warning for warning in answer.receipt["warnings"])


def test_the_receipt_tells_where_it_was_done_and_by_what(office: Office) -> None:
    receipt = office.call("run", "--timer").receipt

    assert receipt["trigger"] == "timer"
    assert receipt["runner"]["version"]
    assert receipt["host"]["boot_id"]
    assert receipt["store"]["is_same_disk"] is True
    assert receipt["store"]["free_bytes"] > 0
    assert len(receipt["config_hash"]) == 64
    programs = {Path(process["argv"][0]).name for process in receipt["processes"]}
    assert {"zstd", "tar"} <= programs
    assert {process["status"] for process in receipt["processes"]} == {0}


def test_database_files_inside_a_tree_are_left_to_their_driver(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.add_application()
    home = office.database().parent.parent
    (tmp_path / "current").symlink_to(home)
    application = make_application(office.database(), tmp_path / "current")

    _unused, tree = scope.guard_sources(application)

    assert isinstance(tree, TreeSource)
    assert tree.exclude == ("/data/app.db", "/data/app.db-wal", "/data/app.db-shm", "/data/app.db-journal")


def make_application(database: Path, tree: Path) -> Application:
    stand_in = make_stand_in("sippn")
    return replace(
        stand_in,
        databases=(DatabaseSource("sqlite", str(database)),),
        sources=(TreeSource(str(tree)),),
    )


def test_a_store_that_fails_at_the_commit_keeps_the_rest(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.call("run")

    def end(*_arguments: object) -> None:
        raise StoreFull.ended(str(office.store))

    with monkeypatch.context() as patch:
        patch.setattr(directory.DirectoryDeposit, "_write", end)
        answer = office.call("run")

    assert answer.receipt["failure"]["slug"] == "store_full"
    assert len(answer.receipt["parts"]) == 2
    assert len(office.stored_runs()) == 1
    assert office.leftovers() == []


def test_a_yellow_finding_does_not_stop_a_run(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = Finding("old_client", YELLOW, "app.db", "the client is old")
    monkeypatch.setattr(type(DRIVERS["sqlite"]), "probe", lambda *_unused: [odd])

    assert office.call("run").status == 0


def test_a_tree_that_holds_the_store_is_archived_without_it(office: Office) -> None:
    office.applications[0]["sources"] = [{"path": str(office.root)}]
    office.call("run")

    second = office.call("run").receipt["parts"][1]["census"]["counts"]

    assert second == office.call("run").receipt["parts"][1]["census"]["counts"]


def test_a_database_is_left_out_of_its_tree_whatever_its_name(office: Office) -> None:
    odd = office.site() / "data [1]*"
    make_database(odd / "a?b.db", 3)
    before = office.call("run").receipt["parts"][1]["census"]["counts"]["files"]
    office.applications[0]["databases"] = [{"engine": "sqlite", "path": str(odd / "a?b.db")}]

    after = office.call("run").receipt["parts"][1]["census"]["counts"]["files"]

    assert after == before - 1


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (TreeSource("/dev"), "/dev"),
        (TreeSource("/no/such/folder"), None),
        (DatabaseSource("mysql", name="app"), "/"),
        (DatabaseSource("mysql", name="app", host="localhost"), "/"),
        (DatabaseSource("mysql", name="app", host="db.kota.example"), None),
    ],
)
def test_the_disk_of_a_source_is_known_as_far_as_it_can_be(
    source: Source, place: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(run.DATA_FOLDERS, "mysql", "/no/such/folder")
    assert run._find_device(source) == (os.stat(place).st_dev if place else None)
