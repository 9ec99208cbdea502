from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.catalogue import Catalogue
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import PruneRefused, StoreUnavailable
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Supervisor
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.progress import Silence
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.prune import (
    Pruned,
    prune_application,
    prune_server,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import (
    CHECK,
    PRUNE,
    Part,
    Receipt,
    Runner,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Server, read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.station import Station
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.stores.directory import DELETED, DirectoryStore
from ansible_collections.diskominfo.backup.tests.records import (
    NOON,
    make_config,
    make_failed_receipt,
    make_identity,
    make_receipt,
)

DAY = timedelta(days=1)
PART = Part("source", "tree", "site", "/srv/sippn", level="written")


def read_one(tmp_path: Path, **retention: int) -> Server:
    application = {
        "name": "sippn",
        "sources": [{"path": "/srv/sippn"}],
        "retention": {"weekly": 0, "monthly": 0, **retention},
    }
    return read_server(make_config(applications=[application], state=str(tmp_path / "state")))


class Scene:
    """A server with a store and a catalogue, and a run of `sippn` a day up to NOON."""

    def __init__(self, tmp_path: Path, days: int, **retention: int) -> None:
        self.server = read_one(tmp_path, **{"daily": 2, **retention})
        self.store = DirectoryStore(tmp_path / "store", tmp_path / "state" / "store.json")
        self.store.open()
        self.catalogue = Catalogue(tmp_path / "state" / "receipts", "web")
        self.ids = [self.add_run(NOON - day * DAY) for day in reversed(range(days))]

    def add_run(self, began: datetime, **changes: Any) -> str:
        receipt = make_receipt(began, parts=(PART,), previous=self.catalogue.head("sippn"), **changes)
        with self.store.open_deposit("sippn", receipt.id) as deposit:
            deposit.seal(receipt, [])
        self.catalogue.add_bytes(receipt.to_bytes(), "sippn")
        return receipt.id

    def add_check(self, run_id: str, level: str) -> None:
        part = Part("source", "tree", "site", "/srv/sippn", level=level, comparison="rows")
        began = NOON + timedelta(minutes=len(self.catalogue.ids("sippn")))
        self.catalogue.add(make_receipt(began, kind=CHECK, run_id=run_id, parts=(part,)))

    @property
    def receipts(self) -> list[Receipt]:
        return list(self.catalogue.receipts("sippn"))

    def prune(self, is_rehearsal: bool = False, now: datetime = NOON, **more: Any) -> Pruned:
        (application,) = self.server.applications
        levels = more.pop("levels", {})
        return prune_application(application, self.store, self.receipts, levels, now, is_rehearsal, **more)

    def station(self, now: datetime) -> Station:
        runner = Runner("1", "")
        return Station(self.server, self.store, self.catalogue, Supervisor(), Silence(), lambda: now, runner, "command")


def test_old_runs_leave_the_store_oldest_first_and_their_receipts_stay(tmp_path: Path) -> None:
    scene = Scene(tmp_path, 6)
    pruned = scene.prune()
    assert pruned.deleted == tuple(scene.ids[:3])
    assert scene.store.runs("sippn") == scene.ids[3:]
    assert len(scene.receipts) == 6
    assert {run_id for run_id, _unused in pruned.plan.drop} == {*scene.ids[:3]}
    assert scene.prune().deleted == ()


def test_a_rehearsal_plans_the_same_and_deletes_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path, 6)
    rehearsed = scene.prune(is_rehearsal=True)
    assert (rehearsed.deleted, len(scene.store.runs("sippn"))) == ((), 6)
    assert rehearsed.plan == scene.prune().plan


def test_proved_runs_stay_whatever_their_age(tmp_path: Path) -> None:
    scene = Scene(tmp_path, 12)
    levels = {scene.ids[0]: "compared", scene.ids[1]: "restored", scene.ids[2]: "damaged", scene.ids[3]: "compared"}
    scene.prune(levels=levels)
    assert scene.store.runs("sippn") == [scene.ids[0], scene.ids[1], scene.ids[3], *scene.ids[-2:]]


def test_nothing_goes_after_a_failure_and_the_reason_is_told(tmp_path: Path) -> None:
    scene = Scene(tmp_path, 6)
    scene.catalogue.add(make_failed_receipt(NOON + timedelta(hours=1)))
    for is_rehearsal in (True, False):
        with pytest.raises(PruneRefused, match="sippn: nothing was pruned: the last run failed"):
            scene.prune(is_rehearsal)
    assert len(scene.store.runs("sippn")) == 6


def test_nothing_goes_when_the_clock_is_earlier_than_the_newest_run(tmp_path: Path) -> None:
    scene = Scene(tmp_path, 6)
    with pytest.raises(PruneRefused, match="future"):
        scene.prune(now=NOON - timedelta(hours=1))
    assert len(scene.store.runs("sippn")) == 6


def test_a_run_that_no_receipt_tells_of_is_left_alone(tmp_path: Path) -> None:
    scene = Scene(tmp_path, 6)
    unknown = tmp_path / "store" / "sippn" / make_identity(NOON - 400 * DAY)
    unknown.mkdir()
    scene.prune()
    assert unknown.is_dir()


def test_an_application_without_runs_is_pruned_of_nothing(tmp_path: Path) -> None:
    assert Scene(tmp_path, 0).prune() == Pruned(Scene(tmp_path, 0).prune().plan, ())


def test_a_store_that_fails_half_way_is_told_with_what_was_deleted_before(tmp_path: Path) -> None:
    scene = Scene(tmp_path, 6)
    (tmp_path / "store" / DELETED / f"sippn-{scene.ids[1]}" / "full").mkdir(parents=True)
    pruned = scene.prune()
    assert pruned.deleted == (scene.ids[0],)
    assert isinstance(pruned.failure, StoreUnavailable)
    assert scene.store.runs("sippn") == scene.ids[1:]


def test_a_server_is_pruned_by_what_its_checks_have_proved_and_leaves_a_receipt(tmp_path: Path) -> None:
    scene = Scene(tmp_path, 8)
    for run_id in scene.ids[:3]:
        scene.add_check(run_id, "compared")
    (receipt,) = prune_server(scene.station(NOON + DAY), scene.server.applications, is_rehearsal=False)
    assert (receipt.kind, receipt.has_succeeded) == (PRUNE, True)
    assert receipt.deleted == tuple(scene.ids[3:6])
    assert scene.store.runs("sippn") == [*scene.ids[:3], *scene.ids[6:]]
    kept = scene.catalogue.latest("sippn", PRUNE)
    assert kept is not None
    assert (kept.id, kept.deleted) == (receipt.id, receipt.deleted)
    assert scene.catalogue.verify_chain("sippn") == []


def test_a_rehearsal_on_a_server_tells_what_would_go_and_records_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path, 8)
    (receipt,) = prune_server(scene.station(NOON + DAY), scene.server.applications, is_rehearsal=True)
    assert receipt.deleted == tuple(scene.ids[:5])
    assert len(scene.store.runs("sippn")) == 8
    assert scene.catalogue.latest("sippn", PRUNE) is None


@pytest.mark.parametrize("is_rehearsal", [True, False])
def test_a_refusal_on_a_server_is_a_failed_receipt(tmp_path: Path, is_rehearsal: bool) -> None:
    scene = Scene(tmp_path, 8)
    scene.catalogue.add(make_failed_receipt(NOON + timedelta(hours=1)))
    (receipt,) = prune_server(scene.station(NOON + DAY), scene.server.applications, is_rehearsal)
    assert receipt.failure is not None
    assert (receipt.failure.slug, receipt.deleted) == ("prune_refused", ())


def test_a_fault_half_way_on_a_server_is_a_failed_receipt_that_tells_what_is_gone(tmp_path: Path) -> None:
    scene = Scene(tmp_path, 6)
    (tmp_path / "store" / DELETED / f"sippn-{scene.ids[1]}").touch()
    (receipt,) = prune_server(scene.station(NOON + DAY), scene.server.applications, is_rehearsal=False)
    assert receipt.failure is not None
    assert (receipt.failure.slug, receipt.deleted) == ("store_unavailable", (scene.ids[0],))
    assert scene.store.runs("sippn") == scene.ids[1:]


def test_what_a_restore_replaced_takes_no_place_and_goes_after_a_while(tmp_path: Path) -> None:
    scene = Scene(tmp_path, 0, daily=1)
    scene.add_run(NOON - 20 * DAY, trigger="restore")
    planned = [scene.add_run(NOON - day * DAY) for day in (5, 4, 3)]
    young = scene.add_run(NOON - 2 * DAY, trigger="restore")

    pruned = scene.prune()

    assert [*scene.store.runs("sippn")] == [*planned, young]
    assert len(pruned.deleted) == 1
    assert dict(pruned.plan.keep)[young] == "replaced by a restore lately"
