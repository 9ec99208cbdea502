"""Files that appear whole or not at all, folders nobody else reads, and removal that never follows a link.

Everything here raises OSError; the caller knows what it means for whom. A temporary name begins with a dot and ends in
`.tmp`: nothing that lists records or backups takes it for one.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_STORED = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_ROOM = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

# Network file systems without fsync of folders say one of these; their server orders the changes itself.
_FSYNC_UNKNOWN = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)


def write_beside(path: Path, data: bytes, mode: int = PRIVATE_FILE, is_durable: bool = True) -> None:
    """Replaces `path` by `data` in one step: written beside, fsynced, renamed, the folder fsynced.

    A reader sees the old bytes or the new, never a part; so does the next boot. `is_durable` False leaves out both
    fsyncs, for what can be made anew. A link at `path` is replaced, not followed.
    """
    beside = path.parent / f".{path.name[:200]}.{os.urandom(4).hex()}.tmp"
    stream = os.fdopen(os.open(beside, _NEW, mode), "wb")
    try:
        with stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(data)
            stream.flush()
            if is_durable:
                os.fsync(stream.fileno())
        os.rename(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
    if is_durable:
        fsync_folder(path.parent)


def sweep_beside(folder: Path, age_s: float = 3600.0) -> int:
    """Removes what a process that was killed in `write_beside` left in a folder; how many files.

    Only what is older than `age_s` seconds: a younger one may be about to be renamed.
    """
    count = 0
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            is_ours = entry.name.startswith(".") and entry.name.endswith(".tmp")
            if is_ours and time.time() - entry.stat(follow_symlinks=False).st_mtime >= age_s:
                os.unlink(entry.path)
                count += 1
    return count


def make_private_folder(path: Path) -> None:
    """Makes the folder (0700) and what is missing above it; takes away the rights of others from one that is there.

    A link or a file in its place is an OSError.
    """
    try:
        path.mkdir(mode=PRIVATE_FOLDER, parents=True)
        fsync_folder(path.parent)
    except FileExistsError:
        with open_folder(path) as folder:
            mode = stat.S_IMODE(os.fstat(folder).st_mode)
            if mode & 0o077:
                os.fchmod(folder, mode & 0o700)


@contextmanager
def open_folder(root: Path, *names: str) -> Iterator[int]:
    """A descriptor of the folder `root/<names>`, for calls with `dir_fd`; closed when the block ends.

    Links above `root` are followed, `root` itself and every name below it must be true folders.
    """
    descriptor = os.open(root, _FOLDER | os.O_NOFOLLOW)
    try:
        for name in names:
            deeper = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = deeper
        yield descriptor
    finally:
        os.close(descriptor)


def open_new(path: Path, folder: int | None = None) -> io.BufferedWriter:
    """A file (0600) that did not exist, for writing; relative to the descriptor `folder` where one is given.

    Anything that is there already, a dangling link too, is FileExistsError.
    """
    return os.fdopen(os.open(path, _NEW, PRIVATE_FILE, dir_fd=folder), "wb")


def list_folders(folder: int) -> list[str]:
    """The names of the true folders in a folder that is open, in order; links are none."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))


class NotRegular(OSError):
    """A link, or something that is no file, where a file should be."""


def open_stored(path: Path | str, folder: int | None = None) -> BinaryIO:
    """A regular file for reading; NotRegular for a link and for whatever could block (FIFO, device, socket)."""
    try:
        descriptor = os.open(path, _STORED, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise NotRegular(error.errno, "not a regular file", str(path)) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotRegular(errno.EINVAL, "not a regular file", str(path))
    return os.fdopen(descriptor, "rb")


def fsync_folder(path: Path) -> None:
    """Makes the names in a folder durable, where its file system can."""
    descriptor = os.open(path, _FOLDER)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _FSYNC_UNKNOWN:
            raise
    finally:
        os.close(descriptor)


def remove_tree(path: Path) -> None:
    """Removes whatever lies at `path`: a folder with all below it, or the file or link itself. Absent is fine.

    Never follows a link; folders without write permission are granted it first. Folders are moved up before they are
    emptied, so that neither depth nor the number of open files has a limit.
    """
    try:
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            os.unlink(path)
            return
    except FileNotFoundError:
        return
    with _open_granted(str(path), None) as top:
        _empty(top)
    os.rmdir(path)


def _empty(top: int) -> None:
    prefix = f".{os.urandom(4).hex()}-"
    moved = 0
    waiting = _strip(top)
    while waiting:
        name = waiting.pop()
        with _open_granted(name, top) as folder:
            for inner in _strip(folder):
                higher = f"{prefix}{moved}"
                moved += 1
                _grant(inner, folder)  # a folder that changes its parent must be writable itself
                os.rename(inner, higher, src_dir_fd=folder, dst_dir_fd=top)
                waiting.append(higher)
        os.rmdir(name, dir_fd=top)


def _strip(folder: int) -> list[str]:
    """Unlinks all that is no folder; the names of the folders."""
    folders = list_folders(folder)
    for name in {*os.listdir(folder)}.difference(folders):
        os.unlink(name, dir_fd=folder)
    return folders


@contextmanager
def _open_granted(name: str, above: int | None) -> Iterator[int]:
    _grant(name, above)
    descriptor = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=above)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _grant(name: str, above: int | None) -> None:
    """Gives the owner all rights to a folder. By its descriptor: chmod of a name would follow a link put there."""
    descriptor = os.open(name, _ROOM, dir_fd=above)
    try:
        if os.fstat(descriptor).st_mode & PRIVATE_FOLDER != PRIVATE_FOLDER:
            os.chmod(f"/proc/self/fd/{descriptor}", PRIVATE_FOLDER)
    finally:
        os.close(descriptor)


def free_bytes(path: Path) -> int:
    """How many bytes an ordinary user may still write on the file system of `path`."""
    system = os.statvfs(path)
    return system.f_bavail * system.f_frsize


def is_mount(path: Path) -> bool:
    """Whether a file system begins at `path`, links resolved; False where nothing is."""
    return os.path.ismount(os.path.realpath(path))
