from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import Interrupted
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.heartbeat import (
    SILENCE_S,
    Heartbeat,
    open_progress,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Supervisor
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.progress import Silence


def test_a_file_tells_which_process_works_and_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    heartbeat = Heartbeat(path, Supervisor(), lambda: 7.0)
    heartbeat.advance("sippn", "app.db", 10, 20)
    heartbeat.beat()
    standing = {"application": "sippn", "part": "app.db", "done_bytes": 10, "expected_bytes": 20, "elapsed_s": 0.0}
    assert json.loads(path.read_bytes()) == {"pid": os.getpid(), "at_work": [standing]}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    heartbeat.conclude("sippn", "done")
    heartbeat.beat()
    assert json.loads(path.read_bytes())["at_work"] == []


def test_it_beats_by_itself_while_the_work_lasts(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    with open_progress(str(path), Supervisor()) as progress:
        progress.advance("sippn", "app.db", 10, 20)
        told = threading.Event()
        while not (path.exists() and json.loads(path.read_bytes())["at_work"]):
            assert not told.wait(0.05)
    assert [file.name for file in tmp_path.iterdir()] == ["progress.json"]


def test_work_that_nobody_asks_for_any_more_is_ended(tmp_path: Path) -> None:
    supervisor, now_s = Supervisor(), [0.0]
    heartbeat = Heartbeat(tmp_path / "progress.json", supervisor, lambda: now_s[0])
    watched = tmp_path / "progress.json.watched"

    def pass_time(seconds: float) -> None:
        now_s[0] += seconds
        heartbeat.beat()

    pass_time(0)
    pass_time(10 * SILENCE_S)  # nobody has begun to watch
    watched.touch()
    pass_time(1)
    pass_time(SILENCE_S)
    os.utime(watched, ns=(5, 5))  # whatever the clock of the watcher says: it has changed
    pass_time(1)
    pass_time(SILENCE_S)
    assert supervisor.ended_by is None
    pass_time(1)
    assert isinstance(supervisor.ended_by, Interrupted)


def test_where_the_file_cannot_be_written_the_work_goes_on(tmp_path: Path) -> None:
    with open_progress(str(tmp_path / "none" / "progress.json"), Supervisor()) as progress:
        progress.advance("sippn", "app.db", 10, 20)
    assert list(tmp_path.iterdir()) == []


def test_without_a_path_nobody_is_told() -> None:
    with open_progress(None, Supervisor()) as progress:
        assert isinstance(progress, Silence)
