from __future__ import annotations

import pytest

from ansible_collections.diskominfo.backup.tests.fleet import Fleet


@pytest.fixture(scope="session")
def fleet() -> Fleet:
    return Fleet()
