"""Every way a backup can go wrong: a slug for machines, a message for people, a hint with the remedy, an exit status."""

from __future__ import annotations


class BackupError(Exception):
    """A fault that somebody can act upon.

    `slug` names the kind (listed in docs/errors.md), `message` says what happened to which application or part
    (lower case, no full stop), `hint` says what to do now. `exit_status` is what a command line ends with.
    """

    slug = "internal"
    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigurationError(BackupError):
    """The configuration or the call cannot be used; nothing was started."""

    slug = "configuration"
    exit_status = 2

    @classmethod
    def has_problems(cls, problems: list[str]) -> ConfigurationError:
        """All problems of one reading at once, a line each."""
        lines = "\n".join("- " + problem for problem in problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        return cls(f"the configuration has {count}:\n{lines}", "correct each line named above; nothing was started")


class UnknownApplication(BackupError):
    """A name was given that the register does not hold."""

    slug = "unknown_application"
    exit_status = 2

    @classmethod
    def not_registered(cls, names: list[str], known: list[str]) -> UnknownApplication:
        """`names` were asked for, `known` is what the register holds."""
        listed = ", ".join(known) or "none"
        return cls("unknown application: " + ", ".join(names), f"registered on this server: {listed}")


class RunNotFound(BackupError):
    """No stored run answers to what was asked for."""

    slug = "run_not_found"
    exit_status = 2

    @classmethod
    def absent(cls, application: str, wanted: str) -> RunNotFound:
        """`wanted` is a run id, or words such as 'latest'."""
        return cls(
            f"{application}: no stored run '{wanted}'", f"see what is stored: diskominfo-backup list {application}"
        )

    @classmethod
    def has_no_part(cls, application: str, run_id: str, missing: list[str], parts: list[str]) -> RunNotFound:
        """`missing` were asked for, `parts` is what the run holds."""
        return cls(f"{application}: run {run_id} has no part {', '.join(missing)}", "its parts: " + ", ".join(parts))


class SourceMissing(BackupError):
    """What should be backed up is not there."""

    slug = "source_missing"

    @classmethod
    def no_path(cls, path: str) -> SourceMissing:
        """`path` does not exist, or is not of the kind that was configured."""
        return cls(f"source is missing: {path}", "restore it, or correct its path in the register")

    @classmethod
    def is_empty(cls, path: str) -> SourceMissing:
        """A tree without a single file: most often an unmounted or emptied folder."""
        return cls(
            f"source holds no file: {path}", "see whether it is mounted; an empty tree is never taken as a backup"
        )


class SourceUnreadable(BackupError):
    """Something of the source could not be read, so the backup would be incomplete."""

    slug = "source_unreadable"

    @classmethod
    def refused(cls, path: str, reason: str) -> SourceUnreadable:
        """`reason` is the system's own word."""
        return cls(f"cannot read {path}: {reason}", "let the user of the backup read it, or exclude it in the register")


class SourceLocked(BackupError):
    """Somebody else held the source until the time given was over."""

    slug = "source_locked"

    @classmethod
    def waited(cls, path: str, seconds: float) -> SourceLocked:
        """`seconds` is how long was waited."""
        return cls(f"{path} stayed locked for {seconds:.0f} s", "find what holds it (lsof), then run the backup again")


class SourceDamaged(BackupError):
    """The source itself is not sound; its last good backups stay as they are."""

    slug = "source_damaged"

    @classmethod
    def reported(cls, path: str, detail: str) -> SourceDamaged:
        """`detail` is what the engine of the source said."""
        return cls(f"{path} is damaged: {detail}", "repair the source or restore its last proved backup")


class DumpFailed(BackupError):
    """The stream that should have held the source did not end as a whole."""

    slug = "dump_failed"

    @classmethod
    def process_ended(cls, command: str, status: int, stderr_tail: str) -> DumpFailed:
        """A process of the pipeline ended with `status` (negative: a signal)."""
        last = stderr_tail.strip().splitlines()[-1:] or ["it said nothing"]
        return cls(f"{command} ended with status {status}: {last[0]}", "see 'processes' of the receipt for its words")

    @classmethod
    def is_short(cls, subject: str, size_bytes: int) -> DumpFailed:
        """Fewer bytes than the smallest valid stream of its kind."""
        return cls(f"{subject}: only {size_bytes} bytes came, which cannot be whole", "see what cut the dump short")

    @classmethod
    def has_no_end(cls, subject: str) -> DumpFailed:
        """The trailer that marks a complete stream is missing."""
        return cls(f"{subject}: the stream has no proper end", "see what cut the dump short, then run it again")


class ToolMissing(BackupError):
    """A program that the work needs is not installed."""

    slug = "tool_missing"

    @classmethod
    def not_found(cls, program: str, package: str) -> ToolMissing:
        """`package` is the Debian package that holds `program`."""
        return cls(f"program not found: {program}", f"install it: apt-get install {package}")

    @classmethod
    def no_isolation(cls, reasons: str) -> ToolMissing:
        """No way of keeping a throwaway server apart works here; `reasons` tells why, for each that was tried."""
        return cls(
            f"no isolation for a throwaway server ({reasons})",
            "run the check as root on a server with systemd, or allow unprivileged user namespaces",
        )


class TimeLimitReached(BackupError):
    """The work took longer than it may; its processes were ended."""

    slug = "time_limit"

    @classmethod
    def after(cls, seconds: float) -> TimeLimitReached:
        """`seconds` is the limit that was reached."""
        return cls(f"time limit of {seconds:.0f} s reached", "see what hung, or raise time_limit of the application")


class StoreUnavailable(BackupError):
    """The place for backups cannot be used, or is not the one it was."""

    slug = "store_unavailable"

    @classmethod
    def not_a_store(cls, path: str) -> StoreUnavailable:
        """The marker file is missing although this store was used before, or foreign files lie there."""
        return cls(
            f"{path} is not the store it was: its marker file is missing",
            "mount the store; to begin a new one on purpose, remove the server's record of it (docs/store.md)",
        )

    @classmethod
    def is_unmounted(cls, path: str) -> StoreUnavailable:
        """It was a file system of its own before, and is not now."""
        return cls(f"{path} was a mounted file system and is not now", "mount it, then run the backup again")

    @classmethod
    def unusable(cls, path: str, reason: str) -> StoreUnavailable:
        """`reason` is the system's own word."""
        return cls(
            f"cannot use the store {path}: {reason}", "let the user of the backup write there, or correct its path"
        )


class StoreFull(BackupError):
    """The place for backups has no room."""

    slug = "store_full"

    @classmethod
    def needs(cls, path: str, needed_bytes: int, free_bytes: int) -> StoreFull:
        """Expected to need more than is free, found before any byte was written."""
        return cls(
            f"{path} has {free_bytes} bytes free, {needed_bytes} are needed", "free room or enlarge the file system"
        )

    @classmethod
    def ended(cls, path: str) -> StoreFull:
        """The room ended in the middle; what was written of this run is removed."""
        return cls(f"no space left in {path}", "free room or enlarge the file system; earlier backups are untouched")


class StoredDamaged(BackupError):
    """What lies in the store is not what was stored."""

    slug = "damaged"

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


class BackupDiffers(BackupError):
    """It restored, and is not what was in the source."""

    slug = "different"

    @classmethod
    def from_source(cls, subject: str, count: int, first: str) -> BackupDiffers:
        """`count` differences, the `first` of them in words."""
        return cls(f"{subject}: {count} differences from the source, first: {first}", "run a new backup and check it")


class RestoreFailed(BackupError):
    """What was stored did not come back."""

    slug = "restore_failed"

    @classmethod
    def refused_member(cls, member: str, reason: str) -> RestoreFailed:
        """An archive member that would leave the place, or that no honest archive holds."""
        return cls(
            f"archive member refused: {member}: {reason}", "do not unpack this archive by hand; ask where it was"
        )

    @classmethod
    def ended(cls, subject: str, detail: str) -> RestoreFailed:
        """`detail` is what the restoring program said."""
        return cls(f"{subject} did not restore: {detail}", "restore an earlier run and keep this one for examination")


class TargetRefused(BackupError):
    """Restoring there could overwrite something."""

    slug = "target_refused"
    exit_status = 2

    @classmethod
    def not_empty(cls, path: str) -> TargetRefused:
        """Only a new or an empty folder is taken."""
        return cls(f"{path} exists and is not empty", "name a folder that does not exist yet, or an empty one")

    @classmethod
    def unusable(cls, path: str, reason: str) -> TargetRefused:
        """`reason` is the system's own word."""
        return cls(f"cannot restore into {path}: {reason}", "name a folder that this user can make")


class PruneRefused(BackupError):
    """Deleting old runs now would not be safe; nothing was deleted."""

    slug = "prune_refused"

    @classmethod
    def because(cls, application: str, reason: str) -> PruneRefused:
        """`reason` in words, such as 'the last run failed'."""
        return cls(f"{application}: nothing was pruned: {reason}", "set right what is named, then prune again")


class Busy(BackupError):
    """Another run of the same application, or the server's slots, are in use."""

    slug = "busy"

    @classmethod
    def since(cls, subject: str, holder: str) -> Busy:
        """`holder` says who has it, and since when, as far as is known."""
        return cls(f"{subject} is busy: {holder}", "wait for the other run to end; it is not disturbed")


class Interrupted(BackupError):
    """The work was ended from outside: a signal, a reboot, a loss of power."""

    slug = "interrupted"
    exit_status = 130

    @classmethod
    def by_signal(cls, signal_number: int) -> Interrupted:
        """The exit status follows the shell's custom: 128 + the signal."""
        error = cls(f"ended by signal {signal_number}", "run it again; what was half done is removed")
        error.exit_status = 128 + signal_number
        return error

    @classmethod
    def found_later(cls, began: str, rebooted: bool) -> Interrupted:
        """A run that began and never ended, found at the next start."""
        cause = "the server was restarted" if rebooted else "its process died"
        return cls(f"the run that began {began} never ended: {cause}", "run it again; what was half done is removed")


class NotRecorded(BackupError):
    """The record of what happened could not be written, so nothing can be claimed."""

    slug = "not_recorded"
    exit_status = 3

    @classmethod
    def unwritable(cls, path: str, reason: str) -> NotRecorded:
        """`path` is the folder or file of the records."""
        return cls(f"cannot write the record {path}: {reason}", "free room there or set its rights; then run again")


class RecordRefused(BackupError):
    """A record that came from elsewhere is not one: too large, too deep, or of another shape."""

    slug = "record_refused"

    @classmethod
    def malformed(cls, subject: str, reason: str) -> RecordRefused:
        """`subject` names the file or server it came from."""
        return cls(f"{subject} is refused: {reason}", "see what wrote it; the other records are used")


class Unreachable(BackupError):
    """A server gave no answer, so nothing is known of its applications."""

    slug = "unreachable"

    @classmethod
    def silent(cls, server: str, detail: str) -> Unreachable:
        """`detail` is what the connection said."""
        return cls(
            f"{server} gave no answer: {detail}", "see whether the server and its network are up, then run again"
        )


ALL: tuple[type[BackupError], ...] = (
    BackupDiffers,
    BackupError,
    Busy,
    ConfigurationError,
    DumpFailed,
    Interrupted,
    NotRecorded,
    PruneRefused,
    RecordRefused,
    RestoreFailed,
    RunNotFound,
    SourceDamaged,
    SourceLocked,
    SourceMissing,
    SourceUnreadable,
    StoreFull,
    StoreUnavailable,
    StoredDamaged,
    TargetRefused,
    TimeLimitReached,
    ToolMissing,
    UnknownApplication,
    Unreachable,
)


def describe_error(error: BaseException) -> tuple[str, str, str]:
    """(slug, message, hint) of any exception; what is not a BackupError is `internal` and names its type."""
    if isinstance(error, BackupError):
        return error.slug, error.message, error.hint
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return BackupError.slug, f"unexpected fault: {text}", "please report it with this receipt; other work went on"
