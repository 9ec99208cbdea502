from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.tests.installed import sh


@pytest.fixture(scope="session")
def outside() -> Iterator[Path]:
    """A folder in which everybody may write: whatever breaks out of its place can leave something here."""
    folder = Path("/srv/luar")
    folder.mkdir()
    os.chmod(folder, 0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def neighbour() -> str:
    """The address of another server, which this one can reach."""
    return sh("getent ahostsv4 baru.kota.example").split()[0]
