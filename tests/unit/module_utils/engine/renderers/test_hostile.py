"""Texts from servers in every format at once: shown as text, one line each, and shortened."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.registry import (
    RENDERERS,
    find_renderer,
)
from ansible_collections.diskominfo.backup.tests.reports import PAYLOADS, make_city_report, make_hostile_report

STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\ud800-\udfff]")
LIMIT_BYTES = 1_000_000


def render(name: str, payload: str) -> str:
    """The text of the document, or of all files of one that is an archive."""
    data = find_renderer(name).render(make_hostile_report(payload), "id")
    if not data.startswith(b"PK"):
        return data.decode("utf-8")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "".join(archive.read(each).decode("utf-8") for each in archive.namelist())


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("name", sorted(RENDERERS))
def test_no_format_carries_a_character_that_steers(name: str, payload: str) -> None:
    assert not STEERING.search(render(name, payload))


@pytest.mark.parametrize("name", ["html", "junit", "markdown", "xlsx"])
def test_no_format_with_markup_carries_a_script(name: str) -> None:
    assert "<script" not in render(name, "<script>alert(1)</script>")


@pytest.mark.parametrize("name", sorted({*RENDERERS} - {"json"}))
def test_the_longest_text_that_a_record_may_hold_is_shortened_for_people(name: str) -> None:
    city = len(find_renderer(name).render(make_city_report(), "id"))
    assert len(render(name, "z " * 30_000)) < city + LIMIT_BYTES
