from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import retrieval
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.sqlite.stream import DatabaseSink
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RestoreFailed, TimeLimitReached
from ansible_collections.diskominfo.backup.tests.office import Office, change_database


def test_a_fresh_run_is_due_and_comes_out_compared(office: Office) -> None:
    office.call("run")

    answer = office.call("check")

    assert answer.status == 0
    receipt = answer.receipt
    assert receipt["kind"] == "check"
    assert receipt["run_id"] == office.stored_runs()[0].name
    assert [(part["level"], part["comparison"]) for part in receipt["parts"]] == [("compared", "content")] * 2
    assert receipt["parts"][0]["found"]["rows"] == receipt["parts"][0]["census"]["rows"]
    assert office.leftovers() == []


def test_what_was_proved_is_not_due_again(office: Office) -> None:
    office.call("run")
    office.call("check")

    answer = office.call("check")

    assert answer.status == 0
    assert answer.receipts == []


def test_a_shallow_check_reads_to_the_end_and_restores_nothing(office: Office) -> None:
    office.call("run")

    receipt = office.call("check", "--runs", "latest", "--depth", "readable").receipt

    assert {part["level"] for part in receipt["parts"]} == {"readable"}


def test_all_runs_can_be_checked(office: Office) -> None:
    office.call("run")
    office.call("run")

    assert len(office.call("check", "--runs", "all").receipts) == 2


def test_one_run_can_be_named(office: Office) -> None:
    first = office.call("run").receipt["id"]
    office.call("run")

    assert office.call("check", "--runs", first).receipt["run_id"] == first


def test_the_latest_of_an_application_without_runs_is_nothing(office: Office) -> None:
    assert office.call("check", "--runs", "latest").receipts == []


def test_every_part_is_checked_even_after_one_has_failed(office: Office) -> None:
    office.call("run")
    (folder,) = office.stored_runs()
    (folder / "database-app.db.sqlite.zst").unlink()

    receipt = office.call("check", "--runs", "latest").receipt

    assert [part["level"] for part in receipt["parts"]] == ["damaged", "compared"]
    assert receipt["failure"] == receipt["parts"][0]["failure"]


def test_a_fault_of_the_check_itself_damages_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.call("run")

    def end_early(*_arguments: object) -> None:
        raise TimeLimitReached.after(1)

    monkeypatch.setattr(retrieval.Retrieval, "restore", end_early)

    receipt = office.call("check", "--runs", "latest").receipt

    assert receipt["failure"]["slug"] == "time_limit"
    assert {part["level"] for part in receipt["parts"]} == {"written"}
    assert office.call("list").data["runs"][0]["level"] == "written"


@pytest.mark.parametrize("lost", ["file", "census"])
def test_a_receipt_that_lost_its_facts_proves_nothing(office: Office, lost: str) -> None:
    office.call("run")
    path = next((office.state / "receipts" / "sippn").glob("2*.json"))
    content = json.loads(path.read_bytes())
    del content["parts"][0][lost]
    path.write_text(json.dumps(content))

    receipt = office.call("check", "--runs", "latest").receipt

    assert receipt["status"] == "failed"
    assert receipt["parts"][0]["level"] == "damaged"


def test_a_store_that_vanished_is_no_proof_of_damage(office: Office) -> None:
    office.call("run")
    shutil.rmtree(office.store)

    answer = office.call("check", "--runs", "latest")

    assert answer.status == 1
    assert "store" in answer.stderr


def test_an_edited_receipt_in_the_store_is_found(office: Office) -> None:
    office.call("run")
    path = office.stored_runs()[0] / "receipt.json"
    path.write_bytes(path.read_bytes().replace(b'"title": "sippn"', b'"title": "lain "'))

    receipt = office.call("check", "--runs", "latest").receipt

    assert "receipt.json" in receipt["failure"]["message"]
    assert {part["level"] for part in receipt["parts"]} == {"damaged"}


def spoil_database(office: Office) -> None:
    """A row less in the stored database, with every hash made right again."""
    (run,) = office.stored_runs()
    artifact = run / "database-app.db.sqlite.zst"
    raw = office.root / "raw.db"
    subprocess.run(["zstd", "-q", "-d", artifact, "-o", raw], check=True)
    with change_database(raw) as connection:
        connection.execute("DELETE FROM layanan WHERE id = 7")
    subprocess.run(["zstd", "-q", "-f", raw, "-o", artifact], check=True)
    office.make_hashes_right(run)


def test_a_difference_is_named_with_what_was_expected_and_found(office: Office) -> None:
    office.call("run")
    spoil_database(office)

    part = office.call("check", "--runs", "latest").receipt["parts"][0]

    assert part["level"] == "damaged"
    assert {"what": "table layanan", "expected": "100 rows", "found": "99 rows"} in part["differences"]


def test_a_restore_tells_that_what_came_is_not_what_was(office: Office) -> None:
    office.call("run")
    spoil_database(office)

    answer = office.call("restore", "sippn", "--target", str(office.root / "restored"))

    assert answer.status == 1
    assert answer.receipt["parts"][0]["failure"]["slug"] == "different"
    assert answer.receipt["parts"][0]["level"] == "restored"


@pytest.mark.parametrize("name", ["database-app.db.sqlite.zst", "source-site.tar.zst"])
@pytest.mark.parametrize("content", [b"", b"bukan zstd"])
def test_a_file_that_is_no_backup_is_found_even_with_right_hashes(office: Office, name: str, content: bytes) -> None:
    office.call("run")
    (run,) = office.stored_runs()
    (run / name).write_bytes(content)
    office.make_hashes_right(run)

    receipt = office.call("check", "--runs", "latest").receipt

    assert receipt["failure"]["slug"] in ("damaged", "restore_failed")
    assert sorted(part["level"] for part in receipt["parts"]) == ["compared", "damaged"]


def test_a_hostile_archive_is_refused_though_its_hash_is_right(office: Office) -> None:
    office.call("run")
    (run,) = office.stored_runs()
    flags = "--format=posix --pax-option=delete=atime,delete=ctime"
    script = f"printf pwned > x && tar -P {flags} -cf - --transform 's,x,../../../../tmp/pwned,' x | zstd -q"
    archive = subprocess.run(["sh", "-c", script], cwd=office.root, check=True, capture_output=True).stdout
    (run / "source-site.tar.zst").write_bytes(archive)
    office.make_hashes_right(run)

    part = office.call("check", "--runs", "latest").receipt["parts"][1]

    assert part["failure"]["slug"] == "restore_failed"
    assert "refused" in part["failure"]["message"]


def test_too_little_room_for_a_restore_is_no_damage(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.call("run")
    monkeypatch.setattr(retrieval, "free_bytes", lambda _path: 10)

    receipt = office.call("check", "--runs", "latest").receipt

    assert receipt["failure"]["slug"] == "store_full"
    assert {part["level"] for part in receipt["parts"]} == {"written"}


def test_room_that_ends_on_the_way_is_no_damage(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.call("run")
    answers = iter([10**12, 10, 10**12])
    monkeypatch.setattr(retrieval, "free_bytes", lambda _path: next(answers))

    def fail(*_arguments: object) -> None:
        raise RestoreFailed.ended("app.db", "no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(DatabaseSink, "finish", fail)
        receipt = office.call("check", "--runs", "latest").receipt

    assert [part["level"] for part in receipt["parts"]] == ["written", "compared"]
    assert receipt["parts"][0]["failure"]["slug"] == "store_full"


def test_a_filter_that_was_killed_is_no_damage(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.call("run")
    monkeypatch.setattr(retrieval, "find_decompression", lambda _name: ("sh", "-c", "cat > /dev/null; kill -9 $$"))

    receipt = office.call("check", "--runs", "latest").receipt

    assert receipt["failure"]["slug"] == "dump_failed"
    assert {part["level"] for part in receipt["parts"]} == {"written"}
