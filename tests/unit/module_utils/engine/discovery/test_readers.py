"""Each file of `data/` holds cases: files and commands of a server, what they say, and what is to be found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discover import look_around
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.base import Files, Machine
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.services.units import PROPERTIES
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import BackupError, ToolMissing
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.discovered import Discovered
from ansible_collections.diskominfo.backup.tests.records import NOON

DATA = Path(__file__).parent / "data"
SECRET = "R4hasia"
"""Every password of every case holds it."""

CASES = [
    (f"{file.stem}: {case['case']}", case)
    for file in sorted(DATA.glob("*.yml"))
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
]


@dataclass
class Programs:
    """The programs of a server: what each command prints, or None where it fails. Others are not installed."""

    outputs: Mapping[str, str | None]

    def run(self, argv: Sequence[str]) -> str:
        command = " ".join(argv).replace(PROPERTIES, "PROPERTIES")
        if command not in self.outputs:
            raise ToolMissing.not_found(argv[0], argv[0])
        output = self.outputs[command]
        if output is None:
            raise BackupError(f"{argv[0]} ended with status 1", "run it by hand")
        return output


def make_server(place: Path, case: Mapping[str, Any]) -> Machine:
    for path, text in case.get("files", {}).items():
        file = place / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for path in case.get("folders", []):
        (place / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
    for path, target in case.get("links", {}).items():
        link = place / path.lstrip("/")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
    return Machine(Files(str(place)), Programs({"hostname -I": "10.0.0.4", **case.get("commands", {})}).run)


def test_there_are_cases_enough_and_each_expects_something() -> None:
    assert len(CASES) >= 60
    assert len({name for name, _case in CASES}) == len(CASES)
    known = {field.name for field in fields(Discovered)}
    assert [name for name, case in CASES if not case["found"] or not set(case["found"]) <= known] == []


@pytest.mark.parametrize(("name", "case"), CASES, ids=[name for name, _case in CASES])
def test_what_a_server_says_is_understood(name: str, case: Mapping[str, Any], tmp_path: Path) -> None:
    finds = look_around(make_server(tmp_path, case), lambda: False)
    look = Discovered("web", NOON, **{kind: tuple(entries) for kind, entries in finds.lists.items()})
    found = look.to_data()
    for kind, expected in {"unreadable": [], **case["found"]}.items():
        assert found.get(kind, []) == expected, (name, kind)
    assert SECRET not in json.dumps(found)
