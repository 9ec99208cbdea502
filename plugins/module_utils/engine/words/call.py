"""One use of the command line: what it was given, where it works, and how it tells what came of it."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ..errors import BackupError
from ..flow.process import Supervisor
from ..flow.progress import Progress, Silence
from ..flow.terminal import TerminalProgress
from ..version import VERSION

if TYPE_CHECKING:
    from ..record.receipt import Receipt
    from ..station import Station


@dataclass(frozen=True)
class Call:
    """One use of the command line."""

    options: argparse.Namespace
    supervisor: Supervisor
    program: Path | None
    stdout: TextIO
    stderr: TextIO

    def tell(self, text: str, data: dict[str, Any]) -> None:
        """The result: `data` as one JSON object with --json, else `text`."""
        if self.options.json:
            text = json.dumps(data, sort_keys=True, indent=1)
        self.stdout.write(text.rstrip("\n") + "\n")

    def write(self, document: bytes) -> None:
        """A whole document to standard output, as it is."""
        self.stdout.flush()
        self.stdout.buffer.write(document)
        self.stdout.buffer.flush()

    @property
    def progress(self) -> Progress:
        """Standard error, moving when it is a terminal; silent with --quiet."""
        if self.options.quiet:
            return Silence()
        return TerminalProgress(self.stderr, self.stderr.isatty())


def tell_error(call: Call, error: BackupError) -> int:
    """An error that ended the whole word: on standard error, and as JSON when that was asked for."""
    call.stderr.write(f"diskominfo-backup: {error.message}\n  -> {error.hint}\n")
    if call.options.json:
        data = {"slug": error.slug, "message": error.message, "hint": error.hint}
        call.stdout.write(json.dumps({"error": data}, sort_keys=True) + "\n")
    return error.exit_status


def open_call(call: Call) -> Station:
    """The working place that the call's configuration describes; the store is not touched."""
    from ..record.receipt import COMMAND, TIMER, Runner
    from ..station import open_station, read_configuration

    server = read_configuration(call.options.config)
    trigger = TIMER if call.options.timer else COMMAND
    return open_station(server, call.supervisor, call.progress, Runner(VERSION, hash_program(call.program)), trigger)


def open_working(call: Call) -> Station:
    """The same, with its store proved and what earlier acts left made good."""
    from ..act import settle

    station = open_call(call)
    station.store.open()
    settle(station)
    return station


def hash_program(program: Path | None) -> str:
    """sha256 of the runner's file; empty when the engine does not run from one."""
    if program is None or not program.is_file():
        return ""
    return hashlib.sha256(program.read_bytes()).hexdigest()


def tell_receipts(call: Call, receipts: Sequence[Receipt]) -> int:
    """Counts, failures with their remedy, and the exit status."""
    failed = [receipt for receipt in receipts if receipt.failure]
    lines = [f"{len(receipts)} done, {len(failed)} failed"] if receipts else ["nothing due"]
    for receipt in failed:
        failures = dict.fromkeys(filter(None, (receipt.failure, *(part.failure for part in receipt.parts))))
        lines += [f"{receipt.application}: [{it.slug}] {it.message}\n  -> {it.hint}" for it in failures]
    for receipt in receipts:
        lines += [f"{receipt.application}: warning: {warning}" for warning in receipt.warnings]
    call.tell("\n".join(lines), {"receipts": [receipt.to_data() for receipt in receipts], "failed": len(failed)})
    return 1 if failed else 0
