"""Cells: where code of unknown owners may run. An own user without rights, an empty root, no network, no way out.

Restoring a dump runs what its owner wrote into it. So a throwaway server and every client that speaks to it run in a
cell: one folder of the place is writable, the programs of /usr are readable, everything else is not there. Two ways to
have that are really tried: a transient service of systemd, or namespaces made by unshare(1).
"""

from __future__ import annotations

import os
import pwd
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from ..errors import TimeLimitReached, ToolMissing
from .files import remove_tree
from .process import PATH, Shell

UNIT_PREFIX = "diskominfo-throwaway-"
"""Begins the name of every unit that a cell starts: `systemctl list-units 'diskominfo-throwaway-*'`."""

CELL, TRIAL_S = "cell", 20.0
MEMORY_BYTES, TASKS = 4 << 30, 512
TEMPORARY_BYTES = 256 << 20
FILE_SHARE = 0.9
"""No single file may take more than this share of the room that is free when the cell is made."""

SPARE_USERS = range(60578, 61184)
"""Numbers that neither Debian nor systemd gives to anybody (systemd.io/UIDS-GIDS); they fit a container's 65536."""
PROGRAM_FOLDERS = ("bin", "lib", "lib32", "lib64", "libx32", "sbin", "usr", "etc/alternatives")
DEVICES = ("null", "random", "urandom", "zero")
LIBRARY_INDEX = "/etc/ld.so.cache"
DYING_WITH_US = ("setpriv", "--pdeathsig", "KILL")
"""What it starts is killed when the thread that started it ends, also by SIGKILL."""
WITHOUT_RIGHTS = ("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")


@dataclass(frozen=True)
class Bounds:
    """What a cell may take: address space or memory, processes, the size of one file, seconds."""

    memory_bytes: int
    tasks: int
    file_bytes: int
    time_s: int


@dataclass(frozen=True)
class Cell:
    """One folder with an own user. All processes of one cell meet there, by sockets and files, and nowhere else.

    `path` is the folder, by the same name inside and outside; it is also their working directory. `readable` are
    further files and folders that are seen, not written. The folder above is private, so `path` may be open to all.
    """

    isolation: Isolation
    path: Path
    user: int
    readable: tuple[Path, ...]
    bounds: Bounds

    @property
    def accounts(self) -> Path:
        """The /etc/passwd that is seen inside."""
        return self.path.parent / "passwd"

    def wrap(self, argv: Sequence[str]) -> list[str]:
        """The command, to be started by a Shell, that runs `argv` inside with our pipes.

        Its status is that of `argv`, and not 0 when a signal ended it. Killing it ends everything inside; so does the
        end of the thread that started it. Inside, PATH is the usual one and the language is C.
        """
        return self.isolation.wrap(self, argv)

    def show(self, name: str, text: str) -> Path:
        """A new file of the folder that can be read inside, whatever the umask is."""
        path = self.path / name
        path.write_text(text, "utf-8", "surrogateescape")
        path.chmod(0o644)
        return path


class Isolation(Protocol):
    """One way to make cells."""

    name: str

    def wrap(self, cell: Cell, argv: Sequence[str]) -> list[str]:
        """See Cell.wrap."""


def choose_isolation(shell: Shell, place: Path) -> Isolation:
    """The first way that works on this machine below `place`, by trying it; raises ToolMissing where none does."""
    if shell.isolation is not None:
        return cast(Isolation, shell.isolation)
    is_root = os.geteuid() == 0
    ways: list[Isolation] = [ServiceIsolation()] if is_root else []
    complaints = []
    for isolation in (*ways, NamespaceIsolation(is_root)):
        # A trial that fails is no fault of the act, whose receipt tells of every process of its shell.
        with Shell(min(TRIAL_S, shell.time_left_s), shell.environment) as trials:
            complaint = _try(isolation, trials, place / f"trial-{isolation.name}")
        if not complaint:
            return isolation
        complaints.append(f"{isolation.name}: {complaint}")
    shell.require_time()
    raise ToolMissing.no_isolation("; ".join(complaints))


def _try(isolation: Isolation, shell: Shell, place: Path) -> str:
    """Empty when a process in a cell can write there; else why not."""
    place.mkdir()
    try:
        cell = enclose(isolation, place, shell)
        finished = shell.run(cell.wrap(["sh", "-c", ": > tried"]))
        if finished.trace.status == 0 and (cell.path / "tried").exists():
            return ""
        return (finished.trace.stderr_tail.strip().splitlines() or ["it does not work"])[-1]
    except (ToolMissing, TimeLimitReached) as error:
        return error.message
    finally:
        remove_tree(place)


def enclose(isolation: Isolation, place: Path, shell: Shell, readable: Sequence[Path] = ()) -> Cell:
    """A cell in the private folder `place`, which is removed by its caller when all that ran inside has ended."""
    os.chmod(place, 0o700)
    path = place.resolve() / CELL
    path.mkdir()
    path.chmod(0o777)
    room = os.statvfs(path)
    file_bytes = int(room.f_bavail * room.f_frsize * FILE_SHARE)
    bounds = Bounds(MEMORY_BYTES, TASKS, file_bytes, int(shell.time_left_s) + 1)
    cell = Cell(isolation, path, choose_user(), tuple(each.resolve() for each in readable), bounds)
    cell.accounts.write_text(f"throwaway:x:{cell.user}:{cell.user}::/nonexistent:/bin/false\n", "ascii")
    cell.accounts.chmod(0o644)
    return cell


def choose_user() -> int:
    """A user number that nobody has."""
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    return secrets.choice([number for number in SPARE_USERS if number not in taken])


def _drop_rights(cell: Cell) -> list[str]:
    number = str(cell.user)
    return ["setpriv", "--reuid", number, "--regid", number, "--clear-groups", *WITHOUT_RIGHTS]


class ServiceIsolation:
    """A transient service of systemd, for root: works also from a service of ours that has given its own rights away.

    The waiting client stands in a scope of its own to which the service is bound: when the client dies, systemd ends
    the service. Only the first program inside, setpriv, still has the rights to become somebody else.
    """

    name = "systemd"

    def wrap(self, cell: Cell, argv: Sequence[str]) -> list[str]:
        """See Cell.wrap."""
        unit = UNIT_PREFIX + secrets.token_hex(6)
        scope = ["systemd-run", "--no-ask-password", "--quiet", "--collect", "--scope", f"--unit={unit}.scope", "--"]
        service = ["systemd-run", "--no-ask-password", "--quiet", "--collect", "--pipe", "--wait"]
        naming = [
            f"--unit={unit}.service",
            "--service-type=exec",
            f"--description=throwaway place {cell.path.parent.name}",
        ]
        properties = [part for value in self._properties(cell, unit) for part in ("-p", value)]
        return [*DYING_WITH_US, *scope, *service, *naming, *properties, "--", *_drop_rights(cell), *argv]

    def _properties(self, cell: Cell, unit: str) -> list[str]:
        return [
            f"BindsTo={unit}.scope",
            f"After={unit}.scope",
            *self._view(cell),
            *self._limits(cell.bounds),
            "PrivateNetwork=yes",
            "PrivateIPC=yes",
            "RestrictAddressFamilies=AF_UNIX",
            "RestrictNamespaces=yes",
            "RestrictRealtime=yes",
            "RestrictSUIDSGID=yes",
            "CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_SETPCAP",
            "NoNewPrivileges=yes",
            "DevicePolicy=closed",
            "SystemCallFilter=@system-service",
            "SystemCallArchitectures=native",
            "LockPersonality=yes",
            "KeyringMode=private",
            "Environment=LC_ALL=C TZ=UTC HOME=/nonexistent",
        ]

    def _view(self, cell: Cell) -> list[str]:
        """An empty root, and what is seen in it. No /proc, no /run: no process and no socket of the server's."""
        programs = [f"BindReadOnlyPaths=-/{name}" for name in PROGRAM_FOLDERS]
        return [
            "TemporaryFileSystem=/:ro",
            *programs,
            *(f"BindPaths=/dev/{name}" for name in DEVICES),
            f"TemporaryFileSystem=/dev/shm:mode=1777,size={TEMPORARY_BYTES}",
            f"TemporaryFileSystem=/tmp:mode=1777,size={TEMPORARY_BYTES}",
            f"BindReadOnlyPaths=-{LIBRARY_INDEX}",
            f"BindReadOnlyPaths={_quote(cell.accounts)}:/etc/passwd",
            *(f"BindReadOnlyPaths={_quote(path)}" for path in cell.readable),
            f"BindPaths={_quote(cell.path)}",
            f"WorkingDirectory={cell.path}".replace("%", "%%"),
        ]

    def _limits(self, bounds: Bounds) -> list[str]:
        return [
            f"MemoryMax={bounds.memory_bytes}",
            "MemorySwapMax=0",
            f"TasksMax={bounds.tasks}",
            f"LimitFSIZE={bounds.file_bytes}",
            "LimitCORE=0",
            f"RuntimeMaxSec={bounds.time_s}",
            "KillMode=control-group",
            "KillSignal=SIGKILL",
            "UMask=0077",
        ]


def _quote(path: Path) -> str:
    r"""A path for BindPaths=: quoted, because it may hold spaces; `:` would begin the name inside."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace(":", "\\:").replace("%", "%%")
    return f'"{text}"'


class NamespaceIsolation:
    """Namespaces of our own: as root under an own user; as an ordinary user, who stays who it is outside."""

    name = "namespaces"

    def __init__(self, is_root: bool) -> None:
        self.is_root = is_root

    def wrap(self, cell: Cell, argv: Sequence[str]) -> list[str]:
        """See Cell.wrap."""
        own = [] if self.is_root else ["--user", "--map-root-user"]
        spaces = ["unshare", *own, "--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child"]
        seen = [str(len(cell.readable)), *map(str, cell.readable)]
        build = ["sh", "-c", BUILD_ROOT, "sh", str(cell.path), *seen]
        return [*DYING_WITH_US, *spaces, *build, *self._limits(cell.bounds), *self._become(cell), *argv]

    def _limits(self, bounds: Bounds) -> list[str]:
        sizes = [f"--as={bounds.memory_bytes}", f"--nproc={bounds.tasks}", f"--fsize={bounds.file_bytes}", "--core=0"]
        return ["timeout", "--signal=KILL", "--foreground", str(bounds.time_s), "prlimit", *sizes]

    def _become(self, cell: Cell) -> list[str]:
        if self.is_root:
            return _drop_rights(cell)
        mapping = [f"--map-user={cell.user}", f"--map-group={cell.user}"]
        return ["unshare", "--user", *mapping, "--keep-caps", "setpriv", *WITHOUT_RIGHTS]


# Runs as root of the new namespaces, before any code of others. Arguments: the cell, the number of readable paths,
# these, the command. /sys is where the new root is put together because nothing that is needed lies below it. The
# command is not the first process of its namespace: that one it could neither kill nor keep alive.
BUILD_ROOT = f"""set -e
umask 022
export PATH={PATH}
cell=$1 count=$2
shift 2
mount -t tmpfs -o mode=0755,size=4m throwaway /sys
cd /sys
show() {{
  if [ -d "$1" ]; then mkdir -p ".$1"; else mkdir -p ".${{1%/*}}"; [ -e ".$1" ] || : > ".$1"; fi
  mount --rbind "$1" ".$1"
}}
mkdir -p dev/shm etc old proc tmp
mount -t tmpfs -o nosuid,nodev,mode=1777,size={TEMPORARY_BYTES} throwaway dev/shm
mount -t tmpfs -o nosuid,nodev,mode=1777,size={TEMPORARY_BYTES} throwaway tmp
mount -t proc -o nosuid,nodev,noexec throwaway proc
for name in {" ".join(PROGRAM_FOLDERS)}; do
  if [ -L "/$name" ]; then cp -P "/$name" "$name"
  elif [ -d "/$name" ]; then show "/$name"; mount -o remount,bind,ro "$name"
  fi
done
for name in {" ".join(DEVICES)}; do show "/dev/$name"; done
cp "${{cell%/*}}/passwd" etc/passwd
if [ -e {LIBRARY_INDEX} ]; then cp {LIBRARY_INDEX} etc/; fi
while [ "$count" -gt 0 ]; do
  show "$1"; mount -o remount,bind,ro ".$1"
  shift; count=$((count - 1))
done
show "$cell"
mount -o remount,bind,ro .
pivot_root . old
umount -l /old
cd "$cell"
umask 077
status=0
"$@" || status=$?
exit $status
"""
