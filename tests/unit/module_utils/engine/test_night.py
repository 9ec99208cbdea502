"""What a timer does: run, then check what is due, then prune what went well."""

from __future__ import annotations

import fcntl
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.lock import hold
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


def agree(office: Office, **entries: str) -> None:
    """Installs a schedule: name of an application -> when it begins."""
    planned = [{"name": f"daily-{name}", "applications": [name], "begins": begins} for name, begins in entries.items()]
    office.settings["schedule"] = {"zone": "UTC", "entries": planned}


def test_a_timer_begins_its_entry_of_the_schedule(office: Office) -> None:
    office.add_application("agenda")
    agree(office, agenda="03:00", sippn="04:00")

    assert {name for _unused, name, _unused2 in tell_acts(office.call("night", "--entry", "daily-agenda"))} == {
        "agenda"
    }


def test_cron_begins_what_is_due_and_nothing_twice(office: Office) -> None:
    began = datetime.now(timezone.utc) - timedelta(minutes=1)
    agree(office, sippn=f"{began:%H:%M}")
    installed = (began - timedelta(hours=1)).timestamp()
    os.utime(office.write_config(), (installed, installed))

    assert tell_acts(office.call("night", "--due"))[0] == ("run", "sippn", "succeeded")
    assert tell_acts(office.call("night", "--due")) == []


def test_a_timer_tries_again_what_failed_and_a_person_is_not_kept_waiting(office: Office) -> None:
    office.settings["calendar"] = {"retry": {"times": 1, "after": 0.01}}
    office.database().unlink()
    answer = office.call("night", "--timer")

    first, second = answer.receipts
    assert (second["kind"], second["status"], second["retry_of"]) == ("run", "failed", first["id"])
    assert tell_acts(office.call("night")) == [("run", "sippn", "failed")]


def test_what_a_retry_saved_is_proved_and_pruned(office: Office) -> None:
    office.settings.update(lock_wait=0.1, calendar={"retry": {"times": 5, "after": 0.5}})
    with hold(office.state / "locks" / "sippn.lock", "sippn", 0) as held, ThreadPoolExecutor() as other:
        night = other.submit(office.run, "night", "--timer")
        while not list((office.state / "receipts").glob("sippn/*.json")):
            time.sleep(0.02)
        held.clear()
        fcntl.flock(held._descriptor, fcntl.LOCK_UN)
        answer = night.result()

    assert answer.status == 1
    assert answer.receipts[0]["failure"]["slug"] == "busy"
    assert tell_acts(answer)[-3:] == [(kind, "sippn", "succeeded") for kind in ("run", "check", "prune")]


def test_nobody_waits_for_what_is_tried_again(office: Office) -> None:
    office.settings["calendar"] = {"retry": {"times": 1, "after": 0.01}}
    office.add_application("agenda")
    office.database().unlink()

    assert tell_acts(office.call("night", "--timer")) == [
        ("run", "sippn", "failed"),
        ("run", "agenda", "succeeded"),
        ("check", "agenda", "succeeded"),
        ("prune", "agenda", "succeeded"),
        ("run", "sippn", "failed"),
    ]
