from __future__ import annotations

import io
import zipfile

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.registry import (
    RENDERERS,
    find_renderer,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.tests.evidence import NOW, OFFICE, SOP, make_city

CITY = make_report(make_city(), make_recent_period(NOW, 24), NOW, OFFICE, SOP)


@pytest.mark.parametrize("name", sorted(RENDERERS))
def test_every_format_tells_every_application(name: str) -> None:
    told = read_whole(find_renderer(name).render(CITY, "id"))
    assert all(row.application in told for row in CITY.rows if row.status != "retired")


def read_whole(data: bytes) -> str:
    """The text of a document, or of all files of one that is an archive."""
    if not data.startswith(b"PK"):
        return data.decode("utf-8")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "".join(archive.read(name).decode("utf-8") for name in archive.namelist())


def test_the_table_is_in_alphabetical_order_and_its_suffixes_differ() -> None:
    assert list(RENDERERS) == sorted(RENDERERS)
    assert len({renderer.suffix for renderer in RENDERERS.values()}) == len(RENDERERS)


def test_an_unknown_format_lists_those_that_are_known() -> None:
    with pytest.raises(ConfigurationError, match="html, json, junit, markdown, metrics, pdf, status, txt, xlsx"):
        find_renderer("doc")
