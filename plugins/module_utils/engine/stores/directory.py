"""Runs as plain files in folders: `<path>/<application>/<run id>/{files, SHA256SUMS, receipt.json}`, nothing to learn.

What is being stored lies in `.partial`, what is being removed in `.deleted`; a rename within the file system moves a
whole run in or out of sight.
"""

from __future__ import annotations

import errno
import io
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import BackupError, RunNotFound, StoredDamaged, StoreFull, StoreUnavailable
from ..flow.files import (
    NotRegular,
    free_bytes,
    fsync_folder,
    list_folders,
    make_private_folder,
    open_folder,
    open_new,
    open_stored,
    remove_tree,
)
from ..record.application import NAME_PATTERN
from ..record.receipt import FILE_PATTERN, ID_PATTERN, Receipt, StoredFile, StoreTrace
from ..record.wire import SIZE_LIMIT_BYTES
from .guard import admit_store, examine_store, require_writable

TYPE = "directory"
RECEIPT = "receipt.json"
SUMS = "SHA256SUMS"
PARTIAL = ".partial"
DELETED = ".deleted"
SCRATCH = ".scratch"
WRITTEN_BACK_BYTES = 8 * 1024 * 1024
"""How much is written before the disk is told to begin with it: so `settle` has little left to wait for."""


@contextmanager
def _translate(path: Path) -> Iterator[None]:
    """A fault of the disk as the error of the store at `path`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull.ended(str(path)) from error
        raise StoreUnavailable.unusable(str(path), error.strerror or str(error)) from error


class StoredWriter(io.BufferedWriter):
    """A file of the store at `path` that is being written; its faults are those of the store, not of the source."""

    def __init__(self, raw: io.RawIOBase, path: Path) -> None:
        super().__init__(raw)
        self._path = path
        self._begun_bytes = 0

    def write(self, data: Any) -> int:
        """As BufferedWriter; StoreFull or StoreUnavailable."""
        with _translate(self._path):
            count = super().write(data)
            if self.tell() - self._begun_bytes >= WRITTEN_BACK_BYTES:
                self._begin_writing_back()
            return count

    def _begin_writing_back(self) -> None:
        """posix_fadvise(2), DONTNEED: the kernel starts to write what is not on the disk yet, and does not wait."""
        end = self.tell()
        os.posix_fadvise(self.fileno(), self._begun_bytes, end - self._begun_bytes, os.POSIX_FADV_DONTNEED)
        self._begun_bytes = end

    def flush(self) -> None:
        """As BufferedWriter; StoreFull or StoreUnavailable."""
        with _translate(self._path):
            super().flush()

    def settle(self) -> int:
        """Brings all of it to the disk; how many bytes it has."""
        self.flush()
        with _translate(self._path):
            os.fsync(self.fileno())
            return os.fstat(self.fileno()).st_size


class DirectoryDeposit:
    """One run on its way into a DirectoryStore: see stores/base.py."""

    def __init__(self, path: Path, staging: Path) -> None:
        self.place = staging / SCRATCH
        self.is_sealed = False
        self._path = path
        self._staging = staging
        self._sizes: dict[str, int] = {}

    @contextmanager
    def put(self, name: str) -> Iterator[BinaryIO]:
        """See Deposit."""
        if not re.fullmatch(FILE_PATTERN, name) or name in (RECEIPT, SUMS):
            raise StoreUnavailable.unusable(str(self._path), f"not a name for a file: {name!r}")
        with self._create(name) as writer:
            yield writer
            self._sizes[name] = writer.settle()

    def seal(self, receipt: Receipt, files: Sequence[StoredFile]) -> None:
        """See Deposit. StoreUnavailable when `files` are not those that were put, by name and size."""
        if {file.name: file.size_bytes for file in files} != self._sizes:
            raise StoreUnavailable.unusable(str(self._path), "the receipt names other files than were stored")
        ordered = sorted(files, key=lambda file: file.name)
        self._write(SUMS, "".join(f"{file.sha256}  {file.name}\n" for file in ordered).encode("ascii"))
        self._write(RECEIPT, receipt.to_bytes())
        self.is_sealed = True

    def _write(self, name: str, data: bytes) -> None:
        with self._create(name) as writer:
            writer.write(data)
            writer.settle()

    @contextmanager
    def _create(self, name: str) -> Iterator[StoredWriter]:
        with _translate(self._path), open_folder(self._staging) as folder:
            writer = StoredWriter(open_new(Path(name), folder).detach(), self._path)
        try:
            yield writer
        finally:
            # What was written well is settled by now; what was not is gone with the deposit.
            with suppress(OSError, BackupError):
                writer.close()


class DirectoryStore:
    """See stores/base.py. `memory` is the file below the server's state that remembers this store."""

    def __init__(self, path: Path, memory: Path) -> None:
        self._path = path
        self._memory = memory
        # An administrator may link the store to where there is room; below it no link is followed.
        self._root = Path(os.path.realpath(path))

    def open(self) -> None:
        """See Store."""
        with _translate(self._path):
            admit_store(self._root, self._memory)
            for name in (PARTIAL, DELETED):
                make_private_folder(self._root / name)

    def probe(self) -> None:
        """See Store."""
        with _translate(self._path):
            examine_store(self._root, self._memory)
        require_writable(self._root)

    def inspect(self) -> StoreTrace:
        """See Store."""
        with _translate(self._path):
            device, free = os.stat(self._root).st_dev, free_bytes(self._root)
        return StoreTrace(TYPE, str(self._path), device, free, is_same_disk=False)

    def require_room(self, needed_bytes: int) -> None:
        """See Store."""
        free = self.inspect().free_bytes
        if free < needed_bytes:
            raise StoreFull.needs(str(self._path), needed_bytes, free)

    @contextmanager
    def open_deposit(self, application: str, run_id: str) -> Iterator[DirectoryDeposit]:
        """See Store."""
        if not re.fullmatch(NAME_PATTERN, application) or not re.fullmatch(ID_PATTERN, run_id):
            raise StoreUnavailable.unusable(str(self._path), f"not a run: {application!r}, {run_id!r}")
        if run_id in self.runs(application):
            raise StoreUnavailable.unusable(str(self._path), f"{application} has a run {run_id} already")
        staging = self._root / PARTIAL / application / run_id
        try:
            with _translate(self._path):
                self._make_room_for(staging)
            deposit = DirectoryDeposit(self._path, staging)
            yield deposit
            if deposit.is_sealed:
                with _translate(self._path):
                    self._commit(staging, self._root / application / run_id)
        finally:
            with suppress(OSError):
                remove_tree(staging)
                staging.parent.rmdir()

    def _make_room_for(self, staging: Path) -> None:
        """Without parents: nothing begins in a place that is not open, such as a mount point that lost its mount."""
        with suppress(FileExistsError):
            staging.parent.mkdir(mode=0o700)
        staging.mkdir(mode=0o700)
        (staging / SCRATCH).mkdir(mode=0o700)

    def _commit(self, staging: Path, final: Path) -> None:
        remove_tree(staging / SCRATCH)
        fsync_folder(staging)
        make_private_folder(final.parent)
        os.rename(staging, final)
        fsync_folder(final.parent)
        fsync_folder(staging.parent)

    def runs(self, application: str) -> Sequence[str]:
        """See Store."""
        return self._list_folders(application, pattern=ID_PATTERN) if re.fullmatch(NAME_PATTERN, application) else []

    def applications(self) -> Sequence[str]:
        """See Store."""
        return [name for name in self._list_folders(pattern=NAME_PATTERN) if self.runs(name)]

    def _list_folders(self, *below: str, pattern: str) -> list[str]:
        """Names of true folders that match, in order; none where there is no such place."""
        found: list[str] = []
        with _translate(self._path), suppress(FileNotFoundError), open_folder(self._root, *below) as folder:
            found = list_folders(folder)
        return [*filter(re.compile(pattern).fullmatch, found)]

    def read_receipt(self, application: str, run_id: str) -> bytes:
        """See Store. StoredDamaged when the run is there without it."""
        with _translate(self._path), self.get(application, run_id, RECEIPT) as stream:
            return stream.read(SIZE_LIMIT_BYTES + 1)

    def get(self, application: str, run_id: str, name: str) -> BinaryIO:
        """See Store. RunNotFound when there is no such run, StoredDamaged for a link or anything but a file."""
        self._require_run(application, run_id)
        subject = f"{application}/{run_id}/{name}"
        if not re.fullmatch(FILE_PATTERN, name):
            raise StoredDamaged.missing(subject)
        with _translate(self._path), open_folder(self._root, application, run_id) as folder:
            try:
                return open_stored(Path(name), folder)
            except FileNotFoundError as error:
                raise StoredDamaged.missing(subject) from error
            except NotRegular as error:
                raise StoredDamaged.unreadable(subject, "not a regular file") from error

    def delete(self, application: str, run_id: str) -> None:
        """See Store."""
        self._require_run(application, run_id)
        folder, doomed = self._root / application, self._root / DELETED / f"{application}-{run_id}"
        with _translate(self._path):
            os.rename(folder / run_id, doomed)
            fsync_folder(folder)
            fsync_folder(doomed.parent)
            remove_tree(doomed)
        with suppress(OSError):
            folder.rmdir()

    def _require_run(self, application: str, run_id: str) -> None:
        if run_id not in self.runs(application):
            raise RunNotFound.absent(application, run_id)

    def sweep(self, application: str) -> Sequence[str]:
        """See Store."""
        if not re.fullmatch(NAME_PATTERN, application):
            return []
        doomed = self._list_folders(DELETED, pattern=f"{re.escape(application)}-{ID_PATTERN}")
        unfinished = self._list_folders(PARTIAL, application, pattern=ID_PATTERN)
        with _translate(self._path):
            for name in doomed:
                remove_tree(self._root / DELETED / name)
            remove_tree(self._root / PARTIAL / application)
        return unfinished
