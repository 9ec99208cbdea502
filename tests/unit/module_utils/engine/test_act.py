from __future__ import annotations

import json
import stat
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import act, run
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import NotRecorded, TimeLimitReached
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.lock import hold, read_boot_id
from ansible_collections.diskominfo.backup.tests.office import Office

BEGAN = "2026-11-21T15:00:00Z"
IDENTITY = "20261121T150000Z-00000001"


def leave_a_note(office: Office, **changes: Any) -> None:
    """What a process that died in the middle of a run leaves in its lock."""
    note = {"id": IDENTITY, "kind": "run", "began": BEGAN, "pid": 1, "boot_id": read_boot_id(), **changes}
    with hold(office.state / "locks" / "sippn.lock", "sippn", 0) as held:
        held.note(note)


def leave_files(office: Office) -> None:
    office.call("run")
    partial = office.store / ".partial" / "sippn" / IDENTITY
    partial.mkdir(parents=True)
    (partial / "database-app.db.sqlite.zst").touch()
    throwaway = office.state / "scratch" / "sippn" / "throwaway-1"
    throwaway.mkdir(parents=True)
    (throwaway / "secret").touch()


def test_what_died_is_swept_and_told(office: Office) -> None:
    leave_files(office)
    leave_a_note(office)

    office.call("run")

    died = office.receipts_of()[0]
    assert (died["id"], died["kind"], died["began"]) == (IDENTITY, "run", BEGAN)
    assert died["failure"]["slug"] == "interrupted"
    assert "its process died" in died["failure"]["message"]
    assert died["duration_s"] > 0
    assert office.leftovers() == []


def test_another_boot_means_that_the_server_was_restarted(office: Office) -> None:
    leave_a_note(office, boot_id="another")

    office.call("run")

    assert "the server was restarted" in office.receipts_of()[0]["failure"]["message"]


def test_a_note_that_is_nonsense_still_becomes_a_receipt(office: Office) -> None:
    leave_a_note(office, id="../../etc", kind="party", began="yesterday")

    assert office.call("run").status == 0

    slugs = [receipt.get("failure", {}).get("slug") for receipt in office.receipts_of()]
    assert slugs == ["interrupted", None]


def test_a_run_that_was_recorded_before_it_died_is_told_once(office: Office) -> None:
    identity = office.call("run").receipt["id"]
    leave_a_note(office, id=identity)

    office.call("run")

    assert [receipt["status"] for receipt in office.receipts_of()] == ["succeeded", "succeeded"]


def test_leftovers_of_an_application_that_left_the_register_are_swept(office: Office) -> None:
    leave_files(office)
    leave_a_note(office)
    office.applications.clear()
    office.add_application("arsip")

    office.call("run")

    assert office.leftovers() == []
    assert office.receipts_of("sippn")[0]["failure"]["slug"] == "interrupted"


def test_an_application_at_work_is_left_alone(office: Office) -> None:
    office.call("run")
    office.settings["lock_wait"] = "0.1s"
    with hold(office.state / "locks" / "sippn.lock", "sippn", 0) as held:
        held.note({"kind": "run", "began": BEGAN, "pid": 4711})
        answer = office.call("run")
        held.clear()

    assert answer.receipt["failure"]["slug"] == "busy"
    assert "4711" in answer.receipt["failure"]["message"]


def test_a_wait_for_the_lock_ends_with_the_time_limit(office: Office) -> None:
    office.applications[0]["time_limit"] = "0.2s"
    with hold(office.state / "locks" / "sippn.lock", "sippn", 0):
        answer = office.call("run")

    assert answer.receipt["failure"]["slug"] == "time_limit"


def test_records_that_are_lost_come_back_from_the_store(office: Office) -> None:
    receipt = office.call("run").receipt
    (office.state / "receipts" / "sippn" / f"{receipt['id']}.json").unlink()

    office.call("check", "--runs", "latest")

    assert office.receipts_of()[0] == receipt


def test_a_fault_that_nobody_foresaw_is_a_failed_receipt(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_arguments: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(run, "guard_sources", stumble)

    receipt = office.call("run").receipt

    assert receipt["failure"]["slug"] == "internal"
    assert "ZeroDivisionError" in receipt["failure"]["message"]
    assert office.leftovers() == []


def test_what_cannot_be_recorded_is_not_claimed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise NotRecorded.unwritable("receipts", "no space left")

    monkeypatch.setattr(act.Act, "record", refuse)

    answer = office.call("run")

    assert answer.status == 3
    assert "cannot write the record" in answer.stderr


def test_a_run_that_was_stored_and_not_recorded_is_recorded_at_the_next_start(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(act.Act, "record", refuse_to_record)
        assert office.call("run").status == 3
    (stored,) = office.stored_runs()
    assert office.receipts_of() == []

    office.call("run")

    assert json.loads((stored / "receipt.json").read_bytes()) == office.receipts_of()[0]
    assert office.leftovers() == []


def refuse_to_record(*_arguments: object) -> None:
    raise NotRecorded.unwritable("receipts", "no space left")


def test_a_fault_of_the_store_at_the_end_is_a_failed_receipt(office: Office) -> None:
    office.call("run")
    marker = office.store / ".diskominfo-backup-store"
    content = marker.read_bytes()
    marker.unlink()

    answer = office.call("run")

    assert answer.receipt["failure"]["slug"] == "store_unavailable"
    marker.write_bytes(content)
    assert office.call("run").status == 0


def test_ids_sort_as_their_times_do() -> None:
    moments = [datetime(2026, 11, 22, 15, 1, 2, micro, timezone.utc) for micro in (0, 1, 500_000, 999_999)]

    ids = [act.make_id(moment) for moment in moments]

    assert ids == sorted(ids)
    assert ids[0] == "20261122T150102Z-00000000"
    assert len(set(ids)) == len(ids)


def test_an_error_that_ends_the_act_needs_no_work(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def end(*_arguments: object) -> None:
        raise TimeLimitReached.after(1)

    monkeypatch.setattr(act, "hold_slot", end)

    assert office.call("run").receipt["failure"]["slug"] == "time_limit"


def test_the_name_of_the_system_is_told_even_without_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.diskominfo.backup.plugins.module_utils.engine import station

    monkeypatch.setattr(station, "Path", lambda _path: tmp_path / "none")

    assert station.describe_host().os == "Linux"


def test_what_is_kept_and_restored_is_nobody_elses(office: Office) -> None:
    office.call("run")
    office.call("check")

    folders = [office.state, *(path for path in office.state.rglob("*") if path.is_dir())]

    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_a_state_folder_that_cannot_be_made_ends_with_3(office: Office) -> None:
    office.state.write_text("a file in its place")

    assert office.call("run").status == 3
