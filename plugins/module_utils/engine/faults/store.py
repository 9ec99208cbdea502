"""What keeps a backup from being kept, proved, brought back or recorded."""

from __future__ import annotations

from .base import BackupError


class StoreUnavailable(BackupError, slug="store_unavailable"):
    """The place for backups cannot be used, or is not the one it was."""

    @classmethod
    def not_a_store(cls, path: str) -> StoreUnavailable:
        """The marker file is missing although this store was used before."""
        return cls(
            f"{path} is not the store it was: its marker file is missing",
            "mount the store; to begin a new one on purpose, remove the server's record of it (docs/store.md)",
        )

    @classmethod
    def has_foreign_files(cls, path: str) -> StoreUnavailable:
        """A folder that was never a store and is not empty."""
        return cls(
            f"{path} holds other files and is no store",
            "name an empty folder or one that does not exist yet; a folder with other files is never taken over",
        )

    @classmethod
    def is_another(cls, path: str) -> StoreUnavailable:
        """A store, and not the one that this server used there."""
        return cls(
            f"{path} is another store than before",
            "mount the right one; to change to this one on purpose, remove the server's record of it (docs/store.md)",
        )

    @classmethod
    def is_unmounted(cls, path: str) -> StoreUnavailable:
        """It was a file system of its own before, and is not now."""
        return cls(f"{path} was a mounted file system and is not now", "mount it, then run the backup again")

    @classmethod
    def unusable(cls, path: str, reason: str) -> StoreUnavailable:
        """`reason` is the system's own word."""
        return cls(f"cannot use the store {path}: {reason}", "let this user write there, or correct its path")


class StoreFull(BackupError, slug="store_full"):
    """The place for backups has no room."""

    @classmethod
    def needs(cls, path: str, needed_bytes: int, free_bytes: int) -> StoreFull:
        """Expected to need more than is free, found before any byte was written."""
        said = f"{path} has {free_bytes} bytes free, {needed_bytes} are needed"
        return cls(said, "free room or enlarge the file system")

    @classmethod
    def ended(cls, path: str) -> StoreFull:
        """The room ended in the middle; what was written of this run is removed."""
        return cls(f"no space left in {path}", "free room or enlarge the file system; earlier backups are untouched")


class StoredDamaged(BackupError, slug="damaged"):
    """What lies in the store is not what was stored."""

    @classmethod
    def missing(cls, name: str) -> StoredDamaged:
        """A file that the receipt names is not in the store."""
        return cls(f"stored file is missing: {name}", "run a new backup at once and see who removed it")

    @classmethod
    def hash_differs(cls, name: str) -> StoredDamaged:
        """The bytes are not those that were written."""
        return cls(f"stored bytes changed: {name}", "run a new backup at once and examine the disk of the store")

    @classmethod
    def unreadable(cls, name: str, detail: str) -> StoredDamaged:
        """It cannot be read to its end, or its structure is broken."""
        return cls(f"stored file cannot be read to its end: {name}: {detail}", "run a new backup at once")


class BackupDiffers(BackupError, slug="different"):
    """It restored, and is not what was in the source."""

    @classmethod
    def from_source(cls, subject: str, count: int, first: str) -> BackupDiffers:
        """`count` differences, the `first` of them in words."""
        many = "1 difference" if count == 1 else f"{count} differences, first"
        return cls(f"{subject} is not what the source was: {many}: {first}", "run a new backup and check it")


class RestoreFailed(BackupError, slug="restore_failed"):
    """What was stored did not come back."""

    @classmethod
    def refused_member(cls, member: str, reason: str) -> RestoreFailed:
        """An archive member that would leave the place, or that no honest archive holds."""
        return cls(f"archive member refused: {member}: {reason}", "do not unpack it by hand; ask where it was")

    @classmethod
    def ended(cls, subject: str, detail: str) -> RestoreFailed:
        """`detail` is what the restoring program said."""
        return cls(f"{subject} did not restore: {detail}", "restore an earlier run and keep this one for examination")


class NotRecorded(BackupError, slug="not_recorded", exit_status=3):
    """The record of what happened could not be written, so nothing can be claimed."""

    @classmethod
    def unwritable(cls, path: str, reason: str) -> NotRecorded:
        """`path` is the folder or file of the records."""
        return cls(f"cannot write the record {path}: {reason}", "free room there or set its rights; then run again")

    @classmethod
    def unreadable(cls, path: str, reason: str) -> NotRecorded:
        """What was recorded cannot be looked at."""
        return cls(
            f"cannot read the record {path}: {reason}", "use the user that the backup runs as, or set its rights"
        )


class RecordRefused(BackupError, slug="record_refused"):
    """A record that came from elsewhere is not one: too large, too deep, or of another shape."""

    @classmethod
    def malformed(cls, subject: str, reason: str) -> RecordRefused:
        """`subject` names the file or server it came from."""
        return cls(f"{subject} is refused: {reason}", "see what wrote it; the other records are used")


class Unreachable(BackupError, slug="unreachable"):
    """A server gave no answer, so nothing is known of its applications."""

    @classmethod
    def silent(cls, server: str, detail: str) -> Unreachable:
        """`detail` is what the connection said."""
        return cls(f"{server} gave no answer: {detail}", "see whether it and its network are up, then run again")
