"""What was asked for, and is not done: the configuration, names, targets, and deleting."""

from __future__ import annotations

from .base import BackupError, find_last_line, spell_out


class ConfigurationError(BackupError, slug="configuration", exit_status=2):
    """The configuration or the call cannot be used; nothing was started."""

    @classmethod
    def has_problems(cls, problems: list[str]) -> ConfigurationError:
        """All problems of one reading at once, a line each."""
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        error = cls(f"the configuration has {count}:", "correct each line named above; nothing was started")
        error.message += "".join(f"\n- {spell_out(problem)}" for problem in problems)
        return error


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
        return cls(f"{application}: no stored run '{wanted}'", f"see: diskominfo-backup list {application}")

    @classmethod
    def has_no_part(cls, application: str, run_id: str, missing: list[str], parts: list[str]) -> RunNotFound:
        """`missing` were asked for, `parts` is what the run holds."""
        wanted = f"no part {', '.join(missing)}" if missing else "no parts"
        return cls(f"{application}: run {run_id} has {wanted}", "its parts: " + (", ".join(parts) or "none"))


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

    @classmethod
    def not_confirmed(cls, application: str, typed: str) -> TargetRefused:
        """Only the exact name of the application, typed by a person, opens the place of its original."""
        told = f"confirmed was {typed!r}" if typed else "nothing was confirmed"
        return cls(
            f"the original of {application} is not touched: {told}",
            f"type the exact name to restore over it: --confirm {application} (confirm: {application})",
        )

    @classmethod
    def older_server(cls, subject: str, stored: str, server: str) -> TargetRefused:
        """A dump of a newer major version is no input for an older one."""
        return cls(
            f"{subject} was backed up from {stored}, this server is {server}",
            f"restore it on a server of {stored} or newer",
        )

    @classmethod
    def holds_mounts(cls, path: str, mounts: list[str]) -> TargetRefused:
        """A rename would take mounted file systems along, or cannot be done at all."""
        return cls(
            f"{path} cannot be exchanged: {', '.join(mounts)} is mounted there",
            "restore into a new folder and copy from there, or unmount it",
        )

    @classmethod
    def has_leftover(cls, path: str) -> TargetRefused:
        """What an interrupted restore put aside is not ours to throw away."""
        return cls(
            f"{path} is what an interrupted restore put aside",
            "look whether anything of it is still needed, remove it, then restore again",
        )

    @classmethod
    def is_taken(cls, subject: str) -> TargetRefused:
        """A new database needs a name of its own."""
        return cls(f"{subject} exists", "choose a name that no database has")

    @classmethod
    def needs_names(cls, database: str, names: list[str]) -> TargetRefused:
        """Databases have the names that an exchange needs; whose they are is not known."""
        return cls(
            f"database {database} cannot be exchanged: {', '.join(names)} is there",
            "an interrupted restore may have left it: look whether it is needed, drop or rename it, then restore again",
        )

    @classmethod
    def not_listed(cls, application: str, part: str, path: str) -> TargetRefused:
        """Where a run that was brought here says that it was made is no permission to write there."""
        return cls(
            f"{part} is not restored over {path}: this server does not list it for {application}",
            "restore it into a new place, or list the application with it on this server first",
        )

    @classmethod
    def no_safety(cls, application: str, reason: str) -> TargetRefused:
        """What is there could not be backed up first, so it is not touched."""
        return cls(
            f"the original of {application} is not touched: its safety backup failed: {reason}",
            "set right what is named, or move what is left away by hand; then restore again",
        )

    @classmethod
    def has_no_place(cls, part: str, reason: str) -> TargetRefused:
        """`reason` says why this part cannot go where it was asked to go."""
        return cls(f"{part} cannot be restored there: {reason}", "choose its part, its place or another way")


class PruneRefused(BackupError, slug="prune_refused"):
    """Deleting old runs now would not be safe; nothing was deleted."""

    @classmethod
    def because(cls, application: str, reason: str) -> PruneRefused:
        """`reason` in words, such as 'the last run failed'."""
        return cls(f"{application}: nothing was pruned: {reason}", "set right what is named, then prune again")


class RunnerRefused(BackupError, slug="runner_refused"):
    """The command was not installed; the one that was there stays."""

    @classmethod
    def unwritable(cls, path: str, reason: str) -> RunnerRefused:
        """`reason` is the system's own word."""
        return cls(f"cannot install the runner {path}: {reason}", "let this user write there (become), or change it")

    @classmethod
    def failed(cls, interpreter: str, told: str) -> RunnerRefused:
        """The new file did not tell its version when `interpreter` started it."""
        last = find_last_line(told)
        return cls(f"the new runner does not start with {interpreter}: {last}", "name a Python of 3.9 or newer")
