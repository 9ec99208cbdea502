from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.plans import make_servers


def plan(folder: Path, check_mode: bool = False, anew: bool = False, **calendar: Any) -> dict[str, Any]:
    register = [server.to_data() for server in make_servers(**calendar)]
    return use("schedule", check_mode, evidence=str(folder), register=register, anew=anew)


def test_a_plan_is_written_once_and_changes_nothing_a_second_time(tmp_path: Path) -> None:
    first, again = plan(tmp_path), plan(tmp_path)

    assert (first["changed"], again["changed"]) == (True, False)
    assert first["id"] == again["id"]
    assert set(first["paths"]) == {"html", "txt", "csv", "ics", "json"}
    assert all(Path(path).stat().st_size for path in first["paths"].values())
    assert "paths" not in again
    assert first["schedules"]["data"]["entries"][0]["applications"] == ["arsip"]


def test_check_mode_tells_the_difference_and_writes_nothing(tmp_path: Path) -> None:
    foretold = plan(tmp_path / "evidence", check_mode=True)
    assert foretold["changed"]
    assert foretold["diff"]["before"] == ""
    assert "portal" in foretold["diff"]["after"]
    assert not (tmp_path / "evidence").exists()


def test_a_moment_is_kept_until_it_is_asked_for_anew(tmp_path: Path) -> None:
    plan(tmp_path, daily="22:45")
    kept, anew = plan(tmp_path, daily="22:30"), plan(tmp_path, daily="22:30", anew=True)
    assert [made["schedules"]["web"]["entries"][1]["begins"] for made in (kept, anew)] == ["22:45", "22:30"]


def test_a_window_that_is_too_small_is_told_with_its_remedy(tmp_path: Path) -> None:
    made = plan(tmp_path, window="22:00-22:40", weekly="sun 22:30", monthly="1 22:30", at_once=1)
    assert made["findings"]
    assert all(finding["hint"] for finding in made["findings"])
