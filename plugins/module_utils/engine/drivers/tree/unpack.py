"""How a tree comes back: every header is judged here before GNU tar sees it, so nothing lands outside the place."""

from __future__ import annotations

import os
from pathlib import Path

from ...errors import RestoreFailed
from ...flow.pipeline import write_to
from ...flow.process import NOTHING, PIPE, Shell, Trace
from .headers import DIRECTORY, HARDLINK, SYMLINK, MalformedArchive, Member
from .scan import Scanner

ROOT = b"./"
SHOWN_LINES = 20

ARGUMENTS: tuple[str, ...] = (
    "tar",
    "--extract",
    "--file=-",
    "--same-permissions",
    "--delay-directory-restore",
    "--acls",
    "--xattrs",
    "--numeric-owner",
    "--warning=no-timestamp",
)
AS_ROOT: tuple[str, ...] = ("--same-owner", "--xattrs-include=*")
AS_USER: tuple[str, ...] = ("--no-same-owner",)

_NO_DEVICE = b": Cannot mknod: Operation not permitted"
_CLOSING = b"Exiting with failure status due to previous errors"


class Guard:
    """Lets pass what an archive sorted by name can hold, which is all that is ever made here.

    Each member must lie in a folder that the archive itself brought, still open in its order of depth, and its name
    must come after the one before it: so no name comes twice, and nothing is written through a link. Constant memory,
    but for the names of symbolic links, which no hard link may lead through. Setuid and the like come back as they
    were.
    """

    def __init__(self) -> None:
        self.has_root = False
        self._folders: list[bytes] = []
        self._last = [b""]
        self._links: set[bytes] = set()

    def begin(self, member: Member) -> bool:
        """Raises RestoreFailed.refused_member; wants no hash."""
        reason = self._judge(member)
        if reason:
            raise RestoreFailed.refused_member(member.path.decode("utf-8", "surrogateescape"), reason)
        return False

    def end(self, member: Member, sha256: str) -> None:
        """Nothing more is asked of it."""

    def _judge(self, member: Member) -> str:
        """Why the member is refused; empty when it is not."""
        if not self.has_root:
            self.has_root = True
            return "" if (member.path, member.kind) == (ROOT, DIRECTORY) else "the archive does not begin with its root"
        names = _split(member.path)
        if not names:
            return "it would leave the place"
        if (member.kind == DIRECTORY) != (names[-1] == b""):
            return "its name and its type do not agree"
        return self._judge_place([name for name in names if name], member) or self._judge_link(member)

    def _judge_place(self, names: list[bytes], member: Member) -> str:
        depth = len(names) - 1
        if names[:-1] != self._folders[:depth]:
            return "it does not lie in a folder of the archive"
        del self._folders[depth:], self._last[depth + 1 :]
        if names[-1] <= self._last[depth]:
            return "it comes twice or out of order"
        self._last[depth] = names[-1]
        if member.kind == DIRECTORY:
            self._folders.append(names[-1])
            self._last.append(b"")
        return ""

    def _judge_link(self, member: Member) -> str:
        if member.kind == SYMLINK:
            self._links.add(member.path)
        if member.kind != HARDLINK:
            return ""
        names = _split(member.link)
        if not names or names[-1] == b"":
            return "its link would leave the place"
        parents = (ROOT + b"/".join(names[:count]) for count in range(1, len(names)))
        return "its link leads through a symbolic link" if any(parent in self._links for parent in parents) else ""


def _split(path: bytes) -> list[bytes]:
    """The names of a path below the root, the last one empty for a folder; none for a path that leads elsewhere."""
    names = path[len(ROOT) :].split(b"/")
    inner = names[:-1] if len(names) > 1 and not names[-1] else names
    is_inside = path.startswith(ROOT) and not any(name in (b"", b".", b"..") for name in inner)
    return names if is_inside else []


class TreeSink:
    """A folder that is filled from an archive: see base.Sink."""

    def __init__(self, folder: Path, shell: Shell) -> None:
        self._folder = folder
        self._shell = shell
        self._guard = Guard()
        self._scanner = Scanner(self._guard)
        self._is_root = os.geteuid() == 0
        self._unexpected: list[bytes] = []
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise RestoreFailed.ended(folder.name, error.strerror or str(error)) from error
        argv = [*ARGUMENTS, *(AS_ROOT if self._is_root else AS_USER), f"--directory={folder}"]
        self._process = shell.start(argv, stdin=PIPE, stdout=NOTHING, taker=self._listen)
        self._write = write_to(self._process.stdin)

    def _listen(self, line: bytes) -> None:
        """An ordinary user cannot make devices, which are left out then; everything else is a fault."""
        if line.endswith(_CLOSING) or (not self._is_root and line.endswith(_NO_DEVICE)):
            return
        if len(self._unexpected) < SHOWN_LINES:
            self._unexpected.append(line)

    def take(self, chunk: memoryview) -> None:
        """The next raw bytes: first judged, then passed to tar."""
        try:
            self._scanner.take(chunk)
            self._write(chunk)
        except MalformedArchive as error:
            raise RestoreFailed.ended(self._folder.name, str(error)) from error
        except BrokenPipeError as error:
            # tar leaves the zeros behind the end to whom they please.
            if not self._scanner.has_ended:
                raise self._name_fault(self._await_end()) from error

    def finish(self) -> None:
        """Waits for tar; raises RestoreFailed for an archive that was cut, or that tar did not unpack as a whole."""
        try:
            self._scanner.finish()
        except MalformedArchive as error:
            raise RestoreFailed.ended(self._folder.name, str(error)) from error
        if not self._guard.has_root:
            raise RestoreFailed.ended(self._folder.name, "the archive holds nothing")
        self._conclude()

    def close(self) -> None:
        """Ends tar if it still runs."""
        self._process.kill()
        self._process.close_pipes()
        self._process.await_end()

    def _conclude(self) -> None:
        trace = self._await_end()
        if trace.status not in (0, 2) or (trace.status and self._unexpected):
            raise self._name_fault(trace)

    def _await_end(self) -> Trace:
        self._process.close_pipes()
        trace = self._process.wait()
        self._shell.require_time()
        return trace

    def _name_fault(self, trace: Trace) -> RestoreFailed:
        said = [line.decode("utf-8", "replace") for line in self._unexpected]
        return RestoreFailed.ended(self._folder.name, said[0] if said else f"tar ended with status {trace.status}")
