from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.diskominfo.backup.plugins.filter import select as filter_file
from ansible_collections.diskominfo.backup.plugins.filter.select import FilterModule
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import StoreTrace
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Period
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_report
from ansible_collections.diskominfo.backup.tests.evidence import (
    DAY,
    NOW,
    OFFICE,
    SOP,
    KeptEvidence,
    make_application,
    make_city,
    make_failed_check,
    make_failed_run,
    make_run,
)

select = FilterModule().filters()["select"]
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "selecting.md"
EXPRESSIONS = re.findall(r"^```jmespath (receipts|report)\n(.*?)\n```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
HOUR = timedelta(hours=1)


def make_receipts() -> list[dict[str, Any]]:
    """A failed run, its retry, and a check that found less than there was."""
    failed = make_failed_run(NOW - 3 * HOUR)
    again = make_run(NOW - 2 * HOUR, 2, retry_of=failed.id, store=StoreTrace("directory", "/srv/store", 7, 9, True))
    return [receipt.to_data() for receipt in (failed, again, make_failed_check(again))]


def make_data() -> dict[str, Any]:
    """The report of a city, with one failure that was repaired."""
    city: KeptEvidence = make_city()
    failed = make_failed_run(NOW - 5 * HOUR, name="pulih")
    city.add(make_application("pulih"), failed, make_run(NOW - 2 * HOUR, name="pulih", retry_of=failed.id))
    return make_report(city, Period(NOW - DAY, NOW), NOW, OFFICE, SOP).to_data()


RECEIPTS, REPORT = make_receipts(), make_data()


def test_ten_expressions_are_documented() -> None:
    assert len(EXPRESSIONS) == 10


@pytest.mark.parametrize(("over", "expression"), EXPRESSIONS, ids=lambda text: text[:40])
def test_a_documented_expression_finds_something(over: str, expression: str) -> None:
    assert select(RECEIPTS if over == "receipts" else REPORT, expression)


def find(word: str) -> Any:
    """What the one documented expression with this word gives."""
    ((over, expression),) = [pair for pair in EXPRESSIONS if word in pair[1]]
    return select(RECEIPTS if over == "receipts" else REPORT, expression)


def test_the_answers_are_those_that_the_document_promises() -> None:
    failed, again, check = RECEIPTS
    assert [entry["why"] for entry in find("remedy")] == [it["failure"]["message"] for it in (failed, check)]
    assert find("max_by") == again["id"]
    sizes = [entry["bytes"] for entry in find("&bytes")]
    assert sizes == sorted((part["file"]["size_bytes"] for part in again["parts"]), reverse=True)
    assert find("differences") == [["table users", "120 rows", "119 rows"]]
    assert find("repeats") == [{"application": "sippn", "repeats": failed["id"], "ended": "succeeded"}]
    assert find("is_same_disk") == ["/srv/store"]


def test_the_answers_over_a_report_hold_against_its_rows() -> None:
    rows = REPORT["applications"]
    assert [entry[1] for entry in find("applications[?reason]")] == [it["application"] for it in rows if it["reason"]]
    assert {entry["level"] for entry in find("level: level")} == {"written", "readable", "damaged"}
    alone = {it["application"] for it in rows if not it["copies_elsewhere"] and it["status"] != "retired"}
    assert {*find("copies_elsewhere")} == alone
    told = find("repaired:")
    assert "pulih" in told["repaired"]
    assert told["open"]


def test_a_wrong_expression_is_told_with_its_place() -> None:
    with pytest.raises(AnsibleFilterError, match=r"cannot evaluate '\[\?status ==': "):
        select(RECEIPTS, "[?status ==")


def test_a_function_that_does_not_fit_is_told() -> None:
    with pytest.raises(AnsibleFilterError, match="sum"):
        select(RECEIPTS, "sum([].application)")


def test_without_the_library_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_file, "JMESPATH_MISSING", ImportError("no module named jmespath"))
    with pytest.raises(AnsibleFilterError, match="pip install jmespath"):
        select(RECEIPTS, "[]")
