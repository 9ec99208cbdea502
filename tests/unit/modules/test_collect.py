from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.installations import Installations
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.installed import INSTALLED_SCHEMA
from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.looks import make_look
from ansible_collections.diskominfo.backup.tests.records import make_receipt


def write(**changes: Any) -> dict[str, Any]:
    receipt = make_receipt(**changes)
    return {"application": receipt.application, "text": receipt.to_bytes().decode()}


def read_kept(evidence: Path) -> list[str]:
    return sorted(str(path.relative_to(evidence / "receipts")) for path in evidence.glob("receipts/*/*/2*.json"))


def test_receipts_are_kept_byte_for_byte_and_once(tmp_path: Path) -> None:
    document = write()
    first = use("collect", evidence=str(tmp_path), server="web", documents=[document])
    again = use("collect", evidence=str(tmp_path), server="web", documents=[document])
    assert (first["added"], first["changed"], again["added"], again["known"], again["changed"]) == (
        1,
        True,
        0,
        1,
        False,
    )
    (kept,) = read_kept(tmp_path)
    assert (tmp_path / "receipts" / kept).read_text() == document["text"]


def test_a_hostile_server_is_refused_by_name_and_its_good_receipts_are_kept(tmp_path: Path) -> None:
    deep = '{"a":' * 5000 + "1" + "}" * 5000
    tomorrow = datetime.now(timezone.utc) + timedelta(days=30)
    documents = [
        {"application": "sippn", "text": deep},
        {"application": "sippn", "text": json.dumps({"schema": "x" * 5_000_000})},
        {"application": "../../etc", "text": write()["text"]},
        write(server="another"),
        write(began=tomorrow.replace(microsecond=0)),
        {"application": "sippn", "text": "{\"id\": \"{{ lookup('pipe', 'touch /tmp/x') }}\"}"},
        write(),
    ]
    result = use("collect", evidence=str(tmp_path), server="web", documents=documents)
    assert "failed" not in result
    assert (result["added"], len(result["refused"])) == (1, 6)
    assert len(read_kept(tmp_path)) == 1
    assert all("web" in sentence for sentence in result["refused"])


def test_silence_is_recorded(tmp_path: Path) -> None:
    result = use("collect", evidence=str(tmp_path), server="web", error="Connection timed out")
    assert (result["added"], result["changed"]) == (1, True)
    (kept,) = read_kept(tmp_path)
    receipt = json.loads((tmp_path / "receipts" / kept).read_text())
    assert (receipt["kind"], receipt["failure"]["slug"]) == ("contact", "unreachable")
    assert "Connection timed out" in receipt["failure"]["message"]


def test_check_mode_keeps_nothing(tmp_path: Path) -> None:
    result = use("collect", check_mode=True, evidence=str(tmp_path / "evidence"), server="web", documents=[write()])
    assert (result["changed"], result["added"]) == (True, 0)
    assert not (tmp_path / "evidence").exists()


def test_a_folder_that_cannot_be_written_fails_the_task(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = use("collect", evidence=str(tmp_path / "file"), server="web", documents=[write()])
    assert (result["failed"], result["slug"]) == (True, "not_recorded")


def test_a_server_cannot_tell_of_copies_that_others_hold(tmp_path: Path) -> None:
    result = use("collect", evidence=str(tmp_path), server="web", documents=[write(kind="copy")])
    assert (result["added"], len(result["refused"])) == (0, 1)
    assert "who holds a copy" in result["refused"][0]


def test_what_was_found_on_a_server_is_kept_for_the_next_report(tmp_path: Path) -> None:
    look = make_look("web").to_data()
    first = use("collect", evidence=str(tmp_path), server="web", discovered=look)
    again = use("collect", evidence=str(tmp_path), server="web", discovered=look)
    assert (first["changed"], again["changed"]) == (True, False)
    assert len(list(tmp_path.glob("searches/web/*.json"))) == 1


def test_what_another_server_is_said_to_hold_is_refused(tmp_path: Path) -> None:
    result = use("collect", evidence=str(tmp_path), server="web", discovered=make_look("lain").to_data())
    assert result["changed"] is False
    assert "of another server" in result["refused"][0]
    assert not (tmp_path / "searches").exists()


def seen_on(server: str, **changes: Any) -> dict[str, Any]:
    return {"schema": INSTALLED_SCHEMA, "server": server, "at": "2001-01-01T00:00:00Z", "manager": "cron", **changes}


def test_what_is_installed_is_kept_as_seen_now_and_a_change_is_told(tmp_path: Path) -> None:
    told: dict[str, Any] = {"server": "web", "evidence": str(tmp_path), "installed": seen_on("web")}
    assert use("collect", check_mode=True, **told)["changed"]
    assert not (tmp_path / "installed").exists()
    assert [use("collect", **told)["changed"] for number in range(2)] == [True, False]
    assert not use("collect", check_mode=True, **told)["changed"]
    other = {**told, "installed": seen_on("web", config_problem="x")}
    assert [use("collect", check_mode=True, **other)["changed"] for number in range(2)] == [True, True]
    assert len(use("collect", check_mode=True, **{**told, "installed": seen_on("data")})["refused"]) == 1
    assert Installations(tmp_path).read_all()["web"].config_problem == ""
    assert use("collect", check_mode=True, **told, documents=[write()])["changed"]
    assert use("collect", **{**told, "installed": seen_on("web", is_cron_running=True)})["changed"]
    kept = Installations(tmp_path).read_all()["web"]
    assert datetime.now(timezone.utc) - kept.at < timedelta(hours=1)


def test_a_lie_about_what_is_installed_leaves_no_older_truth_standing(tmp_path: Path) -> None:
    lies: list[dict[str, Any]] = [
        seen_on("data"),
        seen_on("web", timers=[{"unit": "x", "state": "loaded", "secret": "x"}]),
        seen_on("web", config_problem="x" * 70_000),
        seen_on("web", lines=[{"when": "x"}] * 6000),
        seen_on("web", lines=[{"when": "x" * 4000}] * 1200),
        {},
    ]
    for lie in lies:
        use("collect", server="web", evidence=str(tmp_path), installed=seen_on("web"))
        result = use("collect", server="web", evidence=str(tmp_path), installed=lie, documents=[write()])
        assert len(result["refused"]) == 1
        assert "web" in result["refused"][0]
        (unread,) = Installations(tmp_path).read_all()["web"].unread
        assert unread.subject == "answer"
    assert len(read_kept(tmp_path)) == 1
