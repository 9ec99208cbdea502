"""The words that only look: at the store, at the records, at the sources, at the configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..flow.progress import format_bytes
from ..record.wire import read_json
from ..station import read_configuration
from .call import Call, open_call

if TYPE_CHECKING:
    from ..listing import StoredRun


def list_runs(call: Call) -> int:
    """What is stored, oldest first; what lies there and no line can tell of stands below."""
    from ..listing import list_stored

    station = open_call(call)
    registered = [application.name for application in station.server.applications]
    names = call.options.applications or list(dict.fromkeys([*registered, *station.store.applications()]))
    stocks = [(name, list_stored(station, name)) for name in names]
    rows = [run for _name, stock in stocks for run in stock.runs]
    problems = [f"{name}: {problem}" for name, stock in stocks for problem in stock.problems]
    if call.options.json:
        call.tell("", {"runs": [run._asdict() for run in rows], "problems": problems})
    else:
        call.tell("\n".join([*_draw_runs(rows), *problems] or ["no stored runs"]), {})
    return 0


def _draw_runs(rows: Sequence[StoredRun]) -> Iterator[str]:
    if rows:
        yield f"{'APPLICATION':20} {'RUN':25} {'BEGAN':20} {'SIZE':>10} LEVEL"
    for run in rows:
        yield f"{run.application:20} {run.id:25} {run.began:20} {format_bytes(run.size_bytes):>10} {run.level}"


def show(call: Call) -> int:
    """One receipt."""
    from ..cards import tell_by_hand
    from ..record.reading import read_receipt
    from ..selection import pick_run

    station, options = open_call(call), call.options
    if options.id == "latest":
        receipt = pick_run(station, options.application)
    else:
        data = station.catalogue.read(options.application, options.id)
        receipt = read_receipt(read_json(data, options.id), options.id)
    folder = f"{station.server.store.path}/{receipt.application}/{receipt.id}"
    commands = tell_by_hand(receipt, folder, station.server.find(receipt.application))
    told = [json.dumps(receipt.to_data(), sort_keys=True, indent=1), *(["", "by hand:", *commands] if commands else [])]
    call.tell("\n".join(told), receipt.to_data())
    return 0


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
    from ..remember import SERVER_FOLDER, Memory
    from ..renderers.registry import find_renderer
    from ..report import make_named_period, make_recent_period, make_report

    station, options = open_call(call), call.options
    now = station.clock()
    office = station.server.office
    period = make_named_period(options.period, now) if options.period else make_recent_period(now, options.hours)
    evidence = ServerEvidence(station.server)
    memory = Memory(station.state / SERVER_FOLDER, evidence.catalogue)
    made = make_report(evidence, period, now, office, office.get("sop_number", ""), recall=memory.recall)
    memory.conclude()
    wanted = "json" if options.json else options.format
    call.write(render_document(made, find_renderer(wanted), options.language or station.server.language))
    return 1 if made.has_failed else 0
