from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import (
    EvidenceFolder,
    ServerEvidence,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.installations import Installations
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import NotRecorded, RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.installed import CronEntry, Installed
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register, read_server
from ansible_collections.diskominfo.backup.tests.records import make_config

NOON = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
SEEN = Installed("web", NOON, "cron", lines=(CronEntry("@reboot", "true"),))


def test_the_last_look_at_each_server_is_kept_and_a_difference_is_noticed(tmp_path: Path) -> None:
    books = Installations(tmp_path)
    assert books.read_all() == {}
    assert books.keep(SEEN)
    later = replace(SEEN, at=NOON + timedelta(days=1))
    assert not books.keep(later)
    assert books.read_all() == {"web": later}
    assert books.keep(replace(later, lines=()))
    assert books.keep(replace(SEEN, server="x" * 253))
    assert EvidenceFolder(tmp_path, Register(())).installed().keys() == {"web", "x" * 253}


def test_a_record_that_is_none_is_not_known_and_is_replaced(tmp_path: Path) -> None:
    books = Installations(tmp_path)
    books.keep(SEEN)
    path = tmp_path / "installed" / "web" / "seen.json"
    moved = tmp_path / "installed" / "data"
    moved.mkdir()
    (moved / "seen.json").write_bytes(path.read_bytes())
    assert books.read_all() == {"web": SEEN}
    path.write_text("{")
    assert books.read_all() == {}
    assert books.keep(SEEN)
    assert books.read_all() == {"web": SEEN}


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("../web/seen.json"), os.mkfifo])
def test_a_record_that_cannot_be_read_leaves_every_other_server_known(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    books, path = Installations(tmp_path), tmp_path / "installed" / "lain" / "seen.json"
    books.keep(SEEN)
    path.parent.mkdir()
    make(path)
    assert books.read_all() == {"web": SEEN}


def test_a_stray_file_among_the_servers_is_none(tmp_path: Path) -> None:
    books, folder = Installations(tmp_path), tmp_path / "installed"
    books.keep(SEEN)
    (folder / ".gitkeep").touch()
    (folder / "README").touch()
    (folder / "lain").symlink_to("lain")
    assert books.read_all() == {"web": SEEN}


def test_a_link_in_the_place_of_a_record_is_replaced(tmp_path: Path) -> None:
    books, path = Installations(tmp_path), tmp_path / "installed" / "web" / "seen.json"
    path.parent.mkdir(parents=True)
    path.symlink_to("/nonexistent")
    assert books.keep(SEEN)
    assert books.read_all() == {"web": SEEN}


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(RecordRefused):
        Installations(tmp_path).keep(replace(SEEN, server="../web"))


def test_faults_of_the_disk_are_told(tmp_path: Path) -> None:
    (tmp_path / "installed").touch()
    with pytest.raises(NotRecorded):
        Installations(tmp_path).read_all()
    (tmp_path / "other" / "installed" / "web" / "seen.json").mkdir(parents=True)
    with pytest.raises(NotRecorded):
        Installations(tmp_path / "other").keep(SEEN)
    (tmp_path / "full" / "installed").mkdir(parents=True)
    (tmp_path / "full" / "installed" / "web").symlink_to("/proc/self/nonexistent")
    with pytest.raises(NotRecorded):
        Installations(tmp_path / "full").keep(SEEN)


def test_a_server_does_not_judge_itself() -> None:
    assert ServerEvidence(read_server(make_config())).installed() is None  # type: ignore[func-returns-value]
