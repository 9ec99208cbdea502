from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import EncryptedString
from ansible.template import Templar, trust_as_template

from ansible_collections.diskominfo.backup.plugins.filter.delivery import FilterModule

sort = FilterModule().filters()["delivery"]
SECRET = "rahasia-sekali"
PING = {"channel": "ping", "url": f"https://hc.kota.example/{SECRET}"}


def test_what_can_be_used_is_handed_on_and_all_that_is_wrong_is_told_by_name() -> None:
    wrong = {"channel": "mail", "name": "kepala", "password": SECRET, "password_file": "/x", "port": "banyak"}
    answer = sort([PING, wrong, {"channel": "fax"}, 7])
    assert answer["usable"] == [PING]
    assert [*answer["refused"]] == ["kepala", "3", "4"]
    told = answer["refused"]["kepala"]
    for problem in (
        "host: is missing",
        "recipients: is missing",
        "password: is given twice",
        "port: cannot be the given value",
    ):
        assert problem in told
    assert "use one of: apprise, mail, ntfy" in answer["refused"]["3"]
    assert "must be a mapping" in answer["refused"]["4"]
    assert SECRET not in str(answer["refused"])


@pytest.mark.parametrize("value", [["a"], {"a": "b"}, True])
def test_a_secret_of_another_kind_is_not_repeated(value: Any) -> None:
    (told,) = sort([{**PING, "url": value}])["refused"].values()
    assert "url: is not a text; write it in quotes" in told
    assert str(value) not in told.replace("is not a text", "")


def test_what_a_module_would_take_is_taken() -> None:
    chat = {"channel": "telegram", "chat": -1001234567890, "token": 5, "ca_file": None}
    mail = {"channel": "mail", "host": "h", "sender": "a@b.example", "recipients": ["c@d.example"], "port": "2525"}
    answer = sort([chat, mail])
    assert answer["refused"] == {}
    assert answer["usable"][0] == {"channel": "telegram", "chat": "-1001234567890", "token": "5"}
    assert answer["usable"][1]["port"] == 2525


def test_a_name_that_stands_twice_costs_the_second_its_messages() -> None:
    answer = sort([PING, PING])
    assert answer["usable"] == [PING]
    assert "stands twice" in answer["refused"]["ping-2"]


@pytest.mark.parametrize("value", ["mail", {"channel": "mail"}, 3])
def test_what_is_no_list_is_told(value: Any) -> None:
    answer = sort(value)
    assert answer["usable"] == []
    assert "must be a list" in answer["refused"]["backup_delivery"]


def resolve(settings: Any) -> dict[str, Any]:
    """As the playbooks have Ansible do it."""
    variables = {"settings": trust(settings)}
    templar = Templar(DataLoader(), variables=variables)
    templar.environment.filters["delivery"] = sort
    answer = templar.template(trust_as_template("{{ settings | delivery }}"))
    return dict(answer)


def trust(value: Any) -> Any:
    """As if it stood in an inventory."""
    if isinstance(value, dict):
        return {key: trust(item) for key, item in value.items()}
    if isinstance(value, list):
        return [trust(item) for item in value]
    return trust_as_template(value) if isinstance(value, str) else value


VAULTED = EncryptedString(ciphertext="$ANSIBLE_VAULT;1.1;AES256\n6162\n")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("{{ nobody_defined_this }}", "'nobody_defined_this' is undefined"),
        ("{{ nobody_defined_this.token }}", "'nobody_defined_this' is undefined"),
        (["{{ nobody_defined_this }}"], "'nobody_defined_this' is undefined"),
        ("{{ lookup('file', '/nowhere') }}", "The lookup plugin 'file' failed: Unable to access the file '/nowhere'"),
        ("{{ lookup('file', 'tgram://rahasia-sekali') }}", "Unable to access the file (an address)"),
        ("{{ 1 / 0 }}", "division by zero"),
        (VAULTED, "it is in a vault that was not opened"),
    ],
)
def test_a_value_that_cannot_be_resolved_is_told_and_the_others_are_used(value: Any, told: str) -> None:
    answer = resolve([{"channel": "ping", "name": "lost", "url": value}, PING, value])
    assert answer["usable"] == [PING]
    assert [*answer["refused"]] == ["lost", "3"]
    assert answer["refused"]["lost"].startswith("delivery lost: url: cannot be resolved: ")
    assert told in answer["refused"]["lost"]
    assert told in answer["refused"]["3"]
    assert SECRET not in str(answer["refused"])


@pytest.mark.parametrize("value", ["{{ nobody_defined_this }}", "{{ lookup('file', '/nowhere') }}", VAULTED])
def test_settings_that_cannot_be_resolved_at_all_are_told(value: Any) -> None:
    answer = resolve(value)
    assert answer["usable"] == []
    assert answer["refused"]["backup_delivery"].startswith("backup_delivery: cannot be resolved: ")
