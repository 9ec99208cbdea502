from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.languages.address import (
    make_reference,
    read_address,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.languages.yaml import read_yaml
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.services.nginx import read_sites
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.plain import write_plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("# only a comment\n---\n...\n", None),
        ("a: 1\n---\na: 2\n", {"a": "1"}),
        ("-\n- x # y\n-\n  - 1\n  - 2\n", ["x", ["1", "2"]]),
        ("a:\n- x: 1\n  y: 2\n- z\n", {"a": [{"x": "1", "y": "2"}, "z"]}),
        ("a:\n  - x\n      continued\n    more\nb: 1\n", {"a": ["x"], "b": "1"}),
        ("\"a: b\": 'c # d' # e\n'x': \"y\n", {"a: b": "c # d", "x": '"y'}),
        ("a: [1, 'two', ]\nb: {x: 1, y: '2', z}\nc:\n", {"a": ["1", "two"], "b": {"x": "1", "y": "2"}, "c": ""}),
        ("a: |\n  b: 1\n  c\nd: &x 5\n", {"a": {"b": "1"}, "d": ""}),
        ("http://x: y\n: z\n'open: 1\n[a]: 1\n", {"http://x": "y"}),
    ],
)
def test_the_part_of_yaml_that_compose_files_use_is_read(text: str, expected: Any) -> None:
    assert read_yaml(text) == expected


def test_yaml_that_is_too_deep_is_refused() -> None:
    with pytest.raises(ValueError, match="levels deep"):
        read_yaml("".join(" " * depth + "a:\n" for depth in range(50)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sqlite:////srv/a/x.db", {"engine": "sqlite", "path": "/srv/a/x.db"}),
        ("sqlite:///x.db", {"engine": "sqlite", "path": "x.db"}),
        ("sqlite:/srv/a/x.db", {"engine": "sqlite", "path": "/srv/a/x.db"}),
        ("mysql+pymysql://u@[::1]:3307/n?charset=utf8", "u@::1:3307/n"),
        ("postgresql:///n?host=/run/postgresql&user=u", "u@/run/postgresql/n"),
        ("mysql:unix_socket=/run/x.sock;dbname=n", "@/run/x.sock/n"),
        ("host=db port=5433 dbname=n user=u", "u@db:5433/n"),
        ("mongodb://u:x@db/n", "u@db/n"),
        ("jdbc:oracle:thin:@db:1521:ORCL", "@db/ORCL"),
        ("Server=db;Database=n;Trusted_Connection=true", "@db/n"),
        ("redis://localhost", None),
        ("no address", None),
        ("a=b", None),
        ("x" * 5000, None),
        ("Server=db;Database=n;Database=m;User=u", None),
        ("mysql://u:x@db:99999/n", "u@db/n"),
    ],
)
def test_an_address_names_a_database(text: str, expected: Any) -> None:
    told = read_address(text)
    if isinstance(expected, str) and told:
        port = f":{told.port}" if told.port else ""
        assert f"{told.user}@{told.socket or told.host}{port}/{told.name}" == expected
    else:
        assert (write_plain(told) if told else None) == expected


@pytest.mark.parametrize(
    "words",
    [("", "n"), ("mysql", ""), ("sqlite", "", "", "", "", "u"), ("mysql", "x" * 5000), ("mysql", "n", "h" * 300)],
)
def test_what_names_nothing_or_too_much_is_no_reference(words: tuple[str, ...]) -> None:
    assert make_reference(*words) is None


def test_a_configuration_of_nginx_that_is_too_much_is_read_in_part() -> None:
    deep = "http { " + "location / { " * 100 + "root /deep; "
    assert read_sites(deep + "}" * 200 + " server { root /a; }")[0].root == "/a"
    assert read_sites("server { root /a; } " + "x; " * 100_001)[0].root == "/a"
