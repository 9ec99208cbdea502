from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleUndefinedVariable

from ansible_collections.diskominfo.backup.plugins.filter.register import DOCUMENTATION
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Server
from ansible_collections.diskominfo.backup.plugins.plugin_utils.register import (
    FIELDS,
    OWN_CALENDAR,
    SETTINGS,
    read_hostvars,
    tell_problem,
)

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "docs" / "playbooks.md"
PORTAL = {"name": "portal", "sources": [{"path": "/srv/portal"}]}


class Broken(dict[str, Any]):
    """Variables of which one names another that nobody defined."""

    def __getitem__(self, name: str) -> Any:
        if name == "backup_state":
            raise AnsibleUndefinedVariable("'folder' is undefined")
        return super().__getitem__(name)


def refuse(hostvars: dict[str, Any]) -> str:
    with pytest.raises(ConfigurationError) as refused:
        read_hostvars(hostvars, list(hostvars))
    return tell_problem(refused.value)


def test_a_host_with_applications_is_a_server_of_its_name() -> None:
    variables = {"backup_applications": [PORTAL], "backup_state": "/var/state", "backup_language": "en", "other": 1}
    register = read_hostvars({"web": variables, "router": {"other": 2}}, ["web", "router"])
    (server,) = register.servers
    assert (server.name, server.state, server.language) == ("web", "/var/state", "en")
    assert [application.name for application in server.applications] == ["portal"]


def test_only_the_hosts_that_were_named_are_read() -> None:
    variables = {"backup_applications": [PORTAL]}
    register = read_hostvars({"web": variables, "old": variables}, ["web"])
    assert [server.name for server in register.servers] == ["web"]


def test_the_problems_of_all_hosts_are_one_message() -> None:
    told = refuse(
        {
            "web": {"backup_applications": [{**PORTAL, "category": "hourly"}]},
            "db": {"backup_applications": [{"name": "Bad Name", "sources": []}], "backup_slots": "two"},
        }
    )
    for word in ("hourly", "Bad Name", "slots", "portal"):
        assert word in told
    assert "nothing was started" in told


def test_a_password_in_the_register_is_refused() -> None:
    database = {"engine": "sqlite", "path": "/srv/portal.db", "password": "rahasia"}
    told = refuse({"web": {"backup_applications": [{"name": "portal", "databases": [database]}]}})
    assert "password" in told
    assert "rahasia" not in told


@pytest.mark.parametrize("name", ["backup_aplications", "backup_application", "backup_evidance", "backup_stores"])
def test_a_variable_that_is_almost_ours_is_refused(name: str) -> None:
    told = refuse({"web": {"backup_applications": [PORTAL], name: []}})
    assert f"{name}: is not known" in told


@pytest.mark.parametrize("name", [*FIELDS, *SETTINGS])
def test_no_variable_of_ours_is_taken_for_a_misspelt_one(name: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_hostvars({"router": {name: []} if name != "backup_applications" else {}}, ["router"])
    assert "is not known" not in refused.value.message


def test_an_inventory_without_applications_is_refused() -> None:
    assert "no host lists any application" in refuse({"web": {"backup_applications": []}, "router": {}})
    assert "no host lists any application" in refuse({})


def test_what_cannot_be_resolved_is_a_problem_of_its_variable() -> None:
    told = refuse({"web": Broken({"backup_applications": [PORTAL], "backup_state": ""}), "db": {"backup_slot": 1}})
    assert "server web: backup_state: cannot be resolved: 'folder' is undefined" in told
    assert "server db: backup_slot: is not known" in told


def test_the_defaults_are_those_of_the_engine() -> None:
    (server,) = read_hostvars({"web": {"backup_applications": [PORTAL]}}, ["web"]).servers
    assert server == Server("web", server.applications)


def find_names(node: Any) -> Iterator[str]:
    """Every variable that tasks make: what they register, set, or have of their own."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "register" and isinstance(value, str):
                yield value
            if key in ("vars", "ansible.builtin.set_fact") and isinstance(value, dict):
                yield from value
            yield from find_names(value)
    if isinstance(node, list):
        for item in node:
            yield from find_names(item)


def find_names_of_playbooks() -> set[str]:
    documents = {path: yaml.safe_load(path.read_text()) for path in (ROOT / "playbooks").rglob("*.yml")}
    in_files = {name for path, document in documents.items() if path.parent.name == "vars" for name in document}
    return in_files | {name for document in documents.values() for name in find_names(document)}


def test_no_variable_that_a_playbook_makes_is_taken_for_a_misspelt_setting() -> None:
    """Registered variables live on: the next playbook of the same call finds them among those of the host."""
    names = find_names_of_playbooks()
    assert {"backup_run", "backup_register", "backup_server"} <= names
    read_hostvars({"web": {"backup_applications": [PORTAL], **dict.fromkeys(names - {*FIELDS}, "")}}, ["web"])


def test_every_variable_of_the_guide_is_known() -> None:
    cells = [line.split("|")[1] for line in GUIDE.read_text().splitlines() if line.startswith("| `backup_")]
    told = {name for cell in cells for name in re.findall(r"`(backup_\w+)`", cell)}
    assert "backup_began" in told
    assert told - {*FIELDS, *SETTINGS} == set()


def test_the_filter_says_which_variables_it_reads() -> None:
    (note,) = yaml.safe_load(DOCUMENTATION)["notes"]
    assert set(re.findall(r"C\((backup_\w+)\)", note)) == {*FIELDS, OWN_CALENDAR}


def test_the_guide_names_every_variable() -> None:
    guide = GUIDE.read_text()
    assert [name for name in (*FIELDS, *SETTINGS) if f"`{name}`" not in guide] == []


def test_a_calendar_of_its_own_goes_before_the_office_word_by_word() -> None:
    office = {"backup_applications": [PORTAL], "backup_calendar": {"daily": "23:00", "weekly": "sun 01:00"}}
    hostvars = {"web": office, "data": {**office, "backup_own_calendar": {"daily": "22:00"}}}
    web, data = read_hostvars(hostvars, ["web", "data"]).servers
    assert [web.calendar.moments[category].text for category in ("daily", "weekly")] == ["23:00", "sun 01:00"]
    assert [data.calendar.moments[category].text for category in ("daily", "weekly")] == ["22:00", "sun 01:00"]


def test_a_calendar_of_its_own_is_a_mapping() -> None:
    assert "server web: backup_own_calendar: must be a mapping" in refuse(
        {"web": {"backup_applications": [PORTAL], "backup_own_calendar": "22:00"}}
    )


def test_what_is_wrong_with_the_calendar_of_the_office_is_told_once() -> None:
    broken = {"backup_applications": [PORTAL], "backup_calendar": {"daily": "noon"}}
    assert refuse({"web": broken, "data": broken}).count("'noon'") == 1


def test_a_search_begins_before_anything_is_registered() -> None:
    hostvars: dict[str, Any] = {"web": {}, "data": {"backup_ignored": [{"find": "x", "reason": "tes", "until": DAY}]}}
    known = read_hostvars(hostvars, ["web", "data"], may_be_empty=True)
    assert [server.name for server in known.servers] == ["web", "data"]
    assert known.servers[1].ignored[0].until == "2027-06-30"


DAY = date(2027, 6, 30)
