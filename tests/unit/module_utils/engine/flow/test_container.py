from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import SourceMissing, ToolMissing
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow import container, process
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.container import (
    LENT,
    ContainerShell,
    find_container,
    lend_inside,
    open_image,
    reach,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.isolation import choose_isolation, enclose
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
from ansible_collections.diskominfo.backup.tests.engines import Engine


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine.make(tmp_path / "engine")
    monkeypatch.setattr(process, "ENVIRONMENT", made.environment)
    return made


@pytest.fixture
def shell(engine: Engine) -> Iterator[Shell]:
    with Shell(120, engine.environment) as opened:
        yield opened


def test_without_a_container_everything_stays_as_it_is(shell: Shell, tmp_path: Path) -> None:
    assert reach("", shell) is shell
    with open_image("", shell, tmp_path) as same:
        assert same is shell


def test_a_program_runs_inside_with_our_pipes_and_never_a_terminal(engine: Engine, shell: Shell) -> None:
    inside = reach(engine.add("sippn-db"), shell)
    assert inside.run(["echo", "1"]).stdout == b"1\n"
    assert engine.calls[-1] == "exec --interactive --env=LC_ALL=C --env=TZ=UTC id-of-sippn-db echo 1"
    assert inside.traces == shell.traces  # one list: the receipt tells of them
    assert inside.find("sh") == inside.find("sh")
    assert sum("command -v" in call for call in engine.calls) == 1
    with pytest.raises(ToolMissing, match="not found in the container: no-such-program"):
        inside.find("no-such-program")


def test_a_program_runs_as_a_user_that_is_known_inside(engine: Engine, shell: Shell) -> None:
    name = pwd.getpwuid(os.geteuid()).pw_name
    engine.add("sippn-db")
    assert reach("sippn-db", shell, "nobody-knows").run(["id", "-un"]).stdout == f"{name}\n".encode()
    known = reach("sippn-db", shell, name)
    assert known.run(["id", "-un"]).stdout == f"{name}\n".encode()
    assert f"--user={name}" in engine.calls[-1]


def test_what_was_begun_inside_can_go_on_in_a_shell_with_time_of_its_own(engine: Engine, shell: Shell) -> None:
    inside = reach(engine.add("sippn-db"), shell)
    shell.kill_all()
    with inside.anew(30) as last:
        assert isinstance(last, ContainerShell)
        assert last.run(["echo", "still"]).stdout == b"still\n"
        assert last.time_left_s <= 30


def test_a_container_that_cannot_be_used_is_named(engine: Engine, shell: Shell) -> None:
    engine.add("stopped", is_running=False)
    with pytest.raises(SourceMissing, match="container stopped cannot be reached: it is not running"):
        find_container("stopped", shell)
    with pytest.raises(SourceMissing, match="podman: Error: no such container absent"):
        find_container("absent", shell)


def test_the_engine_that_has_the_container_is_taken(tmp_path: Path) -> None:
    made = Engine.make(tmp_path / "engine", "docker")
    made.add("sippn-db", runtime="")
    path = f"{tmp_path}/engine"
    with Shell(60, {"PATH": f"{path}:/usr/bin:/bin"}) as shell:
        assert find_container("sippn-db", shell).engine == (f"{path}/docker",)


def test_a_machine_without_engines_says_so(tmp_path: Path) -> None:
    with Shell(60, {"PATH": str(tmp_path)}) as shell, pytest.raises(ToolMissing, match="podman or docker"):
        find_container("sippn-db", shell)


@pytest.mark.parametrize("has_systemd", [True, False])
def test_a_service_that_gave_its_rights_away_has_systemd_start_podman_outside_of_it(
    engine: Engine, shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, has_systemd: bool
) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpython3\nNoNewPrivs:\t1\n")
    monkeypatch.setattr(container, "STATUS", status)
    shell.environment["PATH"] = f"{engine.folder}:/nonexistent"
    if has_systemd:
        outside = engine.folder / "systemd-run"
        outside.write_text('#!/bin/sh\nPATH=/usr/bin:/bin\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n')
        outside.chmod(0o755)
    engine.add("sippn-db")

    inside = reach("sippn-db", shell)

    assert inside.run(["/bin/echo", "1"]).stdout == b"1\n"
    program = shell.traces[-1].argv[0]
    assert program.endswith("/systemd-run" if has_systemd else "/podman")


def test_what_is_lent_lies_in_memory_for_its_user_only_and_goes(engine: Engine) -> None:
    engine.add("sippn-db")
    with lend_inside("sippn-db", "password=rahasia\n") as path:
        assert path.read_text() == "password=rahasia\n"
        assert str(path).startswith(LENT)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()
    assert not any("rahasia" in call for call in engine.calls)


def test_a_throwaway_container_has_no_network_no_rights_and_limits(
    engine: Engine, shell: Shell, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    with open_image(engine.add("sippn-db"), shell, place) as image:
        isolation = choose_isolation(image, place)
        assert isolation.name == "image"
        cell = enclose(isolation, place, image, (tmp_path,))
        done = image.run(cell.wrap(["sh", "-c", "pwd; id -u; read line; echo $line"]), stdin=_give(b"in\n"))
        assert done.stdout.decode().splitlines()[::2] == [str(cell.path), "in"]
        call = engine.calls[-1]
        assert image.find("sh").endswith("/sh")
        with pytest.raises(ToolMissing, match="no-such-program"):
            image.find("no-such-program")
    wanted = ("--network=none", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--pull=never")
    bounds = (f"--user={cell.user}:{cell.user}", "--pids-limit=512", f"--volume={tmp_path}:{tmp_path}:ro")
    assert [option for option in (*wanted, *bounds) if option not in call.split()] == []
    assert " image -s KILL " in call


def _give(content: bytes) -> int:
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    return reading


def test_throwaway_containers_go_with_their_place_and_those_of_a_crash_with_the_next(
    engine: Engine, shell: Shell, tmp_path: Path
) -> None:
    place, others = tmp_path / "place", tmp_path / "others"
    place.mkdir()
    others.mkdir()
    engine.add("sippn-db")
    engine.leave(tmp_path / "gone", others)
    with open_image("sippn-db", shell, place):
        engine.leave(place, others)
    assert [call for call in engine.calls if call.startswith("rm ")] == [
        "rm --force --time=0 left-0",
        "rm --force --time=0 left-0",
    ]


def test_the_containers_go_also_when_the_time_is_over(engine: Engine, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    engine.add("sippn-db")
    with Shell(60, engine.environment) as shell, open_image("sippn-db", shell, place):
        engine.leave(place)
        shell.end(SourceMissing("over"))
    assert engine.calls[-1] == "rm --force --time=0 left-0"


def test_without_the_container_what_this_machine_has_is_taken(engine: Engine, shell: Shell, tmp_path: Path) -> None:
    with open_image("absent", shell, tmp_path) as same:
        assert same is shell
    assert engine.calls
