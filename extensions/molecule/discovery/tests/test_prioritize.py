"""Row 2: every application of two servers is found and claimed, and what comes by hand is in the next report."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.diskominfo.backup.tests.fleet import PROJECT, Fleet, Played

WEB, DATA = "web.kota.example", "data.kota.example"
TRUTH = {
    ("sippn", WEB, "mysql:localhost/sippn"),
    ("sippn", WEB, "tree:/var/www/sippn"),
    ("portal", WEB, "mysql:localhost/portal_wp"),
    ("portal", WEB, "tree:/var/www/portal"),
    ("elearning", WEB, "tree:/var/www/elearning"),
    ("elearning", WEB, "tree:/var/moodledata"),
    ("elearning", DATA, "postgresql:localhost/moodle"),
    ("desa", WEB, "tree:/var/www/desa"),
    ("desa", DATA, "mysql:localhost/opensid"),
    ("izin", WEB, "tree:/srv/izin/releases/20261101"),
    ("izin", WEB, "mysql:localhost/izin"),
    ("antrean", WEB, "tree:/opt/antrean"),
    ("antrean", WEB, "sqlite:/opt/antrean/data/antrean.sqlite3"),
    ("arsip", WEB, "tree:/srv/arsip"),
    ("arsip", DATA, "postgresql:localhost:5433/arsip"),
    ("kasir", WEB, "tree:/srv/kasir"),
    ("kasir", WEB, "mysql:container:kasir_db_1/kasir"),
    ("brosur", WEB, "tree:/var/www/brosur"),
    ("statistik", DATA, "postgresql:localhost/statistik"),
    ("latihan", DATA, "postgresql:localhost/latihan"),
}
"""Application, server, component: all that prepare.yml laid out, and nothing else."""

SITES = 30


def read_files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read_list(fleet: Fleet) -> dict[str, Any]:
    return dict(json.loads((fleet.evidence / "priorities" / "priorities.json").read_text()))


@pytest.fixture(scope="module")
def foretold(fleet: Fleet) -> tuple[Played, bool]:
    shutil.rmtree(fleet.evidence, ignore_errors=True)
    played = fleet.play("prioritize", "--check")
    return played, fleet.evidence.exists()


@pytest.fixture(scope="module")
def listed(fleet: Fleet, foretold: tuple[Played, bool]) -> Played:
    assert foretold[0].status == 0
    return fleet.play("prioritize")


def test_check_mode_searches_and_writes_nothing(foretold: tuple[Played, bool]) -> None:
    played, is_written = foretold
    assert played.status == 0
    assert "1 terdaftar" in played.output
    assert set(played.changed_counts.values()) == {0}
    assert not is_written


def test_everything_is_found_and_nothing_else(fleet: Fleet, listed: Played, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed.status == 0
    finds = read_list(fleet)["finds"]
    found = {
        (find.get("application", "").rpartition("/")[2], find["server"], find["key"])
        for find in finds
        if find["state"] in ("registered", "new", "unclaimed", "changed", "ignored")
    }
    right = found & TRUTH
    precision, recall = len(right) / len(found), len(right) / len(TRUTH)
    with capsys.disabled():
        print(f"\nprecision {precision:.3f}, recall {recall:.3f} over {len(TRUTH)} components")
    print("missing:", sorted(TRUTH - found), "strange:", sorted(found - TRUTH))
    assert (precision, recall) == (1.0, 1.0)


@pytest.mark.usefixtures("listed")
def test_each_find_is_claimed_as_it_is(fleet: Fleet) -> None:
    states = {(find["server"], find["key"]): find["state"] for find in read_list(fleet)["finds"]}
    registered = {key for key, state in states.items() if state == "registered"}

    assert registered == {(WEB, "mysql:localhost/sippn"), (WEB, "tree:/var/www/sippn")}
    assert states[DATA, "postgresql:localhost/latihan"] == "ignored"
    assert set(states.values()) == {"registered", "ignored", "unclaimed"}


@pytest.mark.usefixtures("listed")
def test_what_is_proposed_can_be_pasted_and_claims_all_of_it(fleet: Fleet) -> None:
    pasted = yaml.safe_load((fleet.evidence / "priorities" / "priorities.yml").read_text())
    assert set(pasted) == {WEB, DATA}
    names = [entry["name"] for server in pasted.values() for entry in server["backup_applications"]]
    assert sorted(set(names)) == sorted({name for name, *_unused in TRUTH} - {"sippn", "latihan"})
    moodle = next(entry for entry in pasted[WEB]["backup_applications"] if entry["name"] == "elearning")
    assert [source["path"] for source in moodle["sources"]] == ["/var/www/elearning", "/var/moodledata"]


@pytest.mark.usefixtures("listed")
def test_no_password_came_along(fleet: Fleet, listed: Played) -> None:
    assert b"rahasia" not in b"".join(read_files(fleet.evidence).values())
    assert "rahasia" not in listed.output


@pytest.mark.usefixtures("listed")
def test_a_second_time_nothing_differs(fleet: Fleet) -> None:
    before = read_files(fleet.evidence / "priorities")
    again = fleet.play("prioritize")

    assert again.status == 0
    assert set(again.changed_counts.values()) == {0}
    assert read_files(fleet.evidence / "priorities") == before


@pytest.mark.usefixtures("listed")
def test_a_person_accepts_the_list(fleet: Fleet) -> None:
    assert fleet.play("prioritize", accept="Analis Sistem Informasi").status == 0
    (kept,) = (fleet.evidence / "register").glob("accepted-*.json")
    assert json.loads(kept.read_text())["accepted"]["by"] == "Analis Sistem Informasi"


@pytest.mark.usefixtures("listed")
def test_a_database_made_by_hand_is_new_in_the_next_report(fleet: Fleet) -> None:
    fleet.ask_mariadb("data", "CREATE DATABASE coba_coba")
    played = fleet.play("report")

    finds = {find["key"]: find["state"] for find in fleet.report["unclaimed"]}
    assert finds["mysql:localhost/coba_coba"] == "new"
    assert fleet.report["summary"]["unclaimed"] == len(TRUTH) - 2 - 1 + 1
    assert re.search(r"belum terdaftar: \d+", played.output)
    assert "data.kota.example: mysql:localhost/coba_coba: baru ditemukan" in played.output
    html = (fleet.evidence / "reports" / "latest" / "report.html").read_text()
    assert "mysql:localhost/coba_coba" in html


@pytest.mark.usefixtures("listed")
def test_thirty_virtual_hosts_take_one_call_and_little_time(fleet: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    make = f"""
for number in $(seq 1 {SITES}); do
  mkdir -p /var/www/situs$number/public
  printf 'APP_KEY=x\\nDB_CONNECTION=mysql\\nDB_HOST=127.0.0.1\\nDB_DATABASE=sippn\\n' >/var/www/situs$number/.env
  touch /var/www/situs$number/artisan
  printf 'server {{ listen 80; server_name s%s.kota.example; root /var/www/situs%s/public; }}\\n' \\
    $number $number >/etc/nginx/sites-enabled/situs$number
done
"""
    podman = ["podman", "exec", "--interactive", f"backup-discovery-{WEB}", "sh", "-eu"]
    subprocess.run(podman, input=make, check=True, text=True, timeout=60)

    argv = ["ansible", "-i", str(fleet.inventory), "-m", "diskominfo.backup.application_info", WEB]
    began = time.monotonic()
    ran = subprocess.run(argv, check=True, cwd=PROJECT, stdout=subprocess.PIPE, text=True, timeout=300)
    took_s = time.monotonic() - began
    with capsys.disabled():
        print(f"\none look at {SITES} more virtual hosts, Ansible included: {took_s:.1f} s")

    assert len({*re.findall(r"s\d+\.kota\.example", ran.stdout)}) == SITES
    played = fleet.play("prioritize", f"--limit={WEB}")
    assert len(re.findall(r"^TASK \[Look at what the server hosts\]", played.output, re.MULTILINE)) == 1
