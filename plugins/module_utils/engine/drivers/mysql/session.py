"""A conversation with the server through a client process: one statement in, its rows out, until the block ends."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from ...errors import BackupError
from ...flow.pipes import PIPE, READ, make_wait
from ...flow.process import Process, Shell
from .client import CLIENTS, CONNECT_TIMEOUT_S, Access, ServerError, find_program, quote_text, read_complaint

Row = tuple[str, ...]
Wrap = Callable[[Sequence[str]], list[str]]

ESCAPES = {"\\n": "\n", "\\t": "\t", "\\0": "\0", "\\\\": "\\"}
CHUNK_BYTES = 1 << 16
SETTINGS = (
    "SET SESSION time_zone='+00:00', sql_mode='', sql_quote_show_create=1, lock_wait_timeout={lock_wait_s} "
    "/*M!100101 , SESSION max_statement_time=0 */; SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; "
    "SELECT CONNECTION_ID()"
)
"""Equal texts for equal definitions, one view for a whole transaction, and no limit but ours."""


class Session:
    """One connection. A statement that the server refuses ends it: ServerError, and the session is of no more use.

    Not for several threads at once.
    """

    def __init__(self, process: Process, shell: Shell) -> None:
        self._process = process
        self._wait = make_wait(process.stdout, READ, shell.require_time)
        self._rest = b""
        self.connection_id = 0

    def query(self, sql: str) -> list[Row]:
        """The rows of one statement, whatever characters it holds: it travels as hexadecimal."""
        return self.send(f"SET @statement={quote_text(sql)}; PREPARE asked FROM @statement; EXECUTE asked")

    def send(self, sql: str) -> list[Row]:
        """The rows of a statement that is our own text, or cannot be prepared. No newline, no odd names."""
        mark = secrets.token_hex(16)
        self._write(f"{sql};\nSELECT '{mark}';\n".encode("utf-8", "surrogateescape"))
        return [split_row(line) for line in self._read_until(mark.encode("ascii"))]

    def _write(self, data: bytes) -> None:
        with suppress(BrokenPipeError):  # what ended the client stands in its complaints, and is raised by the reader
            while data:
                data = data[os.write(self._process.stdin, data) :]

    def _read_until(self, mark: bytes) -> list[bytes]:
        lines: list[bytes] = []
        while True:
            *whole, self._rest = self._rest.split(b"\n")
            for index, line in enumerate(whole):
                if line == mark:
                    self._rest = b"\n".join([*whole[index + 1 :], self._rest])
                    return lines
                lines.append(line)
            self._rest += self._read()

    def _read(self) -> bytes:
        """More bytes; while a line is long, many at once."""
        self._wait()
        chunk = os.read(self._process.stdout, CHUNK_BYTES)
        if not chunk:
            self._process.close_pipes()
            raise read_complaint(self._process.wait().stderr_tail)
        return chunk

    def kill(self) -> None:
        """Ends the client at once, whatever it waits for; the server may be busy with its statement still."""
        self._process.kill()

    def close(self) -> None:
        """Ends the connection as a client does that has nothing more to say; its locks and views are gone."""
        if self._process.stdin >= 0:
            self._process.close_pipes()
            self._process.wait()


@contextmanager
def open_session(access: Access, shell: Shell, wrap: Wrap = list, lock_wait_s: int = 30) -> Iterator[Session]:
    """A session of an access; ServerError when none can be had. `wrap` makes the command run elsewhere."""
    argv = [find_program(shell, CLIENTS), *access.name_options(), "--batch", "--skip-column-names", "--unbuffered"]
    argv += ["--no-auto-rehash", "--skip-reconnect", f"--connect-timeout={CONNECT_TIMEOUT_S}"]
    argv += ["--max-allowed-packet=1G", "--", access.database]
    process = shell.start(wrap(argv), stdin=PIPE, secrets=access.secrets)
    session = Session(process, shell)
    try:
        session.connection_id = int(session.send(SETTINGS.format(lock_wait_s=lock_wait_s))[0][0])
        yield session
    except BaseException:
        session.kill()
        raise
    finally:
        session.close()


ABANDONED = (
    "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = SUBSTRING_INDEX(USER(), '@', 1) AND (ID IN ({ids}) "
    "OR (ID > {first} AND BINARY DB = DATABASE() AND (INFO LIKE 'SELECT /*!40001 SQL_NO_CACHE%' "
    "OR INFO LIKE 'show fields%' OR INFO LIKE 'show create%')))"
)
"""Our own connections, and that of a dump that began after the first of them: it waits or works for nobody."""

ENDING_S = 10.0


def end_connections(access: Access, ended: Shell, ids: Sequence[int]) -> None:
    """Has the server end what our killed clients began, by a shell of its own: theirs may have ended.

    A server thread that waits for a lock, or counts, does not see that its client is gone.
    """
    numbers = ", ".join(map(str, ids))
    with suppress(ServerError, BackupError), ended.anew(ENDING_S) as shell:
        with open_session(access, shell) as session:
            rows = session.query(ABANDONED.format(ids=numbers, first=min(ids)))
        for row in rows:
            with suppress(ServerError), open_session(access, shell) as session:
                session.send(f"KILL {int(row[0])}")


def split_row(line: bytes) -> Row:
    """The fields of one line of `--batch` output. NULL is the text `NULL`: statements tell it apart themselves."""
    text = line.decode("utf-8", "surrogateescape")
    return tuple(re.sub(r"\\[nt0\\]", lambda found: ESCAPES[found[0]], field) for field in text.split("\t"))
