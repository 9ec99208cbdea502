"""How long the command takes to begin: its version, and the list of many stored runs."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from measuring.command import CHECKOUT, ENVIRONMENT, make_command, make_configuration
from measuring.data import workshop
from measuring.findings import write_findings

sys.path[:0] = [str(CHECKOUT / "collections")]

from ansible_collections.diskominfo.backup.plugins.module_utils.bundle import build_runner  # noqa: E402

VERSION_BAR_S, LIST_BAR_S = 0.15, 0.5
RECEIPTS, ROUNDS = 10_000, 9


def main(receipts: int = RECEIPTS, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/start.*."""
    with workshop() as folder:
        runner = folder / "diskominfo-backup"
        runner.write_bytes(build_runner(sys.executable).data)
        version = measure([sys.executable, "-I", str(runner), "version"], rounds)
        configuration = fill_store(folder, receipts)
        argv = [sys.executable, "-I", str(runner), "list", "--config", str(configuration)]
        first, listing = measure(argv, 1), measure(argv, rounds)
    lines = [
        "Median of the rounds, in seconds, from the start of the installed file to its end:",
        "",
        "| | seconds | processor | bar |",
        "|---|---|---|---|",
        _tell("`diskominfo-backup version`", version, VERSION_BAR_S),
        _tell(f"`diskominfo-backup list` of {receipts} stored runs", listing, LIST_BAR_S),
        _tell("the same for the first time, when all receipts are read and the index is made", first),
    ]
    facts = {"version": version, "list": listing, "first_list": first, "receipts": receipts, "rounds": rounds}
    write_findings("start", "Start", lines, facts)


def fill_store(folder: Path, receipts: int) -> Path:
    """A configuration whose store holds many runs: one true run, and copies of it with other ids."""
    tree = folder / "tree"
    tree.mkdir()
    (tree / "file").write_text("content")
    subprocess.run(
        make_command("run", folder, sources=[{"path": str(tree)}]), env=ENVIRONMENT, check=True, capture_output=True
    )
    (first,) = (folder / "store" / "app").iterdir()
    records = folder / "state" / "receipts" / "app"
    receipt = json.loads((first / "receipt.json").read_text())
    for number in range(1, receipts):
        identity = f"20200101T{number // 3600:02}{number // 60 % 60:02}{number % 60:02}Z-{number:08x}"
        text = json.dumps({**receipt, "id": identity}, indent=1, sort_keys=True) + "\n"
        (first.parent / identity).mkdir(mode=0o700)
        (first.parent / identity / "receipt.json").write_text(text)
        (records / f"{identity}.json").write_text(text)
    return make_configuration(folder, sources=[{"path": str(tree)}])


def measure(argv: Sequence[str], rounds: int) -> tuple[float, float]:
    """(seconds, processor seconds) of the median round."""
    seconds, processor = [], []
    for _unused in range(rounds):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(argv, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return round(statistics.median(seconds), 3), round(statistics.median(processor), 3)


def _tell(what: str, measured: tuple[float, float], limit_s: float = 0) -> str:
    verdict = f"{'within' if measured[0] <= limit_s else 'ABOVE'} {limit_s}" if limit_s else "none"
    return f"| {what} | {measured[0]:.3f} | {measured[1]:.3f} | {verdict} |"


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
