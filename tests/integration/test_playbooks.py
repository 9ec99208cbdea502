"""The playbooks as a person plays them, on the demo: what they leave, what they say, and how they end."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.tests.playing import SILENT, Stage
from ansible_collections.diskominfo.backup.tests.servers import HOST, find_port, serve_web

EVERYTHING = {"portal", "agenda", "perizinan", "arsip"}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage.make(tmp_path)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The demo after it was played once from nothing."""
    stage = Stage.make(tmp_path_factory.mktemp("first"))
    played = stage.play("site")
    assert played.status == 0, played.output
    return stage


@pytest.fixture
def again(first: Stage, tmp_path: Path) -> Stage:
    """A demo of its own whose sources are there already."""
    shutil.copytree(first.root / "inventories", tmp_path / "inventories")
    shutil.copytree(first.sources, tmp_path / "var" / "demo", symlinks=True)
    return Stage(tmp_path)


def test_the_first_play_proves_every_application(first: Stage) -> None:
    rows = first.rows()
    assert set(rows) == EVERYTHING
    assert {row["status"] for row in rows.values()} == {"succeeded"}
    assert {row["level"] for row in rows.values()} == {"compared"}
    latest = first.evidence / "reports" / "latest"
    assert {path.name for path in latest.iterdir()} >= {"report.html", "report.json", "report.txt"}
    assert first.leftovers() == []


def test_three_plays_leave_three_runs_and_nothing_half_done(first: Stage) -> None:
    for number in (2, 3):
        played = first.play("site")
        assert played.status == 0, played.output
        assert first.count_reports() == number
    assert first.leftovers() == []
    assert {row["level"] for row in first.rows().values()} == {"compared"}
    with contextlib.closing(sqlite3.connect(first.sources / "portal/data/portal.sqlite")) as connection:
        connection.execute("INSERT INTO penulis (nama) VALUES ('Penulis Baru')")
        connection.commit()
    assert first.play("backup", "-e", "backup_only=portal").status == 0
    (database,) = [part for part in first.newest_receipt("web-contoh", "portal")["parts"] if part["kind"] == "database"]
    assert database["census"]["rows"]["penulis"] == 6


def test_a_deleted_source_is_a_red_row_the_others_are_done_and_the_play_fails(again: Stage) -> None:
    shutil.rmtree(again.sources / "agenda")
    played = again.play("site")
    assert played.status != 0
    rows = again.rows()
    assert again.statuses() == {name: "failed" if name == "agenda" else "succeeded" for name in EVERYTHING}
    assert rows["agenda"]["reason"]["slug"] == "source_missing"
    assert rows["agenda"]["reason"]["hint"]
    assert next(iter(rows)) == "agenda"
    assert not (again.sources / "agenda").exists()
    assert "web-contoh/agenda is failed" in played.output


def test_a_limited_play_judges_only_the_servers_that_it_asked(again: Stage) -> None:
    shutil.rmtree(again.sources / "arsip")
    assert again.play("site").status != 0
    limited = again.play("site", "--limit", "web-contoh")
    assert limited.status == 0, limited.output
    statuses = again.statuses()
    assert statuses["arsip"] == "failed"
    assert {statuses["portal"], statuses["agenda"], statuses["perizinan"]} == {"succeeded"}


def test_a_silent_server_is_rows_of_the_report_and_the_others_are_done(again: Stage) -> None:
    again.change_hosts(layanan_contoh=SILENT)
    played = again.play("site")
    assert played.status != 0
    assert again.statuses() == {
        "portal": "succeeded",
        "agenda": "succeeded",
        "perizinan": "unreachable",
        "arsip": "unreachable",
    }
    assert again.rows()["arsip"]["reason"]["slug"] == "unreachable"


def test_the_registry_and_the_office_get_their_documents_with_what_people_added(first: Stage) -> None:
    said = ["-e", "server=web-contoh", "-e", "application=portal", "-e", "about=repair"]
    played = first.play("note", *said, "-e", "person='Analis Contoh'", "-e", "said='Disk <diganti>'")
    assert played.status == 0, played.output
    mistyped = first.play("note", *said, "-e", "application=portall", "-e", "person=x", "-e", "said=x")
    assert mistyped.status != 0
    assert "Name a server and one of its applications" in mistyped.output
    formats = '{"backup_formats": ["json", "pdf", "xlsx", "csv_semicolon", "status"], "backup_period": "this-month",'
    people = '"backup_people": {"head": {"name": "Kepala Contoh"}}, "backup_languages": {"status": "en"}}'
    played = first.play("report", "-e", formats + people)
    assert played.status == 0, played.output
    latest = first.evidence / "reports" / "latest"
    names = {path.name for path in latest.iterdir()}
    assert names >= {"report.pdf", "report.xlsx", "report.semicolon.csv", "report.status.txt", "report.json"}
    assert (latest / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert (latest / "report.status.txt").read_text().startswith("How every backup stands")
    report = first.read_report()
    assert [note["name"] for note in report["notes"]] == ["Analis Contoh"]
    assert report["people"][-1]["name"] == "Kepala Contoh"


def test_the_report_is_written_when_no_server_answers(again: Stage) -> None:
    again.change_hosts(layanan_contoh=SILENT, web_contoh=SILENT)
    played = again.play("site")
    assert played.status != 0
    assert again.count_reports() == 1
    assert set(again.statuses().values()) == {"unreachable"}


def test_the_report_is_written_when_every_application_fails(again: Stage) -> None:
    for name in EVERYTHING:
        shutil.rmtree(again.sources / name)
    played = again.play("site")
    assert played.status != 0
    assert set(again.statuses().values()) == {"failed"}


def test_a_limit_that_matches_nothing_fails(again: Stage) -> None:
    assert again.play("site", "--limit", "web-conto").status != 0
    assert again.count_reports() == 0


@pytest.mark.parametrize("hosts", ["---\nall: {}\n", "---\nall:\n  hosts:\n    web-contoh:\n"])
def test_an_empty_register_fails(stage: Stage, hosts: str) -> None:
    (stage.root / "inventories/empty").mkdir()
    (stage.root / "inventories/empty/hosts.yml").write_text(hosts)
    for playbook in ("site", "backup", "report"):
        played = stage.play(playbook, inventory="inventories/empty")
        assert played.status != 0
        assert "no host lists any application" in played.output


def test_everything_that_is_wrong_in_the_register_is_told_before_anything_is_started(stage: Stage) -> None:
    stage.change_hosts(web_contoh={"backup_slots": "many"}, layanan_contoh={"backup_stor": {}})
    played = stage.play("site")
    assert played.status != 0
    assert "slots" in played.output
    assert "backup_stor: is not known" in played.output
    assert not (stage.root / "var" / "server").exists()


def test_check_mode_probes_and_changes_nothing(again: Stage) -> None:
    def list_files() -> dict[str, str]:
        files = [path for path in (again.root / "var").rglob("*") if path.is_file()]
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = list_files()
    played = again.play("site", "--check")
    assert played.status == 0, played.output
    assert list_files() == before
    shutil.rmtree(again.sources / "agenda")
    before = list_files()
    played = again.play("site", "--check")
    assert played.status != 0
    assert "source is missing" in played.output
    assert list_files() == before


def test_an_original_is_replaced_only_after_its_name_was_typed(again: Stage) -> None:
    assert again.play("backup", "-e", "backup_only=portal").status == 0
    page = again.sources / "portal" / "index.php"
    before = page.read_text()
    page.write_text("hari ini")
    options = ("-e", "application=portal", "-e", "in_place=true")

    for typed in ((), ("-e", "confirm=Portal")):
        refused = again.play("restore", *options, *typed)
        assert refused.status != 0
        assert "Nothing was started" in refused.output
    foretold = again.play("restore", "--check", *options, "-e", "confirm=portal")
    kept = page.read_text()
    played = again.play("restore", *options, "-e", "confirm=portal")

    assert foretold.status == 0, foretold.output
    assert "safety backup of what is there now" in foretold.output
    assert kept == "hari ini"
    assert played.status == 0, played.output
    assert page.read_text() == before


def test_an_original_comes_back_on_a_server_that_does_not_list_it(again: Stage) -> None:
    assert again.play("backup", "-e", "backup_only=portal").status == 0
    page = again.sources / "portal" / "index.php"
    before = page.read_text()
    page.write_text("hari ini")
    options = ("-e", "application=portal", "-e", "in_place=true", "-e", "confirm=portal", "-e", "on=layanan-contoh")

    played = again.play("restore", *options)

    assert played.status == 0, played.output
    assert "portal on layanan-contoh" in played.output
    assert page.read_text() == before


def test_after_a_failing_play_only_what_failed_is_repeated(again: Stage) -> None:
    shutil.move(again.sources / "agenda", again.sources / "aside")
    assert again.play("backup").status != 0
    shutil.move(again.sources / "aside", again.sources / "agenda")

    played = again.play("repair")

    assert played.status == 0, played.output
    (line,) = again.read_report()["repairs"]
    assert (line["application"], line["action"], line["result"]) == ("agenda", "retried", "repaired")
    runs = {row["application"]: row["succeeded_runs"] for row in again.read_report()["applications"]}
    assert set(runs.values()) == {1}


def test_a_restore_brings_the_application_into_a_new_folder_and_refuses_a_full_one(
    first: Stage, tmp_path: Path
) -> None:
    target = tmp_path / "back"
    options = ("-e", "application=perizinan", "-e", f"target={target}")
    played = first.play("diskominfo.backup.restore", *options)
    assert played.status == 0, played.output
    (restored,) = target.glob("database-*/*")
    with contextlib.closing(sqlite3.connect(restored)) as connection:
        assert connection.execute("SELECT count(*) FROM izin").fetchone() == (3040,)
    (site,) = target.glob("source-*/*")
    for name in ("app.py", "templates/izin.html", "instance/settings.cfg"):
        assert (site / name).read_bytes() == (first.sources / "perizinan" / name).read_bytes()
    again = first.play("restore", *options)
    assert again.status != 0
    assert "is not empty" in again.output
    assert first.play("restore", "-e", "application=nobody", "-e", f"target={target}").status != 0
    assert first.play("restore").status != 0


def test_what_was_stored_comes_back_by_hand_with_standard_tools(first: Stage, tmp_path: Path) -> None:
    (run,) = sorted((first.root / "var/server/web-contoh/store/agenda").iterdir())[-1:]
    assert subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=run, capture_output=True, check=False).returncode == 0
    (archive,) = run.glob("source-*.tar.*")
    subprocess.run(["tar", "-xf", str(archive), "-C", str(tmp_path)], check=True)
    for path in (first.sources / "agenda").rglob("*"):
        if path.is_file():
            assert (tmp_path / path.relative_to(first.sources / "agenda")).read_bytes() == path.read_bytes()


def test_a_damaged_artifact_fails_the_check_and_the_report_says_damaged(again: Stage) -> None:
    assert again.play("backup").status == 0
    (artifact,) = (again.root / "var/server/web-contoh/store/agenda").glob("*/source-*.tar.*")
    content = bytearray(artifact.read_bytes())
    content[len(content) // 2] ^= 1
    artifact.write_bytes(content)
    played = again.play("check")
    assert played.status != 0
    row = again.rows()["agenda"]
    assert (row["level"], row["reason"]["slug"]) == ("damaged", "damaged")
    assert again.rows()["portal"]["level"] == "compared"
    assert again.play("report").status != 0


def test_tags_and_names_of_applications_choose_what_is_done(again: Stage) -> None:
    played = again.play("diskominfo.backup.site", "--tags", "backup", "-e", "backup_only=agenda")
    assert played.status == 0, played.output
    assert again.count_reports() == 0
    assert [path.name for path in (again.root / "var/server").glob("*/store/[a-z]*")] == ["agenda"]
    assert again.play("backup", "-e", "backup_only=agendaa").status != 0


def test_plays_of_ones_own_get_a_report_by_the_callback(again: Stage) -> None:
    again.change_hosts(layanan_contoh=SILENT)
    (again.root / "own.yml").write_text(
        """---
- name: Of my own
  hosts: servers
  gather_facts: false
  tasks:
    - name: Back up
      diskominfo.backup.run:
        config: "{{ (hostvars | diskominfo.backup.register([inventory_hostname])) | first }}"
"""
    )
    folder = again.root / "out"
    played = again.play(
        str(again.root / "own.yml"),
        DISKOMINFO_BACKUP_REPORT_DIRECTORY=str(folder),
        DISKOMINFO_BACKUP_REPORT_LANGUAGE="en",
    )
    assert played.status != 0
    assert {path.name for path in folder.iterdir()} == {"report.html", "report.json"}
    table = played.output[played.output.index("PLAY RECAP") :]
    assert "portal" in table
    assert "layanan-contoh" in table


def test_the_callback_says_nothing_in_plays_of_others(stage: Stage) -> None:
    (stage.root / "other.yml").write_text(
        "---\n- name: Other\n  hosts: servers\n  gather_facts: false\n  tasks:\n"
        "    - name: Say\n      ansible.builtin.debug:\n"
    )
    played = stage.play(str(stage.root / "other.yml"))
    assert played.status == 0
    assert played.output.rstrip().splitlines()[-1].startswith("web-contoh ")


def test_people_are_told_and_a_message_that_does_not_arrive_fails_nothing(first: Stage) -> None:
    with serve_web() as web:
        dead = {"channel": "ntfy", "url": f"http://{HOST}:{find_port()}/backup", "token": "rahasia-ntfy"}
        told = {"backup_delivery": [dead, {"channel": "ping", "url": f"{web.url}/uuid"}]}
        played = first.play("backup", "-e", json.dumps(told), "-vvv")
    assert played.status == 0, played.output
    assert "rahasia-ntfy" not in played.output
    assert [asked.path for asked in web.asked] == ["/uuid/start", "/uuid"]
    assert "semua 4 aplikasi baik" in web.asked[1].body.decode()
    kept = json.loads((first.evidence / "deliveries.json").read_bytes())
    assert {name: bool(delivery["failure"]) for name, delivery in kept.items()} == {"ntfy": True, "ping": False}
    assert first.play("report").status == 0
    report = json.loads((first.evidence / "reports" / "latest" / "report.json").read_bytes())
    assert [finding["slug"] for finding in report["findings"] if finding["subject"] == "ntfy"] == ["delivery_failed"]


def test_a_channel_that_is_set_wrong_is_told_at_the_beginning_is_a_row_and_fails_nothing(first: Stage) -> None:
    with serve_web() as web:
        wrong = {"channel": "mail", "name": "kepala", "password": "rahasia-pos", "colour": "blue"}
        told = {"backup_delivery": [wrong, {"channel": "fax"}, {"channel": "ping", "url": f"{web.url}/uuid"}]}
        played = first.play("backup", "-e", json.dumps(told), "-vvv")
    assert played.status == 0, played.output
    assert "rahasia-pos" not in played.output
    for problem in ("recipients: is missing", "colour: is not known", "2: channel: is not known"):
        assert problem in " ".join(played.output.split())
    assert played.output.index("TASK [Judge the settings") < played.output.index("TASK [Back up every application")
    assert [asked.path for asked in web.asked] == ["/uuid/start", "/uuid"]
    report = json.loads((first.evidence / "reports" / "latest" / "report.json").read_bytes())
    failed = [finding["subject"] for finding in report["findings"] if finding["slug"] == "delivery_failed"]
    assert {"kepala", "2"} <= {*failed}
    right = {"backup_delivery": [{"channel": "ping", "url": f"http://{HOST}:{find_port()}"}]}
    assert first.play("report", "-e", json.dumps(right)).status == 0
    report = json.loads((first.evidence / "reports" / "latest" / "report.json").read_bytes())
    assert not [finding for finding in report["findings"] if finding["subject"] == "kepala"]


def find_undelivered(stage: Stage) -> dict[str, str]:
    found = stage.read_report()["findings"]
    return {finding["subject"]: finding["message"] for finding in found if finding["slug"] == "delivery_failed"}


def test_values_that_cannot_be_resolved_silence_their_own_channels_only(first: Stage) -> None:
    with serve_web() as web:
        lost = {"channel": "ntfy", "url": f"{web.url}/lost"}
        settings = [
            {**lost, "name": "file", "token": "{{ lookup('file', '/nowhere/token') }}"},
            {**lost, "name": "undefined", "token": "{{ nobody_defined_this.token }}"},
            "{{ nobody_defined_this }}",
            {"channel": "webhook", "url": f"{web.url}/hook"},
        ]
        played = first.play("report", "-e", json.dumps({"backup_delivery": settings}))
    assert played.status == 0, played.output
    assert [asked.path for asked in web.asked] == ["/hook"]
    for problem in ("delivery file: token: cannot be resolved", "delivery undefined: token: cannot be resolved"):
        assert problem in " ".join(played.output.split())
    kept = json.loads((first.evidence / "deliveries.json").read_bytes())
    failed = {name: bool(delivery["failure"]) for name, delivery in kept.items()}
    assert failed == {"file": True, "undefined": True, "3": True, "webhook": False}
    assert {"file", "undefined", "3"} <= {*find_undelivered(first)}


def test_settings_that_cannot_be_resolved_at_all_are_told_and_are_a_row(first: Stage) -> None:
    played = first.play("report", "-e", json.dumps({"backup_delivery": "{{ nobody_defined_this }}"}))
    assert played.status == 0, played.output
    assert "backup_delivery: cannot be resolved" in " ".join(played.output.split())
    assert "cannot be resolved" in find_undelivered(first)["backup_delivery"]


def test_telling_that_fails_as_a_whole_is_told_and_is_a_row_of_the_next_report(first: Stage) -> None:
    """What the module cannot take stands for whatever may make it fail before any channel is told."""
    broken = {"backup_delivery": [], "backup_channels": {"usable": [{"channel": "pigeon"}], "refused": {}}}
    played = first.play("report", "-e", json.dumps(broken))
    assert played.status == 0, played.output
    assert "got: pigeon" in played.output
    assert "got: pigeon" in find_undelivered(first)["backup_delivery"]
    assert first.play("report").status == 0
    assert "got: pigeon" in find_undelivered(first)["backup_delivery"]
    with serve_web() as web:
        right = {"backup_delivery": [{"channel": "ping", "url": web.url}]}
        assert first.play("report", "-e", json.dumps(right)).status == 0
    kept = json.loads((first.evidence / "deliveries.json").read_bytes())
    assert {name: delivery["failure"] for name, delivery in kept.items()} == {"ping": None}
