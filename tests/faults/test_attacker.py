"""Somebody alters what is stored and makes every hash right again: only the comparison can notice, and it does."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.tests.office import Office, change_database


def unpack(artifact: Path) -> Path:
    """The decompressed artifact, beside it."""
    raw = artifact.with_suffix("")
    subprocess.run(["zstd", "-q", "-d", "-f", artifact, "-o", raw], check=True)
    return raw


def pack(raw: Path) -> None:
    """Puts an altered raw file back as the artifact."""
    subprocess.run(["zstd", "-q", "-f", "--rm", raw, "-o", raw.with_name(raw.name + ".zst")], check=True)


def find_file(run: Path, ending: str) -> Path:
    (found,) = run.glob(f"*{ending}")
    return found


def alter_database(run: Path, *statements: str) -> None:
    raw = unpack(find_file(run, ".sqlite.zst"))
    with change_database(raw) as connection:
        for statement in statements:
            connection.execute(statement)
    pack(raw)


def delete_a_row(run: Path) -> None:
    alter_database(run, "DELETE FROM layanan WHERE id = 7")


def change_a_cell(run: Path) -> None:
    alter_database(run, "UPDATE layanan SET nama = 'Layanan lain' WHERE id = 7")


def drop_a_view(run: Path) -> None:
    alter_database(run, "DROP VIEW ringkasan")


def drop_a_trigger(run: Path) -> None:
    alter_database(run, "DROP TRIGGER catat")


def alter_an_archived_file(run: Path) -> None:
    raw = unpack(find_file(run, ".tar.zst"))
    content = raw.read_bytes()
    assert b"Selamat datang" in content
    raw.write_bytes(content.replace(b"Selamat datang", b"Selamat malam!"))
    pack(raw)


def alter_a_file_and_its_manifest(run: Path) -> None:
    alter_an_archived_file(run)
    raw = unpack(find_file(run, ".manifest.jsonl.zst"))
    before = hashlib.sha256(b"<?php echo 'Selamat datang';\n").hexdigest()
    after = hashlib.sha256(b"<?php echo 'Selamat malam!';\n").hexdigest()
    text = raw.read_text()
    assert before in text
    raw.write_text(text.replace(before, after))
    pack(raw)


def remove_an_archived_file(run: Path) -> None:
    raw = unpack(find_file(run, ".tar.zst"))
    subprocess.run(["tar", "--delete", f"--file={raw}", "./.env"], check=True)
    pack(raw)


ALTERATIONS = [
    delete_a_row,
    change_a_cell,
    drop_a_view,
    drop_a_trigger,
    alter_an_archived_file,
    alter_a_file_and_its_manifest,
    remove_an_archived_file,
]


@pytest.mark.parametrize("alter", ALTERATIONS, ids=lambda alter: alter.__name__)
def test_an_alteration_with_all_hashes_made_right_is_found(office: Office, alter: Callable[[Path], None]) -> None:
    assert office.call("run").status == 0
    (run,) = office.stored_runs()
    alter(run)
    office.make_hashes_right(run)

    answer = office.call("check", "--runs", "latest")

    assert answer.status == 1
    damaged = [part for part in answer.receipt["parts"] if part["level"] == "damaged"]
    assert len(damaged) == 1
    assert answer.receipt["failure"]["slug"] in ("different", "damaged")


def test_without_an_alteration_the_same_steps_find_nothing(office: Office) -> None:
    """The hashes that the tests above make right are indeed right: nothing but the content gives them away."""
    assert office.call("run").status == 0
    (run,) = office.stored_runs()
    office.make_hashes_right(run)

    answer = office.call("check", "--runs", "latest")

    assert answer.status == 0, answer.stderr
    assert {part["level"] for part in answer.receipt["parts"]} == {"compared"}


def test_artifacts_of_two_applications_that_were_swapped_are_found(office: Office) -> None:
    office.add_application("arsip", rows=100)
    with change_database(office.database("arsip")) as connection:
        connection.execute("UPDATE layanan SET nama = 'Arsip' WHERE id = 1")
    (office.site("arsip") / "index.php").write_text("<?php echo 'Arsip kota  ';\n")
    assert office.call("run").status == 0
    runs = [office.stored_runs(name)[0] for name in ("sippn", "arsip")]
    for ending in (".sqlite.zst", ".tar.zst", ".manifest.jsonl.zst"):
        swap(*(find_file(run, ending) for run in runs))
    for run in runs:
        office.make_hashes_right(run)

    answer = office.call("check", "--runs", "latest")

    assert answer.status == 1
    levels = [part["level"] for receipt in answer.receipts for part in receipt["parts"]]
    assert levels == ["damaged"] * 4


def swap(left: Path, right: Path) -> None:
    keep = left.with_name("keep")
    shutil.move(left, keep)
    shutil.move(right, left)
    shutil.move(keep, right)


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x01
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace_by_zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


@pytest.mark.parametrize("ending", [".sqlite.zst", ".tar.zst", ".manifest.jsonl.zst"])
@pytest.mark.parametrize("spoil", [flip_a_byte, cut, empty, replace_by_zeros, Path.unlink], ids=lambda it: it.__name__)
def test_rot_on_the_disk_is_found_and_named(office: Office, spoil: Callable[[Path], None], ending: str) -> None:
    assert office.call("run").status == 0
    victim = find_file(office.stored_runs()[0], ending)
    spoil(victim)

    answer = office.call("check", "--runs", "latest")

    assert answer.status == 1
    failure: dict[str, Any] = answer.receipt["failure"]
    assert failure["slug"] == "damaged"
    assert victim.name in failure["message"]
    assert failure["hint"]


def test_an_edited_receipt_in_the_store_is_found(office: Office) -> None:
    assert office.call("run").status == 0
    (run,) = office.stored_runs()
    path = run / "receipt.json"
    path.write_bytes(path.read_bytes().replace(b'"title": "sippn"', b'"title": "lain "'))

    answer = office.call("check", "--runs", "latest")

    assert answer.status == 1
    assert "receipt.json" in answer.receipt["failure"]["message"]
