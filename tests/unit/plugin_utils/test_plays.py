from __future__ import annotations

from datetime import timedelta
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Period, Report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_report
from ansible_collections.diskominfo.backup.plugins.plugin_utils.plays import PlayEvidence
from ansible_collections.diskominfo.backup.tests.records import NOON, make_config, make_failed_receipt, make_receipt

LATER = NOON + timedelta(minutes=5)


def make_evidence(*hosts: str) -> PlayEvidence:
    evidence = PlayEvidence()
    for host in hosts:
        evidence.take_host(host)
    return evidence


def register(evidence: PlayEvidence, *servers: str) -> None:
    evidence.take_facts({"backup_register": [make_config(server=server) for server in servers]})


def run_result(*receipts: Any) -> dict[str, Any]:
    return {"changed": True, "receipts": [receipt.to_data() for receipt in receipts]}


def report(evidence: PlayEvidence) -> Report:
    return make_report(evidence, Period(NOON - timedelta(hours=1), LATER), LATER, {}, "")


def statuses(evidence: PlayEvidence) -> dict[tuple[str, str], str]:
    return {(row.server, row.application): row.status for row in report(evidence).rows}


def test_receipts_of_a_play_become_rows_without_any_register() -> None:
    evidence = make_evidence("web")
    evidence.take_result("web", "run", run_result(make_receipt(), make_failed_receipt(application="arsip")), LATER)
    assert evidence.has_backups
    assert statuses(evidence) == {("web", "arsip"): "failed", ("web", "sippn"): "succeeded"}
    titles = {row.application: row.title for row in report(evidence).rows}
    assert titles["sippn"] == make_receipt().title


def test_a_check_in_the_same_play_raises_the_level() -> None:
    run = make_receipt(parts=())
    evidence = make_evidence("web")
    evidence.take_result("web", "run", run_result(run), LATER)
    assert [len(list(evidence.receipts("web", "sippn", []))), list(evidence.receipts("web", "nobody", []))] == [1, []]
    check = make_receipt(NOON, 1, kind="check", run_id=run.id)
    evidence.take_result("web", "check", run_result(check), LATER)
    assert [receipt.kind for receipt in evidence.receipts("web", "sippn", [])] == ["run", "check"]


def test_a_server_that_gave_no_answer_is_a_row_for_each_of_its_applications() -> None:
    evidence = make_evidence("web", "db")
    register(evidence, "web", "db", "elsewhere")
    evidence.take_result("web", "run", run_result(make_receipt()), LATER)
    evidence.take_silence("db", "Connection timed out", LATER)
    assert statuses(evidence) == {("web", "sippn"): "succeeded", ("db", "sippn"): "unreachable"}
    (row,) = [row for row in report(evidence).rows if row.server == "db"]
    assert row.reason
    assert "Connection timed out" in row.reason.message


def test_a_host_that_never_came_to_its_backup_is_missed() -> None:
    evidence = make_evidence("web", "db")
    register(evidence, "web", "db")
    evidence.take_result("web", "run", run_result(make_receipt()), LATER)
    assert statuses(evidence)[("db", "sippn")] == "missed"


def test_a_module_that_broke_is_no_answer() -> None:
    evidence = make_evidence("web")
    register(evidence, "web")
    evidence.take_result("web", "run", {"failed": True, "msg": "no Python"}, LATER)
    (row,) = report(evidence).rows
    assert row.status == "unreachable"
    assert row.reason
    assert "no Python" in row.reason.message


def test_a_silent_host_without_a_register_is_told_by_name() -> None:
    evidence = make_evidence("web")
    evidence.take_result("web", "run", {"msg": "no Python"}, LATER)
    assert evidence.has_backups
    assert [finding.subject for finding in evidence.tell_strangers()] == ["web"]
    register(evidence, "web")
    assert evidence.tell_strangers() == []


def test_only_applications_that_were_asked_for_are_rows_of_a_server_that_answered() -> None:
    evidence = make_evidence("web")
    config = make_config()
    second = {**config["applications"][0], "name": "arsip"}
    evidence.take_facts({"backup_register": [{**config, "applications": [*config["applications"], second]}]})
    evidence.take_result("web", "run", run_result(make_receipt()), LATER)
    assert statuses(evidence) == {("web", "sippn"): "succeeded"}


def test_all_rounds_of_a_loop_count() -> None:
    evidence = make_evidence("web")
    rounds = [run_result(make_receipt()), run_result(make_receipt(NOON, 1, application="arsip"))]
    evidence.take_result("web", "run", {"results": rounds}, LATER)
    assert len(statuses(evidence)) == 2


def test_a_single_dump_belongs_to_the_host_it_was_made_on() -> None:
    evidence = make_evidence("web")
    receipt = make_receipt(server="localhost")
    evidence.take_result("web", "dump", {"receipt": receipt.to_data()}, LATER)
    assert statuses(evidence) == {("web", "sippn"): "succeeded"}


def test_what_is_no_receipt_is_refused_by_name_and_the_others_count() -> None:
    evidence = make_evidence("web")
    deep: dict[str, Any] = {}
    for level in range(40):
        deep = {"deeper": deep, "level": level}
    good = make_receipt().to_data()
    evidence.take_result("web", "run", {"receipts": [deep, {**good, "status": "fine"}, good]}, LATER)
    assert [finding.slug for finding in evidence.findings] == ["record_refused", "record_refused"]
    assert statuses(evidence) == {("web", "sippn"): "succeeded"}


def test_probes_of_a_check_mode_are_no_backups() -> None:
    evidence = make_evidence("web")
    register(evidence, "web")
    evidence.take_result("web", "run", {"findings": []}, LATER)
    assert not evidence.has_backups
    assert evidence.tell_strangers() == []


def test_a_play_that_only_checks_misses_no_backup() -> None:
    evidence = make_evidence("web")
    register(evidence, "web")
    evidence.take_result("web", "check", run_result(make_receipt(kind="check", run_id=make_receipt().id)), LATER)
    assert not evidence.has_backups


def test_facts_of_other_kinds_are_passed_over() -> None:
    evidence = make_evidence("web")
    others: list[Any] = [None, {}, {"backup_register": "text"}, []]
    for facts in others:
        evidence.take_facts(facts)
    assert evidence.register.servers == ()


def test_the_report_of_the_report_module_is_kept() -> None:
    evidence = make_evidence("web")
    evidence.take_result("web", "report", {"report": {"id": "x"}}, LATER)
    assert evidence.report == {"id": "x"}


def test_the_evidence_of_a_play_tells_of_nothing_else() -> None:
    evidence = make_evidence("web")
    evidence.take_result("web", "run", run_result(make_receipt(parts=())), LATER)
    assert list(evidence.unregistered()) == []
    assert evidence.registered_since("web", "sippn") is None
    assert evidence.moments == [make_receipt().began, make_receipt().ended]
