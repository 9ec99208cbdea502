from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import level as levels
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.moment import Moment
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.quiet import LOUD
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import (
    CHECK,
    COPY,
    FAILED,
    PRUNE,
    Failure,
    Part,
    Receipt,
    StoreTrace,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import ApplicationRow, Period
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.schedule import Entry, Schedule
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.history import (
    SHOWN_WARNINGS,
    Subject,
    make_open_repair,
    make_row,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.past import Past
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.proof import find_level
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.schedule import interval_of
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.tracked import TRACKED_RUNS
from ansible_collections.diskominfo.backup.tests.evidence import (
    DAY,
    NOW,
    make_check,
    make_contact,
    make_failed_check,
    make_failed_run,
    make_parts,
    make_restore,
    make_run,
)
from ansible_collections.diskominfo.backup.tests.records import receipts

HOUR = timedelta(hours=1)
LAST_DAY = Period(NOW - DAY, NOW)
SUBJECT = Subject("web", "sippn", "SIPPN", "Bagian Organisasi", "daily")


def look_back(
    *past_receipts: Receipt,
    subject: Subject = SUBJECT,
    period: Period = LAST_DAY,
    now: datetime = NOW,
    contact: Receipt | None = None,
) -> tuple[ApplicationRow, Past]:
    quiet = subject.schedule.rest if subject.schedule else LOUD
    past = Past(period, now, interval_of(subject.category), quiet)
    for receipt in past_receipts:
        past.take(receipt)
    return make_row(subject, past, contact), past


def make_row_of(*past_receipts: Receipt, **options: object) -> ApplicationRow:
    return look_back(*past_receipts, **options)[0]  # type: ignore[arg-type]


def make_nights(count: int, **changes: object) -> list[Receipt]:
    """Runs of so many nights, the last six hours ago."""
    return [make_run(NOW - 6 * HOUR - night * DAY, **changes) for night in range(count - 1, -1, -1)]  # type: ignore[arg-type]


RUN = make_run(NOW - 6 * HOUR)


def test_a_run_without_a_check_is_written() -> None:
    assert find_level(RUN, []) == ("written", "none")


def test_a_failed_run_proves_nothing_whatever_checks_say() -> None:
    failed = make_failed_run(NOW - 6 * HOUR)
    assert find_level(failed, [make_check(replace(RUN, id=failed.id))]) == ("none", "none")


def test_a_run_without_parts_is_no_more_than_written() -> None:
    run = replace(RUN, parts=())
    assert find_level(run, [make_check(run)]) == ("written", "none")


@pytest.mark.parametrize("level", ["intact", "readable", "restored", "compared"])
def test_a_check_raises_the_level_to_what_it_reached(level: str) -> None:
    assert find_level(RUN, [make_check(RUN, level)])[0] == level


def test_the_level_is_that_of_the_weakest_part() -> None:
    check = make_check(RUN)
    parts = (check.parts[0], replace(check.parts[1], level=levels.READABLE, comparison="none"))
    assert find_level(RUN, [replace(check, parts=parts)]) == ("readable", "none")


def test_a_check_of_one_part_leaves_the_other_as_it_was() -> None:
    check = make_check(RUN)
    assert find_level(RUN, [replace(check, parts=check.parts[:1])])[0] == "written"


def test_a_part_that_is_not_of_the_run_proves_nothing() -> None:
    check = make_check(RUN)
    others = tuple(replace(part, path="/elsewhere") for part in check.parts)
    assert find_level(RUN, [replace(check, parts=others)])[0] == "written"


def test_a_shallower_check_does_not_erase_a_comparison() -> None:
    assert find_level(RUN, [make_check(RUN), make_check(RUN, "readable")]) == ("compared", "rows")


def test_a_check_of_another_run_is_passed_over() -> None:
    assert find_level(RUN, [make_check(make_run(NOW - 30 * HOUR))])[0] == "written"


def test_a_receipt_of_another_kind_is_no_check() -> None:
    assert find_level(RUN, [replace(make_check(RUN), kind="restore")])[0] == "written"


@pytest.mark.parametrize("slug", ["damaged", "different", "restore_failed"])
def test_what_is_found_wanting_is_damaged_whatever_was_proved_before(slug: str) -> None:
    assert find_level(RUN, [make_check(RUN), make_failed_check(RUN, slug)]) == ("damaged", "none")


def test_the_slug_alone_tells_damage() -> None:
    assert find_level(RUN, [make_failed_check(RUN, "damaged", level=levels.WRITTEN)])[0] == "damaged"


def test_a_check_without_parts_that_found_damage_means_every_part() -> None:
    check = replace(make_failed_check(RUN, "damaged"), parts=())
    assert find_level(RUN, [check])[0] == "damaged"


@pytest.mark.parametrize("slug", ["busy", "tool_missing", "time_limit", "interrupted"])
def test_a_check_that_failed_for_its_own_reasons_lowers_nothing(slug: str) -> None:
    failed = make_failed_check(RUN, slug, level=levels.NONE)
    assert find_level(RUN, [make_check(RUN), failed]) == ("compared", "rows")
    assert find_level(RUN, [replace(failed, parts=())])[0] == "written"


def test_damage_is_lifted_only_by_a_comparison() -> None:
    damaged = [make_check(RUN), make_failed_check(RUN)]
    assert find_level(RUN, [*damaged, make_check(RUN, "restored")])[0] == "damaged"
    assert find_level(RUN, [*damaged, make_check(RUN)])[0] == "compared"


def test_a_comparison_of_the_content_counts_more_than_one_of_the_rows() -> None:
    by_content = make_check(RUN)
    by_content = replace(by_content, parts=tuple(replace(part, comparison="content") for part in by_content.parts))
    half = replace(by_content, parts=(by_content.parts[0], make_check(RUN).parts[1]))
    assert find_level(RUN, [by_content, make_check(RUN)]) == ("compared", "content")
    assert find_level(RUN, [half]) == ("compared", "rows")


def test_a_fresh_success_is_told_with_all_its_figures() -> None:
    row = make_row_of(*make_nights(10, size_bytes=1_000_000), make_check(make_nights(1)[0]))
    assert (row.status, row.reason, row.level, row.comparison) == ("succeeded", None, "compared", "rows")
    assert (row.began, row.duration_s, row.size_bytes) == (NOW - 6 * HOUR, 13.0, 1_000_000 * 1)
    assert row.size_change == 0
    assert (row.last_good, row.last_good_age_s) == (NOW - 6 * HOUR, 6 * 3600)
    assert row.last_compared is not None
    assert row.restore_s == 41.0
    assert row.due == NOW + 30 * HOUR
    assert (row.succeeded_runs, row.failed_runs, row.missed_runs, row.consecutive_failures) == (1, 0, 0, 0)
    assert (row.copies, row.copies_elsewhere) == (1, 1)
    assert [part.level for part in row.parts] == ["compared", "compared"]
    assert row.parts[0].counted == {"tables": 2, "rows": 320, "view": 1, "trigger": 1}
    assert row.parts[1].counted == {"files": 431, "directories": 40, "bytes": 3_000_000}
    assert [point.status for point in row.history] == ["succeeded"] * 10


def test_a_failed_run_keeps_the_last_good_one_in_sight() -> None:
    row = make_row_of(make_run(NOW - 30 * HOUR), make_failed_run(NOW - 6 * HOUR))
    assert row.status == "failed"
    assert row.reason is not None
    assert row.reason.slug == "source_missing"
    assert (row.level, row.size_bytes, row.size_change) == ("none", None, None)
    assert row.last_good == NOW - 30 * HOUR
    assert row.consecutive_failures == 1
    assert [point.status for point in row.history] == ["succeeded", "failed"]


def test_a_failed_run_without_a_word_of_its_own_is_explained_by_its_part() -> None:
    part = replace(make_parts()[0], status=FAILED, failure=Failure("source_locked", "locked"), file=None)
    row = make_row_of(replace(make_failed_run(NOW - HOUR), failure=None, parts=(part,)))
    assert row.reason == Failure("source_locked", "locked")
    assert row.parts[0].failure == Failure("source_locked", "locked")
    assert row.parts[0].level == "none"


def test_a_failure_that_nobody_explained_says_so() -> None:
    row = make_row_of(replace(make_failed_run(NOW - HOUR), failure=None))
    assert row.reason is not None
    assert row.reason.slug == "internal"


def test_one_late_night_is_not_missed_and_one_and_a_half_intervals_are() -> None:
    assert make_row_of(make_run(NOW - 35 * HOUR)).status == "succeeded"
    row = make_row_of(make_run(NOW - 37 * HOUR))
    assert (row.status, row.missed_runs, row.next_run) == ("missed", 1, None)
    assert row.reason is not None
    assert row.reason.slug == "missed"
    assert row.due == NOW - HOUR


def test_a_failed_run_does_not_hide_that_the_next_one_never_came() -> None:
    assert make_row_of(make_failed_run(NOW - 3 * DAY)).status == "missed"


@pytest.mark.parametrize(("category", "days"), [("weekly", 7), ("monthly", 31), ("daily", 1)])
def test_every_category_is_missed_after_one_and_a_half_of_its_own_intervals(category: str, days: int) -> None:
    subject = replace(SUBJECT, category=category)
    run = make_run(NOW - 1.4 * days * DAY, category=category)
    assert make_row_of(run, subject=subject).status == "succeeded"
    assert make_row_of(replace(run, began=NOW - 1.6 * days * DAY), subject=subject).status == "missed"


def test_a_category_that_is_none_counts_as_daily() -> None:
    assert make_row_of(make_run(NOW - 2 * DAY), subject=replace(SUBJECT, category="")).status == "missed"


def test_what_was_registered_less_than_an_interval_ago_waits_for_its_first_run() -> None:
    young = replace(SUBJECT, registered_since=NOW - 23 * HOUR)
    row = make_row_of(subject=young)
    assert (row.status, row.reason, row.due) == ("pending", None, NOW + HOUR)
    assert row.as_of is None


def test_what_never_ran_since_it_was_registered_is_missed() -> None:
    old = replace(SUBJECT, registered_since=NOW - 25 * HOUR)
    assert make_row_of(subject=old).status == "missed"


def test_what_never_ran_and_nobody_knows_since_when_is_missed() -> None:
    row = make_row_of()
    assert row.status == "missed"
    assert row.reason is not None
    assert "no run was ever recorded" in row.reason.message


def test_a_server_that_gave_no_answer_after_the_last_receipt_is_unreachable() -> None:
    contact = make_contact(NOW - HOUR)
    row = make_row_of(*make_nights(2), contact=contact)
    assert row.status == "unreachable"
    assert row.reason == contact.failure
    assert row.level == "written"
    assert make_row_of(contact=contact).status == "unreachable"


def test_a_receipt_that_came_after_the_silence_ends_it() -> None:
    assert make_row_of(*make_nights(2), contact=make_contact(NOW - 7 * HOUR)).status == "succeeded"


def test_a_contact_that_succeeded_is_no_silence() -> None:
    contact = replace(make_contact(NOW - HOUR), status="succeeded", failure=None)
    assert make_row_of(*make_nights(2), contact=contact).status == "succeeded"


def test_outside_the_limit_the_last_known_status_stays() -> None:
    elsewhere = replace(SUBJECT, is_observed=False)
    row = make_row_of(make_run(NOW - 9 * DAY), subject=elsewhere, contact=make_contact(NOW - HOUR))
    assert (row.status, row.missed_runs) == ("succeeded", 0)
    assert row.as_of == NOW - 9 * DAY + timedelta(seconds=13)


def test_what_is_recorded_but_not_registered_is_retired() -> None:
    retired = replace(SUBJECT, is_registered=False)
    row, past = look_back(make_failed_run(NOW - 9 * DAY), subject=retired, contact=make_contact(NOW - HOUR))
    assert (row.status, row.reason, row.next_run, row.due) == ("retired", None, None, None)
    assert make_open_repair(row, past) is None


def test_the_counts_are_those_of_the_period_and_the_status_that_of_the_last_run() -> None:
    nights = [make_failed_run(NOW - 2 * DAY), make_failed_run(NOW - 20 * HOUR), make_run(NOW - 2 * HOUR)]
    row = make_row_of(*nights)
    assert (row.status, row.succeeded_runs, row.failed_runs) == ("succeeded", 1, 1)


def test_missed_nights_count_where_they_were_due() -> None:
    week = Period(NOW - 7 * DAY, NOW)
    runs = [make_run(NOW - 12 * DAY), make_run(NOW - 5 * DAY), make_run(NOW - HOUR)]
    # Due and missed: the 11th to the 6th day before now, of which 2 in the week; then the 4th to the 1st.
    assert make_row_of(*runs, period=week).missed_runs == 2 + 4
    assert make_row_of(*runs[:2]).missed_runs == 1


def test_a_year_without_a_run_is_counted_without_walking_through_it() -> None:
    ancient = datetime.fromisoformat("0001-01-02T00:00:00+00:00")
    row = make_row_of(make_run(ancient), period=Period(ancient, NOW))
    assert row.missed_runs > 700_000


def test_a_report_on_a_past_day_knows_nothing_of_later_runs_but_of_later_checks() -> None:
    day = Period(NOW - 3 * DAY, NOW - 2 * DAY)
    run, later = make_run(NOW - 2.5 * DAY), make_failed_run(NOW - DAY)
    found = replace(make_failed_check(run), began=NOW - HOUR, ended=NOW - HOUR)
    row, past = look_back(run, later, found, period=day)
    assert (row.status, row.succeeded_runs, row.failed_runs) == ("succeeded", 1, 0)
    assert row.level == "damaged"
    assert past.checks == []


def make_late_check(run: Receipt, after: timedelta) -> Receipt:
    return make_check(run, after=after)


def test_a_clock_that_is_a_little_ahead_does_not_lose_the_run_that_just_ended() -> None:
    ahead = make_run(NOW + timedelta(minutes=2))
    assert make_row_of(ahead).succeeded_runs == 1


def test_receipts_from_the_future_are_not_believed() -> None:
    row, past = look_back(*make_nights(2), make_run(NOW + DAY))
    assert (row.began, past.future_receipts) == (NOW - 6 * HOUR, 1)


def test_the_size_is_held_against_the_median_of_the_seven_before() -> None:
    sizes = [1_900_000] * 3 + [1_000_000] * 7 + [1_500_000]
    runs = [make_run(NOW - HOUR - (len(sizes) - index) * DAY, size_bytes=size) for index, size in enumerate(sizes)]
    assert make_row_of(*runs[:-1], replace(runs[-1], began=NOW - HOUR)).size_change == pytest.approx(0.5)
    assert make_row_of(runs[0]).size_change is None


def test_runs_that_stored_nothing_have_no_usual_size() -> None:
    assert make_row_of(make_run(NOW - 2 * DAY, parts=()), make_run(NOW - HOUR)).size_change is None


def test_a_damaged_run_is_not_the_last_good_one() -> None:
    good, bad = make_nights(2)
    row, past = look_back(good, bad, make_check(bad), make_failed_check(bad))
    assert (row.status, row.level, row.last_good) == ("succeeded", "damaged", good.began)
    assert row.needs_somebody
    assert row.reason is not None
    assert row.reason.slug == "different"
    assert [point.status for point in row.history] == ["succeeded", "damaged"]
    repair = make_open_repair(row, past)
    assert repair is not None
    assert (repair.cause.slug, repair.action, repair.result) == ("different", "none", "open")


def test_a_pruned_run_is_not_the_last_good_one() -> None:
    old, new = make_nights(2)
    prune = make_run(NOW - HOUR, kind=PRUNE, parts=(), deleted=(new.id,))
    row = make_row_of(old, new, prune)
    assert (row.last_good, row.copies) == (old.began, 1)
    assert make_row_of(old, new, replace(prune, deleted=(old.id, new.id))).copies == 0


def test_a_good_run_before_sixty_failures_is_remembered() -> None:
    failures = [make_failed_run(NOW - HOUR - night * DAY) for night in range(TRACKED_RUNS + 5, -1, -1)]
    good = make_run(NOW - 70 * DAY)
    row = make_row_of(make_run(NOW - 71 * DAY), good, *failures)
    assert row.last_good == good.began
    assert len(row.history) == TRACKED_RUNS
    assert row.consecutive_failures == TRACKED_RUNS + 6
    prune = make_run(NOW - HOUR / 2, kind=PRUNE, parts=(), deleted=(good.id,))
    assert make_row_of(good, *failures, prune).last_good is None


def test_copies_are_counted_by_place() -> None:
    run = make_run(NOW - 6 * HOUR, store=StoreTrace("directory", "/var/backups", 1, 10**9, True))
    away = StoreTrace("directory", "/mnt/other", 2, 10**9, False)
    copy = make_run(NOW - 5 * HOUR, kind=COPY, run_id=run.id, parts=(), store=away)
    row = make_row_of(run)
    assert (row.copies, row.copies_elsewhere) == (1, 0)
    row = make_row_of(run, copy, copy)
    assert (row.copies, row.copies_elsewhere) == (2, 1)
    assert make_row_of(run, replace(copy, run_id="20200101T000000Z-00000000")).copies == 1
    assert make_row_of(run, replace(copy, status=FAILED)).copies == 1


def test_what_one_store_removes_may_lie_in_another_one_still() -> None:
    run = make_run(NOW - 6 * HOUR)
    away = StoreTrace("directory", "/srv/copies/web", 9, 10**9, False)
    copy = make_run(NOW - 5 * HOUR, kind=COPY, run_id=run.id, parts=(), store=away)
    prune = make_run(NOW - HOUR, kind=PRUNE, parts=(), deleted=(run.id,))
    assert make_row_of(run, copy, prune).copies == 1
    assert make_row_of(run, copy, replace(prune, store=away)).copies == 1
    assert make_row_of(run, copy, replace(prune, store=None)).copies == 0


def test_a_copy_that_failed_is_a_warning_in_its_period() -> None:
    run = make_run(NOW - 6 * HOUR)
    copy = make_failed_run(NOW - 5 * HOUR, "unreachable", "web gave no answer", kind=COPY, run_id=run.id)
    assert make_row_of(run, copy).warnings == ("a copy failed: web gave no answer",)
    long_ago = make_failed_run(NOW - 50 * HOUR, "unreachable", kind=COPY, run_id=run.id)
    assert make_row_of(run, long_ago, run).warnings == ()


def test_a_run_that_does_not_say_where_it_lies_is_not_elsewhere() -> None:
    row = make_row_of(make_run(NOW - HOUR, store=None))
    assert (row.copies, row.copies_elsewhere) == (1, 0)


def test_warnings_are_those_of_the_last_run_and_of_checks_since() -> None:
    run = make_run(NOW - 6 * HOUR, warnings=("www: app.log grew",))
    busy = make_failed_check(run, "busy", level=levels.NONE)
    row = make_row_of(make_run(NOW - 30 * HOUR, warnings=("old",)), run, busy)
    assert row.warnings[0] == "www: app.log grew"
    assert "a check came to no result" in row.warnings[1]
    assert (row.status, row.level) == ("succeeded", "written")


def test_no_more_than_a_few_short_warnings_are_carried() -> None:
    run = make_run(NOW - HOUR, warnings=("x" * 9000,) * 50)
    row = make_row_of(run)
    assert (len(row.warnings), row.warning_count) == (SHOWN_WARNINGS, 50)
    assert len(row.warnings[0]) == 500


def test_a_retry_that_succeeded_is_a_repair() -> None:
    failed = make_failed_run(NOW - 6 * HOUR)
    retry = make_run(NOW - 5 * HOUR, retry_of=failed.id)
    row, past = look_back(failed, retry)
    [repair] = past.repairs
    assert (repair.failed_at, repair.cause.slug, repair.action, repair.result) == (
        failed.began,
        "source_missing",
        "retried",
        "repaired",
    )
    assert repair.repaired_at == retry.ended
    assert make_open_repair(row, past) is None


def test_a_streak_of_failures_is_one_repair_from_its_first() -> None:
    streak = [make_failed_run(NOW - hours * HOUR, slug=slug) for hours, slug in ((50, "store_full"), (26, "busy"))]
    _unused, past = look_back(*streak, make_run(NOW - 2 * HOUR))
    [repair] = past.repairs
    assert (repair.failed_at, repair.cause.slug, repair.action) == (NOW - 50 * HOUR, "store_full", "ran_again")


def test_what_was_repaired_before_the_period_is_not_told_again() -> None:
    _unused, past = look_back(make_failed_run(NOW - 4 * DAY), make_run(NOW - 3 * DAY), make_run(NOW - HOUR))
    assert [repair.cause.slug for repair in past.repairs] == ["missed"]


def test_missed_nights_are_repaired_by_the_next_run() -> None:
    _unused, past = look_back(make_run(NOW - 5 * DAY), make_run(NOW - HOUR))
    [repair] = past.repairs
    assert (repair.cause.slug, repair.failed_at) == ("missed", NOW - 4 * DAY)


def test_a_failure_after_silence_names_its_own_cause() -> None:
    row, past = look_back(make_run(NOW - 5 * DAY), make_failed_run(NOW - HOUR))
    repair = make_open_repair(row, past)
    assert repair is not None
    assert (repair.cause.slug, repair.failed_at) == ("source_missing", NOW - 4 * DAY)


def test_what_is_missed_or_silent_is_an_open_repair() -> None:
    for row, past in (look_back(), look_back(*make_nights(1), contact=make_contact(NOW - HOUR))):
        repair = make_open_repair(row, past)
        assert repair is not None
        assert (repair.cause.slug, repair.result) == (row.status, "open")


def test_a_new_run_repairs_a_damaged_one() -> None:
    first = make_run(NOW - 20 * HOUR)
    _unused, past = look_back(first, make_failed_check(first), make_run(NOW - HOUR))
    assert [(repair.cause.slug, repair.action) for repair in past.repairs] == [("different", "ran_again")]
    assert past.runs.damaged == 1


def test_a_comparison_that_holds_repairs_a_damaged_run() -> None:
    run = make_run(NOW - 20 * HOUR)
    row, past = look_back(run, make_failed_check(run), make_late_check(run, 2 * HOUR))
    assert [repair.action for repair in past.repairs] == ["checked_again"]
    assert (row.level, row.needs_somebody) == ("compared", False)


def test_a_comparison_of_one_run_does_not_repair_another() -> None:
    old, new = make_nights(2)
    damaged_old = make_failed_check(old)
    row, past = look_back(old, new, make_failed_check(new), damaged_old, make_late_check(old, 26 * HOUR))
    assert past.repairs == []
    assert row.needs_somebody


def test_a_check_is_told_with_what_was_expected_and_found() -> None:
    run = make_run(NOW - 6 * HOUR)
    _unused, past = look_back(run, make_failed_check(run))
    [entry] = past.checks
    assert (entry.run_id, entry.status, entry.level, entry.comparison) == (run.id, "failed", "damaged", "rows")
    assert (entry.expected["rows"], entry.found["rows"]) == (420, 419)
    assert [difference.what for difference in entry.differences] == ["table users"]
    assert entry.difference_count == 1
    assert entry.failure is not None


def test_a_check_that_did_not_come_to_counting_expects_what_the_last_run_counted() -> None:
    run = make_run(NOW - 6 * HOUR)
    _unused, past = look_back(run, make_check(run, "readable"))
    assert past.checks[0].expected["rows"] == 420
    assert past.checks[0].found == {}
    _unused, past = look_back(run, make_run(NOW - HOUR), make_check(run, "readable"))
    assert past.checks[0].expected == {}


def test_a_check_without_a_run_is_told_all_the_same() -> None:
    lost = make_failed_check(make_run(NOW - HOUR), "interrupted", run_id="", level=levels.NONE)
    _unused, past = look_back(lost)
    assert [entry.run_id for entry in past.checks] == [""]
    assert past.last_compared is None


def test_the_chain_that_began_anew_in_the_period_is_noticed() -> None:
    begun = make_run(NOW - 3 * DAY, previous="")
    assert look_back(begun, make_run(NOW - HOUR))[1].restarted_at is None
    assert look_back(begun, make_run(NOW - HOUR, previous=""))[1].restarted_at == NOW - HOUR
    assert look_back(begun, make_run(NOW - 2 * DAY, previous=""), make_run(NOW - HOUR))[1].restarted_at is None


def test_kinds_that_say_nothing_of_the_row_only_show_that_the_server_lives() -> None:
    restore = make_run(NOW - HOUR, kind="restore", parts=())
    row = make_row_of(make_nights(1)[0], restore, contact=make_contact(NOW - 2 * HOUR))
    assert (row.status, row.as_of) == ("succeeded", restore.ended)


@settings(max_examples=12)
@given(st.lists(receipts(), max_size=4))
def test_any_receipts_at_all_make_a_row(made: Sequence[Receipt]) -> None:
    row, past = look_back(*sorted(made, key=lambda receipt: receipt.ended))
    make_open_repair(row, past)
    assert row.level in (*levels.LADDER, levels.DAMAGED)


@given(st.lists(st.sampled_from(["compared", "readable", "busy", "different"]), max_size=8))
def test_the_level_only_falls_by_what_was_found_wanting(acts: Sequence[str]) -> None:
    checks, highest = [], 1
    for act in acts:
        is_level = act in levels.LADDER
        checks.append(make_check(RUN, act) if is_level else make_failed_check(RUN, act, level=levels.WRITTEN))
        level = find_level(RUN, checks)[0]
        if "different" not in acts:
            assert levels.LADDER.index(level) >= highest
            highest = levels.LADDER.index(level)
    is_damaged = "different" in acts and "compared" not in acts[len(acts) - 1 - acts[::-1].index("different") :]
    assert (find_level(RUN, checks)[0] == levels.DAMAGED) == is_damaged


def test_a_part_of_a_check_may_come_without_a_failure() -> None:
    part = Part("database", "sqlite", "app.db", "/srv/sippn/app.db", level=levels.DAMAGED)
    check = replace(make_check(RUN), kind=CHECK, parts=(part,), status=FAILED, failure=Failure("damaged", "gone"))
    row = make_row_of(RUN, check)
    assert row.reason == Failure("damaged", "gone")


def plan(*quiet: date, name: str = "sippn") -> Subject:
    entry = Entry("daily", "daily", (name,), Moment(22 * 60 + 30))
    return replace(SUBJECT, schedule=Schedule("Asia/Jakarta", (entry,), quiet))


def test_the_next_run_is_the_one_of_the_accepted_schedule() -> None:
    tonight = NOW.replace(hour=15, minute=30)
    assert make_row_of(make_run(NOW - 6 * HOUR), subject=plan()).next_run == tonight
    assert make_row_of(make_run(NOW - 3 * DAY), subject=plan()).next_run == tonight
    assert make_row_of(subject=plan()).next_run == tonight


def test_where_no_schedule_was_accepted_nobody_knows_the_next_run() -> None:
    assert make_row_of(make_run(NOW - 6 * HOUR)).next_run is None
    assert make_row_of(make_run(NOW - 6 * HOUR), subject=plan(name="other")).next_run is None


def test_quiet_days_make_nothing_late() -> None:
    today, run = NOW.date(), make_run(NOW - 2 * DAY)
    row = make_row_of(run, subject=plan(today - DAY))
    assert (row.status, row.missed_runs) == ("succeeded", 0)
    assert row.due == NOW + 12 * HOUR
    assert row.next_run == NOW.replace(hour=15, minute=30)
    assert make_row_of(run, subject=plan(today + DAY * 7)).status == "missed"
    assert make_row_of(make_run(NOW - 3 * DAY), subject=plan(today - DAY)).status == "missed"


def test_a_quiet_day_between_two_runs_is_no_missed_run_and_nothing_was_repaired() -> None:
    week = Period(NOW - 7 * DAY, NOW)
    runs = [make_run(NOW - 3 * DAY), make_run(NOW - DAY), make_run(NOW - HOUR)]
    row, past = look_back(*runs, period=week)
    assert (row.missed_runs, len(past.repairs)) == (1, 1)
    row, past = look_back(*runs, subject=plan(NOW.date() - 2 * DAY), period=week)
    assert (row.status, row.missed_runs, past.repairs) == ("succeeded", 0, [])


def test_an_application_that_is_new_on_a_quiet_day_is_waited_for() -> None:
    new = replace(SUBJECT, registered_since=NOW - 1.5 * DAY)
    assert make_row_of(subject=new).status == "missed"
    quiet = replace(plan(NOW.date()), registered_since=new.registered_since)
    row = make_row_of(subject=quiet)
    assert (row.status, row.due) == ("pending", NOW + 0.5 * DAY)


def test_a_restore_is_a_line_of_the_report_whether_it_came_to_its_end_or_not() -> None:
    run = make_run(NOW - 5 * HOUR)
    failure = Failure("no_space", "no room in /srv/baru", "make room")
    good = make_restore(run)
    bad = make_restore(run, 2 * HOUR, status=FAILED, failure=failure, target="/srv/baru", safety_id="")
    _row, past = look_back(run, make_restore(make_run(NOW - 3 * DAY)), good, bad)
    first, second = past.restores
    assert (first.run_id, first.target, first.trigger, first.duration_s) == (run.id, "original", "command", 95.0)
    assert (first.level, first.parts, first.failure) == ("compared", ("app.db", "www"), None)
    assert (second.status, second.failure) == ("failed", failure)
    assert past.restore_s == 95.0


def test_a_run_that_fails_after_others_never_came_tells_its_own_cause() -> None:
    row, past = look_back(make_run(NOW - 4 * DAY), make_failed_run(NOW - HOUR))
    opened = make_open_repair(row, past)
    assert opened is not None
    assert opened.cause.slug == "source_missing"
    assert opened.failed_at < NOW - 2 * DAY


def test_a_receipt_of_a_kind_that_says_nothing_of_backups_changes_nothing_but_the_date() -> None:
    run = make_run(NOW - 5 * HOUR)
    row, _past = look_back(run)
    other, _past = look_back(run, make_contact(NOW - HOUR))
    assert replace(other, as_of=row.as_of) == row


def test_a_retry_that_failed_is_what_was_tried_in_vain() -> None:
    first = make_failed_run(NOW - 2 * HOUR)
    row, past = look_back(make_run(NOW - DAY), first, make_failed_run(NOW - HOUR, retry_of=first.id))
    opened = make_open_repair(row, past)
    assert opened is not None
    assert (opened.action, opened.result) == ("retried", "open")
