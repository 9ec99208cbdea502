"""What is said of this server's timers is what systemd has in force, and what cannot be read is told as such."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest
import yaml
from jinja2 import Template

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import Interrupted
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Supervisor
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.installed import look_at_installed
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.installed import (
    RUNNER,
    UNIT,
    CronEntry,
    Installed,
    InstalledTimer,
    Unread,
    make_command,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import hash_value
from ansible_collections.diskominfo.backup.tests.office import CHECKOUT
from ansible_collections.diskominfo.backup.tests.records import SCHEDULE, make_config

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
SHOWN = Path(__file__).parent / "data" / "systemctl"
"""What `systemctl show` of systemd 252 says of units that were changed by hand."""

ROLE = CHECKOUT / "roles" / "schedule"
ANSWERS = f"""#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
edited=$(dirname "$0")/../edited
for unit; do cat "$edited/$unit" 2>/dev/null || cat "{SHOWN}/$unit" 2>/dev/null; echo; done
"""


class Machine:
    """The files of a server below a folder, and its systemctl."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / "etc" / "diskominfo-backup" / "config.json"
        self.run("sshd", number=1)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)
        (self.root / path).chmod(0o644)

    def run(self, name: str, number: int = 7, user: int = 0, numbers: str = "7") -> None:
        self.write(f"proc/{number}/status", f"Name:\t{name}\nUid:\t{user}\t0\t0\t0\nNSpid:\t{numbers}\nKthread:\t0\n")

    def have_systemd(self, *units: str, answer: str = ANSWERS) -> None:
        (self.root / "run/systemd/system").mkdir(parents=True)
        for unit in units:
            self.write(f"etc/systemd/system/{unit}", "")
        self.write("bin/systemctl", answer)
        (self.root / "bin/systemctl").chmod(0o755)

    def configure(self, **changes: object) -> None:
        self.write("etc/diskominfo-backup/config.json", json.dumps(make_config(schedule=SCHEDULE, **changes)))

    def look(self, owner_id: int = os.geteuid()) -> Installed:
        supervisor = Supervisor({"PATH": f"{self.root}/bin:/usr/bin:/bin", "LC_ALL": "C"})
        return look_at_installed("web", supervisor, NOW, self.config, self.root, owner_id)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_server_where_nothing_is_installed_says_so(machine: Machine) -> None:
    assert machine.look() == Installed("web", NOW, "cron")
    machine.have_systemd()
    assert machine.look() == Installed("web", NOW, "systemd")
    assert machine.look().is_empty


def test_a_sound_timer_is_told_as_it_is_in_force(machine: Machine) -> None:
    machine.have_systemd(f"{UNIT}-daily.timer")
    machine.configure()
    seen = machine.look()
    server = read_server(make_config(schedule=SCHEDULE))
    assert (seen.config_hash, seen.config_problem) == (server.config_hash, "")
    assert server.schedule
    assert seen.schedule_hash == hash_value(server.schedule.to_data())
    (timer,) = seen.timers
    assert timer == InstalledTimer(
        unit="diskominfo-backup-daily.timer",
        state="loaded",
        is_enabled=True,
        is_active=True,
        is_persistent=True,
        on_calendar=("*-*-* 22:30:00 Asia/Jakarta",),
        begins="diskominfo-backup-daily.service",
        service_state="loaded",
        command=make_command("--entry daily"),
    )
    assert seen.unread == ()


def test_a_timer_is_told_as_drop_ins_and_hands_have_made_it(machine: Machine) -> None:
    machine.have_systemd(f"{UNIT}-monthly.timer", f"{UNIT}-weekly.timer")
    monthly, weekly = machine.look().timers
    assert monthly == InstalledTimer(
        unit="diskominfo-backup-monthly.timer",
        state="loaded",
        is_unread=True,
        on_calendar=("*-*-01 02:30:00 Asia/Jakarta", "2027-01-02 02:30:00 Asia/Jakarta", "OnBootUSec=10min"),
        begins="diskominfo-backup-monthly.service",
        service_state="bad-setting",
    )
    assert weekly == InstalledTimer("diskominfo-backup-weekly.timer", "not-found", service_state="not-found")


@pytest.mark.parametrize("unit", ["daily.timer", "daily.service"])
def test_a_drop_in_that_systemd_does_not_know_yet_is_noticed(machine: Machine, unit: str) -> None:
    machine.have_systemd(f"{UNIT}-daily.timer")
    assert not machine.look().timers[0].is_unread
    machine.write(f"etc/systemd/system/{UNIT}-{unit}.d/own.conf", "[Timer]\nOnCalendar=yearly\n")
    assert machine.look().timers[0].is_unread


def test_an_entry_of_the_configuration_is_asked_for_though_its_file_is_gone(machine: Machine) -> None:
    machine.have_systemd()
    machine.configure()
    assert [timer.unit for timer in machine.look().timers] == [f"{UNIT}-daily.timer"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("#!/bin/sh\necho 'Failed to connect to bus' >&2\nexit 1\n", "status 1 and said: Failed to connect to bus"),
        ("#!/bin/sh\nexit 3\n", "status 3 and said: nothing"),
        ("#!/nonexistent\n", "systemctl"),
    ],
)
def test_a_systemd_that_does_not_answer_is_told(machine: Machine, answer: str, reason: str) -> None:
    machine.have_systemd(f"{UNIT}-daily.timer", answer=answer)
    seen = machine.look()
    (unread,) = seen.unread
    assert (seen.timers, unread.subject) == ((), "systemctl show")
    assert reason in unread.reason
    assert not seen.is_empty


def test_a_timer_of_which_systemd_says_nothing_is_told(machine: Machine) -> None:
    machine.have_systemd(f"{UNIT}-strange.timer")
    seen = machine.look()
    assert (seen.timers, seen.unread) == ((), (Unread(f"{UNIT}-strange.timer", "systemd does not tell of it"),))


REFUSAL = 'case $unit in *@.*|*monthly*) echo "Unit name $unit is neither valid nor known." >&2; exit 1; esac'
REFUSING = ANSWERS.replace("unit; do", f"unit; do {REFUSAL};")
"""As `systemctl show` does, it ends at the first name that is none."""


def test_a_template_hides_no_timer(machine: Machine) -> None:
    machine.have_systemd(f"{UNIT}-daily.timer", f"{UNIT}-x@.timer", answer=REFUSING)
    seen = machine.look()
    assert [timer.unit for timer in seen.timers] == [f"{UNIT}-daily.timer"]
    assert seen.unread == ()


def test_a_timer_that_systemd_refuses_to_tell_of_hides_no_other(machine: Machine) -> None:
    machine.have_systemd(f"{UNIT}-daily.timer", f"{UNIT}-monthly.timer", answer=REFUSING)
    seen = machine.look()
    assert [timer.unit for timer in seen.timers] == [f"{UNIT}-daily.timer"]
    (unread,) = seen.unread
    assert unread.subject == f"{UNIT}-monthly.timer"
    assert unread.reason.startswith("systemctl ended with status 1 and said: Unit name diskominfo-backup-monthly.")


def test_an_interrupted_look_is_none(machine: Machine) -> None:
    machine.have_systemd(f"{UNIT}-daily.timer")
    supervisor = Supervisor()
    supervisor.end_all(Interrupted.by_signal(15))
    with pytest.raises(Interrupted):
        look_at_installed("web", supervisor, NOW, machine.config, machine.root)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda machine: machine.config.write_text("{"), "not JSON"),
        (lambda machine: machine.configure(password="rahasia"), "diskominfo-backup config tells why"),
        (lambda machine: machine.configure(state="rahasia"), "diskominfo-backup config tells why"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_told_without_its_values(
    machine: Machine, spoil: Callable[[Machine], None], problem: str
) -> None:
    machine.configure()
    spoil(machine)
    seen = machine.look()
    assert problem in seen.config_problem
    assert "rahasia" not in str(seen)
    assert (seen.config_hash, seen.schedule_hash) == ("", "")


def test_a_configuration_that_cannot_be_read_is_not_a_missing_one(machine: Machine) -> None:
    machine.config.mkdir(parents=True)
    (unread,) = machine.look().unread
    assert (unread.subject, unread.reason) == (str(machine.config), "Is a directory")


def test_a_configuration_without_a_schedule_has_none(machine: Machine) -> None:
    machine.write("etc/diskominfo-backup/config.json", json.dumps(make_config()))
    seen = machine.look()
    assert seen.config_hash
    assert seen.schedule_hash == ""


def read_role() -> dict[str, str]:
    return dict(yaml.safe_load((ROLE / "vars" / "main.yml").read_text()))


def render(template: str, **values: object) -> str:
    entry = {"name": "daily", "category": "daily", "applications": ["portal"], "on_calendar": ["*-*-* 22:30:00 UTC"]}
    given = {
        "ansible_managed": "Ansible managed",
        "schedule_entries": [entry],
        "schedule_active": ["daily"],
        "schedule_timetable": {"cron_minutes": "0,15,30,45", "writable": []},
        "schedule_server": {"store": {"path": "/var/backups/diskominfo"}, "state": "/var/lib/diskominfo-backup"},
        "schedule_time_limit": "20h",
        "item": entry,
        **{key: value for key, value in read_role().items() if key in ("schedule_runner", "schedule_unit")},
    }
    return str(Template((ROLE / "templates" / template).read_text()).render({**given, **values}))


def test_the_role_installs_what_is_looked_for() -> None:
    role = read_role()
    assert (role["schedule_runner"], role["schedule_unit"]) == (RUNNER, UNIT)
    assert role["schedule_cron_file"] == "/etc/cron.d/diskominfo-backup"
    assert f"\nExecStart={make_command('--entry daily')}\n" in render("service.j2")
    assert "\nOnCalendar=*-*-* 22:30:00 UTC\n" in render("timer.j2")
    assert "\nPersistent=true\n" in render("timer.j2")


def test_lines_of_cron_are_read_and_strange_ones_told_by_their_program(machine: Machine) -> None:
    by_hand = "30 3 * * 1 root /usr/bin/mysqldump --password=rahasia\nMAILTO = root\nnonsense rahasia\n\n"
    machine.write("etc/cron.d/diskominfo-backup", render("cron.j2") + "\n" + by_hand)
    machine.run("cron")
    (machine.root / "proc" / "8").mkdir()
    seen = machine.look()
    ours = make_command("--due")
    assert seen.lines == (
        CronEntry("0,15,30,45 * * * *", ours),
        CronEntry("@reboot", ours),
        CronEntry("30 3 * * 1", "/usr/bin/mysqldump"),
        CronEntry("nonsense", ""),
    )
    assert seen.is_cron_running
    assert "rahasia" not in str(seen)


WOKEN = next(line for line in render("cron.j2").splitlines() if line.startswith("@reboot"))


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (WOKEN, make_command("--due")),
        (WOKEN.replace("@reboot root ", "@reboot\troot \t"), make_command("--due")),
        (WOKEN.replace("20h", "1.5d"), make_command("--due")),
        (WOKEN.replace("root exec", "root echo exec"), "echo"),
        (WOKEN.replace("root exec", "root : exec"), ":"),
        (WOKEN.replace("root exec", "root false && exec"), "false"),
        (WOKEN.replace("root exec", "root true # exec"), "true"),
        (WOKEN.replace("root exec", "root PASSWORD=rahasia exec"), "PASSWORD"),
        (WOKEN.replace("root exec", "nobody exec"), "exec"),
        (WOKEN.replace(RUNNER, f"/opt{RUNNER}"), "exec"),
        (WOKEN.replace("20h", "$(reboot)"), "exec"),
        (WOKEN.replace(" --due", ""), "exec"),
        (WOKEN + "\r", "exec"),
        (f"@reboot root {make_command('--due')}", RUNNER),
    ],
)
def test_a_line_of_cron_is_ours_only_as_the_role_writes_it(machine: Machine, line: str, command: str) -> None:
    machine.write("etc/cron.d/diskominfo-backup", f"{line}\n")
    assert machine.look().lines == (CronEntry("@reboot", command),)


def test_what_cron_takes_for_a_comment_is_no_line(machine: Machine) -> None:
    machine.write("etc/cron.d/diskominfo-backup", f"# off\x0c{WOKEN}\n#\u2028{WOKEN}\n\t# {WOKEN}\n")
    assert machine.look().lines == ()


@pytest.mark.parametrize("setting", ["SHELL=/bin/true", "PATH=/rahasia", "HOME = /rahasia", '"PASS"="rahasia"'])
def test_a_setting_with_which_the_command_would_not_start_is_told(machine: Machine, setting: str) -> None:
    machine.write("etc/cron.d/diskominfo-backup", f"{setting}\n{render('cron.j2')}\n")
    first, *rest = machine.look().lines
    assert first.when in ("SHELL", "PATH", "HOME", '"PASS"')
    assert [entry.command for entry in (first, *rest)] == ["", make_command("--due"), make_command("--due")]


def test_a_file_that_cron_passes_over_has_no_lines(machine: Machine) -> None:
    path = machine.root / "etc/cron.d/diskominfo-backup"
    machine.write("etc/cron.d/diskominfo-backup", WOKEN + "\n")
    assert machine.look().lines
    assert machine.look(owner_id=os.geteuid() + 1).lines == ()
    path.chmod(0o664)
    assert machine.look().lines == ()
    machine.write("etc/cron.d/diskominfo-backup", WOKEN)
    assert machine.look().lines == ()


def test_only_the_cron_of_root_on_this_very_machine_counts(machine: Machine) -> None:
    machine.run("cron", number=7, user=1000)
    machine.run("cron", number=8, numbers="8\t1")
    machine.run("cron deep", number=9)
    assert not machine.look().is_cron_running
    machine.run("crond", number=10)
    assert machine.look().is_cron_running


def test_a_process_that_ends_while_it_is_looked_at_disturbs_nothing(machine: Machine) -> None:
    (machine.root / "proc" / "8").mkdir()
    assert not machine.look().is_cron_running


def test_of_another_command_only_the_program_comes_home(machine: Machine) -> None:
    machine.have_systemd(f"{UNIT}-daily.timer")
    shown = (SHOWN / f"{UNIT}-daily.service").read_text()
    machine.write(f"edited/{UNIT}-daily.service", shown.replace(f"={RUNNER}", f"=/bin/echo rahasia {RUNNER}"))
    seen = machine.look()
    assert seen.timers[0].command == "/bin/echo"
    assert "rahasia" not in str(seen)


def test_this_very_machine_can_be_looked_at() -> None:
    seen = look_at_installed("web", Supervisor(), NOW, Path("/nonexistent/config.json"))
    assert seen.server == "web"
    assert seen.manager in ("systemd", "cron")
