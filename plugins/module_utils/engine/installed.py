"""Looks at what begins backups on this server: its timers or lines of cron, and the configuration. Changes nothing."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from .errors import BackupError, ConfigurationError, RecordRefused
from .flow.process import Supervisor
from .flow.trace import Trace
from .record.installed import (
    CRON,
    RUNNER,
    SYSTEMD,
    UNIT,
    CronEntry,
    Installed,
    InstalledTimer,
    Unread,
    make_command,
    name_unit,
)
from .record.installed import read_installed as read_again
from .record.plain import COUNT_LIMIT, cut_plain
from .record.register import Server, read_server
from .record.wire import SIZE_LIMIT_BYTES, hash_value, read_json

TIME_LIMIT_S = 20.0
UNIT_FOLDERS = ("etc/systemd/system", "run/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system")
CRON_FILE = "etc/cron.d/diskominfo-backup"
CRON_PROGRAMS = ("cron", "crond")
PROPERTIES = (
    *("Id", "LoadState", "UnitFileState", "ActiveState", "NeedDaemonReload", "DropInPaths"),
    *("TimersCalendar", "TimersMonotonic", "Persistent", "Unit", "ExecStart"),
)
CRON_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
ROOT = "root"
ROOT_ID = 0

UNITS_LIMIT = 2000
"""So many timers of ours are looked at."""

_MOMENT = re.compile(r"\{ (?:OnCalendar=)?(.*?) ; next_elapse=")
_COMMAND = re.compile(r"argv\[\]=(.*?) ; ignore_errors=")
_OURS = re.compile(rf"{re.escape(RUNNER)}(?: [\w-]+)*")

# What roles/schedule/templates/cron.j2 writes; only the time limit is the office's own.
_LINE = re.compile(r"(@[a-z]+|(?:\S+[ \t]+){4}\S+)[ \t]+(\S+)[ \t]+(.*)")
_WOKEN = re.compile(
    rf"exec flock --nonblock --no-fork /run/lock/{UNIT} nice -n 10 ionice -c 3 timeout --kill-after=2m "
    rf"[0-9]+(?:\.[0-9]+)?[smhd]? {re.escape(make_command('--due'))} >/dev/null 2>&1"
)
_SETTING = re.compile(r"[A-Za-z_]\w*[ \t]*=")
_HARMLESS = re.compile(rf"#.*|SHELL=/bin/sh|PATH={CRON_PATH}|MAILTO[ \t]*=.*")

Shown = Mapping[str, str]


def look_at_installed(
    server: str, supervisor: Supervisor, now: datetime, config: Path, root: Path = Path("/"), owner_id: int = ROOT_ID
) -> Installed:
    """What is installed on this machine, whose `root` is another folder, of another owner, in tests only. Raises only
    Interrupted."""
    unread: list[Unread] = []
    found, problem = _read_configuration(config, unread)
    schedule = found.schedule if found else None
    has_systemd = (root / "run/systemd/system").is_dir()
    entries = [name_unit(entry.name) for entry in schedule.entries] if schedule else []
    timers = _ask_systemd(_find_units(root, entries), supervisor, root, unread) if has_systemd else ()
    if supervisor.ended_by is not None:
        raise supervisor.ended_by
    seen = Installed(
        server=server,
        at=now,
        manager=SYSTEMD if has_systemd else CRON,
        config_hash=found.config_hash if found else "",
        schedule_hash=hash_value(schedule.to_data()) if schedule else "",
        config_problem=problem,
        timers=tuple(timers),
        lines=tuple(_read_cron(root / CRON_FILE, owner_id, unread))[:COUNT_LIMIT],
        is_cron_running=_is_cron_running(root / "proc"),
        unread=tuple(unread),
    )
    return read_again(cut_plain(seen.to_data()), server)


def _read_configuration(path: Path, unread: list[Unread]) -> tuple[Server | None, str]:
    """The server of the file, and what is wrong with it; neither where there is no file."""
    data = _read(path, unread)
    if data is None:
        return None, ""
    try:
        return read_server(read_json(data, str(path))), ""
    except ConfigurationError:
        # Its values stay here: who changed the file may have written a password into it.
        return None, "it cannot be used; diskominfo-backup config tells why"
    except RecordRefused as error:
        return None, error.message


def _read(path: Path, unread: list[Unread], owner_id: int | None = None) -> bytes | None:
    """The bytes of a file, None where there is none. With an owner, None also for one that cron passes over."""
    try:
        with path.open("rb") as stream:
            if owner_id is not None and not _is_trusted(os.lstat(path), os.fstat(stream.fileno()), owner_id):
                return None
            return stream.read(SIZE_LIMIT_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        unread.append(Unread(str(path), error.strerror or type(error).__name__))
        return None


def _find_units(root: Path, entries: Sequence[str]) -> list[str]:
    """The timers that the configuration wants, and those that have files. A template is none: it begins nothing."""
    files = [path.name for folder in UNIT_FOLDERS for path in (root / folder).glob(f"{UNIT}-*.timer")]
    return sorted({*entries, *(name for name in files if "@." not in name)})[:UNITS_LIMIT]


def _ask_systemd(
    timers: Sequence[str], supervisor: Supervisor, root: Path, unread: list[Unread]
) -> Iterator[InstalledTimer]:
    services = [f"{timer[: -len('.timer')]}.service" for timer in timers]
    names = [name for pair in zip(timers, services) for name in pair]
    argv = ["systemctl", "show", "--no-pager", f"--property={','.join(PROPERTIES)}", "--", *names]
    try:
        with supervisor.open_shell(TIME_LIMIT_S) as shell:
            finished = shell.run(argv) if timers else None
    except BackupError as error:
        unread.append(Unread("systemctl show", error.message))
        return
    if finished is None:
        return
    # It ends at a name that it refuses: what it told of those before holds.
    reason = _tell_status(finished.trace) if finished.trace.status != 0 else "systemd does not tell of it"
    shown = {unit["Id"]: unit for unit in _read_shown(finished.stdout.decode("utf-8", "replace")) if "Id" in unit}
    if not shown and finished.trace.status != 0:
        unread.append(Unread("systemctl show", reason))
        return
    for timer, service in zip(timers, services):
        if timer in shown and service in shown:
            yield _describe(shown[timer], shown[service], root)
        else:
            unread.append(Unread(timer, reason))


def _tell_status(trace: Trace) -> str:
    said = (trace.stderr_tail.strip().splitlines() or ["nothing"])[-1]
    return f"systemctl ended with status {trace.status} and said: {said}"


def _read_shown(text: str) -> Iterator[Shown]:
    """One mapping for each unit; what is told several times is put one after the other."""
    for block in text.split("\n\n"):
        values: dict[str, str] = {}
        for key, _sign, value in (line.partition("=") for line in block.splitlines()):
            values[key] = f"{values[key]} {value}" if key in values else value
        yield values


def _describe(timer: Shown, service: Shown, root: Path) -> InstalledTimer:
    moments = _MOMENT.findall(f"{timer.get('TimersCalendar', '')} {timer.get('TimersMonotonic', '')}")
    command = _COMMAND.search(service.get("ExecStart", ""))
    return InstalledTimer(
        unit=timer["Id"],
        state=timer.get("LoadState", ""),
        is_enabled=timer.get("UnitFileState") == "enabled",
        is_active=timer.get("ActiveState") == "active",
        is_persistent=timer.get("Persistent") == "yes",
        is_unread=any(_is_unread(unit, root) for unit in (timer, service)),
        on_calendar=tuple(sorted(moments)),
        begins=timer.get("Unit", ""),
        service_state=service.get("LoadState", ""),
        command=_name_command(command[1]) if command else "",
    )


def _is_unread(unit: Shown, root: Path) -> bool:
    """Whether systemd works by other files than those that lie there; of a new drop-in it may not know."""
    folders = [root / folder / f"{unit.get('Id')}.d" for folder in UNIT_FOLDERS[:2]]
    lying = [path for folder in folders for path in folder.glob("*.conf")]
    known = unit.get("DropInPaths", "").split()
    return unit.get("NeedDaemonReload") == "yes" or any(f"/{path.relative_to(root)}" not in known for path in lying)


def _is_trusted(link: os.stat_result, file: os.stat_result, owner_id: int) -> bool:
    """Whether cron carries out a file of its folder: it and a link to it are root's, and only root can write it."""
    return {link.st_uid, file.st_uid} == {owner_id} and not file.st_mode & OTHERS_WRITE


def _read_cron(path: Path, owner_id: int, unread: list[Unread]) -> Iterator[CronEntry]:
    """The lines that cron carries out. Debian's passes over a file whose last line does not end."""
    text = (_read(path, unread, owner_id) or b"").decode("utf-8", "replace")
    for line in text.split("\n") if text.endswith("\n") else ():
        told = line.strip(" \t")
        if told and not _HARMLESS.fullmatch(told):
            yield _read_line(told)


def _read_line(text: str) -> CronEntry:
    """One that cannot be understood, or sets what the command needs otherwise, is told by its first word."""
    match = None if _SETTING.match(text) else _LINE.fullmatch(text)
    if match is None:
        return CronEntry(re.split("[ \t=]", text, maxsplit=1)[0])
    when, user, command = match.groups()
    is_ours = user == ROOT and _WOKEN.fullmatch(command)
    return CronEntry(" ".join(when.split()), make_command("--due") if is_ours else _name_program(command))


def _name_command(command: str) -> str:
    """Ours with all its words."""
    return command if _OURS.fullmatch(command) else _name_program(command)


def _name_program(command: str) -> str:
    """Of a command that is not ours the program alone, for the rest is nobody's business here."""
    return re.split(r"[\s=]", command.strip(), maxsplit=1)[0]


def _is_cron_running(processes: Path) -> bool:
    return any(_is_cron(processes / name / "status") for name in filter(str.isdigit, os.listdir(processes)))


def _is_cron(status: Path) -> bool:
    """Whether it is root's cron on this very machine. A process of a container has a number there, too: proc(5)."""
    try:
        lines = status.read_text("utf-8", "replace").split("\n")
    except OSError:
        return False  # it has ended meanwhile
    told = {key: value.split() for key, _colon, value in (line.partition(":") for line in lines)}
    is_ours = told.get("Uid", [])[:1] == [str(ROOT_ID)] and len(told.get("NSpid", [])) == 1
    return is_ours and " ".join(told.get("Name", [])) in CRON_PROGRAMS
