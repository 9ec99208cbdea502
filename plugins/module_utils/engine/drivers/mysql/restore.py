"""The way back: a stream fills a throwaway server, or becomes a file for a person; and what came is compared."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ...errors import RestoreFailed, SourceUnreadable, StoredDamaged
from ...flow.files import open_new
from ...flow.pipeline import relay, write_to
from ...flow.pipes import PIPE, widen_pipe
from ...flow.process import Process, Shell
from ...record.census import Census, Difference, compare_censuses
from ...record.source import DatabaseSource
from ..base import Examined, Sink, Target
from .census import ANY_HISTORY, take_census
from .client import CLIENTS, ServerError, find_program, read_complaint
from .dump import Content, Ends, RowCounter, build_dump_argv, find_tool
from .landing import Live, name_only
from .scratch import Instance
from .session import open_session
from .tables import TableNames

ROWS = "rows"
CONTENT = "content"
FILE = "database.sql"
"""What a person finds in a new place: `mariadb new_database < database.sql` brings it back."""


class DumpReading:
    """A look at a stream: it begins and ends as a dump does, and creates every table that was counted."""

    def __init__(self, expected: Census) -> None:
        self._expected = expected
        self._ends, self._tables = Ends(), TableNames()

    def take(self, chunk: memoryview) -> None:
        """See Reading."""
        self._ends.take(chunk)
        self._tables.take(chunk)

    def finish(self) -> None:
        """See Reading."""
        if not self._ends.has_begun_well:
            raise StoredDamaged.unreadable("the dump", "its first bytes are not those of a dump")
        if not self._ends.has_trailer:
            raise StoredDamaged.unreadable("the dump", "its last line '-- Dump completed' is missing")
        missing = sorted(set(self._expected.rows) - self._tables.names)
        if missing:
            raise StoredDamaged.unreadable("the dump", f"table {missing[0]} is not in it")


class ClientSink:
    """Feeds the client of a server."""

    def __init__(self, process: Process, content: Content, subject: str) -> None:
        self._process, self._content, self._subject = process, content, subject
        self._write = write_to(process.stdin)

    def take(self, chunk: memoryview) -> None:
        """See Sink."""
        self._content.take(chunk)
        try:
            self._write(chunk)
        except BrokenPipeError as error:
            raise self._explain() from error

    def finish(self) -> None:
        """See Sink."""
        self._process.close_pipes()
        if self._process.wait().status != 0:
            raise self._explain()

    def _explain(self) -> RestoreFailed:
        tail = self._process.wait().stderr_tail
        return RestoreFailed.ended(self._subject, read_complaint(tail).text)


class FileSink:
    """Writes the stream as it is."""

    def __init__(self, path: Path) -> None:
        self._stream = open_new(path)

    def take(self, chunk: memoryview) -> None:
        """See Sink."""
        self._stream.write(chunk)

    def finish(self) -> None:
        """See Sink."""
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Gives the file up, whether it is whole or not."""
        self._stream.close()


@contextmanager
def open_sink(source: DatabaseSource, target: Target, shell: Shell) -> Iterator[Sink]:
    """A server is filled by a client beside it; a new place gets the dump as a file."""
    if not isinstance(target, (Instance, Live)):
        file = FileSink(target.path / FILE)
        try:
            yield file
        finally:
            file.close()
        return
    access = target.restorer
    argv = [find_program(shell, CLIENTS), *access.name_options(), "--batch", "--binary-mode", "--loose-sandbox"]
    argv += ["--max-allowed-packet=1G", "--local-infile=0", "--", access.database]
    process = shell.start(target.wrap(argv), stdin=PIPE, secrets=access.secrets)
    widen_pipe(process.stdin)
    try:
        yield ClientSink(process, target.content, source.label)
    finally:
        process.kill()
        process.await_end()
        process.close_pipes()


def examine_target(source: DatabaseSource, target: Target, expected: Census, shell: Shell) -> Examined:
    """Compares what came with what was counted in the source."""
    if not isinstance(target, (Instance, Live)):
        return _examine_file(target.path / FILE, expected)
    try:
        with open_session(target.administrator, shell, target.wrap) as session:
            if isinstance(target, Live):
                return _compare_live(target, expected, take_census(session))
            with _dump_again(target, bool(session.query(ANY_HISTORY)), shell) as again:
                found = take_census(session)
                differences = compare_censuses(expected, found, False)
                if differences:
                    return Examined(found, differences, len(differences), ROWS)
                return _compare_content(target, found, again.result())
    except ServerError as error:
        raise RestoreFailed.ended(source.label, error.text) from error


def _compare_live(target: Live, expected: Census, found: Census) -> Examined:
    """By rows and names; by definitions too, where they must read alike. Others may write to it by now."""
    pair = (expected, found) if target.is_alike else (name_only(expected), name_only(found))
    differences = compare_censuses(*pair, False)
    return Examined(found, differences, len(differences), ROWS)


@contextmanager
def _dump_again(target: Instance, is_versioned: bool, shell: Shell) -> Iterator[Future[Content]]:
    """What the throwaway server holds, as a dump tells it, read beside the block; given up where the block ends."""
    process = shell.start(target.wrap(build_dump_argv(find_tool(shell), target.administrator, is_versioned)))
    widen_pipe(process.stdout)

    def read() -> Content:
        content = Content()
        relay(process.stdout, [content.take], shell.require_time)
        process.wait().require_success()
        return content

    try:
        with ThreadPoolExecutor(max_workers=1) as beside:
            try:
                yield beside.submit(read)
            finally:
                process.kill()
    finally:
        process.close_pipes()


def _compare_content(target: Instance, found: Census, again: Content) -> Examined:
    """Equal bytes of a dump are equal content. Streams of different programs are not comparable."""
    first = target.content.hexadecimal
    if again.hexadecimal == first or again.program != target.content.program:
        return Examined(found, (), 0, CONTENT if again.hexadecimal == first else ROWS)
    difference = Difference(CONTENT, f"sha256 {first[:16]}", f"sha256 {again.hexadecimal[:16]}")
    return Examined(found, (difference,), 1, CONTENT)


def _examine_file(path: Path, expected: Census) -> Examined:
    """Tables and rows as the file tells them; nothing is run."""
    counter = RowCounter()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise SourceUnreadable.refused(str(path), error.strerror or str(error)) from error
    try:
        relay(descriptor, [counter.take])
    finally:
        os.close(descriptor)
    wanted = {name: 0 if name in counter.uncounted else count for name, count in expected.rows.items()}
    found = replace(expected, rows=counter.rows)
    differences = compare_censuses(replace(expected, rows=wanted), found, False)
    return Examined(found, differences, len(differences), ROWS)
