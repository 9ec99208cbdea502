"""One conversation with a server through psql: statements go in, rows come back as JSON, a fault becomes an error."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from ...errors import BackupError, DumpFailed, SourceLocked, SourceMissing, SourceUnreadable
from ...flow.pipes import READ, make_wait
from ...flow.process import PIPE, Process, Shell, Trace
from .client import Address

OPTIONS = ("-X", "-A", "-t", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose")
"""No start-up file, bare rows, no prompt for a password, the end at the first error, errors with their code."""

CONNECTION_LOST = 2
"""psql's status when there is no connection (its manual, Exit Status)."""

NO_ANSWER = re.compile(
    r"Is the server running|Connection refused|No such file|could not translate|timeout expired|No route|unreachable"
)
"""Words of libpq itself, which LC_ALL=C keeps in English, unlike those of the server."""

CODED = re.compile(r": +((?=[A-Z]*[0-9])[0-9A-Z]{5}): (.*)")
"""`ERROR:  42P01: relation ...`: the word before the code is in the server's language."""

LOCK_NOT_AVAILABLE = "55P03"
TOO_FEW_RIGHTS = "42501"


SETTINGS: Mapping[str, str] = {
    "search_path": "",
    "standard_conforming_strings": "on",
    "row_security": "off",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "transaction_timeout": "0",
    "client_connection_check_interval": "1000",
    "max_parallel_workers_per_gather": "0",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "quote_all_identifiers": "off",
}
"""As pg_dump sets them: names qualified, row security an error and never a filter, no limit that ends an idle view."""

READ_BYTES = 1 << 16


class StatementFailed(DumpFailed, slug="dump_failed"):
    """The server refused a statement. `code` is its SQLSTATE (PostgreSQL manual, appendix A), empty when unknown."""

    code = ""


class Session:
    """An open conversation. To be made by `open_session`."""

    def __init__(self, process: Process, shell: Shell, subject: str) -> None:
        self._process = process
        self._shell = shell
        self._subject = subject
        self._marker = secrets.token_hex(16)
        self._wait = make_wait(process.stdout, READ, shell.require_time)
        self._rest = b""

    def query(self, sql: str) -> list[Any]:
        """The rows of one statement, each of which must be one JSON text; raises what `explain` makes of a fault."""
        self._send(f"{sql}\n;\n\\echo {self._marker}\n".encode("utf-8", "surrogateescape"))
        lines = iter(self._read_line, self._marker.encode())
        return [json.loads(line.decode("utf-8", "surrogateescape")) for line in lines]

    def _send(self, text: bytes) -> None:
        """What psql does not take any more is told by the end of its output."""
        with suppress(BrokenPipeError):
            while text:
                text = text[os.write(self._process.stdin, text) :]

    def _read_line(self) -> bytes:
        while b"\n" not in self._rest:
            self._wait()
            chunk = os.read(self._process.stdout, READ_BYTES)
            if not chunk:
                trace = self._process.wait()
                self._shell.require_time()
                raise explain(trace, self._subject)
            self._rest += chunk
        line, _unused, self._rest = self._rest.partition(b"\n")
        return line

    def execute(self, sql: str) -> None:
        """One statement without rows."""
        self.query(sql)

    def kill(self) -> None:
        """Ends psql at once; a query of another thread raises."""
        self._process.kill()

    def close(self, is_done: bool) -> None:
        """Ends psql; at once where the conversation did not end well."""
        if not is_done:
            self._process.kill()
        self._process.close_pipes()
        self._process.await_end()


@dataclass(frozen=True)
class Access:
    """All that is needed to speak with one database. `subject` names it in errors."""

    address: Address
    psql: str
    subject: str
    lock_wait_s: float = 60.0

    @contextmanager
    def open_session(self, shell: Shell, **more: str) -> Iterator[Session]:
        """A conversation that obeys the shell's limit of time on both sides; `more` overrides the address."""
        argv = self.address.wrap([self.psql, *OPTIONS, "-d", self.address.conninfo(**more)])
        session = Session(shell.start(argv, stdin=PIPE, secrets=self.address.secrets), shell, self.subject)
        is_done = False
        try:
            _prepare(session, self.lock_wait_s, shell.time_left_s)
            yield session
            is_done = True
        finally:
            session.close(is_done)


def explain(trace: Trace, subject: str) -> BackupError:
    """The error that the end of a psql means."""
    lines = [line for line in trace.stderr_tail.splitlines() if line.strip()] or ["it said nothing"]
    if trace.status == CONNECTION_LOST:
        return _explain_connection(" ".join(line.strip() for line in lines), subject)
    found = next(filter(None, map(CODED.search, lines)), None)
    code, said = found.groups() if found else ("", lines[0])
    if code == LOCK_NOT_AVAILABLE:
        return SourceLocked(f"{subject}: {said}", "see who holds it (pg_stat_activity), then run the backup again")
    if code == TOO_FEW_RIGHTS:
        return SourceUnreadable.too_few_rights(subject, [said])
    error = StatementFailed(f"{subject}: the server refused a statement: {said}", "see its log")
    error.code = code
    return error


def _explain_connection(said: str, subject: str) -> BackupError:
    said = re.sub(r"^psql: error: ", "", said)
    if NO_ANSWER.search(said):
        return SourceMissing.no_answer(subject, said)
    return SourceUnreadable.login_refused(subject, said)


def _prepare(session: Session, lock_wait_s: float, time_left_s: float) -> None:
    """Settings that make a session predictable; names that this version does not know are left out."""
    wanted = {
        **SETTINGS,
        "lock_timeout": str(int(lock_wait_s * 1000)),
        "statement_timeout": str(int(time_left_s * 1000) + 1),
    }
    pairs = ", ".join(f"('{name}', '{value}')" for name, value in wanted.items())
    session.execute(
        "SELECT pg_catalog.json_build_array(pg_catalog.set_config(w.name, w.value, false) IS NULL)"
        f" FROM (VALUES {pairs}) AS w(name, value) JOIN pg_catalog.pg_settings AS s ON s.name = w.name"
    )
