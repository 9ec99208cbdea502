"""A server in a container: its own programs are used, and its image for the proof."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.driver import MysqlDriver
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow import process
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.tests.drills import back_up, prove
from ansible_collections.diskominfo.backup.tests.engines import Engine
from ansible_collections.diskominfo.backup.tests.mariadb import PrivateServer

SCRIPT = "CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2); CREATE VIEW v AS SELECT COUNT(*) FROM t"
NAME = "si'pp n"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine.make(tmp_path / "engine")
    monkeypatch.setattr(process, "ENVIRONMENT", made.environment)
    made.add("sippn-db")
    return made


@pytest.fixture
def shell(engine: Engine) -> Iterator[Shell]:
    with Shell(300, engine.environment) as opened:
        yield opened


def test_it_is_backed_up_and_proved_by_the_programs_of_its_image(
    server: PrivateServer, engine: Engine, shell: Shell, tmp_path: Path
) -> None:
    driver = MysqlDriver(templates=tmp_path / "templates")
    server.create(NAME, SCRIPT)
    server.run(
        "CREATE OR REPLACE USER keeper@localhost IDENTIFIED BY 'rahasia-9'; GRANT ALL ON *.* TO keeper@localhost"
    )
    (tmp_path / "password").write_text("rahasia-9\n")
    (tmp_path / "password").chmod(0o600)
    password = str(tmp_path / "password")
    source = server.source(NAME, container="sippn-db", user="keeper", password_file=password)

    assert driver.probe(source, shell) == []
    backup = back_up(driver, source, tmp_path, shell)
    examined = prove(driver, backup, shell, tmp_path)

    assert backup.census.rows == {"t": 2}
    assert (examined.difference_count, examined.comparison) == (0, "content")
    assert source.address.startswith("container:sippn-db:/")
    assert any("mariadb-dump" in call and call.startswith("exec ") for call in engine.calls)
    assert any("mariadbd" in call and call.startswith("run ") for call in engine.calls)
    assert not any("rahasia" in call for call in engine.calls)
    assert not any("rahasia" in part for trace in shell.traces for part in trace.argv)
    assert list(tmp_path.glob("templates/*")) == []  # the image's own is made anew each time
    server.run("DROP USER keeper@localhost")


def test_a_backup_that_was_cut_short_leaves_nothing_at_work(
    server: PrivateServer, shell: Shell, tmp_path: Path
) -> None:
    driver = MysqlDriver(templates=tmp_path / "templates")
    server.create(NAME, SCRIPT)
    source = server.source(NAME, container="sippn-db")
    with contextlib.suppress(ZeroDivisionError), driver.open_snapshot(source, shell, tmp_path) as snapshot:
        snapshot.open_stream()
        raise ZeroDivisionError
    assert server.count_sessions() == 0


def test_a_container_that_is_gone_is_what_a_probe_tells(shell: Shell) -> None:
    source = PrivateServer(Path("/nonexistent"), 1).source("x", container="absent")
    (finding,) = MysqlDriver().probe(source, shell)
    assert (finding.slug, finding.severity) == ("source_missing", "red")
    assert "container absent cannot be reached" in finding.message
