"""The hooks of one act: the one before it may forbid it, the one after it is called whatever came of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from .errors import BackupError
from .flow.hooks import run_hook
from .flow.process import Shell
from .flow.trace import Trace
from .record.application import Application
from .record.hooks import AFTER, BEFORE, Hook
from .record.receipt import FAILED, SUCCEEDED, Failure, HookTrace
from .station import Station

LAST_S = 60.0
"""How long an after-hook has when the whole program was told to end: who told it waits."""


@dataclass
class Hooking:
    """Calls each hook of an act at most once. `traces` tell how they ended, `warnings` what went wrong after it."""

    station: Station
    application: Application
    kind: str
    id: str
    run_id: str = ""
    traces: list[HookTrace] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    has_begun: bool = False

    def begin(self, time_left_s: float) -> None:
        """The hook before: HookFailed where it says no, ToolMissing, Interrupted. From here on there is one after."""
        self.has_begun = True
        hook = self.application.hooks.find(BEFORE, self.kind)
        if hook is None:
            return
        limit_s = min(hook.time_limit_s, time_left_s)
        shell = self.station.supervisor.open_shell(limit_s, self._describe(BEFORE, None))
        with shell:
            self._call(BEFORE, hook, shell)

    def end(self, failure: Failure | None) -> None:
        """The hook after, if the act has begun: also after a failure, a time limit and an interruption."""
        hook = self.application.hooks.find(AFTER, self.kind)
        is_due, self.has_begun = self.has_begun, False
        if hook is None or not is_due:
            return
        limit_s = min(hook.time_limit_s, LAST_S) if self.station.supervisor.ended_by else hook.time_limit_s
        try:
            with Shell(limit_s, self._describe(AFTER, failure)) as shell:
                self._call(AFTER, hook, shell)
        except BackupError as error:
            self.warnings.append(f"{error.message}; {error.hint}")

    def _call(self, moment: str, hook: Hook, shell: Shell) -> None:
        name = f"{moment}_{self.kind}"
        trace, fault = run_hook(name, hook.argv, shell, list(self._read_secrets()))
        self.traces.append(_tell(name, trace))
        if fault is not None:
            raise fault

    def _describe(self, moment: str, failure: Failure | None) -> dict[str, str]:
        status = "" if moment == BEFORE else FAILED if failure else SUCCEEDED
        return {
            **self.station.supervisor.environment,
            "BACKUP_ACT": self.kind,
            "BACKUP_APPLICATION": self.application.name,
            "BACKUP_FAILURE": failure.slug if failure else "",
            "BACKUP_HOOK": f"{moment}_{self.kind}",
            "BACKUP_ID": self.id,
            "BACKUP_RUN_ID": self.run_id or self.id,
            "BACKUP_SERVER": self.station.server.name,
            "BACKUP_STATUS": status,
        }

    def _read_secrets(self) -> Iterator[str]:
        """What the output of a hook must not bring into a receipt."""
        for database in self.application.databases:
            with suppress(OSError):
                if database.password_file:
                    with open(database.password_file, encoding="utf-8", errors="surrogateescape") as stream:
                        yield stream.readline(4096).rstrip("\r\n")


def _tell(name: str, trace: Trace) -> HookTrace:
    return HookTrace(name, trace.argv, trace.status, trace.duration_s, trace.stderr_tail)
