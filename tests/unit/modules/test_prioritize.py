from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.looks import DATA, PORTAL, WEB, make_city

REGISTER = [{"server": WEB, "applications": [PORTAL]}, {"server": DATA, "applications": [], "language": "en"}]


def list_city(evidence: Path, **options: Any) -> dict[str, Any]:
    looks = {server: look.to_data() for server, look in make_city().items()}
    return use("prioritize", evidence=str(evidence), register=REGISTER, **{"looks": looks, **options})


def test_the_list_is_written_once_and_told(tmp_path: Path) -> None:
    first, again = list_city(tmp_path), list_city(tmp_path)

    assert (first["changed"], again["changed"]) == (True, False)
    assert first["lines"][0] == "1 terdaftar, 8 usulan"
    assert [Path(path).exists() for path in first["paths"]] == [True, True, True]
    assert first["priorities"]["entries"] == again["priorities"]["entries"]


def test_a_named_person_accepts_it(tmp_path: Path) -> None:
    accepted = list_city(tmp_path, accept="Analis Sistem Informasi", language="en")
    assert accepted["priorities"]["accepted"]["by"] == "Analis Sistem Informasi"
    assert len(list((tmp_path / "register").glob("accepted-*.json"))) == 1
    assert accepted["lines"][0] == "1 registered, 8 proposed"


def test_check_mode_tells_the_same_and_writes_nothing(tmp_path: Path) -> None:
    foretold = list_city(tmp_path, accept="Analis", check_mode=True)
    assert list(tmp_path.iterdir()) == []
    assert (foretold["changed"], "paths" in foretold) == (False, False)
    assert foretold["lines"] == list_city(tmp_path)["lines"]


def test_what_a_server_says_of_another_one_or_in_no_form_is_no_search(tmp_path: Path) -> None:
    look = make_city()[WEB].to_data()
    listed = list_city(tmp_path, looks={DATA: look, WEB: "nothing"}, silent={"lain": "Connection refused"})
    reasons = {find["server"]: find["reason"] for find in listed["priorities"]["finds"] if find["kind"] == "server"}

    assert set(reasons) == {DATA, WEB, "lain"}
    assert "of another server" in reasons[DATA]
    assert reasons["lain"] == "Connection refused"
