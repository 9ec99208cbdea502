"""Programs that run in a container of podman or docker: beside a server there, or in throwaway containers of its image.

Everything goes through pipes, never a terminal, which would change bytes. What is written for a program inside lies in
memory there (/dev/shm), readable by its own user only.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import BackupError, SourceMissing, ToolMissing
from .complaints import LineTaker
from .isolation import TEMPORARY_BYTES, Cell
from .pipes import NOTHING, PIPE
from .process import Process, Shell
from .trace import Finished

ENGINES = ("podman", "docker")
ASKING_S = 60.0
INSPECTED = {
    "podman": "{{.Id}} {{.State.Running}} {{.Image}} {{.OCIRuntime}}",
    "docker": "{{.Id}} {{.State.Running}} {{.Image}} {{.HostConfig.Runtime}}",
}
LABEL = "diskominfo-throwaway"
STATUS = Path("/proc/self/status")
UNPRIVILEGED = "NoNewPrivs:\t1"
OUTSIDE = ("--quiet", "--collect", "--pipe", "--wait", "--service-type=exec", "--")
LANGUAGE = ("--env=LC_ALL=C", "--env=TZ=UTC")

BOUNDS = ("--ulimit=core=0", "--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096")
"""What engines ask for by themselves is more than a container in a container may have."""

FIND = 'command -v "$1"'
LENT = "/dev/shm/diskominfo-lent-"  # noqa: S108 - in memory, and the name cannot be guessed
# What a kill has left is a day old at most. The content comes through standard input.
LEND = f'umask 077; find /dev/shm -maxdepth 1 -name "{Path(LENT).name}*" -mmin +1440 -delete; cat > "$1"'
IS_USER = 'grep -q "^$1:" /etc/passwd'


@dataclass(frozen=True)
class Container:
    """A running container. `engine` begins a command of podman or docker, `runtime` is what runs containers there."""

    engine: tuple[str, ...]
    id: str
    image: str
    runtime: str
    user: str = ""

    @property
    def is_podman(self) -> bool:
        """Whether it is podman's, which takes some options that docker does not."""
        return self.engine[-1].endswith("podman")

    def wrap(self, argv: Sequence[str]) -> list[str]:
        """The command that runs `argv` inside."""
        user = [f"--user={self.user}"] if self.user else []
        return [*self.engine, "exec", "--interactive", *LANGUAGE, *user, self.id, *argv]


def find_container(name: str, shell: Shell) -> Container:
    """The running container of that name, of the first engine that has it; ToolMissing, SourceMissing."""
    complaints = []
    for engine in ENGINES:
        with suppress(ToolMissing):
            way = find_way(shell.find(engine), shell)
            found = shell.run([*way, "container", "inspect", f"--format={INSPECTED[engine]}", name])
            if found.trace.status == 0:
                identity, is_running, image, runtime = [*found.stdout.decode("utf-8", "replace").split(), ""][:4]
                if is_running != "true":
                    raise SourceMissing.no_container(name, ["it is not running"])
                return Container(way, identity, image, runtime)
            complaints.append(f"{engine}: {found.trace.stderr_tail.strip()}")
    if not complaints:
        raise ToolMissing.not_found(" or ".join(ENGINES), ENGINES[0])
    raise SourceMissing.no_container(name, complaints)


def find_way(program: str, shell: Shell) -> tuple[str, ...]:
    """The words that begin a command of an engine. Docker's talks to a service; podman does all by itself, for which a
    service that has given its rights away lacks them, so systemd starts it outside."""
    is_confined = UNPRIVILEGED in STATUS.read_text("ascii", "replace")
    if is_confined and program.endswith("podman"):
        with suppress(ToolMissing):
            return (shell.find("systemd-run"), *OUTSIDE, program)
    return (program,)


class ContainerShell(Shell):
    """A shell whose programs run in a container; processes, time and end are those of the shell it was made of."""

    __slots__ = ("_container", "_found", "_outer")

    def __init__(self, outer: Shell, container: Container) -> None:  # pylint: disable=super-init-not-called
        self.__dict__ = outer.__dict__
        self._outer = outer
        self._container = container
        self._found: dict[str, str] = {}

    def find(self, program: str) -> str:
        """The program's path inside; ToolMissing."""
        if program not in self._found:
            finished = self.run(["sh", "-c", FIND, "sh", program])
            path = finished.stdout.decode("utf-8", "replace").strip()
            if finished.trace.status != 0 or not path:
                raise ToolMissing.not_in_container(program, finished.trace.stderr_tail)
            self._found[program] = path
        return self._found[program]

    def start(
        self,
        argv: Sequence[str],
        stdin: int = NOTHING,
        stdout: int = PIPE,
        cwd: str | None = None,
        secrets: Sequence[str] = (),  # pylint: disable=redefined-outer-name
        taker: LineTaker | None = None,
    ) -> Process:
        """See Shell; `argv[0]` is a program inside."""
        return self._outer.start(self._container.wrap(argv), stdin, stdout, cwd, secrets, taker)

    def anew(self, time_limit_s: float) -> Shell:
        """See Shell."""
        return ContainerShell(self._outer.anew(time_limit_s), self._container)

    def has_user(self, name: str) -> bool:
        """Whether the system inside knows a user."""
        return self.run(["sh", "-c", IS_USER, "sh", name]).trace.status == 0


def reach(name: str, shell: Shell, user: str = "") -> Shell:
    """A shell for programs in the container `name`, as `user` where known there; `shell` itself without a name."""
    if not name:
        return shell
    container = find_container(name, shell)
    if user and ContainerShell(shell, container).has_user(user):
        container = Container(container.engine, container.id, container.image, container.runtime, user)
    return ContainerShell(shell, container)


@contextmanager
def lend_inside(name: str, content: str, user: str = "") -> Iterator[Path]:
    """A file (0600) with `content` within the container `name`, gone when the block ends."""
    path = LENT + secrets.token_hex(8)
    with Shell(ASKING_S) as outer:
        shell = reach(name, outer, user)
        try:
            yield _write_inside(shell, path, content)
        finally:
            with suppress(BackupError), shell.anew(ASKING_S) as last:
                last.run(["rm", "-f", path])


def _write_inside(shell: Shell, path: str, content: str) -> Path:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source:
        with os.fdopen(writing, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(content)
        shell.run(["sh", "-c", LEND, "sh", path], stdin=source.fileno()).trace.require_success()
    return Path(path)


@dataclass(frozen=True)
class ImageIsolation:
    """Throwaway containers of one image: see isolation.Isolation. All of one cell share its folder and nothing else.

    Each has no network, a root that cannot be written to, an own user without rights, and limits. Killing the command
    does not end its container: whoever made them calls `remove`, and each ends by itself when its time is over.
    """

    container: Container
    place: Path

    name = "image"

    def wrap(self, cell: Cell, argv: Sequence[str]) -> list[str]:
        """See Isolation."""
        bounds, folder = cell.bounds, str(cell.path)
        limits = [
            f"--memory={bounds.memory_bytes}",
            f"--pids-limit={bounds.tasks}",
            f"--ulimit=fsize={bounds.file_bytes}",
        ]
        view = [f"--volume={folder}:{folder}", f"--volume={cell.accounts}:/etc/passwd:ro", f"--workdir={folder}"]
        view += [f"--volume={path}:{path}:ro" for path in cell.readable]
        return [*self._begin(cell.user), *limits, *view, *self._enter(bounds.time_s, argv)]

    def look(self, argv: Sequence[str], shell: Shell) -> Finished:
        """Runs a program of the image that needs no cell."""
        return shell.run([*self._begin(65534), *self._enter(int(ASKING_S), argv)])

    def _begin(self, user: int) -> list[str]:
        container = self.container
        # Docker knows its runtimes by name and takes the same one by itself.
        chosen = [f"--runtime={container.runtime}"] if container.runtime and container.is_podman else []
        start = [*container.engine, *chosen, "run"]
        return [
            *start,
            "--rm",
            "--interactive",
            "--pull=never",
            "--network=none",
            "--read-only",
            f"--tmpfs=/tmp:rw,mode=1777,size={TEMPORARY_BYTES}",
            "--cap-drop=all",
            "--security-opt=no-new-privileges",
            "--security-opt=label=disable",
            f"--user={user}:{user}",
            f"--label={LABEL}={self.place}",
            *BOUNDS,
            *LANGUAGE,
            "--env=HOME=/nonexistent",
        ]

    def _enter(self, time_s: int, argv: Sequence[str]) -> list[str]:
        return ["--entrypoint=timeout", self.container.image, "-s", "KILL", str(time_s), *argv]

    def remove(self, shell: Shell) -> None:
        """Ends the containers of this place, and those of places that are gone: what a crash has left."""
        engine = self.container.engine
        at_once = "--time=0" if self.container.is_podman else "--volumes"
        listed = shell.run(
            [*engine, "ps", "--all", f"--filter=label={LABEL}", f'--format={{{{.ID}}}} {{{{.Label "{LABEL}"}}}}']
        )
        for line in listed.stdout.decode("utf-8", "replace").splitlines():
            identity, _unused, place = line.partition(" ")
            if place == str(self.place) or not os.path.exists(place):
                shell.run([*engine, "rm", "--force", at_once, identity])


class ImageShell(Shell):
    """A shell that finds the programs of an image; what it starts is to be wrapped by a cell of `isolation`."""

    __slots__ = ("_outer", "image")

    def __init__(self, outer: Shell, image: ImageIsolation) -> None:  # pylint: disable=super-init-not-called
        self.__dict__ = outer.__dict__
        self._outer = outer
        self.image = image

    @property
    def isolation(self) -> ImageIsolation:
        """See Shell."""
        return self.image

    def find(self, program: str) -> str:
        """The program's path in the image; ToolMissing."""
        finished = self.look(["sh", "-c", FIND, "sh", program])
        path = finished.stdout.decode("utf-8", "replace").strip()
        if finished.trace.status != 0 or not path:
            raise ToolMissing.not_in_container(program, finished.trace.stderr_tail)
        return path

    def look(self, argv: Sequence[str]) -> Finished:
        """See Shell."""
        return self.image.look(argv, self._outer)

    def start(
        self,
        argv: Sequence[str],
        stdin: int = NOTHING,
        stdout: int = PIPE,
        cwd: str | None = None,
        secrets: Sequence[str] = (),  # pylint: disable=redefined-outer-name
        taker: LineTaker | None = None,
    ) -> Process:
        """See Shell: a command of this machine."""
        return self._outer.start(argv, stdin, stdout, cwd, secrets, taker)


@contextmanager
def open_image(name: str, shell: Shell, place: Path) -> Iterator[Shell]:
    """A shell for throwaway containers of the image that the container `name` was made of, gone with the block.

    `shell` itself without a name, and where that container is not there any more.
    """
    try:
        container = find_container(name, shell) if name else None
    except (SourceMissing, ToolMissing):
        container = None
    if container is None:
        yield shell
        return
    image = ImageIsolation(container, place)
    image.remove(shell)
    try:
        yield ImageShell(shell, image)
    finally:
        with suppress(BackupError), shell.anew(ASKING_S) as last:
            image.remove(last)
