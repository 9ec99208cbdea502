"""Whatever differs between the accepted schedule and a server is a finding with its name, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.finding import Finding
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.installed import (
    CronEntry,
    Installed,
    InstalledTimer,
    Unread,
    make_command,
    name_unit,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.moment import Moment
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.schedule import Entry, Schedule
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import hash_value
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.drift import (
    SHOWN,
    SLUGS,
    Standing,
    judge_installed,
)
from ansible_collections.diskominfo.backup.tests.evidence import DAY, NOW
from ansible_collections.diskominfo.backup.tests.records import make_config

ACCEPTED = Schedule(
    "Asia/Jakarta",
    (
        Entry("daily", "daily", ("sippn",), Moment(22 * 60 + 37)),
        Entry("monthly", "monthly", ("arsip",), Moment(150, day=1)),
    ),
    (date(2027, 1, 1),),
)
SOURCE = {"sources": [{"path": "/srv"}]}
SERVER = replace(
    read_server(
        make_config(applications=[{"name": "sippn", **SOURCE}, {"name": "arsip", "category": "monthly", **SOURCE}])
    ),
    schedule=ACCEPTED,
)


def install(entry: Entry) -> InstalledTimer:
    return InstalledTimer(
        unit=name_unit(entry.name),
        state="loaded",
        is_enabled=True,
        is_active=True,
        is_persistent=True,
        on_calendar=tuple(sorted(ACCEPTED.on_calendar(entry))),
        begins=name_unit(entry.name, "service"),
        service_state="loaded",
        command=make_command(f"--entry {entry.name}"),
    )


SOUND = Installed(
    "web",
    NOW,
    "systemd",
    config_hash=SERVER.config_hash,
    schedule_hash=hash_value(ACCEPTED.to_data()),
    timers=tuple(map(install, ACCEPTED.entries)),
)
WOKEN = CronEntry("0,7,15,22,30,37,45,52 * * * *", make_command("--due"))
BOOTED = CronEntry("@reboot", make_command("--due"))
CRON = replace(SOUND, manager="cron", timers=(), lines=(WOKEN, BOOTED), is_cron_running=True)


def judge(installed: Installed | None, **changes: Any) -> tuple[Finding, ...]:
    standing = Standing(SERVER, ACCEPTED, installed, NOW - DAY)
    return judge_installed(replace(standing, **changes))


def tell(*found: Finding) -> list[tuple[str, str, str]]:
    return [(finding.slug, finding.severity, finding.subject) for finding in found]


def change_timer(**changes: Any) -> Installed:
    return replace(SOUND, timers=(replace(SOUND.timers[0], **changes), SOUND.timers[1]))


@pytest.mark.parametrize("sound", [SOUND, CRON])
def test_what_is_as_it_was_accepted_is_no_finding(sound: Installed) -> None:
    assert judge(sound) == ()


TIMER = "web: diskominfo-backup-daily.timer"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"is_enabled": False, "is_active": False}, "not enabled and stopped"),
        ({"is_active": False}, "is stopped"),
        ({"is_enabled": False}, "is not enabled"),
        ({"state": "masked"}, "is masked"),
        ({"state": "not-found"}, "is not installed"),
        ({"service_state": "masked"}, "service that is masked"),
        ({"service_state": ""}, "service that is unknown"),
    ],
)
def test_a_timer_that_begins_nothing_is_red(changes: dict[str, Any], said: str) -> None:
    (finding,) = judge(change_timer(**changes))
    assert tell(finding) == [("schedule_off", "red", TIMER)]
    assert said in finding.message
    assert "playbook schedule" in finding.hint


def test_a_timer_that_is_gone_is_red() -> None:
    assert tell(*judge(replace(SOUND, timers=SOUND.timers[1:]))) == [("schedule_off", "red", TIMER)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"on_calendar": ("*-01-01 00:00:00",)}, "begins at *-01-01 00:00:00"),
        ({"on_calendar": ()}, "begins at no time"),
        ({"on_calendar": (*SOUND.timers[0].on_calendar, "OnBootUSec=10min")}, "OnBootUSec"),
        ({"is_persistent": False}, "not made up for"),
        ({"is_unread": True}, "has not read them"),
        ({"begins": "other.service"}, "by other.service"),
        ({"command": "/bin/true"}, "starts /bin/true"),
        ({"command": ""}, "starts nothing"),
    ],
)
def test_a_timer_that_was_changed_is_told_with_what_it_does(changes: dict[str, Any], said: str) -> None:
    (finding,) = judge(change_timer(**changes))
    assert tell(finding) == [("schedule_drift", "yellow", TIMER)]
    assert said in finding.message


def test_a_timer_that_no_entry_has_is_told_unless_it_is_a_name_only() -> None:
    extra = replace(SOUND.timers[0], unit="diskominfo-backup-own.timer")
    found = judge(replace(SOUND, timers=(*SOUND.timers, extra)))
    assert tell(*found) == [("schedule_drift", "yellow", "web: diskominfo-backup-own.timer")]
    assert judge(replace(SOUND, timers=(*SOUND.timers, replace(extra, state="not-found")))) == ()


CONFIG = "web: config.json"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"config_hash": "0" * 64}, ("config_drift", "yellow", CONFIG)),
        ({"schedule_hash": "0" * 64}, ("schedule_drift", "yellow", CONFIG)),
        ({"schedule_hash": ""}, ("schedule_drift", "yellow", CONFIG)),
        ({"config_hash": "", "schedule_hash": ""}, ("schedule_off", "red", CONFIG)),
        ({"config_hash": "", "config_problem": "not JSON"}, ("schedule_off", "red", CONFIG)),
    ],
)
def test_a_configuration_that_was_edited_is_told(changes: dict[str, Any], expected: tuple[str, str, str]) -> None:
    assert tell(*judge(replace(SOUND, **changes))) == [expected]


def test_a_register_that_changed_and_was_not_installed_is_told() -> None:
    (finding,) = judge(SOUND, server=replace(SERVER, slots=3))
    assert tell(finding) == [("config_drift", "yellow", CONFIG)]


@pytest.mark.parametrize(
    ("changes", "slug", "said"),
    [
        ({"lines": ()}, "schedule_off", "has no lines"),
        ({"is_cron_running": False}, "schedule_off", "is not running"),
        ({"lines": (WOKEN,)}, "schedule_drift", "wakes the command at 0,7,15"),
        ({"lines": (replace(WOKEN, when="5 * * * *"), BOOTED)}, "schedule_drift", "at 5 * * * *, @reboot"),
        ({"lines": (replace(WOKEN, command="/bin/true"), BOOTED)}, "schedule_drift", "starts something else"),
    ],
)
def test_cron_is_held_against_the_schedule_too(changes: dict[str, Any], slug: str, said: str) -> None:
    (finding,) = judge(replace(CRON, **changes))
    assert (finding.slug, finding.subject) == (slug, "web: cron")
    assert said in finding.message


def test_cron_beside_timers_begins_everything_twice() -> None:
    assert tell(*judge(replace(SOUND, lines=(WOKEN,)))) == [("schedule_drift", "yellow", "web: cron")]


@pytest.mark.parametrize("manager", ["systemd", "cron"])
def test_a_server_where_nothing_is_installed_has_one_line(manager: str) -> None:
    (finding,) = judge(Installed("web", NOW, manager))
    assert tell(finding) == [("schedule_absent", "red", "web")]


def test_a_server_of_which_nothing_came_home_is_unknown_and_never_sound() -> None:
    assert tell(*judge(None)) == [("schedule_unknown", "yellow", "web")]
    (old,) = judge(SOUND, since=NOW + DAY)
    assert (old.slug, "seen last at 2026-11-22T13:01:00Z" in old.message) == ("schedule_unknown", True)
    assert judge(SOUND, since=NOW) == ()


def test_a_server_that_was_not_asked_keeps_what_is_known_of_it() -> None:
    assert judge(None, is_asked=False) == ()
    assert judge(SOUND, since=NOW + DAY, is_asked=False) == ()
    assert [finding.slug for finding in judge(change_timer(is_active=False), is_asked=False)] == ["schedule_off"]


def unread(subject: str, seen: Installed) -> Installed:
    return replace(seen, unread=(Unread(subject, "x" * 4000),))


@pytest.mark.parametrize(
    "installed",
    [
        unread("systemctl show", replace(SOUND, timers=())),
        unread(SOUND.timers[0].unit, replace(SOUND, timers=SOUND.timers[1:])),
        unread("/etc/diskominfo-backup/config.json", replace(SOUND, config_hash="", schedule_hash="")),
        unread("/etc/cron.d/diskominfo-backup", replace(CRON, lines=())),
        unread("answer", Installed("web", NOW, "systemd")),
    ],
)
def test_what_could_not_be_read_is_unknown_and_nothing_is_made_up_about_it(installed: Installed) -> None:
    (finding,) = judge(installed)
    assert (finding.slug, finding.severity) == ("schedule_unknown", "yellow")
    assert finding.subject.startswith("web: ")
    assert len(finding.message) < 500


def test_what_could_be_read_beside_is_judged_all_the_same() -> None:
    half = unread("/etc/diskominfo-backup/config.json", replace(change_timer(is_active=False), config_hash=""))
    assert [finding.slug for finding in judge(half)] == ["schedule_off", "schedule_unknown"]


def test_who_was_registered_after_the_schedule_was_accepted_is_told() -> None:
    assert tell(*judge(SOUND, accepted=None)) == [("schedule_unplanned", "red", "web")]
    shorter = Schedule(ACCEPTED.zone, ACCEPTED.entries[:1], ACCEPTED.quiet)
    assert ("schedule_unplanned", "red", "web/arsip") in tell(*judge(SOUND, accepted=shorter))
    assert [finding.slug for finding in judge(None, accepted=None)] == ["schedule_unplanned", "schedule_unknown"]


def test_a_server_that_lies_does_not_flood_the_report() -> None:
    strange = tuple(replace(SOUND.timers[0], unit=f"{'x' * 4000}{number}", state="x" * 4000) for number in range(5000))
    found = judge(replace(SOUND, timers=strange, unread=(Unread("x" * 4000, "y" * 4000),) * 5000))
    assert len(found) == SHOWN + 1
    assert found[0].severity == "red"
    assert found[-1].facts["count"] == 10_002 - SHOWN
    assert sum(len(finding.message) + len(finding.subject) for finding in found) < 50_000


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: judge(None),
        lambda: judge(None, accepted=None),
        lambda: judge(Installed("web", NOW, "cron")),
        lambda: judge(change_timer(is_active=False)),
        lambda: judge(change_timer(on_calendar=())),
        lambda: judge(replace(SOUND, config_hash="0" * 64)),
    ],
)
def test_every_finding_has_a_known_name_and_says_whose_and_what_to_do(spoil: Callable[[], tuple[Finding, ...]]) -> None:
    for finding in spoil():
        assert finding.slug in SLUGS
        assert finding.message.startswith("web")
        assert finding.hint
