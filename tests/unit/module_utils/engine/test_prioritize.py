from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.searches import Searches
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.prioritize import (
    add_looks,
    keep_priorities,
    prioritize,
    read_look,
    tell_list,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.search import NOT_SEARCHED
from ansible_collections.diskominfo.backup.tests.looks import (
    DATA,
    DAY,
    NOW,
    PORTAL,
    WEB,
    make_city,
    make_database,
    make_look,
    register,
)

KNOWN = register(web=[PORTAL], data=[])


def read_files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_list_is_written_in_every_form_and_a_second_time_nothing_differs(tmp_path: Path) -> None:
    looks = [replace(look, at=NOW) for look in make_city().values()]
    first = keep_priorities(tmp_path, KNOWN, looks, NOW, "", "id")
    written = read_files(tmp_path)
    again = keep_priorities(tmp_path, KNOWN, looks, NOW, "", "id")

    assert (first.is_changed, again.is_changed) == (True, False)
    assert read_files(tmp_path) == written
    assert {Path(path).name for path in first.paths} == {"priorities.yml", "priorities.json", "priorities.csv"}
    assert json.loads((tmp_path / "priorities" / "priorities.json").read_bytes()) == first.listed.to_data()
    assert tell_list(first.listed, "id")[0] == "1 terdaftar, 8 usulan"


def test_a_person_accepts_and_only_what_came_since_is_new(tmp_path: Path) -> None:
    look = make_look(at=NOW, databases=(make_database("portal"), make_database("lama")))
    accepted = keep_priorities(tmp_path, KNOWN, [look], NOW, "Analis", "id")
    again = keep_priorities(tmp_path, KNOWN, [look], NOW + DAY / 48, "Analis", "id")
    more = replace(look, databases=(*look.databases, make_database("baru")))
    later = keep_priorities(tmp_path, KNOWN, [more], NOW, "", "id").listed

    assert accepted.is_changed
    assert not again.is_changed
    assert later.accepted is not None
    assert later.accepted.by == "Analis"
    assert [(change.name, change.what) for change in later.changes] == [("baru", "added")]
    assert {find.key: find.state for find in later.finds if "localhost" in find.key} == {
        "mysql:localhost/baru": "new",
        "mysql:localhost/lama": "unclaimed",
        "mysql:localhost/portal": "registered",
    }


def test_a_server_that_could_not_be_searched_is_unknown_with_what_was_said(tmp_path: Path) -> None:
    kept = keep_priorities(tmp_path, KNOWN, [make_look(at=NOW)], NOW, "", "id", [(DATA, "Connection refused")])
    assert [(find.server, find.reason) for find in kept.listed.finds if find.kind == "server"] == [
        (DATA, "Connection refused")
    ]


def test_before_anything_was_searched_the_list_is_the_register() -> None:
    listed = prioritize(KNOWN, NOT_SEARCHED, NOW)
    assert [entry.name for entry in listed.entries] == ["portal"]
    assert listed.finds == ()


def test_who_must_write_nothing_sees_the_same_list(tmp_path: Path) -> None:
    looks = [replace(look, at=NOW) for look in make_city().values()]
    foretold = prioritize(KNOWN, add_looks(Searches(tmp_path).read_search(), looks), NOW)
    assert read_files(tmp_path) == {}
    assert foretold == keep_priorities(tmp_path, KNOWN, looks, NOW, "", "id").listed


def test_neither_the_clock_nor_the_name_of_a_server_is_believed() -> None:
    data = make_look(at=NOW + 900 * DAY).to_data()
    assert read_look(WEB, data, NOW).at == NOW
    with pytest.raises(RecordRefused, match="of another server"):
        read_look(DATA, data, NOW)
    with pytest.raises(RecordRefused):
        read_look(WEB, {}, NOW)
