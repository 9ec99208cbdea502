"""A failing night: two fail for different reasons, one is mended, and the report names cause, action and result."""

from __future__ import annotations

from typing import Any

from testinfra.host import Host

from ansible_collections.diskominfo.backup.tests.fleet import Fleet

FAILED = {"agenda": ("web", "source_missing"), "perizinan": ("data", "source_missing")}


def find_run(fleet: Fleet, name: str) -> dict[str, Any]:
    """The newest attempt at a backup."""
    server = FAILED[name][0] if name in FAILED else "web"
    return [receipt for receipt in fleet.receipts(server, name) if receipt["kind"] == "run"][-1]


def test_the_report_names_cause_action_and_result_for_both(fleet: Fleet, web: Host, data: Host) -> None:
    web.check_output("mv /var/www/agenda /var/www/agenda.hilang")
    data.check_output("systemctl stop postgresql@15-main")
    night = fleet.play("backup")
    causes = {name: find_run(fleet, name) for name in FAILED}
    web.check_output("mv /var/www/agenda.hilang /var/www/agenda")

    played = fleet.play("repair")
    lines = {line["application"]: line for line in fleet.report["repairs"]}
    again = {name: find_run(fleet, name) for name in FAILED}

    assert night.status != 0
    assert played.status != 0
    for name, (_unused, slug) in FAILED.items():
        assert again[name]["retry_of"] == causes[name]["id"]
        assert lines[name]["cause"]["slug"] == slug
        assert lines[name]["cause"]["message"] == causes[name]["failure"]["message"]
    assert lines["agenda"]["cause"]["message"] != lines["perizinan"]["cause"]["message"]
    assert (lines["agenda"]["action"], lines["agenda"]["result"]) == ("retried", "repaired")
    assert (lines["perizinan"]["action"], lines["perizinan"]["result"]) == ("retried", "open")


def test_the_rest_was_left_alone(fleet: Fleet) -> None:
    assert "retry_of" not in find_run(fleet, "portal")


def test_after_that_all_is_well(fleet: Fleet, data: Host) -> None:
    data.check_output("systemctl start postgresql@15-main")

    assert fleet.play("repair").status == 0
    assert {line["result"] for line in fleet.report["repairs"]} == {"repaired"}
    assert {row["status"] for row in fleet.rows.values()} <= {"succeeded", "retired"}
