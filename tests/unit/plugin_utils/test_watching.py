from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.progress import Standing
from ansible_collections.diskominfo.backup.plugins.plugin_utils import watching

PATH = "/root/.ansible/tmp/a b/progress.json"
STANDING = Standing("sippn", "app.db", 10, 20, 1.0)
INTERRUPTED = {"application": "sippn", "kind": "run", "id": "1", "failure": {"slug": "interrupted"}}
DONE = {"application": "arsip", "kind": "run", "id": "20261122T120000Z-00000000", "failure": None}


class Seen:
    """A view that keeps what it was given."""

    def __init__(self) -> None:
        self.updates: list[list[Standing]] = []

    def update(self, standings: Sequence[Standing]) -> None:
        self.updates.append(list(standings))

    def close(self) -> None:
        """Nothing."""


class Server:
    """Answers what a watch asks; the work ends when it is killed, or after it was asked a few times."""

    def __init__(self, asked_at_most: int = 3, is_silent_at_first: bool = False) -> None:
        self.commands: list[str] = []
        self.end = threading.Event()
        self.is_silent = is_silent_at_first
        self._left = asked_at_most

    def ask(self, command: str) -> str:
        self.commands.append(command)
        self._left -= 1
        if command.startswith("kill") or not self._left:
            self.end.set()
            return ""
        if self.is_silent:
            self.is_silent = False
            return ""
        return json.dumps({"pid": 4711, "at_work": [vars(STANDING)]})

    def work(self) -> dict[str, Any]:
        assert self.end.wait(120)
        return {"receipts": [INTERRUPTED, DONE]}


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for seconds."""
    monkeypatch.setattr(watching, "READ_S", 0.0)
    monkeypatch.setattr(watching, "WAKE_S", 0.01)


def make_watch(server: Server) -> tuple[watching.Watch, Seen]:
    watch, seen = watching.Watch("web", server.ask, PATH), Seen()
    watch._view = seen  # type: ignore[assignment]
    return watch, seen


def test_the_file_is_read_until_the_call_has_ended_and_each_time_the_server_is_told_that_somebody_watches() -> None:
    server = Server()
    watch, seen = make_watch(server)
    call = watching.ModuleCall(server.work)
    with closing(watch), watch.listen():
        call.start()
        watch.follow(call)
    assert call.finish()["receipts"] == [INTERRUPTED, DONE]
    quoted = f"'{PATH}'"
    assert server.commands[0] == f"touch {quoted}.watched; cat {quoted} 2>/dev/null || true"
    assert seen.updates[0] == [STANDING]


def test_a_call_that_raises_is_told_as_if_nobody_had_watched() -> None:
    def fail() -> dict[str, Any]:
        raise ConnectionError("gone")

    watch, _unused = make_watch(Server())
    call = watching.ModuleCall(fail)
    with closing(watch):
        call.start()
        watch.follow(call)
    with pytest.raises(ConnectionError):
        call.finish()


@pytest.mark.parametrize("is_silent_at_first", [False, True])
def test_a_signal_ends_the_work_on_the_server_and_what_was_kept_is_told(is_silent_at_first: bool) -> None:
    server = Server(1000, is_silent_at_first)
    watch, _unused = make_watch(server)
    reading, watch._complaints = os.pipe()
    call = watching.ModuleCall(server.work)
    with watch.listen():
        call.start()
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(watching.Cancelled) as cancelled:
            watch.follow(call)
    watch.close()
    with os.fdopen(reading, encoding="utf-8") as told:
        lines = told.read().splitlines()
    assert cancelled.value.number == signal.SIGTERM
    assert server.commands[-1] == "kill -TERM 4711"
    assert lines == [
        "web: cancelled; ending its work on the server",
        "web: sippn: run interrupted: what was half done is removed; earlier backups stay",
        "web: arsip: run 20261122T120000Z-00000000 was done before and is kept",
    ]


def test_work_whose_watcher_lost_its_parent_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(1000)
    watch, _unused = make_watch(server)
    monkeypatch.setattr(os, "getppid", lambda: 1)
    call = watching.ModuleCall(server.work)
    call.start()
    with closing(watch), pytest.raises(watching.Cancelled) as cancelled:
        watch.follow(call)
    assert cancelled.value.number == 0
    assert "kill -TERM 4711" in server.commands


def test_work_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "ENDING_S", 0.05)
    server = Server(1000)
    monkeypatch.setattr(server.end, "set", lambda: None)
    watch, _unused = make_watch(server)
    watch._signal = signal.SIGINT
    watch._pid = 4711
    call = watching.ModuleCall(server.work)
    call.start()
    with closing(watch), pytest.raises(watching.Cancelled):
        watch.follow(call)
    threading.Event.set(server.end)
    assert server.commands == ["kill -TERM 4711", "kill -KILL 4711"]


def test_without_receipts_no_more_is_said_than_is_known() -> None:
    (ended,), (unknown,) = list(watching.tell_ending({}, True)), list(watching.tell_ending({"receipts": 1}, False))
    assert ended.startswith("it has ended")
    assert unknown.startswith("it gave no answer")


def test_the_parent_gone_is_a_failure_and_a_signal_is_passed_on() -> None:
    with pytest.raises(AnsibleActionFail):
        watching.Cancelled(0).pass_on()
    received: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: received.append(number))
    try:
        with pytest.raises(AnsibleActionFail):
            watching.Cancelled(signal.SIGTERM).pass_on()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert received == [signal.SIGTERM]
