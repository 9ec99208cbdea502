"""What a timer does: run, then check what is due, then prune what went well."""

from __future__ import annotations

from ansible_collections.diskominfo.backup.tests.office import Answer, Office


def tell_acts(answer: Answer) -> list[tuple[str, str, str]]:
    return [(receipt["kind"], receipt["application"], receipt["status"]) for receipt in answer.receipts]


def test_a_night_backs_up_proves_and_prunes(office: Office) -> None:
    answer = office.call("night", "--timer")

    assert answer.status == 0
    assert tell_acts(answer) == [(kind, "sippn", "succeeded") for kind in ("run", "check", "prune")]
    assert {receipt["trigger"] for receipt in answer.receipts} == {"timer"}
    assert answer.receipts[1]["parts"][0]["level"] == "compared"


def test_what_was_compared_lately_is_only_read_to_its_end(office: Office) -> None:
    office.call("night")
    answer = office.call("night")

    assert [kind for kind, *_unused in tell_acts(answer)] == ["run", "check", "prune"]
    assert {part["level"] for part in answer.receipts[1]["parts"]} == {"readable"}


def test_a_night_does_one_category(office: Office) -> None:
    office.add_application("agenda", category="weekly")

    assert {name for _unused, name, _unused2 in tell_acts(office.call("night", "--category", "mingguan"))} == {"agenda"}


def test_what_failed_is_not_pruned_and_the_others_are_done(office: Office) -> None:
    office.add_application("agenda")
    office.database().unlink()
    answer = office.call("night")

    assert answer.status == 1
    assert tell_acts(answer) == [
        ("run", "sippn", "failed"),
        ("run", "agenda", "succeeded"),
        ("check", "agenda", "succeeded"),
        ("prune", "agenda", "succeeded"),
    ]


def test_an_earlier_backup_is_proved_although_tonight_failed(office: Office) -> None:
    office.add_application("agenda")
    office.call("run")
    office.database().unlink()

    assert ("check", "sippn", "succeeded") in tell_acts(office.call("night"))


def test_a_store_that_takes_nothing_is_not_asked_to_show_anything(office: Office) -> None:
    office.store.mkdir()
    (office.store / "foreign").touch()
    answer = office.call("night")

    assert answer.status == 1
    assert tell_acts(answer) == [("run", "sippn", "failed")]
