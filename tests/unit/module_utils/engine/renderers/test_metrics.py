from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_textfile

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.finding import Finding
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import STATUSES
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.metrics import render_metrics
from ansible_collections.diskominfo.backup.tests.evidence import KeptEvidence
from ansible_collections.diskominfo.backup.tests.reports import PAYLOADS, make_city_report, make_hostile_report

CITY = make_city_report()
EMPTY = replace(CITY, rows=(), unclaimed=None)


def read(data: bytes) -> dict[tuple[str, str, str], float]:
    """(name, application, status) -> value, as both readers understand it."""
    values = []
    for reader in (read_openmetrics, read_textfile):
        found = {}
        for family in reader(data.decode("utf-8")):
            for sample in family.samples:
                key = sample.name, sample.labels.get("application", ""), sample.labels.get("status", "")
                found[key] = float(sample.value)
        values.append(found)
    assert values[0] == values[1]
    return values[0]


def test_prometheus_and_the_textfile_collector_read_the_same() -> None:
    values = read(render_metrics(CITY))
    assert values["diskominfo_backup_needs_attention", "ppid", ""] == 1
    assert values["diskominfo_backup_needs_attention", "sippn", ""] == 0
    assert values["diskominfo_backup_evidence_level", "sippn", ""] == 5
    assert values["diskominfo_backup_evidence_level", "arsip", ""] == -1
    assert values["diskominfo_backup_last_good_timestamp_seconds", "sippn", ""] == 1795330860
    assert values["diskominfo_backup_registered_applications", "", ""] == 8
    assert values["diskominfo_backup_open_repairs", "", ""] == 4


def test_exactly_one_status_of_an_application_is_set() -> None:
    values = read(render_metrics(CITY))
    for row in CITY.rows:
        held = {status: values["diskominfo_backup_status", row.application, status] for status in STATUSES}
        assert [status for status, value in held.items() if value] == [row.status]


def test_what_is_not_known_is_left_out() -> None:
    values = read(render_metrics(CITY))
    assert ("diskominfo_backup_last_good_timestamp_seconds", "baru", "") not in values
    assert ("diskominfo_backup_unclaimed", "", "") not in values
    assert (
        read(render_metrics(replace(CITY, summary=replace(CITY.summary, unclaimed=3))))[
            "diskominfo_backup_unclaimed", "", ""
        ]
        == 3
    )


def test_what_was_found_about_servers_is_counted_by_its_name() -> None:
    off, drift = (Finding(slug, "red", "web", "", "") for slug in ("schedule_off", "schedule_drift"))
    told = render_metrics(replace(CITY, findings=(off, drift, replace(off, subject="data")))).decode()
    assert 'diskominfo_backup_server_findings{slug="schedule_off",severity="red"} 2\n' in told
    assert 'diskominfo_backup_server_findings{slug="schedule_drift",severity="red"} 1\n' in told


def test_an_empty_report_still_tells_when_it_was_made() -> None:
    assert KeptEvidence().register.application_count == 0
    values = read(render_metrics(EMPTY))
    assert values["diskominfo_backup_report_timestamp_seconds", "", ""] == 1795352460


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_label_stays_a_label(payload: str) -> None:
    names = {name for name, _application, _status in read(render_metrics(make_hostile_report(payload)))}
    city = render_metrics(replace(CITY, findings=(Finding("low_room", "red", "web", "", ""),)))
    assert names == {name for name, _application, _status in read(city)}


def test_a_fraction_keeps_its_decimals() -> None:
    report = replace(CITY, rows=(replace(CITY.rows[0], size_change=-0.3333333),))
    assert b"} -0.3333\n" in render_metrics(report)
