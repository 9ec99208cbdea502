"""One pass of tar over a tree: the archive as a stream, its manifest beside it, and what tar had to say."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ...errors import DumpFailed, SourceMissing
from ...flow.pipes import widen_pipe
from ...flow.process import Process, Shell
from ...record.census import NO_CONSISTENCY, Census
from ..base import Dumped
from .archive import Root, resolve_root, start_archiving
from .complaints import Complaints
from .headers import DIRECTORY, MalformedArchive, Member
from .manifest import SUFFIX, Manifest
from .scan import Scanner


class _Listing:
    """Writes the manifest, and notices folders that tar left empty because another file system begins there."""

    def __init__(self, root: Root, stream: BinaryIO, complaints: Complaints) -> None:
        self.manifest = Manifest(stream)
        self._root = root
        self._complaints = complaints
        self._folder = b""

    def begin(self, member: Member) -> bool:
        """The member after a folder tells whether the folder is empty."""
        if self._folder:
            self.look_behind(member.path)
        if member.kind == DIRECTORY:
            self._folder = member.path
        return self.manifest.begin(member)

    def end(self, member: Member, sha256: str) -> None:
        """Its line is written."""
        self.manifest.end(member, sha256)

    def look_behind(self, following: bytes) -> None:
        """Notes the last folder if `following` is not in it and it lies on another file system than the root."""
        folder, self._folder = self._folder, b""
        if following.startswith(folder):
            return
        with suppress(OSError):  # gone since: nothing was left out
            if os.lstat(os.path.join(os.fsencode(self._root.path), folder)).st_dev != self._root.device:
                name = folder[2:-1].decode("utf-8", "backslashreplace")
                self._complaints.notes.add(f"not archived, another file system: {name}")


class TreeSnapshot:
    """What a folder holds while tar reads it: see base.Snapshot. Files that change meanwhile are named as warnings."""

    suffix = "tar"
    scratch_bytes = 0
    expected_bytes = 0
    """Unknown: a walk only to learn it would cost more than it is worth."""

    def __init__(self, path: str, exclude: Sequence[str], tool: str, shell: Shell, place: Path) -> None:
        self.complaints = Complaints()
        self.manifest = place / SUFFIX
        self._path = path
        self._root = resolve_root(path)
        self._exclude = exclude
        self._tool = tool
        self._shell = shell
        self._stream = open(self.manifest, "xb")  # noqa: SIM115 - closed by close
        self._listing = _Listing(self._root, self._stream, self.complaints)
        self._scanner = Scanner(self._listing, is_trusted=True, check=shell.require_time)
        self._process: Process | None = None
        self._census = Census()

    def open_stream(self) -> int:
        """Starts tar."""
        self._process = start_archiving(self._root, self._exclude, self._shell, self.complaints.take)
        widen_pipe(self._process.stdout)
        return self._process.stdout

    def take(self, chunk: memoryview) -> None:
        """Every byte of the archive in passing. Raises DumpFailed for what tar cannot have written."""
        try:
            self._scanner.take(chunk)
        except MalformedArchive as error:
            raise DumpFailed.is_malformed(self._path, str(error)) from error

    def has_seen_enough(self) -> bool:
        """See Snapshot: never, every file is hashed."""
        return False

    def finish(self) -> Dumped:
        """Raises SourceUnreadable for anything tar could not read, SourceMissing for a tree without a file."""
        if self._process:
            self._process.close_pipes()
            trace = self._process.wait()
            self._shell.require_time()
            self.complaints.judge(trace, self._path)
        try:
            self._scanner.finish()
        except MalformedArchive as error:
            raise DumpFailed.is_malformed(self._path, str(error)) from error
        self._listing.look_behind(b"")
        counts, digest = self._listing.manifest.conclude()
        self._stream.flush()
        if not counts.get("files"):
            raise SourceMissing.is_empty(self._path)
        self._census = Census(counts=counts, digest=digest, consistency=NO_CONSISTENCY)
        return Dumped(self._tool, notes=self._tell_notes(), warnings=self.complaints.warnings.tell())

    def _tell_notes(self) -> tuple[str, ...]:
        is_link = os.path.normpath(self._path) != self._root.path
        leading = (f"its path leads through a link to {self._root.path}",) if is_link else ()
        return (*leading, *self.complaints.notes.tell())

    def close(self) -> None:
        """Closes the manifest."""
        self._stream.close()

    def census(self) -> Census:
        """What tar's stream held; its digest is that of the manifest."""
        return self._census

    def asides(self) -> Mapping[str, Path]:
        """The manifest."""
        return {SUFFIX: self.manifest}
