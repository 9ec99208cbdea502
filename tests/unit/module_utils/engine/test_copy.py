from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import cli, copy
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import EvidenceFolder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.collect import collect_receipts
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.copy import KEPT, Puller
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import Interrupted, NotRecorded
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.parcel import unpack_parcel
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Supervisor
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.progress import Silence
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.policy import PROVED_FLOOR
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import Receipt, Runner
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import (
    Register,
    Server,
    StorePlace,
    read_server,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import write_json
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.send import send_run
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.station import open_station
from ansible_collections.diskominfo.backup.tests.office import COLLECTIONS, Office

Change = Callable[[Path], object]

COMMAND = """#!{python}
import sys
sys.path.insert(0, {collections!r})
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.cli import main
raise SystemExit(main([sys.argv[1], "--config", {config!r}, *sys.argv[2:]]))
"""


class Scene:
    """An office whose receipts come to an evidence folder, and whose runs are pulled to a folder of copies."""

    def __init__(self, root: Path) -> None:
        self.office = Office(root / "server")
        self.office.root.mkdir()
        self.evidence = root / "evidence"
        self.copies = root / "copies"
        self.ahead = timedelta()

    def write(self, name: str, text: str) -> list[str]:
        path = self.office.root / name
        path.write_text(text)
        path.chmod(0o700)
        return [str(path)]

    @property
    def command(self) -> list[str]:
        config = str(self.office.write_config())
        values = {"python": sys.executable, "collections": str(COLLECTIONS), "config": config}
        return self.write("command", COMMAND.format(**values))

    def collect(self) -> None:
        for application in self.office.applications:
            folder = self.office.state / "receipts" / application["name"]
            bundles = [(application["name"], path.read_bytes()) for path in sorted(folder.glob("2*.json"))]
            assert not collect_receipts("web", bundles, self.folder, self.later).refused

    @property
    def later(self) -> datetime:
        return datetime.now(timezone.utc) + timedelta(seconds=1) + self.ahead

    @property
    def folder(self) -> EvidenceFolder:
        return EvidenceFolder(self.evidence, Register((self.server,)))

    @property
    def server(self) -> Server:
        return read_server(json.loads(self.office.write_config().read_text()))

    def puller(self) -> Puller:
        place, state = StorePlace("directory", str(self.copies)), self.evidence / "copies"
        return Puller(self.folder, self.server, place, state, Runner("1", ""), lambda: self.later)

    def pull(self, command: list[str] | None = None) -> list[Receipt]:
        return self.puller().pull(command or self.command, Supervisor())

    def held(self, application: str = "sippn") -> list[str]:
        folder = self.copies / "web" / application
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = Scene(tmp_path)
    scene.office.add_application()
    assert scene.office.call("run").status == 0
    scene.collect()
    return scene


def test_a_copy_is_the_run_byte_for_byte(scene: Scene) -> None:
    (stored,) = scene.office.stored_runs()
    (receipt,) = scene.pull()
    copied = scene.copies / "web" / "sippn" / stored.name
    assert (receipt.kind, receipt.status, receipt.run_id) == ("copy", "succeeded", stored.name)
    assert {path.name: path.read_bytes() for path in copied.iterdir()} == {
        path.name: path.read_bytes() for path in stored.iterdir()
    }


def test_what_is_here_already_is_not_copied_again(scene: Scene) -> None:
    assert len(scene.puller().find_missing()) == 1
    scene.pull()
    assert scene.puller().find_missing() == []
    assert scene.pull() == []


def test_the_report_counts_the_copy(scene: Scene) -> None:
    def count() -> int:
        return make_report(scene.folder, make_recent_period(scene.later, 1), scene.later, {}, "").rows[0].copies

    assert count() == 1
    scene.pull()
    assert count() == 2


def test_receipts_of_copies_are_a_chain_beside_that_of_the_server(scene: Scene) -> None:
    scene.pull()
    assert scene.office.call("run").status == 0
    scene.collect()
    scene.pull()
    breaks: list[str] = []
    receipts = list(scene.folder.receipts("web", "sippn", breaks))
    copies = [item for item in receipts if item.kind == "copy"]
    assert breaks == []
    assert [bool(item.previous) for item in copies] == [False, True]
    report = make_report(scene.folder, make_recent_period(scene.later, 1), scene.later, {}, "")
    assert "chain_restarted" not in {finding.slug for finding in report.rows[0].findings}


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        (lambda run: next(run.glob("source-*.tar.zst")).write_bytes(b"other"), "damaged"),
        (lambda run: (run / "receipt.json").write_bytes((run / "receipt.json").read_bytes() + b" "), "damaged"),
        (lambda run: next(run.glob("source-*.tar.zst")).unlink(), "store_unavailable"),
        (lambda run: (run / "receipt.json").write_bytes((run / "receipt.json").read_bytes()[:-2]), "store_unavailable"),
    ],
    ids=["artifact", "receipt", "missing", "cut"],
)
def test_what_differs_from_its_receipt_is_refused_and_leaves_nothing(
    scene: Scene, change: Callable[[Path], object], slug: str
) -> None:
    (stored,) = scene.office.stored_runs()
    change(stored)
    (receipt,) = scene.pull()
    assert receipt.failure is not None
    assert receipt.failure.slug == slug
    assert scene.held() == []
    report = make_report(scene.folder, make_recent_period(scene.later, 1), scene.later, {}, "")
    assert "a copy failed" in report.rows[0].warnings[-1]


@pytest.mark.parametrize(
    ("names", "said"), [(["receipt.json"], "missing"), (["receipt.json", "stray.zst"], "does not name it")]
)
def test_a_parcel_of_other_files_is_refused(scene: Scene, names: list[str], said: str) -> None:
    (stored,) = scene.office.stored_runs()
    (stored / "stray.zst").write_text("x")
    script = f"#!/bin/sh\nexec tar c --format=ustar -C {stored} {' '.join(names)}\n"
    (receipt,) = scene.pull(scene.write("stray", script))
    assert receipt.failure is not None
    assert said in receipt.failure.message


def test_a_connection_that_fails_ends_the_pull_and_says_what_it_said(scene: Scene) -> None:
    scene.office.add_application("kedua")
    assert scene.office.call("run", "kedua").status == 0
    scene.collect()
    (receipt,) = scene.pull(scene.write("refused", "#!/bin/sh\necho 'Connection refused' >&2\nexit 255\n"))
    assert receipt.failure is not None
    assert receipt.failure.slug == "unreachable"
    assert "Connection refused" in receipt.failure.message


def test_a_silent_end_is_told_too(scene: Scene) -> None:
    (receipt,) = scene.pull(scene.write("silent", "#!/bin/sh\nexit 7\n"))
    assert receipt.failure is not None
    assert "status 7" in receipt.failure.message


def test_one_run_that_cannot_be_copied_stops_no_other(scene: Scene) -> None:
    scene.office.add_application("kedua")
    assert scene.office.call("run", "kedua").status == 0
    scene.collect()
    next(scene.office.stored_runs()[0].glob("source-*.tar.zst")).write_bytes(b"other")
    assert [item.status for item in scene.pull()] == ["failed", "succeeded"]
    assert len(scene.held("kedua")) == 1


def test_without_room_nothing_begins(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ansible_collections.diskominfo.backup.plugins.module_utils.engine.stores.directory.free_bytes", lambda _: 10
    )
    (receipt,) = scene.pull()
    assert receipt.failure is not None
    assert receipt.failure.slug == "store_full"


def test_copies_stay_and_leave_by_the_retention_whatever_the_server_removes(scene: Scene) -> None:
    scene.office.applications[0]["retention"] = {"daily": 1, "weekly": 0, "monthly": 0}
    for _unused in range(4):
        assert scene.office.call("run").status == 0
    scene.collect()
    scene.pull()
    before = scene.held()
    assert before == [path.name for path in scene.office.stored_runs()[-PROVED_FLOOR:]]

    assert scene.office.call("run").status == 0
    assert scene.office.call("prune").status == 0
    scene.collect()
    assert [item.kind for item in scene.pull()] == ["copy"]
    assert scene.held() == [*before, scene.office.stored_runs()[-1].name]

    scene.ahead = KEPT
    assert [(item.kind, item.deleted) for item in scene.pull()] == [("prune", (before[0],))]
    assert scene.held() == [*before[1:], scene.office.stored_runs()[-1].name]
    assert scene.pull() == []


def test_runs_that_cannot_be_copied_take_the_place_of_none(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.office.applications[0]["retention"] = {"daily": 1, "weekly": 0, "monthly": 0}
    scene.pull()
    before = scene.held()
    for _unused in range(PROVED_FLOOR + 1):
        assert scene.office.call("run").status == 0
    scene.collect()
    scene.ahead = KEPT
    monkeypatch.setattr(
        "ansible_collections.diskominfo.backup.plugins.module_utils.engine.stores.directory.free_bytes", lambda _: 10
    )
    assert {(item.kind, item.status) for item in scene.pull()} == {("copy", "failed")}
    assert scene.held() == before


def test_what_a_restore_put_aside_is_not_copied_and_takes_no_place(scene: Scene) -> None:
    (stored,) = scene.office.stored_runs()
    data = json.loads((stored / "receipt.json").read_bytes())
    identity = data["id"][:-8] + "ffffffff"
    safety = write_json({**data, "id": identity, "trigger": "restore"})
    assert not collect_receipts("web", [("sippn", safety)], scene.folder, scene.later).refused
    assert [run.id for run in scene.puller().find_missing()] == [stored.name]


def test_no_more_is_written_than_the_receipt_says(scene: Scene) -> None:
    (stored,) = scene.office.stored_runs()
    artifact = next(stored.glob("source-*.tar.zst"))
    (scene.office.root / artifact.name).write_bytes(bytes(3_000_000))
    files = f"-C {stored} receipt.json -C {scene.office.root} {artifact.name}"
    (receipt,) = scene.pull(scene.write("endless", f"#!/bin/sh\nexec tar c --format=ustar {files}\n"))
    assert receipt.failure is not None
    assert receipt.failure.slug == "damaged"
    assert scene.held() == []


def test_what_cannot_be_recorded_ends_the_pull(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_unused: object) -> None:
        raise NotRecorded.unwritable("evidence", "read-only")

    monkeypatch.setattr(copy, "receive", fail)
    with pytest.raises(NotRecorded):
        scene.pull()


def test_a_signal_ends_the_pull_and_is_recorded(scene: Scene) -> None:
    supervisor = Supervisor()
    supervisor.end_all(Interrupted.by_signal(15))
    (receipt,) = scene.puller().pull(scene.command, supervisor)
    assert receipt.failure is not None
    assert receipt.failure.slug == "interrupted"


def test_an_agent_of_keys_is_within_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    assert copy._find_environment()["SSH_AUTH_SOCK"] == "/run/agent"
    monkeypatch.delenv("SSH_AUTH_SOCK")
    assert "SSH_AUTH_SOCK" not in copy._find_environment()


def test_the_word_send_writes_the_parcel_and_nothing_else(scene: Scene) -> None:
    (stored,) = scene.office.stored_runs()
    stdout = io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(stdout):
        status = cli.main(["send", "--config", str(scene.office.write_config()), "sippn", stored.name])
    assert status == 0
    stdout.buffer.seek(0)
    names = [name for name, content in unpack_parcel(stdout.buffer) if b"".join(content)]
    assert sorted(names) == sorted(path.name for path in stored.iterdir() if path.name != "SHA256SUMS")


def test_an_unknown_run_is_not_sent(scene: Scene) -> None:
    answer = scene.office.call("send", "sippn", "20200101T000000Z-00000000")
    assert answer.status == 2
    assert "no stored run" in answer.stderr


def test_a_run_is_sent_as_it_lies_there(scene: Scene) -> None:
    (stored,) = scene.office.stored_runs()
    station = open_station(scene.server, Supervisor(), Silence(), Runner("1", ""), "command")
    sink = io.BytesIO()
    size_bytes = send_run(station, "sippn", stored.name, sink)
    sink.seek(0)
    sent = {name: b"".join(content) for name, content in unpack_parcel(sink)}
    assert sent == {path.name: path.read_bytes() for path in stored.iterdir() if path.name != "SHA256SUMS"}
    assert size_bytes == sum(map(len, sent.values()))
