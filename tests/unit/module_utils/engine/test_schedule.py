"""The plan of all servers, from the register and its receipts, published as one thing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import schedule as verb
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import (
    EvidenceFolder,
    ServerEvidence,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.plans import find_accepted, read_accepted
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    Busy,
    ConfigurationError,
    NotRecorded,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.lock import hold
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import CHECK
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.schedule import (
    make_plan,
    measure_durations,
    publish_plan,
    render_text,
)
from ansible_collections.diskominfo.backup.tests import plans
from ansible_collections.diskominfo.backup.tests.plans import MADE, make_servers
from ansible_collections.diskominfo.backup.tests.records import make_receipt

REGISTER = Register(tuple(make_servers()))


@pytest.fixture
def folder(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(tmp_path, REGISTER)


def add(folder: EvidenceFolder, application: str, duration_s: float, **changes: Any) -> None:
    receipt = make_receipt(application=application, duration_s=duration_s, **changes)
    folder.add_receipt("web", application, receipt.to_bytes())


def test_what_is_expected_is_what_the_last_backup_and_its_check_took(folder: EvidenceFolder) -> None:
    add(folder, "portal", 100.0)
    add(folder, "portal", 200.0, number=1)
    add(folder, "portal", 50.0, number=2, kind=CHECK, run_id=make_receipt(number=1).id)
    add(folder, "agenda", 7.0)
    assert measure_durations(REGISTER, folder) == {("web", "portal"): 250.0, ("web", "agenda"): 7.0}


def test_the_plan_tells_what_has_left_the_register(folder: EvidenceFolder) -> None:
    add(folder, "portal", 1.0)
    add(folder, "lama", 1.0)
    plan = make_plan(REGISTER, folder, None, MADE)
    assert plan.retired == (("web", "lama"),)
    assert plan.office["name"] == "Dinas Contoh"
    assert set(plan.schedules) == {"web", "data"}


def test_a_plan_that_was_published_is_the_accepted_one(folder: EvidenceFolder, tmp_path: Path) -> None:
    assert find_accepted(tmp_path) is None
    plan = make_plan(REGISTER, folder, None, MADE)
    paths = publish_plan(plan, tmp_path, ["html", "json"], "id")

    assert {name: path.name for name, path in paths.items()} == {"html": "schedule.html", "json": "schedule.json"}
    assert paths["html"].parent.name == plan.id
    assert find_accepted(tmp_path) == plan
    assert make_plan(REGISTER, folder, plan, MADE + timedelta(days=9)).is_as(plan)


def test_the_newest_plan_is_the_accepted_one(folder: EvidenceFolder, tmp_path: Path) -> None:
    first = make_plan(REGISTER, folder, None, MADE)
    second = make_plan(REGISTER, folder, first, MADE + timedelta(hours=1))
    for plan in (first, second):
        publish_plan(plan, tmp_path, [], "id")
    assert (find_accepted(tmp_path) or first).id == second.id


def test_a_plan_that_somebody_broke_is_none_and_another_takes_its_place(folder: EvidenceFolder, tmp_path: Path) -> None:
    path = publish_plan(make_plan(REGISTER, folder, None, MADE), tmp_path, [], "id")["json"]
    for broken in ("{", json.dumps({"schema": "x"})):
        path.write_text(broken)
        assert find_accepted(tmp_path) is None


def test_a_plan_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "schedule" / "latest" / "schedule.json").mkdir(parents=True)
    with pytest.raises(NotRecorded):
        read_accepted(tmp_path)
    with pytest.raises(NotRecorded):
        find_accepted(tmp_path)


def test_an_unknown_form_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        publish_plan(plans.make_plan(), tmp_path, ["doc"], "id")
    assert not (tmp_path / "schedule").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "schedule").write_text("no folder")
    with pytest.raises(NotRecorded):
        publish_plan(plans.make_plan(), tmp_path, [], "id")


def test_two_do_not_publish_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "LOCK_WAIT_S", 0.0)
    with hold(tmp_path / "schedule" / ".lock", "test", 0), pytest.raises(Busy):
        publish_plan(plans.make_plan(), tmp_path, [], "id")


def test_two_plans_are_told_apart_as_text() -> None:
    assert render_text(None, "id") == ""
    assert "portal" in render_text(plans.make_plan(), "id")


def test_a_report_knows_the_schedule_that_was_accepted(folder: EvidenceFolder, tmp_path: Path) -> None:
    assert EvidenceFolder(tmp_path, REGISTER).schedule("web") is None
    plan = make_plan(REGISTER, folder, None, MADE)
    publish_plan(plan, tmp_path, [], "id")
    evidence = EvidenceFolder(tmp_path, REGISTER)
    assert (evidence.schedule("web"), evidence.schedule("other")) == (plan.schedules["web"], None)
    assert evidence.schedule("data") == plan.schedules["data"]


def test_a_server_knows_its_own_schedule_and_nobody_elses() -> None:
    schedule = plans.make_plan().schedules["web"]
    evidence = ServerEvidence(replace(make_servers()[0], schedule=schedule))
    assert (evidence.schedule("web"), evidence.schedule("data")) == (schedule, None)
