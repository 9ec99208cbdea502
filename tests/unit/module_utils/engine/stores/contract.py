"""What every store must do, whatever it keeps its runs in: a store's own test supplies a factory and inherits this."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    RunNotFound,
    StoredDamaged,
    StoreFull,
    StoreUnavailable,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import Receipt, StoredFile
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.stores.base import Store
from ansible_collections.diskominfo.backup.tests.records import NOON, make_identity, make_receipt

CONTENT = {"database-app.db.sqlite.zst": b"rows" * 5000, "source-site.tar.zst": b"", "a.manifest.jsonl.zst": b"{}\n"}
RUN = make_identity(NOON)
BAD_NAMES = ("", ".", "..", "../x", "x/y", "/etc/passwd", ".hidden", "a\nb", "receipt.json", "SHA256SUMS", "x" * 300)


def describe_files(content: Mapping[str, bytes]) -> list[StoredFile]:
    return [StoredFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in content.items()]


def store_run(store: Store, number: int = 0, application: str = "sippn", **changes: Any) -> Receipt:
    """Stores CONTENT as one run; its receipt."""
    began = NOON + timedelta(days=number)
    receipt = make_receipt(began, application=application, **changes)
    with store.open_deposit(application, receipt.id) as deposit:
        for name, data in CONTENT.items():
            with deposit.put(name) as stream:
                stream.write(data)
        deposit.seal(receipt, describe_files(CONTENT))
    return receipt


class Abandoned(Exception):
    """What a test raises inside a deposit."""


def abandon_run(store: Store, moment: str) -> None:
    """Begins a run and raises Abandoned at a moment of it."""
    with store.open_deposit("sippn", RUN) as deposit:
        (deposit.place / "scratch").write_bytes(b"x" * 1000)
        if moment == "before":
            raise Abandoned
        with deposit.put("a") as stream:
            stream.write(b"x" * 1000)
            if moment == "within":
                raise Abandoned
        if moment == "sealed":
            deposit.seal(make_receipt(), describe_files({"a": b"x" * 1000}))
        raise Abandoned


def store_files(store: Store, put: Sequence[tuple[str, bytes]], named: Mapping[str, bytes]) -> None:
    """Stores a run of these files whose receipt names those."""
    began = NOON + timedelta(days=400)
    with store.open_deposit("sippn", make_identity(began)) as deposit:
        for name, data in put:
            with deposit.put(name) as stream:
                stream.write(data)
        deposit.seal(make_receipt(began), describe_files(named))


class StoreContract(ABC):
    @abstractmethod
    def make_store(self, root: Path) -> Store:
        """A store below `root`, not opened; a second call gives another view of the same store."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        store = self.make_store(tmp_path)
        store.open()
        return store

    def test_a_new_store_is_empty_and_can_be_opened_again(self, store: Store) -> None:
        store.open()
        store.probe()
        assert (store.applications(), store.runs("sippn")) == ([], [])

    def test_what_was_sealed_comes_back_byte_for_byte(self, store: Store, tmp_path: Path) -> None:
        receipt = store_run(store)
        again = self.make_store(tmp_path)
        assert (again.applications(), again.runs("sippn")) == (["sippn"], [receipt.id])
        assert again.read_receipt("sippn", receipt.id) == receipt.to_bytes()
        for name, data in CONTENT.items():
            with again.get("sippn", receipt.id, name) as stream:
                assert stream.read() == data

    def test_nothing_of_a_run_is_listed_before_its_block_has_ended(self, store: Store) -> None:
        with store.open_deposit("sippn", RUN) as deposit:
            with deposit.put("a") as stream:
                stream.write(b"x")
            deposit.seal(make_receipt(), describe_files({"a": b"x"}))
            assert (store.runs("sippn"), store.applications()) == ([], [])
            with pytest.raises(RunNotFound):
                store.read_receipt("sippn", RUN)
        assert store.runs("sippn") == [RUN]

    @pytest.mark.parametrize("moment", ["before", "within", "after", "sealed"])
    def test_an_exception_in_the_block_leaves_nothing_of_the_run(self, store: Store, moment: str) -> None:
        with pytest.raises(Abandoned):
            abandon_run(store, moment)
        assert (store.runs("sippn"), store.applications(), store.sweep("sippn")) == ([], [], [])
        store_run(store)
        assert store.runs("sippn") == [RUN]

    def test_a_run_that_was_not_sealed_is_not_kept(self, store: Store) -> None:
        with store.open_deposit("sippn", RUN) as deposit, deposit.put("a") as stream:
            stream.write(b"x")
        assert (store.runs("sippn"), store.sweep("sippn")) == ([], [])

    def test_the_place_for_scratch_files_is_private_and_vanishes(self, store: Store) -> None:
        with store.open_deposit("sippn", RUN) as deposit:
            assert deposit.place.stat().st_mode & 0o777 == 0o700
            (deposit.place / "deep").mkdir()
            (deposit.place / "deep" / "file").write_bytes(b"x")
            (deposit.place / "deep").chmod(0o555)
            deposit.seal(make_receipt(), [])
        assert not deposit.place.exists()
        with pytest.raises(StoredDamaged):
            store.get("sippn", RUN, "file")

    def test_a_file_is_put_only_once(self, store: Store) -> None:
        with pytest.raises(StoreUnavailable, match="File exists"):
            store_files(store, [("a", b"one"), ("a", b"two")], {"a": b"two"})

    @pytest.mark.parametrize("named", [{}, {"a": b"xy"}, {"b": b"x"}, {"a": b"x", "b": b""}])
    def test_a_receipt_that_names_other_files_than_were_put_is_not_sealed(
        self, store: Store, named: dict[str, bytes]
    ) -> None:
        with pytest.raises(StoreUnavailable, match="other files"):
            store_files(store, [("a", b"x")], named)
        assert store.runs("sippn") == []

    def test_a_run_id_is_stored_only_once(self, store: Store) -> None:
        store_run(store)
        with pytest.raises(StoreUnavailable, match=RUN), store.open_deposit("sippn", RUN):
            pass
        assert store.read_receipt("sippn", RUN) == make_receipt().to_bytes()

    def test_runs_are_told_oldest_first_and_each_to_its_application(self, store: Store) -> None:
        ids = [store_run(store, number).id for number in (2, 0, 1)]
        store_run(store, 3, "sippn-lama")
        assert store.runs("sippn") == sorted(ids)
        assert store.applications() == ["sippn", "sippn-lama"]

    def test_a_deleted_run_is_gone_and_the_others_stay(self, store: Store) -> None:
        doomed, kept, other = store_run(store, 0), store_run(store, 1), store_run(store, 0, "sippn-lama")
        store.delete("sippn", doomed.id)
        assert (store.runs("sippn"), store.runs("sippn-lama")) == ([kept.id], [other.id])
        with pytest.raises(RunNotFound):
            store.delete("sippn", doomed.id)
        store.delete("sippn", kept.id)
        assert store.applications() == ["sippn-lama"]

    @pytest.mark.parametrize("name", BAD_NAMES)
    def test_no_name_leads_out_of_the_store(self, store: Store, tmp_path: Path, name: str) -> None:
        store_run(store)
        before = sorted(str(path) for path in tmp_path.rglob("*"))
        with pytest.raises(RunNotFound):
            store.get("sippn", name, "source-site.tar.zst")
        with pytest.raises(RunNotFound):
            store.delete("sippn", name)
        with pytest.raises(StoreUnavailable), store.open_deposit("sippn", name):
            pass
        with pytest.raises(StoreUnavailable):
            store_files(store, [(name, b"x")], {name: b"x"})
        if name not in ("receipt.json", "SHA256SUMS"):
            with pytest.raises(StoredDamaged):
                store.get("sippn", RUN, name)
        assert sorted(str(path) for path in tmp_path.rglob("*")) == before

    @pytest.mark.parametrize("name", [*BAD_NAMES[:-3], "SIPPN", "x" * 300])
    def test_no_name_of_an_application_leads_out_of_the_store(self, store: Store, name: str) -> None:
        assert (store.runs(name), store.sweep(name)) == ([], [])
        with pytest.raises(RunNotFound):
            store.read_receipt(name, RUN)
        with pytest.raises(RunNotFound):
            store.delete(name, RUN)
        with pytest.raises(StoreUnavailable), store.open_deposit(name, RUN):
            pass

    def test_the_store_says_where_it_is_and_asks_for_room_before_a_byte_is_written(self, store: Store) -> None:
        trace = store.inspect()
        assert trace.path
        assert trace.free_bytes > 0
        assert trace.is_same_disk is False
        store.require_room(0)
        with pytest.raises(StoreFull, match=str(2**60)):
            store.require_room(2**60)
