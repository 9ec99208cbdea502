"""What each word of the command line does: it calls a verb and tells what came of it."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from .errors import BackupError
from .flow.process import Supervisor
from .flow.progress import Progress, Silence, TerminalProgress, format_bytes
from .record.receipt import COMMAND, RUN, TIMER, Receipt, Runner
from .record.wire import format_time, read_json
from .station import Station, open_station, read_configuration
from .version import VERSION


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
    server = read_configuration(call.options.config)
    trigger = TIMER if call.options.timer else COMMAND
    return open_station(server, call.supervisor, call.progress, Runner(VERSION, hash_program(call.program)), trigger)


def open_working(call: Call) -> Station:
    """The same, with its store proved and what earlier acts left made good."""
    from .act import settle

    station = open_call(call)
    station.store.open()
    settle(station)
    return station


def hash_program(program: Path | None) -> str:
    """sha256 of the runner's file; empty when the engine does not run from one."""
    if program is None or not program.is_file():
        return ""
    return hashlib.sha256(program.read_bytes()).hexdigest()


def run(call: Call) -> int:
    """Backs up."""
    from .act import settle_if_possible
    from .run import run_server
    from .selection import pick_applications

    station = open_call(call)
    chosen = pick_applications(station, call.options.applications, call.options.category)
    settle_if_possible(station)
    return tell_receipts(call, run_server(station, chosen))


def check(call: Call) -> int:
    """Proves."""
    from .check import check_server
    from .selection import pick_applications, pick_checks

    station = open_working(call)
    chosen = pick_applications(station, call.options.applications, call.options.category)
    return tell_receipts(
        call, check_server(station, pick_checks(station, chosen, call.options.runs, call.options.depth))
    )


def restore(call: Call) -> int:
    """Brings back."""
    from .restore import restore_run
    from .selection import find_application, pick_run

    station, options = open_working(call), call.options
    application = find_application(station, options.application)
    wanted = pick_run(station, application.name, options.run)
    receipt = restore_run(station, application, wanted, options.target.absolute(), options.part)
    return tell_receipts(call, [receipt])


def prune(call: Call) -> int:
    """Removes."""
    from .prune import prune_server
    from .selection import pick_applications

    station = open_working(call)
    chosen = pick_applications(station, call.options.applications, call.options.category)
    return tell_receipts(call, prune_server(station, chosen, call.options.dry_run))


def night(call: Call) -> int:
    """Backs up, proves what is due, removes old runs of what went well: what a timer does."""
    from .act import settle_if_possible
    from .check import check_server
    from .prune import prune_server
    from .record.level import COMPARED
    from .run import run_server
    from .selection import DUE, pick_applications, pick_checks

    station = open_call(call)
    chosen = pick_applications(station, call.options.applications, call.options.category)
    settle_if_possible(station)
    receipts = run_server(station, chosen)
    # A store that took nothing tonight has nothing to show either.
    if any(receipt.has_succeeded for receipt in receipts):
        receipts += check_server(station, pick_checks(station, chosen, DUE, COMPARED))
    failed = {receipt.application for receipt in receipts if receipt.failure}
    receipts += prune_server(station, [each for each in chosen if each.name not in failed], is_rehearsal=False)
    return tell_receipts(call, receipts)


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


def list_runs(call: Call) -> int:
    """What is stored, oldest first."""
    from .selection import levels_of_runs, stored_runs

    station = open_call(call)
    registered = [application.name for application in station.server.applications]
    names = call.options.applications or list(dict.fromkeys([*registered, *station.store.applications()]))
    rows = []
    for name in names:
        levels = levels_of_runs(station, name)
        rows += [(run, levels[run.id]) for run in stored_runs(station, name)]
    call.tell(_draw_runs(rows), {"runs": [_run_to_data(run, level) for run, level in rows]})
    return 0


def _run_to_data(run_receipt: Receipt, level: str) -> dict[str, Any]:
    return {
        "application": run_receipt.application,
        "id": run_receipt.id,
        "began": format_time(run_receipt.began),
        "size_bytes": run_receipt.size_bytes,
        "level": level,
    }


def _draw_runs(rows: Iterable[tuple[Receipt, str]]) -> str:
    lines = [f"{'APPLICATION':20} {'RUN':25} {'BEGAN':20} {'SIZE':>10} LEVEL"]
    for receipt, level in rows:
        size = format_bytes(receipt.size_bytes)
        lines.append(f"{receipt.application:20} {receipt.id:25} {format_time(receipt.began):20} {size:>10} {level}")
    return "\n".join(lines) if len(lines) > 1 else "no stored runs"


def show(call: Call) -> int:
    """One receipt."""
    from .record.reading import read_receipt
    from .selection import pick_run

    station, options = open_call(call), call.options
    if options.id == "latest":
        receipt = pick_run(station, options.application)
    else:
        data = station.catalogue.read(options.application, options.id)
        receipt = read_receipt(read_json(data, options.id), options.id)
    folder = Path(station.server.store.path) / receipt.application / receipt.id
    call.tell(
        json.dumps(receipt.to_data(), sort_keys=True, indent=1) + "\n" + tell_by_hand(receipt, folder),
        receipt.to_data(),
    )
    return 0


def tell_by_hand(receipt: Receipt, folder: Path) -> str:
    """The commands that restore a run with standard tools only; empty for other receipts."""
    from shlex import quote

    if receipt.kind != RUN or not receipt.has_succeeded:
        return ""
    lines = ["", "by hand:", f"  cd {quote(str(folder))} && sha256sum -c SHA256SUMS"]
    for part, name in [(it, stored.name) for it in receipt.parts for stored in it.files[:1]]:
        unpack = "zstd -dc" if name.endswith(".zst") else "gzip -dc"
        target = "tar --extract --acls --xattrs --file=- --directory=NEW_FOLDER"
        end = f" | {target}" if part.engine == "tree" else f" > {quote(part.name)}"
        lines.append(f"  {unpack} {quote(name)}{end}")
    return "\n".join(lines)


def probe(call: Call) -> int:
    """Looks."""
    from .probe import probe_server
    from .selection import pick_applications

    station = open_call(call)
    chosen = pick_applications(station, call.options.applications, call.options.category)
    findings = probe_server(station, chosen)
    lines = [f"{item.severity}: {item.subject}: {item.message}\n  -> {item.hint}" for item in findings]
    call.tell("\n".join(lines) or "all is well", {"findings": [item.to_data() for item in findings]})
    return 1 if any(item.severity == "red" for item in findings) else 0


def config(call: Call) -> int:
    """Validates."""
    data = read_configuration(call.options.config).to_data()
    call.tell(json.dumps(data, sort_keys=True, indent=1), data)
    return 0


def report(call: Call) -> int:
    """This server's report."""
    from .books.evidence import ServerEvidence
    from .renderers.registry import find_renderer
    from .report import make_recent_period, make_report

    station, options = open_call(call), call.options
    now = station.clock()
    office, period = station.server.office, make_recent_period(now, options.hours)
    made = make_report(ServerEvidence(station.server), period, now, office, office.get("sop_number", ""))
    wanted = "json" if options.json else options.format
    call.stdout.write(find_renderer(wanted).render(made, options.language or station.server.language).decode("utf-8"))
    return 1 if made.has_failed else 0


def version(call: Call) -> int:
    """Names itself."""
    data = {"version": VERSION, "sha256": hash_program(call.program)}
    call.tell(f"diskominfo-backup {VERSION} {data['sha256']}".rstrip(), data)
    return 0


WORDS: dict[str, Callable[[Call], int]] = {
    "check": check,
    "config": config,
    "list": list_runs,
    "night": night,
    "probe": probe,
    "prune": prune,
    "report": report,
    "restore": restore,
    "run": run,
    "show": show,
    "version": version,
}
