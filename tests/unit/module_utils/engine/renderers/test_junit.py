from __future__ import annotations

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.junit import render_junit
from ansible_collections.diskominfo.backup.tests.reports import PAYLOADS, make_city_report, make_hostile_report

CITY = make_city_report()


def read(data: bytes) -> dict[str, object]:
    cases: dict[str, object] = {}
    for suite in JUnitXml.fromstring(data):
        for case in suite:
            cases[f"{case.classname}/{case.name}"] = case.result[0] if case.result else None
    return cases


def test_every_leg_of_every_application_is_a_case() -> None:
    cases = read(render_junit(CITY, "en"))
    assert len(cases) == sum(1 + len(row.parts) for row in CITY.rows)
    assert cases["web.sippn/run"] is None
    assert cases["web.sippn/database app.db"] is None
    assert isinstance(cases["db.ppid/run"], Failure)
    assert isinstance(cases["web.arsip/database app.db"], Failure)
    assert isinstance(cases["web.lupa/run"], Error)
    assert isinstance(cases["dinas.sepi/run"], Error)
    assert isinstance(cases["web.baru/run"], Skipped)


def test_a_failure_says_why_and_what_to_do() -> None:
    case = read(render_junit(CITY, "en"))["db.ppid/run"]
    assert isinstance(case, Failure)
    assert case.message == "failed: What should be backed up is not there"
    assert "source is missing: /srv/sippn/www\nRestore the source" in str(case.text)


def test_the_counts_are_those_of_the_cases() -> None:
    told = JUnitXml.fromstring(render_junit(CITY, "id"))
    results = list(read(render_junit(CITY, "id")).values())
    assert told.tests == len(results)
    assert told.failures == sum(isinstance(result, Failure) for result in results)
    assert told.errors == sum(isinstance(result, Error) for result in results)
    assert told.skipped == sum(isinstance(result, Skipped) for result in results)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_is_only_text(payload: str) -> None:
    told = JUnitXml.fromstring(render_junit(make_hostile_report(payload), "id"))
    assert told.tests == sum(1 + len(row.parts) for row in CITY.rows)
