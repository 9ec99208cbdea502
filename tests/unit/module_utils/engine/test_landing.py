"""Over the original: only after its name was typed, with what was there kept, and compared before it is exchanged."""

from __future__ import annotations

import contextlib
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.sqlite.landing import SqliteLanding
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.tree.landing import carry
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.retrieval import Retrieval
from ansible_collections.diskominfo.backup.tests.office import Answer, Office, change_database

IN_PLACE = ("--in-place", "--confirm", "sippn")


def count_rows(database: Path) -> int:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM layanan").fetchone()[0])


def restore(office: Office, *words: str) -> Answer:
    return office.call("restore", "sippn", *words)


def list_beside(office: Office) -> list[str]:
    """What lies beside the application's folders, hidden too."""
    return sorted(path.name for folder in (office.site(), office.database()) for path in folder.parent.iterdir())


def test_what_was_destroyed_comes_back_where_it_was(office: Office) -> None:
    office.call("run")
    before = {path.relative_to(office.site()): path.lstat().st_mode for path in office.site().rglob("*")}
    beside = list_beside(office)
    shutil.rmtree(office.site())
    shutil.rmtree(office.database().parent)

    answer = restore(office, *IN_PLACE)

    assert answer.status == 0, answer.stdout
    assert answer.receipt["target"] == "original"
    assert "safety_id" not in answer.receipt
    assert {part["level"] for part in answer.receipt["parts"]} == {"compared"}
    assert count_rows(office.database()) == 100
    assert {path.relative_to(office.site()): path.lstat().st_mode for path in office.site().rglob("*")} == before
    assert list_beside(office) == beside
    assert office.leftovers() == []
    assert office.call("check", "--runs", "latest").status == 0


def test_what_is_replaced_is_backed_up_first_and_can_be_had_back(office: Office) -> None:
    first = office.call("run").receipt["id"]
    with change_database(office.database()) as connection:
        connection.execute("DELETE FROM layanan WHERE id > 40")
    (office.site() / "index.php").write_text("hari ini")

    answer = restore(office, *IN_PLACE)
    back = (count_rows(office.database()), (office.site() / "index.php").read_text())
    again = restore(office, "--run", answer.receipt["safety_id"], *IN_PLACE)

    assert answer.receipt["run_id"] == first
    assert back == (100, "<?php echo 'Selamat datang';\n")
    assert again.status == 0
    assert (count_rows(office.database()), (office.site() / "index.php").read_text()) == (40, "hari ini")


def test_a_safety_backup_is_no_backup_of_any_plan(office: Office) -> None:
    first = office.call("run").receipt["id"]
    safety = restore(office, *IN_PLACE).receipt["safety_id"]

    assert [run["id"] for run in office.call("list").data["runs"]] == [first, safety]
    assert restore(office, "--dry-run", *IN_PLACE).data["run_id"] == first
    assert office.call("check", "--runs", "latest").receipt["run_id"] == first
    assert office.call("check").receipts == []
    row = office.call("report", "--format", "json").data["applications"][0]
    assert row["succeeded_runs"] == 1


@pytest.mark.parametrize("typed", ["", "SIPPN", "sippn ", "yes", "sipp"])
def test_any_other_word_than_the_exact_name_is_refused(office: Office, typed: str) -> None:
    office.call("run")
    (office.site() / "index.php").write_text("hari ini")

    answer = restore(office, "--in-place", "--confirm", typed)

    assert answer.status == 2
    assert "--confirm sippn" in answer.stderr
    assert (office.site() / "index.php").read_text() == "hari ini"
    assert [receipt["kind"] for receipt in office.receipts_of()] == ["run"]


def test_one_way_must_be_chosen(office: Office) -> None:
    office.call("run")
    for words in ((), ("--target", "/x", "--in-place")):
        assert restore(office, *words).status == 2


def test_a_rehearsal_says_every_step_and_the_room_and_changes_nothing(office: Office) -> None:
    office.call("run")
    (office.site() / "index.php").write_text("hari ini")
    beside = list_beside(office)

    answer = restore(office, "--dry-run", *IN_PLACE)

    assert answer.status == 0
    assert answer.data["steps"][0].startswith("safety backup of what is there now: ")
    for path in (office.site(), office.database()):
        assert any(f"exchange it with {path}" in step for step in answer.data["steps"])
    assert {room["path"] for room in answer.data["rooms"]} == {str(office.site().parent), str(office.database().parent)}
    assert all(0 < room["needed_bytes"] < room["free_bytes"] for room in answer.data["rooms"])
    assert (office.site() / "index.php").read_text() == "hari ini"
    assert list_beside(office) == beside
    assert [receipt["kind"] for receipt in office.receipts_of()] == ["run"]
    assert office.leftovers() == []


def test_a_rehearsal_into_a_folder_says_what_goes_where(office: Office) -> None:
    office.call("run")
    target = office.root / "a" / "new" / "folder"

    answer = restore(office, "--dry-run", "--target", str(target))

    assert answer.data["target"] == str(target)
    assert f"{target / 'source-site'}" in answer.data["steps"][1]
    assert {room["path"] for room in answer.data["rooms"]} == {str(office.root)}
    assert not target.exists()


def test_what_the_register_excludes_stays_when_a_tree_is_exchanged(office: Office) -> None:
    office.applications[0]["sources"][0]["exclude"] = ["/cache", "*.log", r"a\[1\]", "node_modules"]
    for name in ("cache/page", "uploads/today.log", "a[1]/x", "lib/node_modules/deep/file"):
        (office.site() / name).parent.mkdir(parents=True, exist_ok=True)
        (office.site() / name).write_text(name)
    office.call("run")
    (office.site() / "index.php").write_text("hari ini")
    (office.site() / "new" / "node_modules").mkdir(parents=True)

    answer = restore(office, *IN_PLACE)

    assert answer.status == 0
    for name in ("cache/page", "uploads/today.log", "a[1]/x", "lib/node_modules/deep/file"):
        assert (office.site() / name).read_text() == name
    assert (office.site() / "new" / "node_modules").is_dir()
    notes = next(part["notes"] for part in answer.receipt["parts"] if part["engine"] == "tree")
    assert "kept, as it is in no backup: cache" in notes


def test_a_database_within_a_tree_survives_when_only_the_tree_comes_back(office: Office) -> None:
    office.applications[0]["sources"][0]["path"] = str(office.site().parent)
    office.call("run")
    with change_database(office.database()) as connection:
        connection.execute("DELETE FROM layanan WHERE id > 40")
    shutil.rmtree(office.site())

    answer = restore(office, "--part", "sippn", *IN_PLACE)

    assert answer.status == 0
    assert (office.site() / "index.php").is_file()
    assert count_rows(office.database()) == 40


def test_both_come_back_where_one_lies_in_the_other(office: Office) -> None:
    office.applications[0]["sources"][0]["path"] = str(office.site().parent)
    office.call("run")
    with change_database(office.database()) as connection:
        connection.execute("DELETE FROM layanan")

    assert restore(office, *IN_PLACE).status == 0
    assert count_rows(office.database()) == 100


def test_the_file_of_a_database_keeps_its_mode_and_loses_its_journals(office: Office) -> None:
    office.call("run")
    office.database().chmod(0o664)
    Path(f"{office.database()}-journal").write_bytes(b"")

    assert restore(office, *IN_PLACE).status == 0
    assert office.database().stat().st_mode & 0o777 == 0o664
    assert [path.name for path in office.database().parent.iterdir()] == ["app.db"]


def test_what_is_damaged_in_the_store_replaces_nothing(office: Office) -> None:
    office.call("run")
    (office.site() / "index.php").write_text("hari ini")
    for stored in office.stored_runs()[0].glob("*.zst"):
        stored.write_bytes(stored.read_bytes()[:-9] + b"rusak")

    answer = restore(office, *IN_PLACE)

    assert answer.status == 1
    assert answer.receipt["failure"]["slug"] == "damaged"
    assert (office.site() / "index.php").read_text() == "hari ini"
    assert count_rows(office.database()) == 100
    assert any(answer.receipt["safety_id"] in warning for warning in answer.receipt["warnings"])


def test_a_part_that_is_not_what_was_backed_up_replaces_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.call("run")
    original = Retrieval.restore

    def restore_less(self: Retrieval, target: object) -> None:
        original(self, target)  # type: ignore[arg-type]
        for restored in target.path.rglob("index.php"):  # type: ignore[attr-defined]
            restored.write_text("lain")

    monkeypatch.setattr(Retrieval, "restore", restore_less)
    (office.site() / "index.php").write_text("hari ini")

    answer = restore(office, *IN_PLACE)

    assert answer.receipt["failure"]["slug"] == "different"
    assert (office.site() / "index.php").read_text() == "hari ini"


def test_a_folder_is_told_too_when_it_is_not_what_was_backed_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.call("run")
    original = Retrieval.restore

    def restore_less(self: Retrieval, target: object) -> None:
        original(self, target)  # type: ignore[arg-type]
        for restored in target.path.rglob("index.php"):  # type: ignore[attr-defined]
            restored.write_text("lain")

    monkeypatch.setattr(Retrieval, "restore", restore_less)
    answer = restore(office, "--target", str(office.root / "new"))

    assert [part["level"] for part in answer.receipt["parts"]] == ["compared", "restored"]
    assert answer.receipt["failure"]["slug"] == "different"


def test_what_is_excluded_now_and_in_an_old_backup_is_kept_beside_what_comes(office: Office) -> None:
    (office.site() / "cache").mkdir()
    (office.site() / "cache" / "old").write_text("kemarin")
    first = office.call("run").receipt["id"]
    office.applications[0]["sources"][0]["exclude"] = ["index.php", "/cache"]
    (office.site() / "index.php").write_text("hari ini")
    (office.site() / "cache" / "new").write_text("hari ini")

    answer = restore(office, "--run", first, *IN_PLACE)
    kept = office.site() / "index.php.before-restore"
    told = next(part["notes"] for part in answer.receipt["parts"] if part["engine"] == "tree")

    assert answer.status == 0
    assert (office.site() / "index.php").read_text() == "<?php echo 'Selamat datang';\n"
    assert kept.read_text() == "hari ini"
    assert (office.site() / "cache.before-restore" / "new").read_text() == "hari ini"
    assert [path.name for path in (office.site() / "cache").iterdir()] == ["old"]
    assert any(note.endswith("what was there is kept as index.php.before-restore") for note in told)


def test_what_was_kept_beside_before_is_not_overwritten(tmp_path: Path) -> None:
    for folder, text in (("former", "hari ini"), ("new", "kemarin")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a").write_text(text)
    (tmp_path / "new" / "a.before-restore").write_text("dulu")

    assert carry(tmp_path / "former", tmp_path / "new", ["a"]) == {"a": "a.before-restore-2"}
    texts = {path.name: path.read_text() for path in (tmp_path / "new").iterdir()}
    assert texts == {"a": "kemarin", "a.before-restore": "dulu", "a.before-restore-2": "hari ini"}


def test_without_a_safety_backup_nothing_is_touched(office: Office) -> None:
    office.call("run")
    office.database().write_bytes(b"rusak")
    (office.site() / "index.php").write_text("hari ini")

    answer = restore(office, *IN_PLACE)

    assert answer.status == 1
    assert answer.receipt["failure"]["slug"] == "target_refused"
    assert "its safety backup failed" in answer.receipt["failure"]["message"]
    assert (office.site() / "index.php").read_text() == "hari ini"
    assert office.database().read_bytes() == b"rusak"


def test_what_is_in_the_way_is_told_all_at_once_before_anything_is_backed_up(office: Office) -> None:
    office.call("run")
    for path in (office.site(), office.database()):
        path.with_name(f".{path.name}.diskominfo-backup-old").mkdir()

    answer = restore(office, *IN_PLACE)

    assert answer.receipt["failure"]["slug"] == "target_refused"
    assert answer.receipt["failure"]["message"].count("interrupted restore") == 2
    assert [receipt["kind"] for receipt in office.receipts_of()] == ["run", "restore"]


def test_who_dies_in_the_middle_leaves_the_original_and_the_name_of_its_safety_backup(office: Office) -> None:
    office.applications[0]["hooks"] = {"before_restore": {"argv": ["sh", "-c", "kill -9 $PPID"]}}
    office.call("run")
    (office.site() / "index.php").write_text("hari ini")

    died = office.run("restore", "sippn", *IN_PLACE)
    office.call("list")
    office.call("check", "--runs", "latest")
    (found,) = [receipt for receipt in office.receipts_of() if receipt["kind"] == "restore"]

    assert died.status == -signal.SIGKILL
    assert (office.site() / "index.php").read_text() == "hari ini"
    assert found["failure"]["slug"] == "interrupted"
    assert found["safety_id"] in [run.name for run in office.stored_runs()]
    assert f"--run {found['safety_id']} --in-place" in found["warnings"][0]


def test_an_emptied_folder_needs_no_safety_backup_and_the_rest_gets_one(office: Office) -> None:
    office.call("run")
    shutil.rmtree(office.site())
    office.site().mkdir()

    answer = restore(office, *IN_PLACE)

    assert answer.status == 0
    (safety,) = [found for found in office.receipts_of() if found["id"] == answer.receipt["safety_id"]]
    assert [part["name"] for part in safety["parts"]] == ["app.db"]


def test_the_check_afterwards_looks_at_what_is_there_now(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.call("run")
    monkeypatch.setattr(SqliteLanding, "take_over", lambda _self: office.database().write_bytes(b"rusak") and ())

    answer = restore(office, *IN_PLACE)

    assert [part["status"] for part in answer.receipt["parts"]] == ["succeeded", "failed"]
    assert answer.receipt["warnings"]


def move_to_another_server(office: Office) -> Path:
    """The folder of a run that another server made; what it was made of is gone."""
    office.call("run")
    brought = office.root / "usb" / office.stored_runs()[0].name
    shutil.copytree(office.stored_runs()[0], brought)
    shutil.rmtree(office.store)
    shutil.rmtree(office.state)
    shutil.rmtree(office.site())
    office.settings["server"] = "baru"
    return brought


def test_a_run_that_was_brought_from_elsewhere_comes_back_here(office: Office) -> None:
    brought = move_to_another_server(office)

    answer = restore(office, "--from", str(brought), *IN_PLACE)

    assert answer.status == 0, answer.stdout + answer.stderr
    assert (answer.receipt["server"], answer.receipt["title"]) == ("baru", "sippn")
    assert (office.site() / "index.php").is_file()


def test_a_run_from_elsewhere_writes_over_nothing_that_this_server_does_not_list(office: Office) -> None:
    brought = move_to_another_server(office)
    registered = office.applications.pop()
    office.add_application("lain")

    unlisted = restore(office, "--from", str(brought), *IN_PLACE)
    office.applications.append({**registered, "sources": [{"path": str(office.site("lain"))}]})
    elsewhere = restore(office, "--from", str(brought), *IN_PLACE)
    beside = restore(office, "--from", str(brought), "--target", str(office.root / "new"))

    assert unlisted.receipt["failure"]["slug"] == elsewhere.receipt["failure"]["slug"] == "target_refused"
    for path in (office.site(), office.database()):
        assert f"over {path}: this server does not list it for sippn" in unlisted.receipt["failure"]["message"]
    assert str(office.database()) not in elsewhere.receipt["failure"]["message"]
    assert str(office.site()) in elsewhere.receipt["failure"]["message"]
    assert "restore it into a new place" in elsewhere.receipt["failure"]["hint"]
    assert not office.site().exists()
    assert beside.status == 0


def test_a_run_of_this_server_comes_back_after_its_application_left_the_register(office: Office) -> None:
    office.call("run")
    office.applications.clear()
    office.add_application("lain")
    shutil.rmtree(office.site())

    answer = restore(office, *IN_PLACE)

    assert answer.status == 0, answer.stdout
    assert (office.site() / "index.php").is_file()


def test_a_folder_that_holds_no_such_run_is_named(office: Office) -> None:
    office.call("run")
    run = office.stored_runs()[0]
    wrong = office.call("restore", "lain", "--from", str(run), "--target", str(office.root / "new"))
    assert (wrong.status, "no stored run" in wrong.stderr) == (2, True)
    (run / "receipt.json").unlink()
    none = restore(office, "--from", str(run), "--target", str(office.root / "new"))
    assert (none.status, "no stored run" in none.stderr) == (2, True)


def test_a_brought_run_that_lost_a_file_is_damaged(office: Office) -> None:
    office.call("run")
    brought = office.root / "usb"
    shutil.copytree(office.stored_runs()[0], brought)
    for stored in brought.glob("database-*"):
        stored.unlink()

    answer = restore(office, "--from", str(brought), "--target", str(office.root / "new"))

    assert [part.get("failure", {}).get("slug") for part in answer.receipt["parts"]] == ["damaged", None]


def test_a_run_is_found_by_its_date(office: Office) -> None:
    first = office.call("run").receipt
    office.call("run")
    dry = ("--dry-run", "--target", str(office.root / "new"))

    assert restore(office, "--run", "2999-12-30", *dry).data["run_id"] != first["id"]
    assert restore(office, "--run", "2001-02-03", *dry).status == 2
    assert restore(office, "--run", "2001-02-03T10:00", *dry).status == 2
    assert "2026-11-22T20:00" in restore(office, "--run", "2001-13-45", *dry).stderr


def test_a_file_cannot_be_restored_under_a_database_name(office: Office) -> None:
    office.call("run")
    whole = restore(office, "--database", "baru")
    part = restore(office, "--database", "baru", "--part", "site")
    file = restore(office, "--database", "baru", "--part", "app.db", "--part", "site")

    assert whole.receipt["failure"]["slug"] == "run_not_found"
    alone = restore(office, "--database", "baru", "--part", "app.db")
    assert "another name" in alone.receipt["failure"]["message"]
    assert "another name" in part.receipt["failure"]["message"]
    assert "2 parts are chosen" in file.receipt["failure"]["message"]
