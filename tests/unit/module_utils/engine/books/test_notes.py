from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import EvidenceFolder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.notes import NoteFolder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import NotRecorded
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import write_json
from ansible_collections.diskominfo.backup.tests.evidence import DAY, NOW, make_said


@pytest.fixture
def folder(tmp_path: Path) -> NoteFolder:
    return NoteFolder(tmp_path / "evidence")


def test_notes_are_read_in_the_order_in_which_they_were_said(folder: NoteFolder, tmp_path: Path) -> None:
    later, sooner = make_said("repair"), make_said("check", at=NOW - DAY)
    assert folder.add(later)
    assert folder.add(sooner)
    refused: list[str] = []
    assert list(EvidenceFolder(tmp_path / "evidence", Register(())).notes(refused)) == [sooner, later]
    assert refused == []


def test_a_note_is_written_once_for_its_owner_only(folder: NoteFolder, tmp_path: Path) -> None:
    note = make_said("check")
    assert folder.add(note)
    path = tmp_path / "evidence" / "notes" / f"{note.id}.json"
    before = path.stat()
    assert not folder.add(note)
    assert path.stat().st_ino == before.st_ino
    assert stat.S_IMODE(before.st_mode) == 0o600


def test_without_a_folder_there_are_no_notes(folder: NoteFolder) -> None:
    assert list(folder.read([])) == []


def test_a_file_that_is_no_note_is_told_and_hides_no_other(folder: NoteFolder, tmp_path: Path) -> None:
    note, refused = make_said("check"), list[str]()
    folder.add(note)
    notes = tmp_path / "evidence" / "notes"
    (notes / "a.json").write_bytes(b"{}")
    (notes / "b.json").write_bytes(write_json(note.to_data()))
    (notes / "c.json").mkdir()
    (notes / "d.txt").write_text("not ours")
    assert list(folder.read(refused)) == [note]
    assert [sentence.partition(" ")[0].strip(":") for sentence in refused] == ["a.json", "b.json", "c.json"]


def test_a_place_that_cannot_hold_notes_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("a file where the folder should be")
    with pytest.raises(NotRecorded, match="notes"):
        NoteFolder(tmp_path).add(make_said("check"))
    with pytest.raises(NotRecorded, match="notes"):
        list(NoteFolder(tmp_path).read([]))
