from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    RunNotFound,
    StoredDamaged,
    StoreUnavailable,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.stores.folder import FolderStore
from ansible_collections.diskominfo.backup.tests.office import Office


@pytest.fixture
def brought(tmp_path: Path) -> Path:
    office = Office(tmp_path)
    office.add_application()
    office.call("run")
    office.call("check", "--runs", "latest")
    shutil.copytree(office.stored_runs()[0], tmp_path / "usb")
    return tmp_path / "usb"


def test_the_run_that_lies_there_is_read(brought: Path) -> None:
    store = FolderStore(brought)
    store.open()
    store.probe()
    run = store.read_run()
    part = run.parts[0]

    assert run.application == "sippn"
    assert part.file
    with store.get("sippn", run.id, part.file.name) as stream:
        assert len(stream.read()) == part.file.size_bytes
    assert (store.inspect().type, store.inspect().path) == ("folder", str(brought))


def test_it_is_only_read(brought: Path) -> None:
    store = FolderStore(brought)
    store.require_room(10**18)
    with pytest.raises(StoreUnavailable, match="it is only read"):
        store.open_deposit("sippn", "id")
    with pytest.raises(RunNotFound):
        store.delete("sippn", "id")
    assert ([*store.runs("sippn")], [*store.applications()], [*store.sweep("sippn")]) == ([], [], [])


def test_what_is_not_there_is_named(brought: Path) -> None:
    with pytest.raises(StoredDamaged, match=r"missing: other\.zst"):
        FolderStore(brought).get("sippn", "id", "other.zst")
    with pytest.raises(RunNotFound):
        FolderStore(brought / "nowhere").read_run()


def test_the_receipt_of_something_else_is_no_run(brought: Path) -> None:
    check = next(
        path
        for path in (brought.parent / "state" / "receipts" / "sippn").glob("2*.json")
        if "check" in path.read_text()
    )
    shutil.copy(check, brought / "receipt.json")
    with pytest.raises(RunNotFound):
        FolderStore(brought).read_run()
