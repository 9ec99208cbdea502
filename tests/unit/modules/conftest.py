from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.tests.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with one application."""
    made = Office(tmp_path)
    made.add_application()
    return made


@pytest.fixture
def config(office: Office) -> dict[str, Any]:
    """Its configuration as the inventory would give it."""
    return dict(json.loads(office.write_config().read_text()))
