from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Census
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.finding import SEVERITIES, Finding
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import Receipt, StoreTrace
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Period
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules import health
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.counts import is_counted, name_databases
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.history import Subject, make_row
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.memory import freeze_receipt, thaw_receipt
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.past import Past
from ansible_collections.diskominfo.backup.tests.evidence import (
    DAY,
    NOW,
    make_check,
    make_failed_check,
    make_failed_run,
    make_run,
)

HOUR = timedelta(hours=1)
WEEK_S = 7 * 86400.0
SAME_DISK = StoreTrace("directory", "/var/backups", 1, 10**9, True)


def ask(
    *receipts: Receipt,
    check_interval_s: float | None = WEEK_S,
    registered: tuple[str, ...] = (),
    unchanged_days: int = 14,
) -> dict[str, Finding]:
    past = Past(Period(NOW - DAY, NOW), NOW, 86400.0)
    for receipt in receipts:
        past.take(receipt)
    row = make_row(Subject("web", "sippn", "SIPPN", "", "daily"), past)
    facts = health.Facts(row, past, check_interval_s, (), (), registered, unchanged_days)
    return {finding.slug: finding for finding in health.ask(facts, NOW)}


def make_nights(*sizes: int, databases: bool = True) -> list[Receipt]:
    nights = [make_run(NOW - HOUR - night * DAY, size_bytes=size) for night, size in enumerate(reversed(sizes))]
    return [night if databases else replace(night, parts=night.parts[1:]) for night in reversed(nights)]


def make_growing(count: int, last_bytes: int) -> list[Receipt]:
    """Nights of nearly one size, no two alike, and a last one."""
    return make_nights(*(20_000_000 + night for night in range(count)), last_bytes)


def test_a_sound_application_has_no_finding() -> None:
    nights = make_growing(8, 20_000_100)
    assert ask(*nights, make_check(nights[-1])) == {}


def test_every_finding_names_its_application_and_a_remedy() -> None:
    run = make_run(NOW - HOUR, store=SAME_DISK)
    found = ask(make_failed_run(NOW - 9 * DAY), run, make_failed_check(run))
    assert set(found) == {"damaged_run", "never_good"}
    for finding in found.values():
        assert finding.subject == "sippn"
        assert finding.message.startswith("sippn: ")
        assert finding.hint
        assert finding.severity in SEVERITIES


def test_a_damaged_last_run_is_red() -> None:
    old, new = make_nights(1_000_000, 1_000_001)
    assert ask(old, new, make_failed_check(new))["damaged_run"].severity == "red"


def test_a_damaged_older_run_is_told_until_it_is_gone() -> None:
    old, new = make_nights(1_000_000, 1_000_001)
    found = ask(old, new, make_failed_check(old))
    assert found["damaged_older_run"].facts == {"count": 1}
    assert "damaged_run" not in found
    prune = make_run(NOW - HOUR / 2, kind="prune", parts=(), deleted=(old.id,))
    assert "damaged_older_run" not in ask(old, new, make_failed_check(old), prune)


def test_nothing_good_at_all_is_red() -> None:
    assert ask(make_failed_run(NOW - HOUR))["never_good"].severity == "red"
    assert "never_good" not in ask()


def test_an_old_success_is_stale_while_something_is_wrong() -> None:
    found = ask(make_run(NOW - 4 * DAY), *(make_failed_run(NOW - HOUR - night * DAY) for night in (2, 1, 0)))
    assert found["stale"].severity == "red"
    assert found["stale"].facts["age_s"] == pytest.approx(4 * 86400)
    assert "stale" not in ask(make_run(NOW - 30 * HOUR), make_failed_run(NOW - HOUR))


@pytest.mark.parametrize(("failures", "severity"), [(1, None), (2, "yellow"), (3, "red"), (9, "red")])
def test_failures_in_a_row_grow_worse(failures: int, severity: str | None) -> None:
    found = ask(make_run(NOW - 10 * DAY), *(make_failed_run(NOW - (failures - n) * HOUR) for n in range(failures)))
    finding = found.get("failing")
    assert (finding and finding.severity) == severity


@pytest.mark.parametrize(("last_bytes", "severity"), [(16_000_000, None), (14_000_000, "yellow"), (9_000_000, "red")])
def test_a_shrunken_run_is_noticed(last_bytes: int, severity: str | None) -> None:
    finding = ask(*make_growing(8, last_bytes)).get("shrunk")
    assert (finding and finding.severity) == severity


def test_two_runs_do_not_tell_what_size_is_usual() -> None:
    assert "shrunk" not in ask(*make_growing(2, 1_000_000))


@pytest.mark.parametrize(("last_bytes", "is_told"), [(39_000_000, False), (41_000_000, True)])
def test_a_run_of_twice_the_size_is_noticed(last_bytes: int, is_told: bool) -> None:
    assert ("grown" in ask(*make_growing(8, last_bytes))) == is_told


def test_growth_of_a_few_bytes_is_not_worth_a_look() -> None:
    assert "grown" not in ask(*make_nights(1000, 1001, 1002, 1003, 9000))


def test_databases_that_stay_the_same_for_weeks_are_noticed() -> None:
    assert ask(*make_nights(*[5_000_000] * 16))["unchanged"].facts["count"] == 15
    assert "unchanged" in ask(*make_nights(*[5_000_000] * 15))
    assert "unchanged" not in ask(*make_nights(*[5_000_000] * 14))
    assert "unchanged" not in ask(*(make_run(NOW - HOUR + n * timedelta(minutes=1)) for n in range(30)))
    assert "unchanged" not in ask(*make_nights(*[5_000_000] * 15, 5_000_001))


@pytest.mark.parametrize(("days", "nights"), [(1, 2), (3, 4)])
def test_an_office_says_for_how_many_days_a_database_may_stay_the_same(days: int, nights: int) -> None:
    assert "unchanged" in ask(*make_nights(*[5_000_000] * nights), unchanged_days=days)
    assert "unchanged" not in ask(*make_nights(*[5_000_000] * (nights - 1)), unchanged_days=days)
    assert "unchanged" not in ask(*make_nights(*[5_000_000] * 90), unchanged_days=0)


def test_that_nothing_was_backed_up_for_long_does_not_tell_that_nothing_changed() -> None:
    nights = make_nights(*[5_000_000] * 3)
    assert "unchanged" not in ask(
        *(replace(one, began=one.began - 60 * DAY, ended=one.ended - 60 * DAY) for one in nights)
    )


def test_of_dumps_that_tell_their_time_the_counts_are_compared() -> None:
    def as_dated(night: Receipt, number: int) -> Receipt:
        file = replace(night.parts[0].file, sha256=f"{number:064x}")  # type: ignore[type-var]
        return replace(night, parts=(replace(night.parts[0], engine="postgresql", file=file), night.parts[1]))

    same = [as_dated(night, number) for number, night in enumerate(make_nights(*[5_000_000] * 20))]
    found = ask(*same)
    assert "unchanged" not in found
    assert "the size and the row counts of its databases have not changed" in found["unchanged_counts"].message
    more = [as_dated(night, number) for number, night in enumerate(make_nights(*range(5_000_000, 5_100_000, 5000)))]
    assert "unchanged_counts" not in ask(*more)
    counting = [with_sequence(night, f"after {number}") for number, night in enumerate(same)]
    resting = [with_sequence(night, "after 7") for night in same]
    assert "unchanged_counts" not in ask(*counting)
    assert "unchanged_counts" in ask(*resting)


def with_sequence(night: Receipt, value: str) -> Receipt:
    census = replace(night.parts[0].census or Census(), objects={"sequence value": {"public.berita_id_seq": value}})
    return replace(night, parts=(replace(night.parts[0], census=census), night.parts[1]))


def test_a_receipt_that_was_written_down_small_names_its_databases_alike() -> None:
    (night,) = make_nights(5_000_000)
    for engine in ("postgresql", "mysql"):
        parts = (replace(night.parts[0], engine=engine), night.parts[1])
        for one in (replace(night, parts=parts), with_sequence(replace(night, parts=parts), "after 7")):
            again = thaw_receipt(json.loads(json.dumps(freeze_receipt(one))))
            assert name_databases(again.parts) == name_databases(one.parts)
    (without,) = name_databases((replace(night.parts[0], engine="postgresql", census=None),))
    assert is_counted(without)
    assert not any(map(is_counted, name_databases(night.parts)))


def test_a_site_without_a_database_may_stay_the_same() -> None:
    assert "unchanged" not in ask(*make_nights(*[5_000_000] * 30, databases=False))


def test_what_was_never_compared_is_told_after_one_and_a_half_intervals_of_its_policy() -> None:
    nights = make_nights(*range(1_000_000, 1_000_012))
    assert ask(*nights)["never_proved"].severity == "yellow"
    assert "never_proved" not in ask(*nights[-10:])
    assert "never_proved" not in ask(*nights, check_interval_s=None)
    assert "never_proved" not in ask(make_failed_run(NOW - HOUR))


def test_a_comparison_that_grows_old_is_told_with_its_age() -> None:
    nights = make_nights(*range(1_000_000, 1_000_013))
    found = ask(nights[0], make_check(nights[0]), *nights[1:])
    assert found["unproved"].facts["age_s"] == pytest.approx(12 * 86400, rel=0.01)
    assert "never_proved" not in found


def test_copies_on_the_disk_of_the_source_are_told() -> None:
    run = make_run(NOW - HOUR, store=SAME_DISK)
    assert ask(run)["same_disk"].severity == "red"
    assert "same_disk" not in ask(make_failed_run(NOW - HOUR))


def test_a_chain_that_began_anew_is_told() -> None:
    assert "chain_restarted" in ask(make_run(NOW - 2 * HOUR), make_run(NOW - HOUR, previous=""))


def test_receipts_from_the_future_are_told() -> None:
    assert ask(make_run(NOW - HOUR), make_run(NOW + DAY))["future_receipts"].facts == {"count": 1}


@pytest.mark.parametrize(
    ("free_bytes", "severity"), [(3_000_000, None), (2_999_999, "yellow"), (1_400_000, "red"), (0, "red")]
)
def test_a_store_without_room_for_the_next_rounds_is_told(free_bytes: int, severity: str | None) -> None:
    found = health.ask_server(health.ServerFacts("web", free_bytes, 1_000_000, NOW), NOW)
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    for finding in found:
        assert (finding.slug, finding.subject) == ("low_room", "web")
        assert finding.facts == {"free_bytes": free_bytes, "round_bytes": 1_000_000}


def test_a_server_that_stored_nothing_needs_no_room() -> None:
    assert health.ask_server(health.ServerFacts("web", 0, 0, NOW), NOW) == ()


def test_no_question_answers_with_a_slug_that_the_table_does_not_hold() -> None:
    assert len(set(health.SLUGS)) == len(health.SLUGS)
    assert len(health.QUESTIONS) + len(health.SERVER_QUESTIONS) <= len(health.SLUGS)


def test_a_part_of_the_last_run_that_left_the_register_is_told() -> None:
    (night,) = make_nights(1_500_000)
    both = ("sqlite:/srv/sippn/app.db", "tree:/srv/sippn/www")

    assert "part_dropped" not in ask(night, registered=both)
    found = ask(night, registered=both[1:])["part_dropped"]
    assert found.facts == {"count": 1}
    assert "sqlite:/srv/sippn/app.db" in found.message
    accounts = replace(night.parts[0], kind="credentials")
    assert "part_dropped" not in ask(replace(night, parts=(accounts, night.parts[1])), registered=both[1:])
