from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import wire

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), values, max_size=5))
def test_what_is_written_is_read_back_and_equal_values_have_equal_bytes(value: dict[str, Any]) -> None:
    data = wire.write_json(value)
    assert wire.read_json(data, "test") == value
    assert wire.write_json(json.loads(json.dumps(value))) == data
    assert wire.hash_value(value) == wire.hash_bytes(data)
    assert data.isascii()
    assert data.endswith(b"\n")
    assert (json.loads(wire.write_line(value)), wire.write_line(value).count(b"\n")) == (value, 1)


def test_names_that_are_not_utf8_come_back() -> None:
    value = {"name": b"caf\xe9".decode("utf-8", "surrogateescape")}
    assert wire.read_json(wire.write_json(value), "test") == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe{\x00}\x00", "not JSON"),
        (b'{"a": "\xff"}', "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": -Infinity}', "not JSON"),
        (b'{"a": 1e999}', "not JSON"),
        (b"[" * 100000, "not JSON"),
        (b"[]", "not an object"),
        (b'"text"', "not an object"),
        (b'{"a": ' + b"[" * 12 + b"]" * 12 + b"}", "more than 12 levels deep"),
        (b'{"a": {"b": "' + b"x" * 65537 + b'"}}', "a text of 65537 characters"),
        (b'{"a": [["' + b"x" * 65537 + b'"]]}', "a text of 65537 characters"),
        (b'{"' + b"x" * 65537 + b'": 1}', "a text of 65537 characters"),
        (b'{"a": "' + b"x" * wire.SIZE_LIMIT_BYTES + b'"}', "bytes, more than"),
    ],
)
def test_what_is_too_much_or_no_json_is_refused_by_name(data: bytes, reason: str) -> None:
    with pytest.raises(RecordRefused, match=f"from web is refused: .*{reason}"):
        wire.read_json(data, "a receipt from web")


def test_what_is_just_within_the_limits_is_read() -> None:
    deep: Any = "x" * 65536
    for _unused in range(wire.DEPTH_LIMIT - 1):
        deep = [deep]
    assert wire.read_json(wire.write_json({"a": deep}), "test")["a"] == deep
    assert wire.find_excess("x" * 65536) == ""
    assert wire.find_excess("x" * 65537)
    assert wire.find_excess(5) == ""


@given(st.datetimes(datetime(1000, 1, 1), timezones=st.sampled_from([timezone.utc, timezone(timedelta(hours=7))])))  # noqa: DTZ001
def test_a_time_comes_back_to_the_second(moment: datetime) -> None:
    if moment.astimezone(timezone.utc).year >= 1000:
        text = wire.format_time(moment)
        assert wire.parse_time(text) == moment.replace(microsecond=0)
        assert wire.format_time(wire.parse_time(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "2026-11-22",
            "2026-11-22T12:00:00",
            "2026-11-22T12:00:00+07:00",
            "2026-1-2T3:4:5Z",
            "2026-02-30T12:00:00Z",
        ),
        *("2026-11-22T12:00:60Z", "2026-11-22T24:00:01Z", "2026-11-22t12:00:00z", "2026-11-22T12:00:00Z\n"),
        *("0999-11-22T12:00:00Z", "٢٠٢٦-11-22T12:00:00Z", "x" * 100000),
    ],
)
def test_anything_but_a_time_in_utc_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|day|hour|second"):
        wire.parse_time(text)


def test_only_what_says_nothing_is_omitted() -> None:
    empty: dict[str, Any] = {"none": None, "text": "", "list": [], "mapping": {}}
    kept = {"zero": 0, "false": False, "number": 0.0, "text": "x"}
    assert wire.omit_empty({**empty, "kept": kept, "said": "x"}) == {"kept": kept, "said": "x"}
    assert wire.omit_empty(kept) == kept
