from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books import searches
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import EvidenceFolder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.searches import Searches, write_listing
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import NotRecorded, RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.find import Find
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.priority import (
    PriorityEntry,
    PriorityList,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.search import Search
from ansible_collections.diskominfo.backup.tests.looks import DAY, NOW, WEB, make_city, make_database, make_look

LISTED = PriorityList(
    (PriorityEntry(WEB, "portal", "Portal", "daily", "registered"),), (Find(WEB, "folder", "tree:/srv", "unclaimed"),)
)


def test_what_was_found_comes_back_as_it_was(tmp_path: Path) -> None:
    looks = make_city()
    assert [Searches(tmp_path).keep_look(look) for look in looks.values()] == [True, True]
    assert EvidenceFolder(tmp_path, Register(())).search() == Search(looks)


def test_the_same_state_seen_again_is_one_record_with_a_new_time(tmp_path: Path) -> None:
    """Sizes, clients and counts of writes change all the time and are no other state."""
    first = make_look(databases=(make_database("portal"),))
    later = replace(first, at=NOW, databases=(make_database("portal", size_bytes=9, writes=4, clients=("10.0.0.9",)),))
    books = Searches(tmp_path)

    assert (books.keep_look(first), books.keep_look(later)) == (True, False)
    assert books.read_search() == Search({WEB: later})
    assert len(list((tmp_path / "searches" / WEB).iterdir())) == 1


def test_another_state_leaves_the_one_before_it_readable(tmp_path: Path) -> None:
    books = Searches(tmp_path)
    before = make_look(databases=(make_database("portal"),))
    after = make_look(at=NOW, databases=(make_database("baru"),))
    assert (books.keep_look(before), books.keep_look(after)) == (True, True)
    assert books.read_search() == Search({WEB: after}, {WEB: before})


def test_no_more_than_so_many_states_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "KEPT_LOOKS", 3)
    books = Searches(tmp_path)
    for number in range(5):
        books.keep_look(make_look(at=NOW + number * DAY, databases=(make_database(f"d{number}"),)))
    names = sorted(path.name[:8] for path in (tmp_path / "searches" / WEB).iterdir())
    assert names == ["20261124", "20261125", "20261126"]


def test_a_look_that_cannot_be_read_or_is_of_another_server_is_none(tmp_path: Path) -> None:
    books = Searches(tmp_path)
    books.keep_look(make_look())
    folder = tmp_path / "searches" / WEB
    (folder / "20270101T000000Z-00000000.json").write_text("{}")
    assert books.read_search() == Search({WEB: make_look()})
    (folder / "20270101T000000Z-00000000.json").write_text(json.dumps(make_look("lain").to_data()))
    assert books.read_search() == Search({WEB: make_look()})


def test_a_person_accepts_a_list_once(tmp_path: Path) -> None:
    books = Searches(tmp_path)
    assert books.read_accepted() is None
    assert books.accept(LISTED, "Analis", NOW)
    assert not books.accept(LISTED, "Analis", NOW + DAY)
    accepted = books.read_accepted()
    assert accepted is not None
    assert accepted.accepted is not None
    assert (accepted.accepted.by, accepted.accepted.at, accepted.entries) == ("Analis", NOW, LISTED.entries)


def test_every_accepted_version_stays(tmp_path: Path) -> None:
    books = Searches(tmp_path)
    books.accept(LISTED, "Analis", NOW)
    assert books.accept(PriorityList((), ()), "Kepala", NOW + DAY)
    names = sorted(path.name for path in (tmp_path / "register").iterdir())
    assert [name[:17] for name in names] == ["accepted-20261122", "accepted-20261123"]
    assert EvidenceFolder(tmp_path, Register(())).registered_since(WEB, "portal") is None


def test_an_accepted_list_that_was_spoilt_is_not_passed_over(tmp_path: Path) -> None:
    Searches(tmp_path).accept(LISTED, "Analis", NOW)
    next((tmp_path / "register").iterdir()).write_text("{}")
    with pytest.raises(RecordRefused):
        Searches(tmp_path).read_search()


def test_a_listing_is_written_only_when_it_differs(tmp_path: Path) -> None:
    assert write_listing(tmp_path, "priorities/list.csv", b"a")
    assert not write_listing(tmp_path, "priorities/list.csv", b"a")
    assert write_listing(tmp_path, "priorities/list.csv", b"b")
    assert (tmp_path / "priorities" / "list.csv").read_bytes() == b"b"


def test_faults_of_the_disk_are_told(tmp_path: Path) -> None:
    (tmp_path / "searches").write_text("")
    with pytest.raises(NotRecorded):
        Searches(tmp_path).read_search()
    with pytest.raises(NotRecorded):
        Searches(tmp_path).keep_look(make_look())
    books = Searches(tmp_path / "other")
    (tmp_path / "other" / "register" / "accepted-20261122T130100Z-00000000.json").mkdir(parents=True)
    with pytest.raises(NotRecorded):
        books.read_accepted()
    (tmp_path / "x" / "list.csv").mkdir(parents=True)
    with pytest.raises(NotRecorded):
        write_listing(tmp_path, "x/list.csv", b"")


def test_a_listing_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "list.csv").write_text("x")

    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(NotRecorded, match="Permission denied"):
        write_listing(tmp_path, "list.csv", b"")
