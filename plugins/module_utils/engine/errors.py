"""Every way a backup can go wrong: a slug for machines, a message for people, a hint with the remedy, an exit status."""

from __future__ import annotations

LINE_LIMIT = 400
"""As much of a program's last words as a message takes over."""


class BackupError(Exception):
    """A fault that somebody can act upon.

    `slug` names the kind (docs/errors.md lists all), `message` says what happened to which application or part (lower
    case, no full stop), `hint` says what to do now; both are printable, whatever names of files they hold.
    `exit_status` is what a command line ends with.
    """

    slug = "internal"
    exit_status = 1

    def __init_subclass__(cls, slug: str, exit_status: int = 1) -> None:
        cls.slug, cls.exit_status = slug, exit_status

    def __init__(self, message: str, hint: str = "") -> None:
        self.message, self.hint = _spell_out(message), _spell_out(hint)
        super().__init__(self.message)


def _spell_out(text: str) -> str:
    """Control characters and bytes that are no text, as Python writes them: a terminal would obey or refuse them."""
    return "".join(sign if sign.isprintable() or sign == "\n" else ascii(sign)[1:-1] for sign in text)


def _find_last_line(text: str) -> str:
    return next(iter(text.strip().splitlines()[-1:]), "it said nothing")[:LINE_LIMIT]


class ConfigurationError(BackupError, slug="configuration", exit_status=2):
    """The configuration or the call cannot be used; nothing was started."""

    @classmethod
    def has_problems(cls, problems: list[str]) -> ConfigurationError:
        """All problems of one reading at once, a line each."""
        lines = "\n".join("- " + problem for problem in problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        return cls(f"the configuration has {count}:\n{lines}", "correct each line named above; nothing was started")


class UnknownApplication(BackupError, slug="unknown_application", exit_status=2):
    """A name was given that the register does not hold."""

    @classmethod
    def not_registered(cls, names: list[str], known: list[str]) -> UnknownApplication:
        """`names` were asked for, `known` is what the register holds."""
        listed = ", ".join(known) or "none"
        return cls("unknown application: " + ", ".join(names), f"registered on this server: {listed}")


class RunNotFound(BackupError, slug="run_not_found", exit_status=2):
    """No stored run answers to what was asked for."""

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


class SourceMissing(BackupError, slug="source_missing"):
    """What should be backed up is not there."""

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


class SourceUnreadable(BackupError, slug="source_unreadable"):
    """Something of the source could not be read, so the backup would be incomplete."""

    @classmethod
    def refused(cls, path: str, reason: str) -> SourceUnreadable:
        """`reason` is the system's own word."""
        return cls(f"cannot read {path}: {reason}", "let the user of the backup read it, or exclude it in the register")

    @classmethod
    def among(cls, path: str, entries: list[str], count: int) -> SourceUnreadable:
        """`count` entries below `path`; the first of them in `entries`, each with the system's own word."""
        more = "; ..." if count > len(entries) else ""
        return cls(
            f"cannot read {count} of what is below {path}: {'; '.join(entries)}{more}",
            "let the user of the backup read all of it, or exclude it in the register",
        )

    @classmethod
    def needs_writing(cls, path: str) -> SourceUnreadable:
        """An idle database in WAL mode is opened by making two files beside it, which vanish again."""
        return cls(
            f"cannot read {path}: SQLite opens an idle database in WAL mode only where it may write",
            "let the user of the backup write the database and its folder (ReadWritePaths of the service)",
        )

    @classmethod
    def left_by_crash(cls, path: str) -> SourceUnreadable:
        """A journal must be applied first, under a lock that only who may write the database can take."""
        return cls(
            f"cannot read {path}: a crash left a journal beside it, and this user may not lock the database",
            "open it once with its application or with sqlite3, then run the backup again",
        )


class SourceLocked(BackupError, slug="source_locked"):
    """Somebody else held the source until the time given was over."""

    @classmethod
    def waited(cls, path: str, seconds: float) -> SourceLocked:
        """`seconds` is how long was waited."""
        return cls(f"{path} stayed locked for {seconds:.0f} s", "find what holds it (lsof), then run the backup again")


class SourceDamaged(BackupError, slug="source_damaged"):
    """The source itself is not sound; its last good backups stay as they are."""

    @classmethod
    def reported(cls, path: str, detail: str) -> SourceDamaged:
        """`detail` is what the engine of the source said."""
        return cls(f"{path} is damaged: {detail}", "repair the source or restore its last proved backup")


class DumpFailed(BackupError, slug="dump_failed"):
    """The stream that should have held the source did not end as a whole."""

    @classmethod
    def process_ended(cls, command: str, status: int, stderr_tail: str) -> DumpFailed:
        """A process of the pipeline ended with `status` (negative: a signal)."""
        last = _find_last_line(stderr_tail)
        return cls(f"{command} ended with status {status}: {last}", "see 'processes' of the receipt for its words")

    @classmethod
    def stopped_reading(cls, command: str) -> DumpFailed:
        """It ended with status 0, and not all that was for it had been read."""
        return cls(f"{command} ended before its input did", "see what replaced this program, then run it again")

    @classmethod
    def is_short(cls, subject: str, size_bytes: int) -> DumpFailed:
        """Fewer bytes than the smallest valid stream of its kind."""
        return cls(f"{subject}: only {size_bytes} bytes came, which cannot be whole", "see what cut the dump short")

    @classmethod
    def differs(cls, subject: str, first: str) -> DumpFailed:
        """The copy does not hold what was counted in the source; `first` names the first difference."""
        return cls(f"{subject}: the copy differs from the source: {first}", "run it again; see what else writes there")

    @classmethod
    def has_no_end(cls, subject: str) -> DumpFailed:
        """The trailer that marks a complete stream is missing."""
        return cls(f"{subject}: the stream has no proper end", "see what cut the dump short, then run it again")


class ToolMissing(BackupError, slug="tool_missing"):
    """A program that the work needs is not installed."""

    @classmethod
    def not_found(cls, program: str, package: str) -> ToolMissing:
        """`package` is the Debian package that holds `program`."""
        return cls(f"program not found: {program}", f"install it: apt-get install {package}")

    @classmethod
    def unusable(cls, program: str, reason: str) -> ToolMissing:
        """It is there and cannot be started; `reason` is the system's own word."""
        return cls(f"cannot start {program}: {reason}", "see whether the server has room for it, or install it again")


class TimeLimitReached(BackupError, slug="time_limit"):
    """The work took longer than it may; its processes were ended."""

    @classmethod
    def after(cls, seconds: float) -> TimeLimitReached:
        """`seconds` is the limit that was reached."""
        return cls(f"time limit of {seconds:.0f} s reached", "see what hung, or raise time_limit of the application")


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
        return cls(
            f"cannot use the store {path}: {reason}", "let the user of the backup write there, or correct its path"
        )


class StoreFull(BackupError, slug="store_full"):
    """The place for backups has no room."""

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
        return cls(f"{subject}: {count} differences from the source, first: {first}", "run a new backup and check it")


class RestoreFailed(BackupError, slug="restore_failed"):
    """What was stored did not come back."""

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


class TargetRefused(BackupError, slug="target_refused", exit_status=2):
    """Restoring there could overwrite something."""

    @classmethod
    def not_empty(cls, path: str) -> TargetRefused:
        """Only a new or an empty folder is taken."""
        return cls(f"{path} exists and is not empty", "name a folder that does not exist yet, or an empty one")

    @classmethod
    def unusable(cls, path: str, reason: str) -> TargetRefused:
        """`reason` is the system's own word."""
        return cls(f"cannot restore into {path}: {reason}", "name a folder that this user can make")


class PruneRefused(BackupError, slug="prune_refused"):
    """Deleting old runs now would not be safe; nothing was deleted."""

    @classmethod
    def because(cls, application: str, reason: str) -> PruneRefused:
        """`reason` in words, such as 'the last run failed'."""
        return cls(f"{application}: nothing was pruned: {reason}", "set right what is named, then prune again")


class Busy(BackupError, slug="busy"):
    """Another run of the same application, or the server's slots, are in use."""

    @classmethod
    def since(cls, subject: str, holder: str) -> Busy:
        """`holder` says who has it, and since when, as far as is known."""
        return cls(f"{subject} is busy: {holder}", "wait for the other run to end; it is not disturbed")


class Interrupted(BackupError, slug="interrupted", exit_status=130):
    """The work was ended from outside: a signal, a reboot, a loss of power."""

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


class NotRecorded(BackupError, slug="not_recorded", exit_status=3):
    """The record of what happened could not be written, so nothing can be claimed."""

    @classmethod
    def unwritable(cls, path: str, reason: str) -> NotRecorded:
        """`path` is the folder or file of the records."""
        return cls(f"cannot write the record {path}: {reason}", "free room there or set its rights; then run again")

    @classmethod
    def unreadable(cls, path: str, reason: str) -> NotRecorded:
        """What was recorded cannot be looked at."""
        return cls(f"cannot read the record {path}: {reason}", "use the user that the backup runs as, or set its rights")


class RecordRefused(BackupError, slug="record_refused"):
    """A record that came from elsewhere is not one: too large, too deep, or of another shape."""

    @classmethod
    def malformed(cls, subject: str, reason: str) -> RecordRefused:
        """`subject` names the file or server it came from."""
        return cls(f"{subject} is refused: {reason}", "see what wrote it; the other records are used")


class RunnerRefused(BackupError, slug="runner_refused"):
    """The command was not installed; the one that was there stays."""

    @classmethod
    def unwritable(cls, path: str, reason: str) -> RunnerRefused:
        """`reason` is the system's own word."""
        return cls(
            f"cannot install the runner {path}: {reason}", "let this user write there (become), or change the path"
        )

    @classmethod
    def failed(cls, interpreter: str, told: str) -> RunnerRefused:
        """The new file did not tell its version when `interpreter` started it."""
        last = _find_last_line(told)
        return cls(f"the new runner does not start with {interpreter}: {last}", "name a Python of 3.9 or newer")


class Unreachable(BackupError, slug="unreachable"):
    """A server gave no answer, so nothing is known of its applications."""

    @classmethod
    def silent(cls, server: str, detail: str) -> Unreachable:
        """`detail` is what the connection said."""
        return cls(
            f"{server} gave no answer: {detail}", "see whether the server and its network are up, then run again"
        )


ALL: tuple[type[BackupError], ...] = (BackupError, *BackupError.__subclasses__())


def describe_error(error: BaseException) -> tuple[str, str, str]:
    """(slug, message, hint) of any exception; what is not a BackupError is `internal` and names its type."""
    if isinstance(error, BackupError):
        return error.slug, error.message, error.hint
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return BackupError.slug, f"unexpected fault: {text}", "please report it with this receipt; other work went on"
