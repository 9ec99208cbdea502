from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.office import COLLECTIONS, Office

COMMAND = """#!{python}
import sys
sys.path.insert(0, {collections!r})
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.cli import main
raise SystemExit(main([sys.argv[1], "--config", {config!r}, *sys.argv[2:]]))
"""


@pytest.fixture
def options(tmp_path: Path) -> dict[str, Any]:
    """A run of one application is stored, and its receipt is evidence."""
    office = Office(tmp_path / "server")
    office.root.mkdir()
    office.add_application()
    office.settings["copies"] = [{"path": str(tmp_path / "copies")}]
    assert office.call("run").status == 0
    (receipt,) = (office.state / "receipts" / "sippn").glob("2*.json")
    documents = [{"application": "sippn", "text": receipt.read_text()}]
    use("collect", evidence=str(tmp_path / "evidence"), server="web", documents=documents)
    command = tmp_path / "command"
    config = str(office.write_config())
    command.write_text(COMMAND.format(python=sys.executable, collections=str(COLLECTIONS), config=config))
    command.chmod(0o700)
    told = office.call("config").data
    return {"evidence": str(tmp_path / "evidence"), "config": told, "command": [str(command)]}


def test_a_run_is_copied_once(tmp_path: Path, options: dict[str, Any]) -> None:
    first, again = use("copy", **options), use("copy", **options)
    assert (first["changed"], again["changed"], again["copied"]) == (True, False, [])
    assert [item["application"] for item in first["copied"]] == ["sippn"]
    assert (tmp_path / "copies" / "web" / "sippn" / first["copied"][0]["run_id"] / "receipt.json").is_file()


def test_check_mode_tells_what_would_be_copied(tmp_path: Path, options: dict[str, Any]) -> None:
    told = use("copy", check_mode=True, **options)
    assert (told["changed"], len(told["copied"])) == (True, 1)
    assert told["copied"][0]["size_bytes"] > 0
    assert not (tmp_path / "copies").exists()


def test_a_server_that_refuses_fails_the_task_with_its_word(options: dict[str, Any]) -> None:
    told = use("copy", **{**options, "command": ["sh", "-c", "exit 255"]})
    assert (told["failed"], told["slug"], told["failed_applications"]) == (True, "unreachable", ["sippn"])


def test_a_place_that_cannot_be_had_stops_no_other(tmp_path: Path, options: dict[str, Any]) -> None:
    (tmp_path / "file").write_text("")
    copies = [{"path": str(tmp_path / "file")}, {"path": str(tmp_path / "copies")}]
    told = use("copy", **{**options, "config": {**options["config"], "copies": copies}})
    assert (told["failed"], len(told["copied"])) == (True, 1)
    assert (tmp_path / "copies" / "web" / "sippn").is_dir()
