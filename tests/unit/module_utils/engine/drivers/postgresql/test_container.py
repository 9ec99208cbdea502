"""A server in a container: its own programs are used, and its image for the proof."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.client import Programs
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.postgresql.driver import PostgresqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow import process
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.tests.clusters import PrivateCluster
from ansible_collections.diskominfo.backup.tests.drills import back_up, prove
from ansible_collections.diskominfo.backup.tests.engines import Engine

SCRIPT = "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2); CREATE VIEW v AS SELECT count(*) FROM t"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine.make(tmp_path / "engine")
    monkeypatch.setattr(process, "ENVIRONMENT", made.environment)
    made.add("arsip-db")
    return made


@pytest.fixture
def shell(engine: Engine) -> Iterator[Shell]:
    with Shell(300, engine.environment) as opened:
        yield opened


def test_it_is_backed_up_and_proved_by_the_programs_of_its_image_only(
    cluster: PrivateCluster, engine: Engine, shell: Shell, tmp_path: Path
) -> None:
    driver = PostgresqlDriver(programs=Programs(()), templates=tmp_path / "templates")
    source = cluster.source(cluster.create("inside a container", SCRIPT), container="arsip-db")

    assert driver.probe(source, shell) == []
    backup = back_up(driver, source, tmp_path, shell)
    with tempfile.TemporaryDirectory(prefix="c-", dir="/tmp") as place:  # short enough for a socket in it
        examined = prove(driver, backup, shell, Path(place))

    assert backup.census.rows == {"public.t": 2}
    assert examined.difference_count == 0
    assert any("pg_dump" in call and call.startswith("exec ") for call in engine.calls)
    assert any("pg_restore" in call and call.startswith("run ") for call in engine.calls)
    assert list(tmp_path.glob("templates/*")) == []


def test_a_password_reaches_the_client_by_a_file_inside(
    cluster: PrivateCluster, engine: Engine, shell: Shell, tmp_path: Path
) -> None:
    driver = PostgresqlDriver(programs=Programs(()))
    name = cluster.create("with a password", SCRIPT)
    cluster.run("postgres", "CREATE ROLE keeper LOGIN SUPERUSER PASSWORD 'rahasia-9'")
    (tmp_path / "password").write_text("rahasia-9\n")
    (tmp_path / "password").chmod(0o600)
    reached = {"socket": "", "host": "127.0.0.1", "user": "keeper", "password_file": str(tmp_path / "password")}

    backup = back_up(driver, cluster.source(name, container="arsip-db", **reached), tmp_path, shell)

    assert backup.census.rows == {"public.t": 2}
    assert not any("rahasia" in call for call in engine.calls)
    cluster.run("postgres", "DROP ROLE keeper")


def test_a_container_that_is_gone_is_what_a_probe_tells(shell: Shell) -> None:
    source = PrivateCluster(Path("/nonexistent"), 1).source("x", container="absent")
    (finding,) = PostgresqlDriver().probe(source, shell)
    assert (finding.slug, finding.severity) == ("source_missing", "red")
    assert "container absent cannot be reached" in finding.message
