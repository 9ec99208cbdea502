from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.records import make_config, make_receipt

NOW = datetime.now(timezone.utc).replace(microsecond=0)
TOMORROW = f"{NOW + timedelta(days=2):%Y-%m-%d}"
SAID: dict[str, Any] = {"server": "web", "application": "sippn", "name": "Analis Sistem", "text": "Tabel log dihapus"}


def say(evidence: Path, **options: Any) -> dict[str, Any]:
    return use("note", evidence=str(evidence), **{**SAID, "about": "shrunk", "last_day": TOMORROW, **options})


def test_what_a_person_said_stands_in_the_next_report(tmp_path: Path) -> None:
    result = say(tmp_path, about="repair")
    assert result["changed"]
    assert json.loads(Path(result["path"]).read_bytes()) == result["note"]
    made = use("report", evidence=str(tmp_path), register=[make_config()])
    assert [note["text"] for note in made["report"]["notes"]] == ["Tabel log dihapus"]


def test_a_loss_is_red_until_a_person_acknowledges_it(tmp_path: Path) -> None:
    for day in range(8, 0, -1):
        run = make_receipt(NOW - timedelta(days=day - 1), day)
        part = _make_part(100_000 if day > 1 else 10_000)
        receipt = run.to_data() | {"parts": [part]}
        document = {"application": "sippn", "text": json.dumps(receipt)}
        assert use("collect", evidence=str(tmp_path), server="web", documents=[document])["refused"] == []

    def find() -> list[tuple[str, str]]:
        made = use("report", evidence=str(tmp_path), register=[make_config()])
        return [
            (finding["slug"], finding["severity"])
            for finding in made["rows"][0]["findings"]
            if finding["slug"].startswith("shrunk")
        ]

    assert find() == [("shrunk", "red")]
    say(tmp_path)
    assert find() == [("shrunk_acknowledged", "yellow")]


def _make_part(size_bytes: int) -> dict[str, Any]:
    stored = {"name": "app.db.zst", "size_bytes": size_bytes, "sha256": "a" * 64}
    part = {"kind": "database", "engine": "sqlite", "name": "app.db", "path": "/srv/app.db", "status": "succeeded"}
    return {**part, "duration_s": 1.0, "file": stored}


def test_an_acknowledgement_needs_an_end_that_is_to_come(tmp_path: Path) -> None:
    assert say(tmp_path, last_day="2020-01-01")["slug"] == "configuration"
    assert "within a year" in say(tmp_path, last_day="2999-01-01")["msg"]
    assert "cannot be 'soon'" in say(tmp_path, last_day="soon")["msg"]
    assert "cannot be ''" in say(tmp_path, last_day=None)["msg"]
    assert not (tmp_path / "notes").exists()


def test_a_note_without_a_name_is_refused(tmp_path: Path) -> None:
    result = say(tmp_path, name="  ")
    assert result["slug"] == "configuration"
    assert "'name' cannot be ''" in result["msg"]


def test_check_mode_keeps_nothing(tmp_path: Path) -> None:
    result = use("note", check_mode=True, evidence=str(tmp_path), about="check", **SAID)
    assert result["changed"]
    assert not (tmp_path / "notes").exists()
