from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import collect
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import EvidenceFolder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import NotRecorded
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import CONTACT, Runner
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register
from ansible_collections.diskominfo.backup.tests.records import NOON, make_receipt

HOUR = timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(tmp_path / "evidence", Register(()))


def make_bundles(count: int) -> list[tuple[str, bytes]]:
    return [("sippn", make_receipt(NOON + number * HOUR).to_bytes()) for number in range(count)]


def test_receipts_come_home_once(folder: EvidenceFolder) -> None:
    bundles = make_bundles(3)
    assert collect.collect_receipts("web", bundles, folder, NOON + 3 * HOUR) == collect.Collected(3, 0, ())
    more = [*bundles, ("sippn", make_receipt(NOON + 4 * HOUR).to_bytes())]
    assert collect.collect_receipts("web", more, folder, NOON + 4 * HOUR) == collect.Collected(1, 3, ())
    assert len(list(folder.receipts("web", "sippn", []))) == 4


HOSTILE = [
    ("sippn", b""),
    ("sippn", b"x" * (5 * 1024 * 1024)),
    ("sippn", b"[" * 100000),
    ("sippn", b'{"schema": "diskominfo.backup/receipt/1"}'),
    ("sippn", make_receipt(server="other").to_bytes()),
    ("sippn", make_receipt(application="other").to_bytes()),
    ("../../etc", make_receipt().to_bytes()),
    ("", make_receipt().to_bytes()),
    ("sippn", make_receipt(NOON + timedelta(days=400)).to_bytes()),
    ("sippn", make_receipt().to_bytes().replace(b'"id": "2026', b'"id": "../../2026')),
    ("sippn", make_receipt().to_bytes().replace(b'"id": "20261122', b'"id": "20270222')),
    ("sippn", make_receipt().to_bytes().replace(b'"id": "20261122', b'"id": "20260230')),
    ("sippn", make_receipt().to_bytes().replace(b'"id": "20261122', b'"id": "20261322')),
    ("sippn", make_receipt().to_bytes().replace(b"5.25", b"1e999")),
    ("sippn", make_receipt().to_bytes().replace(b"5.25", b"1" + b"0" * 400)),
]


def test_a_bad_receipt_is_refused_by_name_and_stops_no_other(folder: EvidenceFolder, tmp_path: Path) -> None:
    good = make_bundles(2)
    collected = collect.collect_receipts("web", [good[0], *HOSTILE, good[1]], folder, NOON + 2 * HOUR)
    assert (collected.added, collected.known, len(collected.refused)) == (2, 0, len(HOSTILE))
    assert all(told.startswith(f"web: receipt {number}: ") for number, told in enumerate(collected.refused, 2))
    assert all(len(told) < 400 and told.isprintable() for told in collected.refused)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "head"]
    assert len(files) == 2


def test_text_of_a_hostile_server_stays_text(folder: EvidenceFolder) -> None:
    evil = "{{ lookup('pipe', 'touch /x') }} <script>=cmd()\x1b]0;"
    receipt = make_receipt(title=evil)
    assert collect.collect_receipts("web", [("sippn", receipt.to_bytes())], folder, NOON).added == 1
    assert [held.title for held in folder.receipts("web", "sippn", [])] == [evil]


def test_a_clock_that_is_a_little_ahead_is_borne(folder: EvidenceFolder) -> None:
    receipt = make_receipt(NOON + 5 * HOUR)
    assert collect.collect_receipts("web", [("sippn", receipt.to_bytes())], folder, NOON).added == 1


@pytest.mark.parametrize("name", ["COUNT_LIMIT", "SIZE_LIMIT_BYTES"])
def test_too_many_at_once_are_left_for_the_next_time(
    folder: EvidenceFolder, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    bundles = make_bundles(5)
    monkeypatch.setattr(collect, name, 2 if name == "COUNT_LIMIT" else sum(len(data) for _unused, data in bundles[:2]))
    collected = collect.collect_receipts("web", bundles, folder, NOON + 5 * HOUR)
    assert collected.added == 2
    assert collected.refused == ("web: receipts from number 3 on are left for the next time: too many at once",)


def test_a_folder_that_cannot_be_written_is_no_fault_of_a_receipt(folder: EvidenceFolder, tmp_path: Path) -> None:
    (tmp_path / "evidence").touch()
    with pytest.raises(NotRecorded):
        collect.collect_receipts("web", make_bundles(1), folder, NOON)


def test_the_silence_of_a_server_becomes_a_receipt_that_is_kept(folder: EvidenceFolder) -> None:
    contact = collect.make_contact("web", "ssh: connect to host web port 22: Connection timed out", NOON)
    kept = folder.catalogue("web").add(contact)
    (read,) = folder.contacts("web")
    assert read == kept
    assert (read.kind, read.id[:17], read.began) == (CONTACT, "20261122T120000Z-", NOON)
    assert read.failure is not None
    assert (read.failure.slug, "Connection timed out" in read.failure.message) == ("unreachable", True)


def test_the_same_silence_is_told_once_and_another_by_itself() -> None:
    runner = Runner("1.0.0", "")
    first = collect.make_contact("web", "timed out", NOON, runner, "timer")
    assert (first.runner, first.trigger) == (runner, "timer")
    assert first == collect.make_contact("web", "timed out", NOON, runner, "timer")
    assert first.id != collect.make_contact("web", "refused", NOON).id
    assert first.id != collect.make_contact("web2", "timed out", NOON).id
