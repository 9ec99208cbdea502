from __future__ import annotations

import functools
import json
import os
import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.catalogue import HEAD, Catalogue
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    NotRecorded,
    RecordRefused,
    RunNotFound,
    StoredDamaged,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import (
    CHECK,
    CONTACT,
    PRUNE,
    RUN,
    Receipt,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import hash_bytes
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.stores.directory import DirectoryStore
from ansible_collections.diskominfo.backup.tests.ordinary import kill_in_child, limit_file_size
from ansible_collections.diskominfo.backup.tests.records import (
    NOON,
    make_failed_receipt,
    make_identity,
    make_receipt,
)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "receipts", "web")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "receipts" / "sippn"


def add_days(catalogue: Catalogue, days: int, first: int = 0) -> list[Receipt]:
    """A run and a check a day."""
    added = []
    for day in range(first, first + days):
        for number, kind in enumerate((RUN, CHECK)):
            added.append(catalogue.add(make_receipt(NOON + timedelta(days=day), number, kind=kind)))
    return added


def test_receipts_come_back_in_the_order_of_time_whatever_the_order_they_came_in(catalogue: Catalogue) -> None:
    receipts = [make_receipt(NOON + timedelta(hours=hour)) for hour in (3, 1, 2)]
    for receipt in receipts:
        assert catalogue.add_bytes(receipt.to_bytes(), "sippn")
    assert [receipt.id for receipt in catalogue.receipts("sippn")] == sorted(receipt.id for receipt in receipts)
    assert catalogue.applications() == ["sippn"]


def test_receipts_are_chosen_by_kind_and_the_latest_is_found(catalogue: Catalogue) -> None:
    added = add_days(catalogue, 3)
    assert list(catalogue.receipts("sippn", (CHECK,))) == added[1::2]
    assert list(catalogue.receipts("sippn", (RUN, CHECK))) == added
    assert (catalogue.latest("sippn", RUN), catalogue.latest("sippn", PRUNE)) == (added[-2], None)


def test_a_receipt_that_is_laid_out_in_another_way_is_chosen_by_kind_all_the_same(
    catalogue: Catalogue, folder: Path
) -> None:
    run, _unused = add_days(catalogue, 1)
    (folder / f"{run.id}.json").write_text(json.dumps(run.to_data()))
    assert list(catalogue.receipts("sippn", (RUN,))) == [run]
    assert list(catalogue.receipts("sippn", (PRUNE,))) == []
    assert catalogue.latest("sippn", PRUNE) is None


def test_each_receipt_names_the_bytes_of_the_one_before(catalogue: Catalogue) -> None:
    added = add_days(catalogue, 2)
    bytes_of = [catalogue.read("sippn", receipt.id) for receipt in added]
    assert [receipt.previous for receipt in added] == ["", *map(hash_bytes, bytes_of[:-1])]
    assert catalogue.head("sippn") == hash_bytes(bytes_of[-1])
    assert catalogue.verify_chain("sippn") == []


def test_what_is_written_is_private(catalogue: Catalogue, folder: Path) -> None:
    before = os.umask(0)
    try:
        add_days(catalogue, 1)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (folder, folder.parent)} == {0o700}


def test_a_receipt_that_came_before_is_known_and_another_with_its_id_is_refused(catalogue: Catalogue) -> None:
    data = make_receipt().to_bytes()
    assert [catalogue.add_bytes(data, "sippn"), catalogue.add_bytes(data, "sippn")] == [True, False]
    with pytest.raises(RecordRefused, match="another receipt has this id"):
        catalogue.add_bytes(make_receipt(title="altered").to_bytes(), "sippn")
    assert catalogue.read("sippn", make_receipt().id) == data


@pytest.mark.parametrize(
    ("receipt", "application"),
    [
        (make_receipt(server="other"), "sippn"),
        (make_receipt(application="other"), "sippn"),
        (make_receipt(), ""),
        (make_failed_receipt(kind=CONTACT, application=""), "sippn"),
        (make_receipt(), "../sippn"),
        (make_receipt(), "_server"),
    ],
)
def test_a_receipt_of_another_server_or_application_is_refused(
    catalogue: Catalogue, tmp_path: Path, receipt: Receipt, application: str
) -> None:
    with pytest.raises(RecordRefused):
        catalogue.add_bytes(receipt.to_bytes(), application)
    assert os.listdir(tmp_path) == []


def test_the_silence_of_a_server_is_kept_apart_from_its_applications(catalogue: Catalogue) -> None:
    contact = catalogue.add(make_failed_receipt(kind=CONTACT, application=""))
    assert list(catalogue.receipts("", (CONTACT,))) == [contact]
    assert catalogue.applications() == []


def test_where_nothing_is_there_is_nothing(catalogue: Catalogue) -> None:
    assert (catalogue.head("sippn"), list(catalogue.receipts("sippn")), catalogue.applications()) == ("", [], [])
    assert (catalogue.problems("sippn"), catalogue.verify_chain("sippn")) == ([], [])
    assert not catalogue.holds("sippn", make_identity(NOON))
    with pytest.raises(RunNotFound):
        catalogue.read("sippn", make_identity(NOON))
    with pytest.raises(RunNotFound):
        catalogue.read("sippn", "../secret")
    with pytest.raises(RecordRefused):
        catalogue.ids("../secret")


SPOILED_HEADS = [b"", b"{}", b"[]", b'{"count": 4, "sha256": "x"}', b'{"count": "4"}']


@pytest.mark.parametrize("head", [None, *SPOILED_HEADS])
def test_a_head_that_is_lost_or_spoiled_is_found_again(catalogue: Catalogue, folder: Path, head: bytes | None) -> None:
    expected = hash_bytes(add_days(catalogue, 2)[-1].to_bytes())
    (folder / HEAD).unlink() if head is None else (folder / HEAD).write_bytes(head)
    assert catalogue.head("sippn") == expected
    assert json.loads((folder / HEAD).read_bytes())["sha256"] == expected


def test_a_head_from_before_a_crash_is_noticed(catalogue: Catalogue, folder: Path) -> None:
    add_days(catalogue, 1)
    stale = (folder / HEAD).read_bytes()
    last = catalogue.add(make_receipt(NOON + timedelta(days=1)))
    (folder / HEAD).write_bytes(stale)
    assert catalogue.head("sippn") == hash_bytes(last.to_bytes())
    (folder / f"{last.id}.json").unlink()
    assert catalogue.head("sippn") == json.loads(stale)["sha256"]


def test_a_receipt_with_an_older_id_that_was_appended_last_is_the_end_of_the_chain(catalogue: Catalogue) -> None:
    add_days(catalogue, 1, first=1)
    late = catalogue.add(make_failed_receipt(NOON))
    assert catalogue.head("sippn") == hash_bytes(late.to_bytes())
    assert catalogue.verify_chain("sippn") == []


def test_a_head_that_cannot_be_kept_is_told_all_the_same(catalogue: Catalogue, folder: Path) -> None:
    last = add_days(catalogue, 1)[-1]
    (folder / HEAD).unlink()
    (folder / HEAD).mkdir()
    assert catalogue.head("sippn") == hash_bytes(last.to_bytes())


def test_among_receipts_that_cannot_be_read_the_chain_begins_anew(catalogue: Catalogue, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / f"{make_identity(NOON)}.json").write_bytes(b"spoiled")
    assert catalogue.head("sippn") == ""
    assert catalogue.add(make_receipt(NOON + timedelta(days=1))).previous == ""


def test_what_is_no_receipt_is_passed_over_and_told(catalogue: Catalogue, folder: Path) -> None:
    added = add_days(catalogue, 1)
    ids = [make_identity(NOON + timedelta(days=day)) for day in range(1, 5)]
    (folder / f"{ids[0]}.json").write_bytes(b"spoiled")
    (folder / f"{ids[1]}.json").symlink_to(folder / f"{added[0].id}.json")
    (folder / f"{ids[2]}.json").write_bytes(added[0].to_bytes())
    (folder / f"{ids[3]}.json").mkdir()
    (folder / "notes.txt").write_text("no receipt at all")
    assert list(catalogue.receipts("sippn")) == added
    told = catalogue.problems("sippn")
    assert [line.partition(":")[0] for line in told] == ids
    for word in ("not JSON", "not a regular file", "another's"):
        assert any(word in line for line in told), told
    assert catalogue.verify_chain("sippn") == told


def alter(folder: Path, receipt: Receipt) -> None:
    path = folder / f"{receipt.id}.json"
    path.write_bytes(path.read_bytes().replace(b"Bagian Organisasi", b"Bagian Keuangan  "))


def test_an_altered_receipt_is_noticed_by_the_one_after_it(catalogue: Catalogue, folder: Path) -> None:
    added = add_days(catalogue, 2)
    alter(folder, added[1])
    assert catalogue.verify_chain("sippn") == [f"{added[2].id}: the receipt before it was altered or removed"]


def test_a_removed_receipt_is_noticed_by_the_one_after_it(catalogue: Catalogue, folder: Path) -> None:
    added = add_days(catalogue, 2)
    (folder / f"{added[1].id}.json").unlink()
    assert catalogue.verify_chain("sippn") == [f"{added[2].id}: the receipt before it was altered or removed"]


def test_a_chain_that_was_cut_and_continued_elsewhere_is_noticed_where_both_ends_are(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    """As when a failed receipt is deleted on a server after it was collected."""
    home = Catalogue(tmp_path / "home", "web")
    added = add_days(catalogue, 1)
    failed = catalogue.add(make_failed_receipt(NOON + timedelta(days=1)))
    for receipt in (*added, failed):
        home.add_bytes(receipt.to_bytes(), "sippn")
    (tmp_path / "receipts" / "sippn" / f"{failed.id}.json").unlink()
    later = catalogue.add(make_receipt(NOON + timedelta(days=2)))
    assert catalogue.verify_chain("sippn") == []
    home.add_bytes(later.to_bytes(), "sippn")
    (told,) = home.verify_chain("sippn")
    assert failed.id in told
    assert later.id in told


def test_a_chain_that_begins_twice_is_noticed(catalogue: Catalogue) -> None:
    for day in range(2):
        catalogue.add_bytes(make_receipt(NOON + timedelta(days=day)).to_bytes(), "sippn")
    (told,) = catalogue.verify_chain("sippn")
    assert "begin a chain" in told


@pytest.mark.parametrize("spoil", ["root", "folder"])
def test_a_fault_of_the_disk_is_told_by_name(catalogue: Catalogue, tmp_path: Path, spoil: str) -> None:
    root = tmp_path / "receipts"
    if spoil == "root":
        root.touch()
    else:
        root.mkdir()
        (root / "sippn").touch()
    for use in (
        lambda: catalogue.add(make_receipt()),
        lambda: catalogue.add_bytes(make_receipt().to_bytes(), "sippn"),
        lambda: list(catalogue.receipts("sippn")),
        catalogue.applications,
    ):
        with pytest.raises(NotRecorded, match="receipts"):
            use()


def test_a_link_in_place_of_a_receipt_is_neither_read_nor_written_through(catalogue: Catalogue, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / f"{make_receipt().id}.json").symlink_to("/etc/hostname")
    with pytest.raises(NotRecorded, match="not a regular file"):
        catalogue.add_bytes(make_receipt().to_bytes(), "sippn")


def test_a_receipt_that_cannot_be_written_whole_is_told_and_leaves_nothing(catalogue: Catalogue, folder: Path) -> None:
    add_days(catalogue, 1)
    before = sorted(os.listdir(folder))
    with limit_file_size(300), pytest.raises(NotRecorded, match="File too large"):
        catalogue.add(make_receipt(NOON + timedelta(days=1)))
    assert sorted(os.listdir(folder)) == before


def test_a_process_that_is_killed_while_it_appends_leaves_an_unbroken_chain(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "receipts", "web")
    chance = random.Random(7)
    turn = 0
    while turn < 10 or len(catalogue.ids("sippn")) < 10:
        turn += 1
        kill_in_child(functools.partial(add_days, catalogue, 1000, turn * 1000), chance.uniform(0.01, 0.06))
        catalogue.head("sippn")
        assert catalogue.verify_chain("sippn") == []


class Shelf:
    """A keeper of receipts in a dictionary."""

    def __init__(self, receipts: dict[str, bytes]) -> None:
        self.kept = receipts

    def runs(self, application: str) -> Sequence[str]:
        return sorted(self.kept) if application == "sippn" else []

    def read_receipt(self, application: str, run_id: str) -> bytes:
        if not self.kept[run_id]:
            raise StoredDamaged.missing(f"{application}/{run_id}/receipt.json")
        return self.kept[run_id]


def test_a_new_server_takes_its_receipts_over_from_the_store_and_continues_their_chain(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    store = DirectoryStore(tmp_path / "store", tmp_path / "state" / "store.json")
    store.open()
    for day in range(3):
        receipt = make_receipt(NOON + timedelta(days=day), previous=catalogue.head("sippn"))
        with store.open_deposit("sippn", receipt.id) as deposit:
            deposit.seal(receipt, [])
        catalogue.add_bytes(receipt.to_bytes(), "sippn")
    new = Catalogue(tmp_path / "new", "web")
    assert [new.rebuild_from(store, "sippn"), new.rebuild_from(store, "sippn")] == [3, 0]
    assert new.rebuild_from(store, "other") == 0
    assert new.head("sippn") == catalogue.head("sippn")
    assert new.verify_chain("sippn") == []


def test_what_the_store_has_and_cannot_be_taken_over_is_told_until_it_can(catalogue: Catalogue) -> None:
    ids = [make_identity(NOON + timedelta(days=day)) for day in range(5)]
    good = make_receipt(NOON + timedelta(days=4))
    shelf = Shelf(
        {
            ids[0]: b"spoiled",
            ids[1]: b"",
            ids[2]: make_receipt(NOON).to_bytes(),
            ids[3]: make_receipt(NOON + timedelta(days=3), server="other").to_bytes(),
            ids[4]: good.to_bytes(),
        }
    )
    assert catalogue.rebuild_from(shelf, "sippn") == 1
    assert list(catalogue.receipts("sippn")) == [good]
    assert [line.partition(" ")[0] for line in catalogue.problems("sippn")] == ids[:4]
    for identity in ids[:4]:
        del shelf.kept[identity]
    assert catalogue.rebuild_from(shelf, "sippn") == 0
    assert catalogue.problems("sippn") == []


def test_what_a_killed_process_left_beside_the_receipts_is_swept(catalogue: Catalogue, folder: Path) -> None:
    add_days(catalogue, 1)
    (folder / ".x.json.0011aabb.tmp").touch()
    os.utime(folder / ".x.json.0011aabb.tmp", (0, 0))
    catalogue.rebuild_from(Shelf({}), "sippn")
    assert [name for name in os.listdir(folder) if name.startswith(".")] == []
