"""The two servers, filled; and the register of an office that keeps them in containers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.tests import inside
from ansible_collections.diskominfo.backup.tests.office import Office


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    for asking, script in (
        (inside.ask_mariadb, inside.MARIADB_SCRIPT),
        (inside.ask_postgresql, inside.POSTGRESQL_SCRIPT),
    ):
        inside.wait_for_answer(asking)
        asking(script)
    with tempfile.TemporaryDirectory(prefix="o-", dir="/tmp") as folder:  # short enough for a socket far below it
        yield make_office(Path(folder))


def make_office(folder: Path) -> Office:
    made = Office(folder)
    password = Path(made.root / "password")
    password.write_text(f"{inside.PASSWORD}\n")
    password.chmod(0o600)
    mariadb = {"engine": "mysql", "name": "sippn", "container": inside.MARIADB, "user": "backup"}
    mariadb["password_file"] = str(password)
    postgresql = {"engine": "postgresql", "name": "arsip", "container": inside.POSTGRESQL}
    made.applications = [{"name": "sippn", "databases": [mariadb]}, {"name": "arsip", "databases": [postgresql]}]
    return made
