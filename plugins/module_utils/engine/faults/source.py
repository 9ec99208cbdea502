"""What keeps a backup from being taken: the source, the tools, the time."""

from __future__ import annotations

from .base import BackupError, find_last_line


class SourceMissing(BackupError, slug="source_missing"):
    """What should be backed up is not there."""

    @classmethod
    def no_path(cls, path: str) -> SourceMissing:
        """`path` does not exist, or is not of the kind that was configured."""
        return cls(f"source is missing: {path}", "restore it, or correct its path in the register")

    @classmethod
    def is_empty(cls, path: str) -> SourceMissing:
        """A tree without a single file: most often an unmounted or emptied folder."""
        return cls(f"source holds no file: {path}", "see whether it is mounted; an empty tree is never a backup")

    @classmethod
    def no_answer(cls, source: str, detail: str) -> SourceMissing:
        """The server of a database is not there; `detail` is what its client said."""
        return cls(f"the server of {source} gives no answer: {detail}", "start it, or correct its address")

    @classmethod
    def no_container(cls, name: str, complaints: list[str]) -> SourceMissing:
        """`complaints` is what the engines said of it."""
        told = "; ".join(find_last_line(complaint) for complaint in complaints)
        return cls(f"container {name} cannot be reached: {told}", "start it, or correct its name in the register")


class SourceUnreadable(BackupError, slug="source_unreadable"):
    """Something of the source could not be read, so the backup would be incomplete."""

    @classmethod
    def refused(cls, path: str, reason: str) -> SourceUnreadable:
        """`reason` is the system's own word."""
        return cls(f"cannot read {path}: {reason}", "let the user of the backup read it, or exclude it in the register")

    @classmethod
    def login_refused(cls, source: str, detail: str) -> SourceUnreadable:
        """The server answers and does not let us in; `detail` is what its client said."""
        return cls(f"cannot log in to {source}: {detail}", "see the user, its password file and the database's name")

    @classmethod
    def too_few_rights(cls, source: str, missing: list[str]) -> SourceUnreadable:
        """The user of the backup would not see all; `missing` tells what it may not."""
        return cls(
            f"cannot read all of {source}: {'; '.join(missing)}",
            "grant what is named, or let a user with all rights take the backup",
        )

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
        last = find_last_line(stderr_tail)
        return cls(f"{command} ended with status {status}: {last}", "see 'processes' of the receipt for its words")

    @classmethod
    def stopped_reading(cls, command: str) -> DumpFailed:
        """It ended with status 0, and not all that was for it had been read."""
        return cls(f"{command} ended before its input did", "see what replaced this program, then run it again")

    @classmethod
    def has_too_much(cls, command: str, limit_bytes: int) -> DumpFailed:
        """More output than anything that is gathered as a whole may have."""
        return cls(
            f"{command} wrote more than {limit_bytes} bytes", "see what replaced this program, then run it again"
        )

    @classmethod
    def is_short(cls, subject: str, size_bytes: int) -> DumpFailed:
        """Fewer bytes than the smallest valid stream of its kind."""
        return cls(f"{subject}: only {size_bytes} bytes came, which cannot be whole", "see what cut the dump short")

    @classmethod
    def differs(cls, subject: str, first: str) -> DumpFailed:
        """The copy does not hold what was counted in the source; `first` names the first difference."""
        return cls(f"{subject}: the copy differs from the source: {first}", "run it again; see what else writes there")

    @classmethod
    def is_malformed(cls, subject: str, detail: str) -> DumpFailed:
        """The stream is not of the kind it should be; `detail` says where that showed."""
        return cls(f"{subject}: the stream is not whole: {detail}", "see what cut or mixed into the dump, run it again")

    @classmethod
    def has_no_end(cls, subject: str) -> DumpFailed:
        """The trailer that marks a complete stream is missing."""
        return cls(f"{subject}: the stream has no proper end", "see what cut the dump short, then run it again")


class HookFailed(BackupError, slug="hook_failed"):
    """A command of the office, run before or after the work, did not end well."""

    @classmethod
    def ended(cls, name: str, status: int, output: str) -> HookFailed:
        """`name` is `before_run` or the like; `status` negative: a signal."""
        last = find_last_line(output)
        return cls(f"hook {name} ended with status {status}: {last}", "see 'hooks' of the receipt, mend the command")

    @classmethod
    def took_longer(cls, name: str, seconds: float) -> HookFailed:
        """Its processes were ended after `seconds`."""
        return cls(
            f"hook {name} took longer than {seconds:.0f} s",
            "see what hung, or raise its time_limit, and that of the application",
        )


class ToolMissing(BackupError, slug="tool_missing"):
    """A program that the work needs is not installed."""

    @classmethod
    def not_found(cls, program: str, package: str) -> ToolMissing:
        """`package` is the Debian package that holds `program`."""
        return cls(f"program not found: {program}", f"install it: apt-get install {package}")

    @classmethod
    def not_in_container(cls, program: str, said: str) -> ToolMissing:
        """An image holds its programs; `said` is what its engine complained, if it did."""
        why = f" ({find_last_line(said)})" if said.strip() else ""
        return cls(f"program not found in the container: {program}{why}", "use an image that has it")

    @classmethod
    def unusable(cls, program: str, reason: str) -> ToolMissing:
        """It is there and cannot be started; `reason` is the system's own word."""
        return cls(f"cannot start {program}: {reason}", "see whether the server has room for it, or install it again")

    @classmethod
    def no_library(cls, library: str, purpose: str) -> ToolMissing:
        """`library` is a Python library, by the name under which pip knows it."""
        hint = f"on the host that needs it: pip install {library}; everything else goes on without it"
        return cls(f"the Python library {library} is not installed, which {purpose} needs", hint)

    @classmethod
    def no_isolation(cls, reasons: str) -> ToolMissing:
        """No way of keeping a throwaway server apart works here; `reasons` tells why, for each that was tried."""
        return cls(
            f"no isolation for a throwaway server ({reasons})",
            "check as root on a server with systemd, or allow unprivileged user namespaces",
        )


class TimeLimitReached(BackupError, slug="time_limit"):
    """The work took longer than it may; its processes were ended."""

    @classmethod
    def after(cls, seconds: float) -> TimeLimitReached:
        """`seconds` is the limit that was reached."""
        return cls(f"time limit of {seconds:.0f} s reached", "see what hung, or raise time_limit of the application")


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
    def by_silence(cls, seconds: float) -> Interrupted:
        """Whoever had asked for it gave no sign of life for `seconds`."""
        return cls(
            f"nobody has asked for it any more for {seconds:.0f} s: its play was cancelled, or the network is gone",
            "run it again; what was half done is removed",
        )

    @classmethod
    def found_later(cls, began: str, rebooted: bool) -> Interrupted:
        """A run that began and never ended, found at the next start."""
        cause = "the server was restarted" if rebooted else "its process died"
        return cls(f"the run that began {began} never ended: {cause}", "run it again; what was half done is removed")
