"""The list of stored runs comes out of an index, and says the same as all receipts would."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.catalogue import Catalogue
from ansible_collections.diskominfo.backup.tests.office import Office


def list_runs(office: Office) -> dict[str, Any]:
    answer = office.call("list")
    assert answer.status == 0
    return answer.data


def forget(office: Office) -> None:
    shutil.rmtree(office.state / "index")


def receipt_files(office: Office) -> list[Path]:
    return sorted((office.state / "receipts" / "sippn").glob("2*.json"))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of all receipts that are opened to be read, in order."""
    found: list[str] = []
    walk = Catalogue.walk

    def note(self: Catalogue, application: str, kinds: Any = (), ids: Any = None) -> Iterator[Any]:
        wanted = self.ids(application) if ids is None else list(ids)
        found.extend(wanted)
        return walk(self, application, kinds, wanted)

    monkeypatch.setattr(Catalogue, "walk", note)
    return found


def test_every_step_of_a_life_is_listed_as_all_receipts_tell_it(office: Office) -> None:
    levels = []
    for step in (
        ("run",),
        ("check", "--depth", "readable", "--runs", "latest"),
        ("run",),
        ("check", "--runs", "all"),
        ("prune",),
    ):
        office.call(*step)
        told = list_runs(office)
        forget(office)
        assert list_runs(office) == told
        assert told["problems"] == []
        levels.append([run["level"] for run in told["runs"]])
    assert levels == [["written"], ["readable"], ["readable", "written"], ["compared"] * 2, ["compared"] * 2]


def test_an_old_run_that_is_found_damaged_later_is_listed_so(office: Office) -> None:
    office.call("run")
    office.call("check")
    assert [run["level"] for run in list_runs(office)["runs"]] == ["compared"]
    next(office.stored_runs()[0].glob("database-*.zst")).write_bytes(b"rusak")

    office.call("check", "--runs", "all")

    assert [run["level"] for run in list_runs(office)["runs"]] == ["damaged"]


def test_only_new_receipts_are_read_again(office: Office, opened: list[str]) -> None:
    office.call("run")
    office.call("check")
    list_runs(office)
    opened.clear()

    list_runs(office)
    assert opened == []

    office.call("run")
    opened.clear()
    list_runs(office)
    assert {*opened} == {receipt_files(office)[-1].stem}


def test_runs_that_are_stored_no_longer_are_not_listed_and_come_back_with_their_store(office: Office) -> None:
    office.call("run")
    office.call("check")
    told = list_runs(office)
    shutil.move(office.store, office.root / "aside")
    assert list_runs(office) == {"runs": [], "problems": []}
    forget(office)
    list_runs(office)

    shutil.move(office.root / "aside", office.store)

    assert list_runs(office) == told


def test_a_receipt_that_was_altered_is_read_again(office: Office) -> None:
    office.call("run")
    office.call("check")
    list_runs(office)
    check = receipt_files(office)[-1]
    check.write_text(check.read_text().replace('"level": "compared"', '"level": "restored"'))

    assert [run["level"] for run in list_runs(office)["runs"]] == ["restored"]


@pytest.mark.parametrize("content", ["", "{}", "rusak", '{\n "kind": "check",\n "id": 5\n}'])
def test_a_damaged_receipt_is_told_each_time(office: Office, content: str) -> None:
    office.call("run")
    office.call("check")
    list_runs(office)
    check = receipt_files(office)[-1]
    check.write_text(content)

    for _time in range(2):
        told = list_runs(office)
        assert [run["level"] for run in told["runs"]] == ["written"]
        (problem,) = told["problems"]
        assert problem.startswith(f"sippn: {check.stem}: ")


def test_a_damaged_receipt_of_a_stored_run_is_told(office: Office) -> None:
    office.call("run")
    (run,) = receipt_files(office)
    run.write_text(run.read_text().replace('"server": "web"', '"server": 5'))

    told = list_runs(office)

    assert told["runs"] == []
    assert [problem.partition(": ")[2].partition(": ")[0] for problem in told["problems"]] == [run.stem]


def test_a_receipt_whose_kind_cannot_be_told_is_told_once(office: Office) -> None:
    office.call("run")
    (run,) = receipt_files(office)
    run.write_bytes(b"rusak")

    told = list_runs(office)

    assert [problem.partition(": ")[2].partition(": ")[0] for problem in told["problems"]] == [run.stem]


@pytest.mark.parametrize("has_receipts", [True, False])
def test_a_stored_run_that_no_receipt_tells_of_is_told(office: Office, has_receipts: bool) -> None:
    office.call("run")
    (only,) = receipt_files(office)
    if has_receipts:
        only.unlink()
    else:
        shutil.rmtree(office.state / "receipts")

    told = list_runs(office)

    assert told == {"runs": [], "problems": [f"sippn: {only.stem}: stored, but no receipt here tells of it"]}


def test_a_receipt_of_another_kind_that_hides_it_is_passed_over(office: Office) -> None:
    office.call("run")
    office.call("run")
    office.call("prune")
    told = list_runs(office)
    forget(office)
    for path in receipt_files(office):
        path.write_text(json.dumps(json.loads(path.read_text())))

    assert list_runs(office) == told


@pytest.mark.parametrize("harm", [b"", b"rusak\nrusak", b"\xff"])
def test_a_damaged_index_is_made_again(office: Office, harm: bytes) -> None:
    office.call("run")
    office.call("check")
    told = list_runs(office)
    (index,) = (path for path in (office.state / "index").rglob("*") if path.is_file())
    whole = index.read_bytes()
    index.write_bytes(harm or whole[:-20])

    assert list_runs(office) == told
    assert index.read_bytes() == whole


def test_an_index_that_cannot_be_written_is_done_without(office: Office) -> None:
    office.call("run")
    (office.state / "index").write_text("")

    assert [run["level"] for run in list_runs(office)["runs"]] == ["written"]
