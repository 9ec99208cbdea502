"""Cells are tried from the inside: what runs there sees, reaches and leaves nothing but its own folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ToolMissing
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow import isolation
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.isolation import (
    Cell,
    Isolation,
    NamespaceIsolation,
    ServiceIsolation,
    choose_isolation,
    choose_user,
    enclose,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import ENVIRONMENT, Shell
from ansible_collections.diskominfo.backup.tests.ordinary import run_as_ordinary_user

IS_ROOT = os.geteuid() == 0
PYTHON = "/usr/bin/python3"
"""What is below /usr is there in every cell."""


@pytest.fixture
def shell() -> Iterator[Shell]:
    with Shell(60) as shell:
        yield shell


WAYS: dict[str, Isolation] = {"ordinary": NamespaceIsolation(is_root=False)}
if IS_ROOT:
    WAYS["root"] = NamespaceIsolation(is_root=True)
if IS_ROOT and Path("/run/systemd/system").is_dir():
    WAYS["systemd"] = ServiceIsolation()


@pytest.fixture(params=sorted(WAYS))
def cell(request: pytest.FixtureRequest, shell: Shell, tmp_path: Path) -> Cell:
    return enclose(WAYS[request.param], tmp_path, shell)


def run(cell: Cell, shell: Shell, script: str, *arguments: str) -> tuple[int, str]:
    finished = shell.run(cell.wrap(["sh", "-c", script, "sh", *arguments]))
    return finished.trace.status, finished.stdout.decode() + finished.trace.stderr_tail


def test_the_way_that_works_is_found_by_trying(shell: Shell, tmp_path: Path) -> None:
    chosen = choose_isolation(shell, tmp_path)
    assert chosen.name in ("systemd", "namespaces")
    assert list(tmp_path.iterdir()) == []
    assert shell.traces == []  # what was tried in vain is nobody's fault


def test_an_ordinary_user_has_cells_too() -> None:
    def try_it(folder: Path) -> None:
        with Shell(30) as shell:
            chosen = choose_isolation(shell, folder)
            assert chosen.name == "namespaces"
            (folder / "place").mkdir()
            cell = enclose(chosen, folder / "place", shell)
            status, said = run(cell, shell, "id -u; ls /; cat /etc/shadow")
            assert status != 0
            assert said.splitlines()[0] == str(cell.user)
            assert "home" not in said

    run_as_ordinary_user(try_it)


def test_without_any_way_no_cell_is_had(tmp_path: Path) -> None:
    for index, programs in enumerate([["sh"], ["setpriv"]]):
        folder = tmp_path / str(index)
        folder.mkdir()
        for program in programs:
            (folder / program).symlink_to(f"/usr/bin/{program}")
        with Shell(10, {**ENVIRONMENT, "PATH": str(folder)}) as shell, pytest.raises(ToolMissing, match="namespaces: "):
            choose_isolation(shell, tmp_path)


def test_a_way_that_says_nothing_or_hangs_is_no_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for content in ("#!/bin/sh\nexit 3\n", "#!/bin/sh\nexit 0\n", "#!/bin/sh\nexec sleep 30\n"):
        tools = tmp_path / "tools"
        tools.mkdir(exist_ok=True)
        (tools / "setpriv").write_text(content)
        (tools / "setpriv").chmod(0o755)
        monkeypatch.setattr(isolation, "TRIAL_S", 0.5)
        with Shell(10, {**ENVIRONMENT, "PATH": f"{tools}:{ENVIRONMENT['PATH']}"}) as shell, pytest.raises(ToolMissing):
            choose_isolation(shell, tmp_path)


def test_who_runs_inside_is_nobody_and_may_nothing(cell: Cell, shell: Shell) -> None:
    _unused, said = run(cell, shell, "id -u; id -un; setpriv --dump")
    lines = said.splitlines()
    assert lines[:2] == [str(cell.user), "throwaway"]
    assert "no_new_privs: 1" in lines
    assert "Capability bounding set: [none]" in lines
    assert "Inheritable capabilities: [none]" in lines
    assert "Ambient capabilities: [none]" in lines


def test_nothing_of_the_server_is_seen(cell: Cell, shell: Shell, tmp_path: Path) -> None:
    (tmp_path.parent / "neighbour").write_text("secret")
    tried = [
        "/etc/shadow",
        "/var/lib",
        "/root",
        "/home",
        "/run/mysqld",
        "/srv",
        "/opt",
        "/etc/diskominfo-backup",
        "/old/etc",
    ]
    for path in [*tried, str(tmp_path.parent / "neighbour"), str(tmp_path / "passwd")]:
        assert run(cell, shell, 'ls "$1"', path)[0] != 0, path
    assert "CRON" not in run(cell, shell, "ls /proc/[0-9]*/exe | wc -l; cat /proc/1/environ")[1]


def test_nothing_outside_can_be_written(cell: Cell, shell: Shell, tmp_path: Path) -> None:
    places = ["/", "/etc", "/usr", "/usr/bin", "/dev", "/old", "/proc/sys/kernel"]
    for place in places:
        assert run(cell, shell, ': > "$1/planted"', place)[0] != 0, place
    for folder in (tmp_path, tmp_path.parent):  # below /tmp, where a cell may have a folder of this name of its own
        run(cell, shell, ': > "$1/planted"', str(folder))
        assert not (folder / "planted").exists()
    assert run(cell, shell, ": > here; : > /tmp/there; : > /dev/shm/there; umask")[1].strip() == "0077"
    assert sorted(path.name for path in cell.path.iterdir()) == ["here"]
    assert not Path("/tmp/there").exists()
    assert not Path("/dev/shm/there").exists()


def test_an_own_user_namespace_inside_gives_nothing_back(cell: Cell, shell: Shell) -> None:
    script = "umount -l /usr; mount -o remount,rw /; : > /planted; mount -t proc proc /old; umount -l /; ls /; ls /old"
    _unused, said = run(cell, shell, f"unshare --user --map-root-user --mount sh -c '{script}'")
    assert "home" not in said.split()
    assert "planted" not in said.split()


class Listener(threading.Thread):
    """Counts who comes, by TCP and by UDP, on every address of this machine."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.packets = 0
        self.is_over = threading.Event()
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.abstract = socket.socket(socket.AF_UNIX)
        self.name_abstract = f"cell-test-{os.urandom(6).hex()}"
        self.abstract.bind("\0" + self.name_abstract)
        self.abstract.listen()
        self.start()

    def run(self) -> None:
        import select

        while True:
            is_over = self.is_over.is_set()
            ready, _unused, _unused2 = select.select([self.tcp, self.udp, self.abstract], [], [], 0.05)
            if is_over and not ready:
                return
            self.packets += len(ready)
            for one in ready:
                if one is self.udp:
                    one.recv(100)
                else:
                    one.accept()[0].close()

    def count_all(self) -> int:
        """How many came, when nothing that was sent before waits any more; hears nothing afterwards."""
        self.is_over.set()
        self.join(60)
        assert not self.is_alive()
        return self.packets


CALL_OUT = """
import socket, sys
tcp, udp, name = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
def attempt(work):
    try:
        work(); print("sent")
    except OSError as error:
        print(type(error).__name__)
attempt(lambda: socket.create_connection(("127.0.0.1", tcp), 2))
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", udp)))
attempt(lambda: socket.socket(socket.AF_UNIX).connect("\\0" + name))
attempt(lambda: socket.create_connection(("192.0.2.1", 80), 2))
"""


def test_no_packet_leaves(cell: Cell, shell: Shell) -> None:
    listener = Listener()
    ports = [str(listener.tcp.getsockname()[1]), str(listener.udp.getsockname()[1]), listener.name_abstract]
    outside = subprocess.run([PYTHON, "-c", CALL_OUT, *ports], capture_output=True, text=True, check=True)
    assert outside.stdout.split()[:3] == ["sent", "sent", "sent"]
    wait_until(lambda: listener.packets >= 3, seconds=60)  # the listener hears well
    finished = shell.run(cell.wrap([PYTHON, "-c", CALL_OUT, *ports]))
    assert finished.trace.status == 0
    assert b"sent" not in finished.stdout
    assert listener.count_all() == 3


def test_a_socket_of_the_server_is_not_there(cell: Cell, shell: Shell, tmp_path: Path) -> None:
    live = socket.socket(socket.AF_UNIX)
    live.bind(str(tmp_path / "live.sock"))
    live.listen()
    connect = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    finished = shell.run(cell.wrap([PYTHON, "-c", connect, str(tmp_path / "live.sock")]))
    assert "FileNotFoundError" in finished.trace.stderr_tail


def test_two_processes_of_a_cell_meet_by_a_socket(cell: Cell, shell: Shell) -> None:
    serve = "import socket; s = socket.socket(socket.AF_UNIX); s.bind('s'); s.listen(); s.accept()[0].send(b'hello')"
    meet = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('s'); print(s.recv(9).decode())"
    server = shell.start(cell.wrap([PYTHON, "-c", serve]))
    wait_until((cell.path / "s").exists)
    time.sleep(0.1)
    assert shell.run(cell.wrap([PYTHON, "-c", meet])).stdout == b"hello\n"
    assert server.wait().status == 0


def wait_until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def count_running(mark: str) -> int:
    """Processes of this machine with the mark in their arguments."""
    count = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                count += mark.encode() in (entry / "cmdline").read_bytes()
            except OSError:
                continue
    return count


STRAY = 'setsid sh -c "exec sleep $1" & setsid sh -c "exec sleep $1" & : > ready; exec sleep "$1"'


def test_killing_the_command_ends_everything_inside(cell: Cell, shell: Shell) -> None:
    mark = f"6{os.getpid()}.25"
    process = shell.start(cell.wrap(["sh", "-c", STRAY, "sh", mark]))
    wait_until((cell.path / "ready").exists)
    assert count_running(mark) >= 3
    process.kill()
    assert process.wait().status == -signal.SIGKILL
    wait_until(lambda: count_running(mark) == 0)


def test_what_a_command_leaves_behind_ends_with_it(cell: Cell, shell: Shell) -> None:
    mark = f"7{os.getpid()}.25"
    assert run(cell, shell, f"setsid sleep {mark} > /dev/null 2>&1 & exit 0")[0] == 0
    wait_until(lambda: count_running(mark) == 0)


OTHER_PROGRAM = """
import sys
from pathlib import Path
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow import isolation, process
with process.Shell(60) as shell:
    cell = isolation.enclose(isolation.NamespaceIsolation(is_root=sys.argv[1] == "True"), Path(sys.argv[2]), shell)
    shell.start(cell.wrap(["sh", "-c", sys.argv[4], "sh", sys.argv[3]])).wait()
"""


@pytest.mark.parametrize("is_root", [True, False] if IS_ROOT else [False])
def test_a_program_that_is_killed_leaves_no_cell_running(tmp_path: Path, is_root: bool) -> None:
    mark = f"8{os.getpid()}.25"
    closing = 'for n in 3 4 5 6 7 8 9; do eval "exec $n<&-"; done 2>/dev/null; ' + STRAY
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    program = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROGRAM, str(is_root), str(tmp_path), mark, closing], env=environment
    )
    wait_until((tmp_path / "cell/ready").exists)
    program.kill()
    program.wait()
    wait_until(lambda: count_running(mark) == 0)


def test_the_status_of_the_command_is_told(cell: Cell, shell: Shell) -> None:
    assert run(cell, shell, "exit 7")[0] == 7
    assert run(cell, shell, "kill -9 $$")[0] != 0
    assert run(cell, shell, 'printf "%s" "$1" | tr a b', "a;$(id)`id`")[1] == "b;$(id)`id`"


def test_input_and_output_pass_through(cell: Cell, shell: Shell) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"\x00\xff" * 100)
    os.close(writing)
    finished = shell.run(cell.wrap(["cat"]), stdin=reading)
    os.close(reading)
    assert finished.stdout == b"\x00\xff" * 100


def test_what_is_named_readable_is_seen_and_not_written(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / 'a "folder": x'
    folder.mkdir(mode=0o755)
    (folder / "file").write_text("content")
    (folder / "file").chmod(0o644)
    place = tmp_path / "place"
    place.mkdir()
    cell = enclose(NamespaceIsolation(is_root=IS_ROOT), place, shell, [folder, folder / "file"])
    assert run(cell, shell, 'cat "$1/file"', str(folder)) == (0, "content")
    assert run(cell, shell, ': > "$1/new" || : > "$1/file"', str(folder))[0] != 0
    assert (folder / "file").read_text() == "content"


def test_memory_processes_files_and_time_have_limits(shell: Shell, tmp_path: Path) -> None:
    roomy = enclose(NamespaceIsolation(is_root=IS_ROOT), tmp_path, shell)
    bounds = isolation.Bounds(memory_bytes=1 << 29, tasks=40, file_bytes=1 << 20, time_s=3)
    cell = Cell(roomy.isolation, roomy.path, roomy.user, (), bounds)
    assert run(cell, shell, "head -c 2000000 /dev/zero > big")[0] != 0
    assert (cell.path / "big").stat().st_size == 1 << 20
    finished = shell.run(cell.wrap([PYTHON, "-c", "x = bytearray(1 << 30)"]))
    assert "MemoryError" in finished.trace.stderr_tail
    assert run(cell, shell, "i=0; while [ $i -lt 60 ]; do sleep 2 & i=$((i+1)); done")[0] != 0
    began = time.monotonic()
    assert run(cell, shell, "sleep 50")[0] != 0
    assert time.monotonic() - began < 25


def test_a_place_is_private_and_its_cell_open_to_the_user_inside(shell: Shell, tmp_path: Path) -> None:
    cell = enclose(NamespaceIsolation(is_root=IS_ROOT), tmp_path, shell)
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    assert cell.path.stat().st_mode & 0o777 == 0o777
    assert cell.user in isolation.SPARE_USERS
    assert len({choose_user() for _unused in range(20)}) > 10


def test_a_service_of_systemd_is_asked_for_with_every_wall(shell: Shell, tmp_path: Path) -> None:
    place = tmp_path / 'odd "%n": place'
    place.mkdir()
    cell = enclose(ServiceIsolation(), place, shell, [tmp_path])
    argv = cell.wrap(["mariadbd", "-x"])
    assert argv[-2:] == ["mariadbd", "-x"]
    properties = [argv[index + 1] for index, word in enumerate(argv) if word == "-p"]
    assert {
        "TemporaryFileSystem=/:ro",
        "PrivateNetwork=yes",
        "NoNewPrivileges=yes",
        "RestrictAddressFamilies=AF_UNIX",
        "RestrictNamespaces=yes",
        "KillMode=control-group",
        f"MemoryMax={isolation.MEMORY_BYTES}",
        f"TasksMax={isolation.TASKS}",
    } <= {*properties}
    writable = [one for one in properties if one.startswith("BindPaths=") and "/dev/" not in one]
    quoted = str(cell.path).replace('"', '\\"').replace(":", "\\:").replace("%", "%%")
    assert writable == [f'BindPaths="{quoted}"']
    scope = next(word for word in argv if word.endswith(".scope"))
    assert f"BindsTo={scope.partition('=')[2]}" in properties
    assert argv[argv.index("--reuid") + 1] == str(cell.user)
