"""A private server for all tests of this folder, and a driver whose templates lie beside it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.driver import PostgresqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.tests.clusters import PrivateCluster, find_fast_folder, run_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[PrivateCluster]:
    with run_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def driver() -> Iterator[PostgresqlDriver]:
    with tempfile.TemporaryDirectory(prefix="templates-", dir=find_fast_folder()) as folder:
        yield PostgresqlDriver(templates=Path(folder))


@pytest.fixture
def shell() -> Iterator[Shell]:
    with Shell(60) as shell:
        yield shell


@pytest.fixture
def place() -> Iterator[Path]:
    """A private folder, short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="place-", dir=find_fast_folder()) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def everything(cluster: PrivateCluster) -> DatabaseSource:
    """A database with something of everything."""
    script = (Path(__file__).parent / "data" / "everything.sql").read_text(encoding="utf-8")
    return cluster.source(cluster.create("app", script))


@pytest.fixture(scope="session")
def small(cluster: PrivateCluster) -> DatabaseSource:
    """A database with a table, a sequence and a view; tests do not change it."""
    return cluster.source(cluster.create("small", SMALL))


SMALL = """CREATE TABLE t (id serial, v text); INSERT INTO t (v) SELECT 'row ' || i FROM generate_series(1, 500) AS i;
CREATE VIEW w AS SELECT * FROM t"""
