"""A private server for all tests of this folder, and a driver whose templates lie beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.driver import MysqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.drills import Backup, back_up
from ansible_collections.diskominfo.backup.tests.mariadb import PrivateServer, run_server

DATA = Path(__file__).with_name("data")


@pytest.fixture(scope="session")
def server() -> Iterator[PrivateServer]:
    with run_server() as server:
        yield server


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> MysqlDriver:
    return MysqlDriver(templates=tmp_path_factory.mktemp("templates"), table_wait_s=2)


@pytest.fixture(scope="session")
def everything(server: PrivateServer) -> DatabaseSource:
    """A database with one of everything that a dump must carry."""
    return server.create("everything", (DATA / "everything.sql").read_text("utf-8"))


@pytest.fixture(scope="session")
def whole(driver: MysqlDriver, everything: DatabaseSource, tmp_path_factory: pytest.TempPathFactory) -> Backup:
    """A backup of it. Tests that change its stream copy it first."""
    with Shell(120) as shell:
        return back_up(driver, everything, tmp_path_factory.mktemp("whole"), shell)


@pytest.fixture
def shell() -> Iterator[Shell]:
    with Shell(120) as shell:
        yield shell
