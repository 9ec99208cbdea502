"""The words that only look: at the store, at the records, at the sources, at the configuration."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..flow.progress import format_bytes
from ..record.receipt import RUN, Receipt
from ..record.wire import format_time, read_json
from ..station import read_configuration
from .call import Call, open_call


def list_runs(call: Call) -> int:
    """What is stored, oldest first."""
    from ..selection import levels_of_runs, stored_runs

    station = open_call(call)
    registered = [application.name for application in station.server.applications]
    names = call.options.applications or list(dict.fromkeys([*registered, *station.store.applications()]))
    rows = []
    for name in names:
        runs = stored_runs(station, name)
        levels = levels_of_runs(station, name, runs)
        rows += [(run, levels[run.id]) for run in runs]
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
    from ..record.reading import read_receipt
    from ..selection import pick_run

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


def send(call: Call) -> int:
    """Gives a run away, as a tar on standard output."""
    from ..send import send_run

    options = call.options
    call.stdout.flush()
    send_run(open_call(call), options.application, options.id, call.stdout.buffer)
    call.stdout.buffer.flush()
    return 0


def probe(call: Call) -> int:
    """Looks."""
    from ..probe import probe_server
    from ..selection import pick_applications

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
    """This server's report, in any format; the word `status` asks for that of the standing."""
    from ..books.evidence import ServerEvidence
    from ..publish import render_document
    from ..renderers.registry import find_renderer
    from ..report import make_named_period, make_recent_period, make_report

    station, options = open_call(call), call.options
    now = station.clock()
    office = station.server.office
    period = make_named_period(options.period, now) if options.period else make_recent_period(now, options.hours)
    made = make_report(ServerEvidence(station.server), period, now, office, office.get("sop_number", ""))
    wanted = "json" if options.json else options.format
    call.write(render_document(made, find_renderer(wanted), options.language or station.server.language))
    return 1 if made.has_failed else 0
