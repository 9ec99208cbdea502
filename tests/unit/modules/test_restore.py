from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.office import Office


def test_everything_comes_back_into_a_new_folder(office: Office, config: dict[str, Any], tmp_path: Path) -> None:
    run = use("run", config=config)["receipts"][0]
    result = use("restore", config=config, application="sippn", target=str(tmp_path / "back"))
    assert (result["run_id"], result["changed"], result["failed_applications"]) == (run["id"], True, [])
    (site,) = Path(result["folders"]["site"]).iterdir()
    assert (site / "index.php").read_bytes() == (office.site() / "index.php").read_bytes()
    (database,) = Path(result["folders"]["app.db"]).iterdir()
    assert sqlite3.connect(database).execute("SELECT count(*) FROM layanan").fetchone() == (100,)


def test_one_part_alone_can_be_restored(config: dict[str, Any], tmp_path: Path) -> None:
    use("run", config=config)
    result = use("restore", config=config, application="sippn", target=str(tmp_path / "back"), parts=["site"])
    assert list(result["folders"]) == ["site"]
    assert [path.name for path in (tmp_path / "back").iterdir()] == [Path(result["folders"]["site"]).name]


def test_a_folder_that_holds_anything_is_never_touched(config: dict[str, Any], tmp_path: Path) -> None:
    use("run", config=config)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    for check_mode in (True, False):
        result = use(
            "restore", check_mode=check_mode, config=config, application="sippn", target=str(tmp_path / "full")
        )
        assert (result["failed"], result["slug"]) == (True, "target_refused")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine"]


def test_check_mode_says_what_would_come_and_makes_nothing(config: dict[str, Any], tmp_path: Path) -> None:
    use("run", config=config)
    result = use("restore", check_mode=True, config=config, application="sippn", target=str(tmp_path / "back"))
    assert sorted(result["folders"]) == ["app.db", "site"]
    assert result["changed"]
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("name", ["file", "x" * 300])
def test_check_mode_refuses_what_cannot_be_a_folder(config: dict[str, Any], tmp_path: Path, name: str) -> None:
    use("run", config=config)
    (tmp_path / "file").write_text("mine")
    result = use("restore", check_mode=True, config=config, application="sippn", target=str(tmp_path / name))
    assert (result["failed"], result["slug"]) == (True, "target_refused")


def test_a_run_that_is_not_stored_is_named(config: dict[str, Any], tmp_path: Path) -> None:
    use("run", config=config)
    result = use("restore", config=config, application="sippn", run="proved", target=str(tmp_path / "back"))
    assert (result["failed"], result["slug"]) == (True, "run_not_found")


def test_the_original_is_refused_without_its_exact_name(office: Office, config: dict[str, Any]) -> None:
    use("run", config=config)
    (office.site() / "index.php").write_text("hari ini")
    for check_mode in (True, False):
        for given in ({}, {"confirm": "Sippn"}):
            result = use("restore", check_mode=check_mode, config=config, application="sippn", in_place=True, **given)
            assert (result["failed"], result["slug"]) == (True, "target_refused")
            assert "confirm: sippn" in result["hint"]
    assert (office.site() / "index.php").read_text() == "hari ini"


def test_the_original_is_replaced_after_its_name_was_typed(office: Office, config: dict[str, Any]) -> None:
    use("run", config=config)
    before = (office.site() / "index.php").read_text()
    (office.site() / "index.php").write_text("hari ini")
    given: dict[str, Any] = {"config": config, "application": "sippn", "in_place": True, "confirm": "sippn"}

    foretold = use("restore", check_mode=True, **given)
    kept = (office.site() / "index.php").read_text()
    result = use("restore", **given)

    assert foretold["steps"][0].startswith("safety backup")
    assert foretold["rooms"][0]["needed_bytes"] > 0
    assert (kept, result["target"], result["receipts"][0]["target"]) == ("hari ini", "original", "original")
    assert (office.site() / "index.php").read_text() == before


def test_a_way_must_be_chosen(config: dict[str, Any]) -> None:
    wishes: tuple[dict[str, Any], ...] = ({}, {"database": "a", "target": "/b"}, {"in_place": True, "database": "a"})
    for given in wishes:
        result = use("restore", config=config, application="sippn", **given)
        assert "name exactly one of target" in result["msg"]
