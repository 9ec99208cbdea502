from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.catalogue import Catalogue
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import (
    EvidenceFolder,
    ServerEvidence,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import NotRecorded, RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.evidence import Evidence
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.finding import RED
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.reading import read_receipt
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import CHECK, CONTACT
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import (
    Register,
    read_register,
    read_server,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import read_json
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.tests.ordinary import limit_file_size
from ansible_collections.diskominfo.backup.tests.records import (
    NOON,
    make_config,
    make_failed_receipt,
    make_identity,
    make_receipt,
)

DAY = timedelta(days=1)


def make_register(*names: str, server: str = "web") -> Register:
    applications = [{"name": name, "sources": [{"path": f"/srv/{name}"}]} for name in names]
    return read_register([make_config(server=server, applications=applications)])


@pytest.fixture
def folder(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(tmp_path / "evidence", make_register("sippn"))


def test_receipts_of_several_servers_are_kept_apart_and_told_in_order(folder: EvidenceFolder) -> None:
    evidence: Evidence = folder
    for server, application in (("web2", "b"), ("web", "sippn"), ("web", "a")):
        receipt = make_receipt(server=server, application=application)
        assert folder.add_receipt(server, application, receipt.to_bytes())
        assert not folder.add_receipt(server, application, receipt.to_bytes())
        breaks: list[str] = []
        assert list(evidence.receipts(server, application, breaks)) == [receipt]
        assert breaks == []
    assert list(evidence.unregistered()) == [("web", "a"), ("web2", "b")]
    assert evidence.register.application_count == 1


def test_the_silence_of_a_server_is_told_and_is_no_application(folder: EvidenceFolder) -> None:
    contact = make_failed_receipt(kind=CONTACT, application="")
    folder.add_receipt("web", "", contact.to_bytes())
    assert (list(folder.contacts("web")), list(folder.unregistered())) == ([contact], [])


def test_an_empty_folder_holds_nothing_and_says_so(folder: EvidenceFolder, tmp_path: Path) -> None:
    assert (list(folder.unregistered()), folder.servers()) == ([], [])
    assert (list(folder.receipts("web", "sippn", [])), list(folder.contacts("web"))) == ([], [])
    assert folder.registered_since("web", "sippn") is None
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("server", ["", "..", "../x", "a/b", ".hidden"])
def test_no_name_of_a_server_leads_out_of_the_folder(folder: EvidenceFolder, tmp_path: Path, server: str) -> None:
    with pytest.raises(RecordRefused):
        folder.add_receipt(server, "sippn", make_receipt().to_bytes())
    assert os.listdir(tmp_path) == []


def test_what_lies_there_and_is_no_evidence_is_told(folder: EvidenceFolder, tmp_path: Path) -> None:
    receipts = tmp_path / "evidence" / "receipts"
    folder.add_receipt("web", "sippn", make_receipt().to_bytes())
    folder.add_receipt("web", "", make_failed_receipt(kind=CONTACT, application="").to_bytes())
    (receipts / "web" / "sippn" / f"{make_identity(NOON, 1)}.json").touch()
    (receipts / "web" / "_server" / f"{make_identity(NOON, 2)}.json").touch()
    (receipts / ".lock").touch()
    breaks: list[str] = []
    assert len(list(folder.receipts("web", "sippn", breaks))) == 1
    assert [line.partition(":")[0] for line in breaks] == [make_identity(NOON, 1)]
    assert len(list(folder.contacts("web"))) == 1
    assert folder.servers() == ["web"]


def test_a_version_of_the_register_is_kept_only_when_it_changed(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path, make_register("sippn"))
    assert [folder.save_register(NOON), folder.save_register(NOON + DAY)] == [True, False]
    changed = EvidenceFolder(tmp_path, make_register("sippn", "arsip"))
    assert changed.save_register(NOON + 2 * DAY)
    assert folder.save_register(NOON + 3 * DAY), "what was undone is a version again"
    names = sorted(os.listdir(tmp_path / "register"))
    assert [name[:16] for name in names] == ["20261122T120000Z", "20261124T120000Z", "20261125T120000Z"]
    assert names[0][16:] == names[2][16:]


def test_an_application_is_registered_since_the_first_version_that_holds_it_without_a_break(tmp_path: Path) -> None:
    versions = [("sippn",), ("sippn", "arsip"), ("sippn",), ("sippn", "arsip"), ("sippn", "arsip", "laman")]
    for day, names in enumerate(versions):
        EvidenceFolder(tmp_path, make_register(*names)).save_register(NOON + day * DAY)
    folder = EvidenceFolder(tmp_path, make_register("sippn"))
    since = [folder.registered_since("web", name) for name in ("sippn", "arsip", "laman")]
    assert since == [NOON, NOON + 3 * DAY, NOON + 4 * DAY]
    assert folder.registered_since("web2", "sippn") is None


@pytest.mark.parametrize("spoiled", [b"", b"[]", b"not json"])
def test_a_version_that_cannot_be_read_breaks_no_line(tmp_path: Path, spoiled: bytes) -> None:
    for day in range(3):
        folder = EvidenceFolder(
            tmp_path, make_register("sippn", *(["arsip"] if day else []), *(["c"] if day > 1 else []))
        )
        folder.save_register(NOON + day * DAY)
    (tmp_path / "register" / sorted(os.listdir(tmp_path / "register"))[1]).write_bytes(spoiled)
    fresh = EvidenceFolder(tmp_path, make_register("sippn"))
    assert fresh.registered_since("web", "sippn") == NOON


@pytest.mark.parametrize(
    "data", [b"{}", b'{"servers": 1}', b'{"servers": [1, {"server": "web", "applications": [1]}]}']
)
def test_a_version_of_another_shape_names_nobody(tmp_path: Path, data: bytes) -> None:
    folder = EvidenceFolder(tmp_path, make_register("sippn"))
    folder.save_register(NOON)
    (tmp_path / "register" / os.listdir(tmp_path / "register")[0]).write_bytes(data)
    assert EvidenceFolder(tmp_path, make_register("sippn")).registered_since("web", "sippn") is None


@pytest.mark.parametrize(
    ("spoiled", "use"),
    [
        ("evidence", lambda folder: folder.add_receipt("web", "sippn", make_receipt().to_bytes())),
        ("evidence/receipts", EvidenceFolder.servers),
        ("evidence/register", lambda folder: folder.save_register(NOON)),
        ("evidence/register", lambda folder: folder.registered_since("web", "sippn")),
    ],
)
def test_a_fault_of_the_disk_is_told_by_name(tmp_path: Path, spoiled: str, use: Any) -> None:
    (tmp_path / spoiled).parent.mkdir(exist_ok=True)
    (tmp_path / spoiled).touch()
    with pytest.raises(NotRecorded, match=spoiled):
        use(EvidenceFolder(tmp_path / "evidence", make_register("sippn")))


def test_a_register_that_cannot_be_written_or_read_is_told_by_name(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path, make_register("sippn"))
    with limit_file_size(20), pytest.raises(NotRecorded, match="File too large"):
        folder.save_register(NOON)
    folder.save_register(NOON)
    (version,) = (tmp_path / "register").iterdir()
    version.unlink()
    version.symlink_to("/etc/hostname")
    with pytest.raises(NotRecorded, match="not a regular file"):
        folder.save_register(NOON)


def test_one_server_sees_its_own_records_and_nobody_elses(tmp_path: Path) -> None:
    server = replace(read_server(make_config()), state=str(tmp_path))
    catalogue = Catalogue(tmp_path / "receipts", "web")
    run = catalogue.add(make_receipt())
    check = catalogue.add(make_receipt(number=1, kind=CHECK))
    evidence: Evidence = ServerEvidence(server)
    assert list(evidence.receipts("web", "sippn", [])) == [run, check]
    assert list(evidence.receipts("web2", "sippn", [])) == []
    assert (list(evidence.contacts("web")), list(evidence.contacts("web2"))) == ([], [])
    assert list(evidence.unregistered()) == []
    catalogue.add(make_receipt(application="lama"))
    assert list(evidence.unregistered()) == [("web", "lama")]
    assert evidence.register.servers == (server,)
    assert evidence.registered_since("web", "sippn") is None


def _keep_days(folder: EvidenceFolder, tmp_path: Path, count: int) -> list[Path]:
    """A chain of so many runs, and the files that they are in the evidence."""
    server = Catalogue(tmp_path / "server", "web")
    for day in range(count):
        receipt = server.add(make_receipt(NOON + timedelta(days=day)))
        folder.add_receipt("web", "sippn", receipt.to_bytes())
    return sorted((tmp_path / "evidence" / "receipts" / "web" / "sippn").glob("*.json"))


def _alter(files: list[Path]) -> None:
    files[1].write_bytes(files[1].read_bytes().replace(b"Bagian Organisasi", b"Bagian Keuangan  "))


def _remove(files: list[Path]) -> None:
    files[1].unlink()


def _fork(files: list[Path]) -> None:
    """Another run in the place of the third, whose own receipt stays."""
    held = read_receipt(read_json(files[2].read_bytes(), ""), "")
    other = replace(make_receipt(held.began + timedelta(hours=1)), previous=held.previous)
    (files[2].parent / f"{other.id}.json").write_bytes(other.to_bytes())


def _spoil(files: list[Path]) -> None:
    files[1].write_bytes(b"{}")


@pytest.mark.parametrize("tamper", [_alter, _remove, _fork, _spoil])
def test_evidence_that_was_tampered_with_is_red_in_the_report(
    folder: EvidenceFolder, tmp_path: Path, tamper: Callable[[list[Path]], None]
) -> None:
    now = NOON + timedelta(days=2, hours=2)
    files = _keep_days(folder, tmp_path, 3)

    def find_red() -> list[str]:
        [row] = make_report(folder, make_recent_period(now, 24), now, {}, "").rows
        return [finding.slug for finding in row.findings if finding.severity == RED]

    assert "broken_chain" not in find_red()
    tamper(files)
    assert "broken_chain" in find_red()
