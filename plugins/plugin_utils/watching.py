"""An action that shows how far its one module call has come, and ends it on the server when the play is cancelled."""

from __future__ import annotations

import contextvars
import os
import shlex
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.heartbeat import WATCHED
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.progress import spell_plainly

from .progress import LineView, MovingView, is_terminal, open_output, read_standings

READ_S = 5.0
"""The server is not asked more often than this."""

WAKE_S = 0.5
ENDING_S = 120.0
"""How long the work may take to end: hooks have a minute then."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class ModuleCall(threading.Thread):
    """The one module call, beside the thread that watches it."""

    def __init__(self, call: Callable[[], dict[str, Any]]) -> None:
        super().__init__(daemon=True)
        self._context = contextvars.copy_context()
        self._call = call
        self.result: dict[str, Any] = {}
        self.fault: BaseException | None = None
        self.has_ended = threading.Event()

    def run(self) -> None:
        """The thread."""
        try:
            self.result = self._context.run(self._call)
        except BaseException as fault:  # pylint: disable=broad-exception-caught
            self.fault = fault
        finally:
            self.has_ended.set()

    def finish(self) -> dict[str, Any]:
        """The result of the call, or what it raised."""
        if self.fault is not None:
            raise self.fault
        return self.result


class WatchedAction(ActionBase):
    """Runs the module of the task's name. In check mode, and with `async`, that is all."""

    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """See ActionBase."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        if self._task.check_mode or self._task.async_val or self._task.args.get("progress"):
            result.update(self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val))
            return result
        shell = self._connection._shell  # noqa: SLF001 - as every action of Ansible reaches it
        folder = shell.tmpdir or self._make_tmp_path()
        path = shell.join_path(folder, "progress.json")
        arguments = {**self._task.args, "progress": path}
        call = ModuleCall(lambda: self._execute_module(module_args=arguments, task_vars=task_vars))
        watch = Watch(str((task_vars or {}).get("inventory_hostname", "")), self._ask, path)
        try:
            with watch.listen():
                call.start()
                watch.follow(call)
        except Cancelled as cancelled:
            with suppress(AnsibleError):
                self._remove_tmp_path(folder, force=True)  # type: ignore[no-untyped-call]
            cancelled.pass_on()
        finally:
            watch.close()
        result.update(call.finish())
        return result

    def _ask(self, command: str) -> str:
        """The output of a command on the server; empty where it gives no answer now."""
        try:
            answer = self._low_level_execute_command(command, sudoable=True)  # type: ignore[no-untyped-call]
            return str(answer.get("stdout", ""))
        except AnsibleError:
            return ""


class Cancelled(Exception):
    """The play is to end; `number` is the signal that said so, 0 when the parent is gone."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def pass_on(self) -> None:
        """Ends this worker as Ansible does."""
        if self.number:
            os.kill(os.getpid(), self.number)
        raise AnsibleActionFail("the play was cancelled")


class Deaf:
    """Takes what a worker would show when its parent shows nothing any more."""

    def send_display(self, *_what: object, **_how: object) -> None:
        """Nothing."""


def stop_displaying() -> None:
    """A parent that ends closes the pipe over which its workers speak; writing there would be a fault of ours."""
    display: Any = Display()
    with suppress(RuntimeError):  # this is no worker
        display.set_queue(Deaf())


class Watch:
    """Watches one server's work by a file there: `ask` runs a command on the server."""

    def __init__(self, host: str, ask: Callable[[str], str], path: str) -> None:
        self._host = host
        self._ask = ask
        quoted = shlex.quote(path)
        self._reading = f"touch {quoted}{WATCHED}; cat {quoted} 2>/dev/null || true"
        self._parent = os.getppid()
        self._signal = 0
        self._pid = 0
        self._output = open_output(self._parent, 1)
        self._complaints = open_output(self._parent, 2)
        self._view = self._choose_view()

    def _choose_view(self) -> LineView | MovingView:
        display: Any = Display()
        settings = vars(constants)
        is_default = str(settings["DEFAULT_STDOUT_CALLBACK"]).rpartition(".")[2] == "default"

        def show(text: str, is_line: bool) -> None:
            display.display(text, stderr=not is_default, screen_only=not is_line, newline=is_line)

        if is_default and is_terminal(self._output) and os.environ.get("TERM", "dumb") != "dumb":
            return MovingView(self._host, show, Path(settings["DEFAULT_LOCAL_TMP"]), display.columns)
        return LineView(self._host, show)

    @contextmanager
    def listen(self) -> Iterator[None]:
        """A signal is noted in this block and raised as Cancelled by `follow`."""

        def note(number: int, _frame: FrameType | None) -> None:
            self._signal = self._signal or number
            stop_displaying()

        before = {number: signal.signal(number, note) for number in SIGNALS}
        try:
            yield
        finally:
            for number, action in before.items():
                signal.signal(number, action)

    def follow(self, call: ModuleCall) -> None:
        """Shows how far the call has come until it has ended; Cancelled once it was ended for us."""
        last_s = time.monotonic()
        while not call.has_ended.wait(WAKE_S):
            if self._signal or os.getppid() != self._parent:
                stop_displaying()
                self._cancel(call)
                raise Cancelled(self._signal)
            if time.monotonic() - last_s >= READ_S:
                last_s = time.monotonic()
                self._read(call)

    def _read(self, call: ModuleCall) -> None:
        self._pid, standings = read_standings(self._ask(self._reading), self._host)
        if not call.has_ended.is_set():
            self._view.update(standings)

    def close(self) -> None:
        """Takes the view away."""
        self._view.close()
        for descriptor in {self._output, self._complaints} - {-1}:
            os.close(descriptor)
        self._output = self._complaints = -1

    def _cancel(self, call: ModuleCall) -> None:
        """Ends the work in good order, waits for that, and says what was kept."""
        self._say("cancelled; ending its work on the server")
        deadline_s = time.monotonic() + ENDING_S
        while not self._pid and not call.has_ended.wait(WAKE_S) and time.monotonic() < deadline_s:
            self._read(call)  # it may have been on its way to the server
        if self._pid:
            self._ask(f"kill -TERM {self._pid}")
        if not call.has_ended.wait(max(0.0, deadline_s - time.monotonic())) and self._pid:
            self._ask(f"kill -KILL {self._pid}")
            call.has_ended.wait(READ_S)
        for line in tell_ending(call.result, call.has_ended.is_set()):
            self._say(line)

    def _say(self, text: str) -> None:
        """Past the parent, which listens to nobody any more."""
        descriptor = self._complaints if self._complaints >= 0 else self._output
        with suppress(OSError):
            start = "\r\x1b[J" if is_terminal(descriptor) else ""
            os.write(descriptor, f"{start}{spell_plainly(f'{self._host}: {text}')}\n".encode("utf-8", "replace"))


def tell_ending(result: Mapping[str, Any], has_ended: bool) -> Iterator[str]:
    """What was kept of work that was cancelled, a line each."""
    receipts = result.get("receipts")
    if not isinstance(receipts, list):
        fate = "it has ended" if has_ended else "it gave no answer, and ends itself when nobody asks for it any more"
        yield f"{fate}; the next start makes good what it left; earlier backups stay"
        return
    for receipt in receipts:
        name, kind, failure = receipt.get("application"), receipt.get("kind"), receipt.get("failure")
        if failure:
            yield f"{name}: {kind} {failure.get('slug')}: what was half done is removed; earlier backups stay"
        else:
            yield f"{name}: {kind} {receipt.get('id')} was done before and is kept"
