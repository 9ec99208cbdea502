"""cron: which program is started by whom, and which existing paths its command names. Arguments are not kept."""

from __future__ import annotations

import re

from ...record.discovered import CronLine
from ..base import Files, Finds, Machine, Unfit

SHARED = ("/etc/crontab", "/etc/cron.d/*")
PERSONAL = ("/var/spool/cron/crontabs/*", "/var/spool/cron/*")
LINES_LIMIT = 500

_TIME = r"(?:@\w+|(?:[\w*/,~-]+\s+){4}[\w*/,~-]+)"
_SHARED_LINE = re.compile(rf"\s*{_TIME}\s+([\w.-]+)\s+(.+)")
_PERSONAL_LINE = re.compile(rf"\s*{_TIME}\s+(.+)")
_PATH = re.compile(r"(?:^|[\s=\"'(;&|])(/[^\s\"'();&|<>]{1,500})")
_ASKED = re.compile(r"^(?:(?:test|\[)\s[^&|]*(?:&&|\|\|)\s*)+")
_SKIPPED = re.compile(r"^(?:\w+=\S*|cd|sudo|nice|ionice|flock|timeout|test|\[|-\w*|[&;|]+|/dev/null)$")


def read_cron(machine: Machine, finds: Finds) -> None:
    """The system's tables, and those of every user."""
    for is_shared, patterns in ((True, SHARED), (False, PERSONAL)):
        for path in [path for pattern in patterns for path in machine.files.expand(pattern)]:
            if path == "/var/spool/cron/crontabs":
                continue
            try:
                text = machine.files.read(path) or ""
            except Unfit as error:
                finds.miss("cron", path, error)
                continue
            finds.add("cron", *_read_table(text, path, is_shared, machine.files))


def _read_table(text: str, path: str, is_shared: bool, files: Files) -> list[CronLine]:
    lines = []
    for line in text.splitlines()[:LINES_LIMIT]:
        found = (_SHARED_LINE if is_shared else _PERSONAL_LINE).fullmatch(line[:4096])
        if found:
            user, command = (found[1], found[2]) if is_shared else (path.rpartition("/")[2], found[1])
            lines.append(CronLine(path, user, _find_program(command, files), _find_paths(command, files)))
    return lines


def _find_program(command: str, files: Files) -> str:
    """The name of the first word that is a program, behind what is only asked."""
    for word in _ASKED.sub("", command).split()[:20]:
        if not _SKIPPED.match(word) and not files.is_folder(word.rstrip(";")):
            return word.rpartition("/")[2] if re.fullmatch(r"[\w./+-]{1,200}", word) else ""
    return ""


def _find_paths(command: str, files: Files) -> tuple[str, ...]:
    paths = [path for path in _PATH.findall(command) if not path.startswith("/dev/")]
    return tuple(path for path in dict.fromkeys(paths) if files.is_there(path))
