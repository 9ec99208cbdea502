from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.records import make_config
from ansible_collections.diskominfo.backup.tests.servers import HOST, find_port, serve_drops, serve_web


def tell(evidence: Path, *channels: dict[str, Any], **options: Any) -> dict[str, Any]:
    return use("deliver", evidence=str(evidence), channels=list(channels), **options)


def test_a_message_that_does_not_arrive_is_a_warning_and_a_finding_of_the_next_report(tmp_path: Path) -> None:
    use("report", evidence=str(tmp_path), register=[make_config()])
    with serve_web() as web:
        good = {"channel": "webhook", "name": "good", "url": web.url}
        result = tell(tmp_path, {"channel": "ping", "url": f"http://{HOST}:{find_port()}/rahasia"}, good)
    assert (result.get("failed", False), result["changed"], result["failed_channels"]) == (False, True, ["ping"])
    assert [made["name"] for made in result["deliveries"]] == ["ping", "good"]
    assert "Connection refused" in str(result["deliveries"][0])
    assert "/rahasia" not in json.dumps({key: value for key, value in result.items() if key != "invocation"})
    made = use("report", evidence=str(tmp_path), register=[make_config()])
    assert [finding["slug"] for finding in made["report"]["findings"]] == ["delivery_failed"]


def test_the_start_is_told_and_check_mode_tells_nobody(tmp_path: Path) -> None:
    with serve_web() as web:
        ping = {"channel": "ping", "url": f"{web.url}/uuid"}
        assert tell(tmp_path, ping, check_mode=True)["deliveries"] == []
        assert tell(tmp_path, ping, event="start")["failed_channels"] == []
    assert [asked.path for asked in web.asked] == ["/uuid/start"]


def test_settings_that_cannot_be_used_fail_the_task_also_in_check_mode(tmp_path: Path) -> None:
    result = tell(tmp_path, {"channel": "mail"}, check_mode=True)
    assert (result["failed"], result["slug"]) == (True, "configuration")
    assert "recipients: is missing" in result["msg"]


def test_without_a_report_there_is_nothing_to_send(tmp_path: Path) -> None:
    assert tell(tmp_path)["slug"] == "not_recorded"


def test_settings_that_were_refused_stand_in_the_report_that_is_made_next_and_are_forgotten_when_set_right(
    tmp_path: Path,
) -> None:
    refused = {"kepala": "delivery kepala: recipients: is missing"}
    noted = tell(tmp_path, event="settings", refused=refused)
    assert (noted.get("failed", False), noted["failed_channels"]) == (False, ["kepala"])
    made = use("report", evidence=str(tmp_path), register=[make_config()])
    (finding,) = made["report"]["findings"]
    assert (finding["slug"], finding["subject"]) == ("delivery_failed", "kepala")
    assert "recipients: is missing" in finding["message"]
    assert tell(tmp_path, refused=refused)["failed_channels"] == ["kepala"]
    assert tell(tmp_path, event="settings")["changed"] is False
    made = use("report", evidence=str(tmp_path), register=[make_config()])
    assert made["report"]["findings"] == []


def test_telling_that_failed_as_a_whole_stands_in_the_next_report_whatever_the_settings_are(tmp_path: Path) -> None:
    noted = tell(tmp_path, event="failure", refused={"backup_delivery": "the module broke"})
    assert (noted.get("failed", False), noted["failed_channels"]) == (False, ["backup_delivery"])
    assert tell(tmp_path, event="settings")["changed"] is False
    made = use("report", evidence=str(tmp_path), register=[make_config()])
    (finding,) = made["report"]["findings"]
    assert (finding["slug"], finding["subject"]) == ("delivery_failed", "backup_delivery")
    assert "the module broke" in finding["message"]


def test_refused_settings_are_warned_of_in_check_mode_and_not_kept(tmp_path: Path) -> None:
    result = tell(tmp_path, event="settings", refused={"kepala": "wrong"}, check_mode=True)
    assert "wrong" in str(result)
    assert not (tmp_path / "deliveries.json").exists()


def test_a_service_that_never_ends_its_answer_holds_neither_the_others_nor_the_end(tmp_path: Path) -> None:
    use("report", evidence=str(tmp_path), register=[make_config()])
    with serve_web() as web, serve_drops() as url:
        slow = {"channel": "apprise", "url": url.replace("http", "json"), "timeout": "3s"}
        result = tell(tmp_path, slow, {"channel": "webhook", "url": web.url})
    assert result["failed_channels"] == ["apprise"]
    assert "not done within 3 s" in str(result["deliveries"][0])
    assert len(web.asked) == 1


def test_other_services_are_told_by_the_library_apprise(tmp_path: Path) -> None:
    use("report", evidence=str(tmp_path), register=[make_config()])
    with serve_web() as web:
        chat = {"channel": "apprise", "url": web.url.replace("http", "json") + "/rahasia"}
        dead = {"channel": "apprise", "name": "dead", "url": f"json://{HOST}:{find_port()}/rahasia"}
        result = tell(tmp_path, chat, dead)
        assert tell(tmp_path, chat, event="start")["deliveries"] == []
    assert result["failed_channels"] == ["dead"]
    (asked,) = web.asked
    sent = json.loads(asked.body)
    assert asked.path == "/rahasia"
    assert sent["title"].startswith("Backup: semua 1 aplikasi baik")
    assert "rahasia" not in json.dumps({key: value for key, value in result.items() if key != "invocation"})
