from __future__ import annotations

from xml.etree import ElementTree

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.xml import HEAD, element, show
from ansible_collections.diskominfo.backup.tests.reports import PAYLOADS


@pytest.mark.parametrize("payload", PAYLOADS)
def test_any_text_can_be_read_back_from_an_attribute_and_a_text(payload: str) -> None:
    read = ElementTree.fromstring(
        (HEAD + element("case", {"name": payload, "time": None}, show(payload))).encode("utf-8")
    )
    assert read.attrib == {"name": read.text}
    assert len(list(read)) == 0


def test_an_element_without_content_is_closed() -> None:
    assert element("skipped") == "<skipped/>"
    assert element("row", {"r": 1}) == '<row r="1"/>'
