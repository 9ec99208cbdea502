"""A stand-in for podman and docker: its containers are this machine, so that real servers and clients answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import ENVIRONMENT, PATH

SCRIPT = r"""#!/bin/sh
# As podman does it: options, then what is to be run. One of an image has the user and the /etc/passwd it is given.
state='{state}'
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
case $1 in --runtime=*) shift ;; esac
echo "$*" >> "$state/calls"
word=$1
shift
user='' folder=/ accounts=''
case $word in
  container)
    shift 2
    if [ -f "$state/$1" ]; then exec cat "$state/$1"; fi
    echo "Error: no such container $1" >&2
    exit 125 ;;
  ps) if [ -f "$state/throwaways" ]; then exec cat "$state/throwaways"; fi; exit 0 ;;
  rm) exit 0 ;;
esac
while :; do
  case $1 in
    --user=*) user=${{1#--user=}} ;;
    --workdir=*) folder=${{1#--workdir=}} ;;
    --volume=*:/etc/passwd:ro) accounts=${{1#--volume=}}; accounts=${{accounts%%:*}} ;;
    -*) ;;
    *) break ;;
  esac
  shift
done
shift
cd "$folder" || exit 125
if [ "$word" = run ]; then set -- timeout "$@"; fi
if [ "$(id -u)" != 0 ] || [ -z "$user" ]; then exec "$@"; fi
case $user in *:*) set -- --clear-groups "$@" ;; *) set -- --init-groups "$@" ;; esac
set -- setpriv --reuid "${{user%%:*}}" --regid "$(id -g "${{user%%:*}}" 2>/dev/null || echo "${{user#*:}}")" "$@"
if [ -z "$accounts" ]; then exec "$@"; fi
# The folder is seen by everybody inside, whatever lies above it outside.
exec unshare --mount sh -c '
accounts=$1 folder=$2
shift 2
umask 022; exec 9<"$folder"
mount --bind "$accounts" /etc/passwd && mount -t tmpfs -o mode=1777 inside /tmp && mkdir -p "$folder" || exit 125
mount --no-canonicalize --bind /proc/self/fd/9 "$folder" && cd "$folder" && exec 9<&- && exec "$@"
' sh "$accounts" "$folder" "$@"
"""


@dataclass(frozen=True)
class Engine:
    """What is installed below `folder`, and what it was asked for."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, *programs: str) -> Engine:
        """Programs of these names (podman), in a folder of their own."""
        engine = cls(folder)
        (folder / "state").mkdir(parents=True)
        for program in programs or ("podman",):
            path = folder / program
            path.write_text(SCRIPT.format(state=folder / "state"))
            path.chmod(0o755)
        (folder / "state").chmod(0o777)
        return engine

    @property
    def environment(self) -> Mapping[str, str]:
        """Where these programs are found first."""
        return {**ENVIRONMENT, "PATH": f"{self.folder}:{PATH}"}

    def add(self, name: str, is_running: bool = True, runtime: str = "runc") -> str:
        """A container of that name; the name."""
        (self.folder / "state" / name).write_text(f"id-of-{name} {str(is_running).lower()} image {runtime}\n")
        return name

    def leave(self, *places: Path) -> None:
        """Throwaway containers that a crash has left."""
        lines = [f"left-{number} {place}\n" for number, place in enumerate(places)]
        (self.folder / "state" / "throwaways").write_text("".join(lines))

    @property
    def calls(self) -> list[str]:
        """Everything that was asked, without the name of the program."""
        path = self.folder / "state" / "calls"
        return path.read_text().splitlines() if path.exists() else []
