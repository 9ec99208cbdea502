from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.registry import find_renderer
from ansible_collections.diskominfo.backup.tests.golden import assert_golden
from ansible_collections.diskominfo.backup.tests.reports import make_city_report

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("name", ["csv", "csv_semicolon", "junit", "markdown", "metrics", "pdf", "status", "txt"])
def test_the_whole_city_is_told_as_it_should_be(name: str, language: str) -> None:
    renderer = find_renderer(name)
    suffix = "typ" if renderer.is_source else renderer.suffix
    assert_golden(DATA / f"city.{language}.{suffix}", renderer.render(make_city_report(), language))
