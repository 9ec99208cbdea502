from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.plan import Plan, read_plan
from ansible_collections.diskominfo.backup.tests.plans import MADE, make_plan
from ansible_collections.diskominfo.backup.tests.records import SCHEMAS


def test_a_plan_fits_its_schema_and_is_read_back_but_for_its_findings() -> None:
    plan = make_plan()
    data = json.loads(json.dumps(plan.to_data()))

    jsonschema.Draft202012Validator(json.loads((SCHEMAS / "schedule.schema.json").read_bytes())).validate(data)
    assert plan.findings
    assert read_plan(data) == replace(plan, findings=())


@pytest.mark.parametrize(
    "changes", [{"schema": "x"}, {"servers": [{}]}, {"made": "today"}, {"stranger": 1}, {"servers": 1}]
)
def test_what_is_no_plan_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        read_plan({**make_plan().to_data(), **changes})


def test_texts_that_are_none_are_left_out() -> None:
    assert read_plan({**make_plan().to_data(), "office": None}).office == {}


def test_two_plans_are_alike_when_only_the_time_and_what_was_measured_differ() -> None:
    plan = make_plan()
    assert plan.is_as(replace(plan, id="other", made=MADE + timedelta(days=1), findings=()))
    assert not plan.is_as(make_plan(daily="23:00"))
    assert not plan.is_as(replace(plan, retired=()))
    assert not plan.is_as(None)


def test_the_zone_is_that_of_most_servers() -> None:
    assert make_plan(zone="Asia/Makassar").zone == "Asia/Makassar"
    assert Plan("", MADE, {}, {}).zone == "Asia/Jakarta"


def test_what_begins_in_a_week_is_found_for_every_server() -> None:
    found = [(item.server, item.entry.name) for item in make_plan().begin_after(MADE, 7)]
    assert found.count(("web", "daily")) == 6
    assert found.count(("web", "daily-kios")) == 6
    assert found.count(("web", "weekly")) == found.count(("data", "monthly")) == 1
