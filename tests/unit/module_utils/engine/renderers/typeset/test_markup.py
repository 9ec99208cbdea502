from __future__ import annotations

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.typeset.markup import (
    Code,
    array,
    call,
    literal,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", '"plain"'),
        ('a "quoted" \\ word', '"a \\"quoted\\" \\\\ word"'),
        ("#eval(1)", '"#eval(1)"'),
        ("日本", '"U+65E5U+672C"'),
        ("two\nlines\x1b[31m", '"two lines\\\\x1b[31m"'),
        ("w" * 28, f'"{"w" * 28}"'),
        ("w" * 29, f'"{"w" * 12}\\u{{200b}}{"w" * 12}\\u{{200b}}{"w" * 5}"'),
        ("1\u00a0gagal", '"1 gagal"'),
    ],
)
def test_a_text_is_a_string_literal(text: str, shown: str) -> None:
    assert literal(text) == shown


def test_a_text_without_end_is_shortened() -> None:
    assert len(literal("a b " * 9999)) < 500


def test_calls_and_arrays_carry_values_as_literals_and_code_as_it_is() -> None:
    assert array(["a"]) == '("a", )'
    assert call("f", "x", array(["y"]), begins_page=Code("true")) == '#f("x", ("y", ), begins-page: true)'
