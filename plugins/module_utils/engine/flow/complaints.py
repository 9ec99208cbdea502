"""Listens to the standard error of a process: drains it whatever comes, shows its lines, keeps its end."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Sequence

from .companion import Companion
from .credentials import REDACTED, redact
from .pipes import POLL_S

TAIL_BYTES = 8192
LINE_BYTES = 65536
_PIPE_BYTES = 65536  # what such a pipe holds at most, pipe(7): one read empties it

LineTaker = Callable[[bytes], None]


class Complaints(Companion):
    """Reads `descriptor` to its end and closes it, in constant memory."""

    def __init__(self, descriptor: int, secrets: Sequence[str]) -> None:
        super().__init__()
        self.fault: BaseException | None = None
        self._descriptor = descriptor
        self._secrets = tuple(secrets)
        self._taker: LineTaker | None = None
        self._on_fault: Callable[[], None] = lambda: None
        self._is_over = False
        self._line = b""
        self._tail = b""
        self._is_cut = False
        longest = max((len(secret.encode("utf-8", "surrogateescape")) for secret in self._secrets), default=0)
        self._margin = longest * len(REDACTED)

    def begin(self, taker: LineTaker | None, on_fault: Callable[[], None]) -> None:
        """Starts to read. `taker` is shown every line, redacted and without its newline, from this thread.

        A line of more than LINE_BYTES comes in pieces. What the taker raises is kept as `fault`, `on_fault` is called,
        and the reading goes on: a process whose complaints nobody reads would hang.
        """
        self._taker, self._on_fault = taker, on_fault
        self.start()

    def work(self) -> None:
        """Ends with the stream, or with `conclude` where a process that got away holds it open."""
        poller = select.poll()
        poller.register(self._descriptor, select.POLLIN)
        is_last = False
        try:
            while not is_last:
                is_last = self._is_over
                if poller.poll(0 if is_last else POLL_S * 1000):
                    chunk = os.read(self._descriptor, _PIPE_BYTES)
                    is_last = is_last or not chunk
                    self._keep(chunk)
            if self._line:
                self._show(self._line)
        finally:
            os.close(self._descriptor)

    def conclude(self) -> str:
        """The redacted end of the stream, TAIL_BYTES at most; to be called when the process has ended."""
        self._is_over = True
        if self.ident is None:  # there was no room for a thread
            self.work()
        self.await_end()
        text = redact(self._tail.decode("utf-8", "replace"), self._secrets)
        return text[self._margin :] if self._is_cut else text

    def _keep(self, chunk: bytes) -> None:
        """The margin before the tail holds what the cut may have left of a secret, however long redaction made it."""
        tail = self._tail + chunk
        self._tail = tail[-(TAIL_BYTES + self._margin) :]
        self._is_cut = self._is_cut or len(self._tail) < len(tail)
        if self._taker:
            *lines, self._line = (self._line + chunk).split(b"\n")
            for line in lines:
                self._show(line)
            if len(self._line) > LINE_BYTES:
                self._show(self._line)
                self._line = b""

    def _show(self, line: bytes) -> None:
        if self._taker is None or self.fault is not None:
            return
        try:
            text = redact(line.decode("utf-8", "surrogateescape"), self._secrets)
            self._taker(text.encode("utf-8", "surrogateescape"))
        except BaseException as fault:  # pylint: disable=broad-exception-caught
            self.fault = fault
            self._on_fault()
