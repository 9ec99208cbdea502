from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.client import (
    ServerError,
    explain,
    quote_name,
    quote_option,
    read_complaint,
    read_version,
    write_options,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.rights import (
    collect_rights,
    match_pattern,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource

DATA = Path(__file__).with_name("data")
SOURCE = DatabaseSource("mysql", name="sippn", host="10.0.0.5", port=3307, user="backup")

VERSIONS = json.loads((DATA / "versions.json").read_text())
COMPLAINTS = json.loads((DATA / "complaints.json").read_text())
GRANTS = json.loads((DATA / "grants.json").read_text())


@pytest.mark.parametrize("printed", sorted(VERSIONS))
def test_what_programs_and_servers_print_as_their_version_is_understood(printed: str) -> None:
    version = read_version(printed)
    assert [version.text, list(version.release), version.product] == VERSIONS[printed]


@pytest.mark.parametrize("said", sorted(COMPLAINTS))
def test_what_a_client_complains_of_becomes_a_fault_with_a_remedy(said: str) -> None:
    code, slug = COMPLAINTS[said]
    error = read_complaint(said)
    fault = explain(SOURCE, error, 30)
    assert (error.code, fault.slug) == (code, slug)
    assert "10.0.0.5:3307/sippn" in fault.message
    assert fault.hint


def test_a_client_that_says_nothing_is_told_of_all_the_same() -> None:
    assert read_complaint("").text == "its client ended without a word"
    assert explain(SOURCE, ServerError(0, "odd"), 1).slug == "source_unreadable"


def test_an_options_file_names_the_way_and_nothing_that_is_not_set() -> None:
    assert write_options(SOURCE, 'a"b\\').splitlines() == [
        "[client]", 'user="backup"', 'password="a\\"b\\\\"', 'host="10.0.0.5"', 'port="3307"', 'protocol="tcp"',
    ]  # fmt: skip
    lines = write_options(DatabaseSource("mysql", name="x")).splitlines()
    assert lines[2:] == ['protocol="socket"']
    assert (os.geteuid() == 0) == (lines[1] == 'user="root"')


def test_names_and_values_are_quoted() -> None:
    assert quote_name("a`b") == "`a``b`"
    assert quote_option("plain") == '"plain"'


@pytest.mark.parametrize("case", GRANTS, ids=lambda case: str(case["about"]))
def test_rights_on_a_database_are_read_from_what_the_server_shows(case: dict[str, object]) -> None:
    lines = case["lines"]
    assert isinstance(lines, list)
    assert sorted(collect_rights(lines, str(case["database"]))) == case["held"]


@pytest.mark.parametrize(
    ("pattern", "name", "is_meant"),
    [
        ("sip%", "sippn", True),
        ("sip_n", "sipn", False),
        ("sip_n", "sipxn", True),
        (r"sip\_n", "sipxn", False),
        (r"sip\_n", "sip_n", True),
        ("a.c", "abc", False),
        ("a\\", "a\\", True),
        ("a\nb%", "a\nbc", True),
    ],
)
def test_the_pattern_of_a_grant_means_what_the_server_takes_it_for(pattern: str, name: str, is_meant: bool) -> None:
    assert match_pattern(pattern, name) is is_meant
