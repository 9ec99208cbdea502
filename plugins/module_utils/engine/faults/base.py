"""What every error is: a slug for machines, a message for people, a hint with the remedy, an exit status."""

from __future__ import annotations

LINE_LIMIT = 400
"""As much of a program's last words as a message takes over."""


class BackupError(Exception):
    """A fault that somebody can act upon.

    `slug` names the kind (docs/errors.md lists all), `message` says what happened to which application or part (lower
    case, no full stop), `hint` says what to do now; both are a printable line, whatever names of files they hold.
    `exit_status` is what a command line ends with.
    """

    slug = "internal"
    exit_status = 1

    def __init_subclass__(cls, slug: str, exit_status: int = 1) -> None:
        cls.slug, cls.exit_status = slug, exit_status

    def __init__(self, message: str, hint: str = "") -> None:
        self.message, self.hint = spell_out(message), spell_out(hint)
        super().__init__(message, hint)

    def __str__(self) -> str:
        return self.message


def spell_out(text: str) -> str:
    """Control characters and bytes that are no text, as Python writes them: a terminal would obey or refuse them."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def find_last_line(text: str) -> str:
    """What a program said last, in a length that fits into a message."""
    return next(iter(text.strip().splitlines()[-1:]), "it said nothing")[:LINE_LIMIT]


def describe_error(error: BaseException) -> tuple[str, str, str]:
    """(slug, message, hint) of any exception; what is not a BackupError is `internal` and names its type."""
    if isinstance(error, BackupError):
        return error.slug, error.message, error.hint
    text = spell_out(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    return BackupError.slug, f"unexpected fault: {text}", "please report it with this receipt; other work went on"
