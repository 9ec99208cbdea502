from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.channels.base import REPORTED, Message
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import DeliveryFailed, ToolMissing
from ansible_collections.diskominfo.backup.plugins.module_utils.notification import notify_by_apprise
from ansible_collections.diskominfo.backup.tests.playing import CHECKOUT
from ansible_collections.diskominfo.backup.tests.servers import HOST, find_port, serve_drops, serve_web

SECRET = "rahasia-sekali"
BAD = Message(REPORTED, "Backup: 1 dari 8 perlu tindakan", False, ("ppid: gagal",))
GOOD = Message(REPORTED, "Backup: semua 8 aplikasi baik", True)


def test_a_service_is_told_the_subject_the_lines_and_whether_all_is_well() -> None:
    with serve_web() as web:
        place = web.url.replace("http://", f"json://operator:{SECRET}@")
        notify_by_apprise(f"{place}/hook", BAD, 20.0)
        notify_by_apprise(f"{place}/hook", GOOD, 20.0)
    bad, good = (json.loads(asked.body) for asked in web.asked)
    assert (bad["title"], bad["message"], bad["type"]) == (BAD.subject, "ppid: gagal", "failure")
    assert (good["title"], good["message"], good["type"]) == (GOOD.subject, GOOD.subject, "success")
    assert web.asked[0].path == "/hook"
    assert web.asked[0].headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"json://{HOST}:PORT/{SECRET}", "apprise json:// did not take the message: the library could not"),
        (f"jsons://{SECRET}@{HOST}:PORT", "apprise jsons:// did not take the message: the library could not"),
        (f"nosuch://{SECRET}/x", "apprise nosuch:// did not take the message: the library knows no such address"),
        (SECRET, "apprise did not take the message: the library knows no such address"),
        (f"{SECRET}://x", "apprise did not take the message: the library knows no such address"),
    ],
)
def test_a_service_that_is_not_reached_is_told_without_its_address(
    url: str, told: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(DeliveryFailed) as refused:
        notify_by_apprise(url.replace("PORT", str(find_port())), BAD, 20.0)
    assert refused.value.message.startswith(told)
    said = capfd.readouterr()
    assert SECRET not in f"{refused.value} {refused.value.hint} {said.out} {said.err} {caplog.text}"


@pytest.mark.parametrize("status", [404, 500])
def test_an_answer_that_is_no_success_is_a_failure(status: int) -> None:
    with serve_web() as web:
        web.status = status
        with pytest.raises(DeliveryFailed):
            notify_by_apprise(web.url.replace("http", "json"), BAD, 20.0)


@pytest.mark.parametrize("broken", ["import", "use"])
def test_a_library_that_breaks_is_a_message_that_did_not_arrive(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, broken: str
) -> None:
    """A library of that name that is not what it should be, such as one that is installed by half."""
    text = f"raise ValueError({SECRET!r})\n" if broken == "import" else "Apprise = AppriseAsset = None\n"
    (tmp_path / "apprise.py").write_text(text)
    monkeypatch.delitem(sys.modules, "apprise", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DeliveryFailed) as refused:
        notify_by_apprise(f"json://{SECRET}", BAD, 20.0)
    monkeypatch.delitem(sys.modules, "apprise", raising=False)
    kind = "ValueError" if broken == "import" else "TypeError"
    assert refused.value.message == f"apprise json:// did not take the message: the library broke ({kind})"


def test_services_are_told_one_after_the_other_so_that_no_thread_of_the_library_outlives_the_work() -> None:
    before = {*threading.enumerate()}
    with serve_web() as web:
        place = web.url.replace("http", "json")
        notify_by_apprise(f"{place}/a, {place}/b", GOOD, 20.0)
        assert [asked.path for asked in web.asked] == ["/a", "/b"]
    assert not [one.name for one in {*threading.enumerate()} - before if one.name.startswith("ThreadPool")]


ONE_THAT_WAITS = """
import sys
from ansible_collections.diskominfo.backup.plugins.module_utils import notification
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.channels.base import REPORTED, Message
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.deadline import (
    DeadlinePassed, finish_within
)
import apprise
message = Message(REPORTED, "subject", True)
try:
    finish_within(1, lambda: notification.notify_by_apprise(sys.argv[1], message, 60.0))
except DeadlinePassed:
    print("left")
"""


def test_a_service_that_never_ends_its_answer_does_not_keep_the_process_from_ending() -> None:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT / "collections")}
    with serve_drops() as url:
        argv = [sys.executable, "-c", ONE_THAT_WAITS, url.replace("http", "json")]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stdout) == (0, "left\n"), done.stderr


def test_without_the_library_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ToolMissing) as missing:
        notify_by_apprise(f"json://{HOST}", BAD, 20.0)
    assert missing.value.message == "the Python library apprise is not installed, which the channel apprise needs"
    assert "pip install apprise" in missing.value.hint
