from __future__ import annotations

import json
import os
import pty
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.progress import Cadence, Standing
from ansible_collections.diskominfo.backup.plugins.plugin_utils import progress

STANDING = Standing("sippn", "app.db", 10, 20, 0.0)


def test_what_a_server_tells_is_read() -> None:
    text = json.dumps({"pid": 4711, "at_work": [vars(STANDING)]})
    assert progress.read_standings(text, "web") == (4711, [STANDING])


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "{}", '{"pid": 1}', '{"pid": "x", "at_work": []}', '{"pid": 1, "at_work": [{}]}',
     '{"pid": 1, "at_work": {"a": 1}}', '{"pid": 1, "at_work": ["x"]}', '{"pid": 1, "at_work": 5}',
     '{"pid": 1, "at_work": [], "more": "' + "x" * 2_000_000 + '"}'],
)  # fmt: skip
def test_nonsense_of_a_server_is_no_news(text: str) -> None:
    assert progress.read_standings(text, "web") == (0, [])


def test_a_server_shows_no_more_lines_than_anybody_reads() -> None:
    text = json.dumps({"pid": 1, "at_work": [vars(STANDING)] * 1000})
    assert len(progress.read_standings(text, "web")[1]) == progress.STANDINGS_LIMIT


def test_a_log_gets_whole_lines_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, bool]] = []
    answers = iter([False, True])
    monkeypatch.setattr(Cadence, "is_due", lambda _self: next(answers))
    view = progress.LineView("web\x1b", lambda text, is_line: shown.append((text, is_line)))
    view.update([])
    view.update([STANDING])
    view.update([STANDING])
    view.close()
    assert shown == [("web?: sippn: app.db: 10 B of 20 B, 50 %", True)]


def test_the_lines_of_all_servers_move_together(tmp_path: Path) -> None:
    shown: list[str] = []
    views = [
        progress.MovingView(host, lambda text, is_line: shown.append(f"{text}{is_line}"), tmp_path, 40)
        for host in ("web", "data")
    ]
    views[0].update([STANDING])
    views[1].update([STANDING, STANDING])
    views[0].close()
    views[1].close()
    line = "sippn: app.db: 10 B of 20 B, 50 %"
    assert shown[0] == f"\r\x1b[J\nweb: {line}\x1b[1A\rFalse"
    assert shown[1] == "\r\x1b[J\n" + "\n".join([f"data: {line}", f"data: {line}", f"web: {line}"]) + "\x1b[3A\rFalse"
    assert shown[2] == "\r\x1b[J\n" + "\n".join([f"data: {line}"] * 2) + "\x1b[2A\rFalse"
    assert shown[3] == "\r\x1b[J\rFalse"


def test_a_terminal_is_told_from_everything_else(tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    with open("/dev/null", "w") as nothing, (tmp_path / "log").open("w") as log:
        seen = [progress.is_terminal(each) for each in (-1, nothing.fileno(), log.fileno(), follower)]
    for descriptor in (leader, follower):
        os.close(descriptor)
    assert seen == [False, False, False, True]


def test_what_another_process_writes_to_can_be_written_to_as_well(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        descriptor = progress.open_output(os.getpid(), log.fileno())
        os.write(descriptor, b"told\n")
        os.close(descriptor)
    assert (tmp_path / "log").read_text() == "told\n"
    assert progress.open_output(2**22 + 1, 1) == -1
