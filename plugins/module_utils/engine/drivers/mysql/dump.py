"""The stream of `mariadb-dump`: how it is asked for, what marks it as whole, what can be read from it in passing."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from ...errors import DumpFailed
from ...flow.process import Shell
from ...flow.trace import Trace
from .client import DUMPERS, Access, Version, find_program, read_version

SUFFIX = "sql"
FIRST_BYTES = (b"-- MariaDB dump ", b"-- MySQL dump ", b"/*M!999999\\-", b"/*!999999\\-")
TRAILER = b"\n-- Dump completed"
TRAILER_ROOM = 256
"""The trailer stands within so many last bytes, with or without a date behind it."""

HEADER_ROOM = 4096
HEADER_LINES = 8
"""Lines that tell of programs, host and database before the first statement."""

VIEWS_MARK = b"\n-- Final view structure for view "
SNAPSHOT_MARKS = (b"\nCREATE TABLE ", b"\n-- Temporary table structure", b"\n-- Dumping ")
"""What is only written once the dump's own transaction has begun and every sequence has been read."""

OPTIONS = (
    "--single-transaction",
    "--quick",
    "--routines",
    "--triggers",
    "--events",
    "--hex-blob",
    "--skip-dump-date",
    "--no-tablespaces",
    "--max-allowed-packet=1G",
    "--skip-add-locks",
)
"""`--skip-add-locks`: with LOCK TABLES a dump of a table whose default is a sequence cannot be restored (1100)."""

MYSQL_OPTIONS = ("--set-gtid-purged=OFF", "--column-statistics=0")
HISTORY_OPTION = "--dump-history"
HISTORY_RELEASE = (10, 11)
"""The first client that dumps the history of versioned tables."""


@dataclass(frozen=True)
class Tool:
    """The program that dumps: its path and its version."""

    program: str
    version: Version

    @property
    def name(self) -> str:
        """As receipts tell of it: `mariadb-dump 10.11.19-MariaDB`."""
        return f"{os.path.basename(self.program)} {self.version.text}"

    @property
    def has_history(self) -> bool:
        """Whether it can dump the history of versioned tables."""
        return self.version.is_mariadb and self.version.release >= HISTORY_RELEASE


def find_tool(shell: Shell) -> Tool:
    """The dump program of this machine; raises ToolMissing."""
    program = find_program(shell, DUMPERS)
    return Tool(program, read_version(shell.look([program, "--version"]).stdout.decode("utf-8", "replace")))


def build_dump_argv(tool: Tool, access: Access, is_versioned: bool) -> list[str]:
    """The command whose standard output is the artifact. `is_versioned`: some tables keep the history of their rows."""
    extra = () if tool.version.is_mariadb else MYSQL_OPTIONS
    history = (HISTORY_OPTION,) if is_versioned and tool.has_history else ()
    return [tool.program, *access.name_options(), *OPTIONS, *extra, *history, "--", access.database]


class Ends:
    """Keeps the first and the last bytes of a stream and tells whether it is whole."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self.head = b""
        self.tail = b""

    def take(self, chunk: memoryview) -> None:
        """The next bytes."""
        self.size_bytes += len(chunk)
        self.head += bytes(chunk[: HEADER_ROOM - len(self.head)])
        self.tail = (self.tail + bytes(chunk[-TRAILER_ROOM:]))[-TRAILER_ROOM:]

    @property
    def has_begun_well(self) -> bool:
        """Whether the first bytes are those of a dump, and not of a message that slipped in."""
        return self.head.startswith(FIRST_BYTES)

    @property
    def has_trailer(self) -> bool:
        """Whether the dump said that it is complete, with nothing but a date behind it."""
        _unused, mark, after = self.tail.rpartition(TRAILER)
        return bool(mark) and after.count(b"\n") <= 1 and after.endswith(b"\n")


class Beginning:
    """Tells when a stream shows that its snapshot has begun; looks at no byte after that."""

    def __init__(self) -> None:
        self.has_snapshot = False
        self._rest = b""

    def take(self, chunk: memoryview) -> bool:
        """The next bytes; whether the snapshot has shown itself."""
        if not self.has_snapshot:
            seen = self._rest + bytes(chunk)
            self.has_snapshot = any(mark in seen for mark in SNAPSHOT_MARKS)
            self._rest = seen[-64:]
        return self.has_snapshot


NAME = rb"`((?:[^`]|``)*)`"
STATEMENT = re.compile(
    rb"\n(?:CREATE TABLE " + NAME + rb" \("
    rb"|INSERT (?:IGNORE )?INTO " + NAME + rb" (?:\((?:[^`]|`(?:[^`]|``)*`)*?\) )?VALUES(?=\n|$)"
    rb"|INSERT (?:IGNORE )?INTO " + NAME + rb" "
    rb"|(DELIMITER ;;)(?=\n|$)"
    rb"|DO SETVAL\(" + NAME + rb", (-?[0-9]+), 0\);)"
)
NO_ROW = re.compile(rb"\n(?!\()")
BODY_END = re.compile(rb"\nDELIMITER ;(?=\n|$)")


class RowCounter:
    """Tables and rows of a stream, from dumps that print one row a line (MariaDB from 10.6 on).

    `sequences`: name -> value. `uncounted` are tables with several rows in one line: those that keep their history,
    and all of older programs. What routines and triggers hold between `DELIMITER` lines is passed over.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._created: list[str] = []
        self.sequences: dict[str, str] = {}
        self.uncounted: set[str] = set()
        self._pieces: list[bytes] = [b"\n"]
        self._table = ""
        self._is_in_body = False

    @property
    def rows(self) -> dict[str, int]:
        """Table -> rows, for every table that is created in the stream; 0 for what is uncounted."""
        return {name: self._counts.get(name, 0) for name in self._created}

    def take(self, chunk: memoryview) -> None:
        """The next bytes. Lines are looked at once they are whole."""
        data = bytes(chunk)
        end = data.rfind(b"\n")
        if end < 0:
            self._pieces.append(data)
            return
        self._count(b"".join([*self._pieces, data[:end]]))
        self._pieces = [data[end:]]

    def _count(self, lines: bytes) -> None:
        """`lines` begins with the newline before its first line and ends without one."""
        position = 0
        while position < len(lines):
            if self._table:
                position = self._count_rows(lines, position)
            elif self._is_in_body:
                position = self._skip_body(lines, position)
            else:
                position = self._find_statement(lines, position)

    def _count_rows(self, lines: bytes, position: int) -> int:
        found = NO_ROW.search(lines, position)
        end = found.start() if found else len(lines)
        self._counts[self._table] = self._counts.get(self._table, 0) + lines.count(b"\n", position, end)
        if found:
            self._table = ""
        return end

    def _skip_body(self, lines: bytes, position: int) -> int:
        found = BODY_END.search(lines, position)
        self._is_in_body = found is None
        return found.end() if found else len(lines)

    def _find_statement(self, lines: bytes, position: int) -> int:
        found = STATEMENT.search(lines, position)
        if found is None:
            return len(lines)
        created, filled, other, body, sequence, value = found.groups()
        if created is not None:
            self._created.append(read_name(created))
        elif filled is not None:
            self._table = read_name(filled)
        elif other is not None:
            self.uncounted.add(read_name(other))
        elif sequence is not None:
            self.sequences[read_name(sequence)] = value.decode("ascii")
        self._is_in_body = bool(body)
        return found.end()


def read_name(quoted: bytes) -> str:
    """A name as it stands between backticks, where a backtick is written twice."""
    return quoted.replace(b"``", b"`").decode("utf-8", "surrogateescape")


class Content:
    """A digest of a stream that an equal database gives again, when the same program dumps it.

    `program` holds the lines that tell of programs and versions, without the host: two streams are comparable only
    when these are equal. Views, which stand last, are left out: how a dump writes them depends on what their accounts
    may do where it is taken. Their definitions are compared by the census.
    """

    def __init__(self) -> None:
        self.program = b""
        self._digest = sha256()
        self._rest = b""
        self._has_header = False
        self._is_over = False

    def take(self, chunk: memoryview) -> None:
        """The next bytes."""
        if self._is_over:
            return
        self._rest += bytes(chunk)
        if not self._has_header and len(self._rest) >= HEADER_ROOM:
            self._end_header()
        if self._has_header:
            self._update(len(VIEWS_MARK))

    def _update(self, held_back: int) -> None:
        """Hashes all but the last bytes, which may begin the mark of the views."""
        found = self._rest.find(VIEWS_MARK)
        self._is_over = found >= 0
        end = found if self._is_over else max(0, len(self._rest) - held_back)
        self._digest.update(memoryview(self._rest)[:end])
        self._rest = self._rest[end:]

    def _end_header(self) -> None:
        self._has_header = True
        lines = self._rest.split(b"\n")
        named = [line for line in lines[:HEADER_LINES] if line.startswith((b"--", b"/*")) and b"-- Host:" not in line]
        self.program = b"\n".join(named)
        self._rest = b"\n".join(lines[HEADER_LINES:])

    @property
    def hexadecimal(self) -> str:
        """The sha256 of what has passed between header and views; to be asked after the last byte."""
        if not self._has_header:
            self._end_header()
        if not self._is_over:
            self._update(0)
        return self._digest.hexdigest()


def conclude_dump(trace: Trace, ends: Ends, subject: str) -> None:
    """Raises DumpFailed unless the program succeeded and its stream is whole from its first to its last line."""
    if trace.status != 0:
        raise DumpFailed.process_ended("mariadb-dump", trace.status, _pick_complaint(trace.stderr_tail))
    if not ends.has_begun_well:
        raise DumpFailed.is_short(subject, ends.size_bytes)
    if not ends.has_trailer:
        raise DumpFailed.has_no_end(subject)


def _pick_complaint(stderr: str) -> str:
    """The line that tells of an error, for the last one may be a mere warning."""
    errors: Sequence[str] = [line for line in stderr.splitlines() if re.search(r"error|Couldn't", line, re.IGNORECASE)]
    return errors[-1] if errors else stderr
