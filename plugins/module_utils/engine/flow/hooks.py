"""Runs a command of the office: in a group of its own, with a fixed environment, and the end of its output kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import BackupError, HookFailed, TimeLimitReached
from .credentials import REDACTED
from .pipes import COMPLAINTS
from .process import Shell
from .trace import Trace

OUTPUT_CHARACTERS = 4000

SECRET_WORD = re.compile(
    r"(?i)((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key)[\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|\S+)"
)
SECRET_IN_URL = re.compile(r"(://[^\s/:@]*:)([^\s/@]+)(?=@)")


def hide_secrets(text: str) -> str:
    """The text without what follows words such as `password=` and without passwords of addresses."""
    return SECRET_IN_URL.sub(rf"\1{REDACTED}", SECRET_WORD.sub(rf"\1{REDACTED}", text))


def run_hook(name: str, argv: Sequence[str], shell: Shell, secrets: Sequence[str]) -> tuple[Trace, BackupError | None]:
    """How the hook ended, and what is wrong with that; `stderr_tail` of the trace holds the end of all that it wrote.

    Its group ends with it. The limit is that of `shell`. Raises ToolMissing for what cannot be started.
    """
    process = shell.start(argv, stdout=COMPLAINTS, secrets=secrets)
    found = process.wait()
    argv_told = tuple(hide_secrets(argument) for argument in found.argv)
    trace = Trace(argv_told, found.status, found.duration_s, hide_secrets(found.stderr_tail)[-OUTPUT_CHARACTERS:])
    try:
        shell.require_time()
    except TimeLimitReached:
        return trace, HookFailed.took_longer(name, shell.time_limit_s)
    except BackupError as error:
        return trace, error
    return trace, HookFailed.ended(name, trace.status, trace.stderr_tail) if trace.status else None
