from __future__ import annotations

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
    told = find_renderer(name).render(CITY, "id").decode("utf-8")
    assert all(row.application in told for row in CITY.rows)


def test_the_table_is_in_alphabetical_order_and_its_suffixes_differ() -> None:
    assert list(RENDERERS) == sorted(RENDERERS)
    assert len({renderer.suffix for renderer in RENDERERS.values()}) == len(RENDERERS)


def test_an_unknown_format_lists_those_that_are_known() -> None:
    with pytest.raises(ConfigurationError, match="html, json, txt"):
        find_renderer("doc")
