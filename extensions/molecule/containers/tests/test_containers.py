"""A database in a container is backed up by its own client, proved in its own image, and comes back."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.tests.inside import PASSWORD, ask_mariadb, ask_postgresql
from ansible_collections.diskominfo.backup.tests.office import Office


def list_containers():
    listed = subprocess.run(
        ["podman", "ps", "--all", "--format={{.ID}} {{.Labels}}"], capture_output=True, text=True, check=True
    )
    return [line for line in listed.stdout.splitlines() if "diskominfo-throwaway" in line]


def watch_command_lines(seen, is_over):
    """Every command line and environment of this machine that shows the password."""
    while not is_over.is_set():
        for entry in Path("/proc").glob("[0-9]*"):
            for name in ("cmdline", "environ"):
                try:
                    text = (entry / name).read_bytes()
                except OSError:
                    continue
                if PASSWORD.encode() in text:
                    seen.append(text)


@pytest.fixture(scope="module")
def ran(office):
    assert office.call("probe").data["findings"] == []
    seen, is_over = [], threading.Event()
    watching = threading.Thread(target=watch_command_lines, args=(seen, is_over))
    watching.start()
    answer = office.call("run")
    is_over.set()
    watching.join()
    assert seen == []
    return answer


def test_both_are_backed_up_by_the_clients_inside(office: Office, ran):
    assert ran.status == 0, ran.stdout
    sippn, arsip = ran.receipts
    assert sippn["parts"][0]["census"]["rows"] == {"layanan": 2}
    assert arsip["parts"][0]["census"]["rows"] == {"public.layanan": 1000}
    assert sippn["parts"][0]["path"] == "container:backup-containers-mariadb/sippn"
    for receipt, program in ((sippn, "mariadb-dump"), (arsip, "pg_dump")):
        calls = [" ".join(each["argv"]) for each in receipt["processes"]]
        assert any("podman exec --interactive" in call and program in call for call in calls)
        assert not any("--tty" in call for call in calls)
    assert PASSWORD not in json.dumps(ran.data)
    assert ask_mariadb("SELECT COUNT(*) FROM sippn.layanan") == "2"


def test_nothing_that_was_lent_stays_inside(ran):
    inside = subprocess.run(
        ["podman", "exec", "backup-containers-mariadb", "ls", "-A", "/dev/shm"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert inside.stdout == ""


def test_both_are_compared_in_throwaway_containers_of_their_image(office: Office, ran):
    answer = office.call("check", "--runs", "latest")

    assert answer.status == 0, answer.stdout
    for receipt in answer.receipts:
        (part,) = receipt["parts"]
        assert (part["level"], part.get("difference_count", 0)) == ("compared", 0)
        throwaways = [each["argv"] for each in receipt["processes"] if "run" in each["argv"][:3]]
        assert throwaways
        assert all("--network=none" in argv for argv in throwaways)
    assert list_containers() == []
    assert office.leftovers() == []


def test_a_table_that_came_later_is_missed_in_no_later_backup(office: Office, ran):
    ask_mariadb("CREATE TABLE sippn.antrean (id INT PRIMARY KEY)")
    (receipt,) = office.call("run", "sippn").receipts
    assert receipt["parts"][0]["census"]["rows"] == {"layanan": 2, "antrean": 0}


def test_a_dump_in_a_folder_is_brought_back_by_hand(office: Office, ran):
    answer = office.call("restore", "sippn", "--target", str(office.root / "restored"))
    assert answer.status == 0, answer.stdout
    ask_mariadb("CREATE DATABASE tangan")
    (dump,) = (office.root / "restored").rglob("*.sql")
    done = subprocess.run(
        ["podman", "exec", "--interactive", "backup-containers-mariadb", "mariadb", "tangan"],
        check=False,
        stdin=dump.open("rb"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert ask_mariadb("SELECT nama FROM tangan.layanan ORDER BY id") == "KTP\nKK"


def test_one_comes_back_over_the_original_and_one_under_another_name(office: Office, ran):
    ask_mariadb("DELETE FROM sippn.layanan")
    over = office.call("restore", "sippn", "--in-place", "--confirm", "sippn")
    assert over.status == 0, over.stdout
    assert ask_mariadb("SELECT nama FROM sippn.layanan ORDER BY id") == "KTP\nKK"
    beside = office.call("restore", "arsip", "--database", "arsip_kemarin")
    assert beside.status == 0, beside.stdout
    assert ask_postgresql("SELECT count(*) FROM layanan", "arsip_kemarin") == "1000"


def test_a_container_that_is_stopped_fails_its_application_only(office: Office, ran):
    subprocess.run(["podman", "stop", "--time=0", "backup-containers-postgresql"], check=True, capture_output=True)
    answer = office.call("run")
    assert answer.status == 1
    assert [receipt["status"] for receipt in answer.receipts] == ["succeeded", "failed"]
    assert "container backup-containers-postgresql cannot be reached" in answer.receipts[1]["failure"]["message"]
