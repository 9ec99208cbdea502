from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.tests.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with one application."""
    made = Office(tmp_path)
    made.add_application()
    return made
