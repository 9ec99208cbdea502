"""What GNU tar says while it archives, sorted into losses that are none, losses, and what it leaves out on purpose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ...errors import DumpFailed, SourceUnreadable
from ...flow.process import Trace

SHOWN_LINES = 20
SHOWN_CHARACTERS = 300

# Seen to come from GNU tar 1.34 (Debian 12) in the language C; 1.35 (Debian 13) was not tried.
_PROGRAM = re.compile(r"^\S*tar: ")
_CHANGED = re.compile(r"(.*): (file changed as we read it|File removed before we read it|File shrank by .*)", re.DOTALL)
_LEFT_OUT = re.compile(r"(.*): (socket|door) ignored", re.DOTALL)
_UNREADABLE = re.compile(r"(.*): (?:Warning: )?((?:Cannot|Read error at) .*)", re.DOTALL)
_CLOSING = "Exiting with failure status due to previous errors"


@dataclass
class Shortlist:
    """The first of many lines, and how many there were."""

    lines: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, line: str) -> None:
        """Kept while there are few, and as far as it is short."""
        self.count += 1
        if self.count <= SHOWN_LINES:
            self.lines.append(line[:SHOWN_CHARACTERS])

    def tell(self) -> tuple[str, ...]:
        """The lines, and a last one with the number of those that were left out."""
        more = self.count - len(self.lines)
        return (*self.lines, f"and {more} more") if more else tuple(self.lines)


class Complaints:
    """Takes tar's standard error line by line: `warnings` and `notes` are for the receipt, the others fail the run."""

    def __init__(self) -> None:
        self.warnings = Shortlist()
        self.notes = Shortlist()
        self.unreadable = Shortlist()
        self.unknown = Shortlist()

    def take(self, line: bytes) -> None:
        """One line, without its newline; tar writes names escaped, so they are ASCII."""
        text = line.decode("utf-8", "replace")
        text = _PROGRAM.sub("", text)
        changed, left_out, unreadable = _CHANGED.fullmatch(text), _LEFT_OUT.fullmatch(text), _UNREADABLE.fullmatch(text)
        if changed:
            self.warnings.add(text)
        elif left_out:
            self.notes.add(f"not archived, a {left_out[2]}: {left_out[1]}")
        elif unreadable:
            self.unreadable.add(text)
        elif text != _CLOSING:
            self.unknown.add(text)

    def judge(self, trace: Trace, path: str) -> None:
        """Raises SourceUnreadable for what was not read, DumpFailed for a status that no known line explains."""
        if self.unreadable.count:
            raise SourceUnreadable.among(path, self.unreadable.lines, self.unreadable.count)
        is_explained = trace.status == 1 and self.warnings.count and not self.unknown.count
        if trace.status != 0 and not is_explained:
            raise DumpFailed.process_ended("tar", trace.status, "\n".join(self.unknown.lines) or trace.stderr_tail)
        for line in self.unknown.tell():
            self.warnings.add(line)
