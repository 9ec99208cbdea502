from __future__ import annotations

import gc
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import report as verb
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError, NotRecorded
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.installed import Installed, InstalledTimer
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.moment import Moment
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.people import read_people
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.policy import NEVER, CheckPolicy
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import StoreTrace
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Period, Report, Summary
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.schedule import Entry, Schedule
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.search import Search
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import (
    make_day_period,
    make_recent_period,
    make_report,
)
from ansible_collections.diskominfo.backup.tests.evidence import (
    DAY,
    NOW,
    OFFICE,
    SOP,
    KeptEvidence,
    make_application,
    make_check,
    make_city,
    make_contact,
    make_failed_check,
    make_failed_run,
    make_run,
    make_said,
)

HOUR = timedelta(hours=1)
LAST_DAY = make_recent_period(NOW, 24)


def report_on(evidence: KeptEvidence, period: Period = LAST_DAY, now: datetime = NOW, **options: Any) -> Report:
    return make_report(evidence, period, now, OFFICE, SOP, **options)


def test_the_last_hours_end_now() -> None:
    assert make_recent_period(NOW, 1.5, "UTC") == Period(NOW - timedelta(minutes=90), NOW, "UTC")


@pytest.mark.parametrize(
    ("zone", "hours"), [("Asia/Jakarta", 7), ("Asia/Makassar", 8), ("Asia/Jayapura", 9), ("UTC", 0)]
)
def test_a_day_is_counted_by_the_clocks_of_the_office(zone: str, hours: int) -> None:
    period = make_day_period(date(2026, 11, 22), zone)
    assert period.began == datetime(2026, 11, 22, tzinfo=timezone.utc) - hours * HOUR
    assert period.ended - period.began == DAY


def test_a_zone_that_nobody_knows_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ConfigurationError, match="Asia/Makassar"):
        make_recent_period(NOW, 24, "Mars/Olympus")
    with pytest.raises(ConfigurationError, match="'Mars/Olympus'"):
        make_day_period(date(2026, 11, 22), "Mars/Olympus")


def test_what_was_only_restored_somewhere_is_no_row() -> None:
    evidence = KeptEvidence()
    evidence.add(make_application(), make_run(NOW - HOUR))
    evidence.kept["baru", "sippn"] = [make_run(NOW - HOUR, kind="restore", server="baru")]

    report = make_report(evidence, Period(NOW - DAY, NOW), NOW, OFFICE, SOP)

    assert [(row.server, row.application) for row in report.rows] == [("web", "sippn")]


def test_failures_come_first_and_the_damaged_right_after_them() -> None:
    rows = report_on(make_city()).rows
    assert [(row.application, row.status) for row in rows] == [
        ("ppid", "failed"),
        ("arsip", "succeeded"),
        ("sepi", "unreachable"),
        ("lupa", "missed"),
        ("baru", "pending"),
        ("ulas", "succeeded"),
        ("jdih", "succeeded"),
        ("sippn", "succeeded"),
        ("lama", "retired"),
    ]


def test_the_summary_counts_every_row_once() -> None:
    summary = report_on(make_city()).summary
    assert summary == Summary(
        applications=8,
        succeeded=4,
        failed=1,
        missed=1,
        unreachable=1,
        pending=1,
        retired=1,
        unchecked=2,
        compared=1,
        damaged=1,
        unclaimed=None,
        bytes=4 * 1_500_000,
    )
    assert summary.succeeded == summary.unchecked + summary.compared + summary.damaged


def test_a_report_with_anything_bad_in_it_has_failed() -> None:
    assert report_on(make_city()).has_failed
    sound = KeptEvidence()
    sound.add(make_application(), make_run(NOW - HOUR))
    assert not report_on(sound).has_failed
    damaged = KeptEvidence()
    damaged.add(make_application(), make_run(NOW - HOUR), make_failed_check(make_run(NOW - HOUR)))
    assert report_on(damaged).has_failed


def test_an_empty_register_is_a_failure() -> None:
    report = report_on(KeptEvidence())
    assert (report.rows, report.as_of, report.has_failed) == ((), None, True)


def test_an_application_that_is_only_remembered_does_not_fail_a_report() -> None:
    evidence = KeptEvidence()
    evidence.add(make_application(), make_run(NOW - HOUR))
    run = make_run(NOW - 9 * DAY, name="lama")
    evidence.kept["web", "lama"] = [run, make_failed_check(run), make_failed_run(NOW - 8 * DAY, name="lama")]
    report = report_on(evidence)
    assert not report.has_failed
    assert report.summary.damaged == 0
    [row] = [row for row in report.rows if row.status == "retired"]
    assert (row.title, row.owner, row.category) == ("Sistem Informasi Pelayanan Publik", "Bagian Organisasi", "daily")
    assert row.findings == ()


def test_receipts_that_nobody_can_read_still_leave_the_name() -> None:
    evidence = KeptEvidence()
    evidence.kept["web", "lama"] = []
    [row] = report_on(evidence).rows
    assert (row.application, row.title, row.status) == ("lama", "lama", "retired")


def test_a_silent_server_is_a_row_for_each_of_its_applications() -> None:
    evidence = KeptEvidence()
    for name in ("a", "b"):
        evidence.add(make_application(name), make_run(NOW - 6 * HOUR, name=name))
    evidence.silences["web"] = [make_contact(NOW - 2 * HOUR), make_contact(NOW - HOUR)]
    assert [row.status for row in report_on(evidence).rows] == ["unreachable"] * 2


def test_a_report_on_a_past_day_does_not_know_of_later_silence() -> None:
    evidence = KeptEvidence()
    evidence.add(make_application(), make_run(NOW - 2.2 * DAY))
    evidence.silences["web"] = [make_contact(NOW - HOUR)]
    past = Period(NOW - 3 * DAY, NOW - 2 * DAY)
    assert report_on(evidence, past).rows[0].status == "succeeded"
    assert report_on(evidence).rows[0].status == "unreachable"


def test_outside_the_limit_nothing_is_held_against_silence() -> None:
    evidence = KeptEvidence()
    evidence.add(make_application(), make_run(NOW - 9 * DAY))
    evidence.add(make_application("ulas"), make_run(NOW - HOUR, name="ulas"), server="db")
    evidence.silences["web"] = [make_contact(NOW - HOUR)]
    rows = {row.application: row for row in report_on(evidence, limit={"db"}).rows}
    assert {name: row.status for name, row in rows.items()} == {"sippn": "succeeded", "ulas": "succeeded"}
    assert rows["sippn"].as_of == NOW - 9 * DAY + timedelta(seconds=13)


def test_repairs_tell_what_was_mended_and_what_is_open() -> None:
    repairs = {entry.application: entry for entry in report_on(make_city()).repairs}
    assert (repairs["ulas"].cause.slug, repairs["ulas"].action, repairs["ulas"].result) == (
        "busy",
        "retried",
        "repaired",
    )
    assert {name for name, entry in repairs.items() if entry.result == "open"} == {"ppid", "arsip", "sepi", "lupa"}


def test_nothing_failed_is_nothing_to_repair() -> None:
    evidence = KeptEvidence()
    evidence.add(make_application(), make_run(NOW - HOUR))
    assert report_on(evidence).repairs == ()


def test_checks_of_the_period_are_listed_by_server() -> None:
    checks = report_on(make_city()).checks
    assert [(entry.application, entry.level) for entry in checks] == [
        ("arsip", "damaged"),
        ("jdih", "readable"),
        ("sippn", "compared"),
    ]


def test_findings_of_an_application_stand_in_its_row() -> None:
    rows = {row.application: row for row in report_on(make_city()).rows}
    assert [finding.slug for finding in rows["ppid"].findings] == ["stale", "failing"]


def test_an_application_that_is_never_checked_is_not_told_to_be_unproved() -> None:
    nights = [make_run(NOW - HOUR - night * DAY, size_bytes=10**6 + night) for night in range(20, -1, -1)]
    evidence = KeptEvidence()
    evidence.add(make_application(check=CheckPolicy(NEVER, "rows")), *nights)
    assert report_on(evidence).rows[0].findings == ()


def test_the_room_of_a_store_is_held_against_all_applications_of_its_server() -> None:
    evidence = KeptEvidence()
    for number, free_bytes in ((1, 9_000_000), (2, 4_000_000)):
        store = StoreTrace("directory", "/mnt/backup", 7, free_bytes, False)
        run = make_run(NOW - (3 - number) * HOUR, name=f"a{number}", store=store)
        evidence.add(make_application(f"a{number}"), run)
    evidence.add(make_application("gagal"), make_failed_run(NOW - 9 * HOUR, name="gagal"))
    evidence.add(make_application("lain"), make_run(NOW - HOUR, name="lain", store=None), server="db")
    [finding] = report_on(evidence).findings
    assert (finding.slug, finding.subject, finding.severity) == ("low_room", "web", "red")
    assert finding.facts == {"free_bytes": 4_000_000, "round_bytes": 3_000_000}


def test_the_time_of_the_procedure_is_measured_by_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = KeptEvidence()
    for name in ("a", "b"):
        run = make_run(NOW - HOUR, name=name, ended=NOW - HOUR + timedelta(minutes=30))
        evidence.add(make_application(name), run, make_check(run))
    monkeypatch.setattr(verb, "SPANS_KEPT", 1)
    minutes = {step.row: step.actual_minutes for step in report_on(evidence).steps}
    assert minutes[4] == 30
    assert minutes[5] == pytest.approx(41 / 60)
    assert minutes[6] is None


def test_the_same_evidence_makes_the_same_report() -> None:
    assert report_on(make_city()) == report_on(make_city())


def test_the_id_tells_when_it_was_made_and_what_it_says() -> None:
    report = report_on(make_city())
    assert report.id.startswith("20261122T130100Z-")
    city = make_city()
    city.kept["web", "lama"] = [replace(city.kept["web", "lama"][0], title="Situs Usang")]
    assert report_on(city).id != report.id
    assert report_on(city).id[:16] == report.id[:16]


def test_the_report_knows_of_its_newest_receipt() -> None:
    report = report_on(make_city())
    assert report.as_of == max(row.as_of for row in report.rows if row.as_of)
    assert (report.office, report.sop, report.generated) == (OFFICE, SOP, NOW)


def test_notes_of_the_period_and_acknowledgements_that_reach_into_it_are_told() -> None:
    city = make_city()
    of_old = make_said("check", at=NOW - 9 * DAY)
    reaching = make_said("shrunk", at=NOW - 9 * DAY, until=NOW + DAY)
    recent, to_come = make_said("repair", at=NOW - HOUR), make_said("repair", at=NOW + HOUR)
    city.said = [of_old, reaching, recent, to_come]
    assert report_on(city).notes == (reaching, recent)


def test_a_note_that_cannot_be_read_is_a_finding() -> None:
    city = make_city()
    city.unread.append("a.json: not a note")
    found = [finding for finding in report_on(city).findings if finding.slug == "note_refused"]
    assert [(finding.message, finding.severity) for finding in found] == [("a.json: not a note", "yellow")]


def test_the_roles_of_the_procedure_stand_below_the_report() -> None:
    people = read_people({"head": {"name": "Kepala"}})
    report = make_report(make_city(), make_recent_period(NOW, 24), NOW, OFFICE, SOP, people=people)
    assert report.people == people


def test_a_person_names_a_period_by_the_clocks_of_the_office() -> None:
    period = verb.make_named_period("2026-11", NOW, "Asia/Makassar")
    assert (period.began.isoformat(), period.ended.isoformat()) == (
        *("2026-10-31T16:00:00+00:00", "2026-11-30T16:00:00+00:00"),
    )
    late = NOW.replace(hour=23)
    assert verb.make_named_period("today", late).began.isoformat() == "2026-11-22T17:00:00+00:00"
    with pytest.raises(ConfigurationError, match="period: cannot be 'soon'; write 2026-11-22"):
        verb.make_named_period("soon", NOW)


def make_planned(**seen: Installed) -> KeptEvidence:
    """Two servers that are in the accepted schedule, and what was seen installed."""
    evidence = KeptEvidence(seen=seen)
    for server in ("web", "data"):
        evidence.add(make_application(), make_run(NOW - HOUR, server=server), server=server)
        entry = Entry("daily", "daily", ("sippn",), Moment(22 * 60))
        evidence.planned[server] = Schedule("Asia/Jakarta", (entry,))
    return evidence


def list_findings(report: Report) -> list[tuple[str, str]]:
    return [(finding.slug, finding.subject) for finding in report.findings]


def test_servers_whose_schedule_is_not_the_accepted_one_are_named() -> None:
    evidence = make_planned(web=Installed("web", NOW - HOUR, "systemd"), data=Installed("data", NOW - 2 * DAY, "cron"))
    assert list_findings(report_on(evidence)) == [
        ("schedule_absent", "web"),
        ("schedule_absent", "data"),
        ("schedule_unknown", "data"),
    ]
    assert not report_on(evidence).has_failed


def test_a_report_on_a_past_day_does_not_know_of_later_drift() -> None:
    evidence = make_planned(web=Installed("web", NOW - HOUR, "systemd"), data=Installed("data", NOW - 2 * DAY, "cron"))
    past = Period(NOW - 3 * DAY, NOW - 2 * HOUR)
    assert list_findings(report_on(evidence, past)) == [("schedule_absent", "data")]
    until_now = Period(NOW - 3 * DAY, NOW)
    assert list_findings(report_on(evidence, until_now)) == [("schedule_absent", "web"), ("schedule_absent", "data")]
    still_running = Period(NOW - 3 * DAY, NOW + DAY)
    assert list_findings(report_on(evidence, still_running)) == list_findings(report_on(evidence, until_now))


def test_a_server_that_fell_silent_after_it_was_seen_is_unknown() -> None:
    evidence = make_planned(web=Installed("web", NOW - 3 * HOUR, "systemd"))
    del evidence.servers["data"]
    evidence.silences["web"] = [make_contact(NOW - 2 * HOUR)]
    assert list_findings(report_on(evidence)) == [("schedule_absent", "web"), ("schedule_unknown", "web")]
    evidence.silences["web"] = [make_contact(NOW - 4 * HOUR)]
    assert list_findings(report_on(evidence)) == [("schedule_absent", "web")]


def test_a_server_that_was_not_asked_is_not_unknown_for_that() -> None:
    assert list_findings(report_on(make_planned(), limit=["web"])) == [("schedule_unknown", "web")]


def test_without_an_accepted_schedule_or_a_place_to_know_from_nothing_is_compared() -> None:
    evidence = make_planned()
    evidence.seen = None
    assert report_on(evidence).findings == ()
    evidence = make_planned()
    evidence.planned.clear()
    assert report_on(evidence).findings == ()


def test_timers_without_an_accepted_schedule_are_told_for_it_was_lost() -> None:
    timer = InstalledTimer("diskominfo-backup-daily.timer", "loaded")
    evidence = make_planned(web=Installed("web", NOW, "systemd", timers=(timer,)))
    evidence.planned.clear()
    assert list_findings(report_on(evidence))[:2] == [("schedule_unplanned", "web"), ("schedule_unplanned", "data")]
    evidence.seen = {"web": Installed("web", NOW, "systemd")}
    assert report_on(evidence).findings == ()


def test_a_server_that_joined_after_the_schedule_was_accepted_is_named() -> None:
    evidence = make_planned()
    evidence.planned.pop("data")
    assert ("schedule_unplanned", "data") in list_findings(report_on(evidence))


@pytest.mark.parametrize("is_enabled", [True, False])
def test_the_collector_of_garbage_is_left_as_it_was(is_enabled: bool) -> None:
    class Gone(KeptEvidence):
        def search(self) -> Search:
            assert not gc.isenabled()
            raise NotRecorded.unreadable("/evidence", "it is gone")

    try:
        (gc.enable if is_enabled else gc.disable)()
        make_report(make_city(), make_recent_period(NOW, 24), NOW, OFFICE, SOP)
        assert gc.isenabled() == is_enabled
        with pytest.raises(NotRecorded):
            make_report(Gone(), make_recent_period(NOW, 24), NOW, OFFICE, SOP)
        assert gc.isenabled() == is_enabled
    finally:
        gc.enable()
