"""How a play ends: failed when any application is, after the others were done and the report was written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.diskominfo.backup.tests.fleet import Fleet

ALL = {"portal", "agenda", "antrean", "perizinan", "kios", "arsip", "situs"}
ON_DATA = {"antrean", "perizinan"}


@pytest.fixture
def one_stopped(fleet: Fleet) -> Iterator[None]:
    fleet.podman("stop", "data", "--time", "5")
    yield
    fleet.start("data")


@pytest.mark.usefixtures("one_stopped")
def test_one_server_that_is_off_is_a_row_and_stops_nobody(fleet: Fleet) -> None:
    before = fleet.report_id
    played = fleet.play("backup")
    rows = fleet.rows

    assert played.status != 0
    assert fleet.report_id != before
    assert {rows[name]["status"] for name in ON_DATA} == {"unreachable"}
    assert rows["antrean"]["reason"]["hint"]
    assert {rows[name]["status"] for name in ALL - ON_DATA} == {"succeeded"}
    assert {row["application"] for row in fleet.report["applications"][:2]} == ON_DATA


def test_the_server_is_back_afterwards(fleet: Fleet) -> None:
    played = fleet.play("backup", "--limit", "data.kota.example")

    assert played.status == 0
    assert fleet.rows["antrean"]["status"] == "succeeded"


def test_a_limit_keeps_the_other_rows_as_they_were_known(fleet: Fleet) -> None:
    before = fleet.report_id
    played = fleet.play("backup", "--limit", "web.kota.example")
    rows = fleet.rows

    assert played.status == 0
    assert fleet.report_id != before
    assert set(rows) == ALL
    assert {row["status"] for row in rows.values()} == {"succeeded"}
    assert rows["kios"]["as_of"] < rows["portal"]["as_of"]


def test_when_nobody_answers_the_report_says_so(fleet: Fleet) -> None:
    before = fleet.report_id
    played = fleet.play("backup", ansible_port=9)

    assert played.status != 0
    assert fleet.report_id != before
    assert {row["status"] for row in fleet.rows.values()} == {"unreachable"}


def test_when_everything_fails_the_report_says_why(fleet: Fleet) -> None:
    before = fleet.report_id
    played = fleet.play("backup", backup_store={"type": "directory", "path": "/proc/no/store"})
    rows = fleet.rows

    assert played.status != 0
    assert fleet.report_id != before
    assert {row["status"] for row in rows.values()} == {"failed"}
    assert all(row["reason"]["hint"] for row in rows.values())


def test_a_limit_that_matches_nobody_fails_and_leaves_the_report_alone(fleet: Fleet) -> None:
    before = fleet.report_id
    played = fleet.play("backup", "--limit", "wbe.kota.example")

    assert played.status != 0
    assert "wbe.kota.example" in played.output
    assert fleet.report_id == before


def test_after_all_that_a_night_is_well_again(fleet: Fleet) -> None:
    assert fleet.play("site").status == 0
    assert {row["status"] for row in fleet.rows.values()} == {"succeeded"}
