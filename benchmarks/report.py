"""The report over many applications with a year of receipts: from the index, after a night, and with no index."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from measuring.city import END, add_night, make_register, write_receipts
from measuring.command import ENVIRONMENT
from measuring.data import workshop
from measuring.findings import write_findings
from measuring.years import HEADS, SHAPES, make_index, prove_alike

DAYS = 365
BARS: dict[int, tuple[float, int]] = {100: (0.5, 300), 10_000: (5.0, 300)}
"""Applications -> seconds and MiB that a report may take out of the index."""

REAL_RECEIPTS = 1000
"""A city of more applications has no file for each receipt: its index is made as measuring/years.py tells."""

PROVED = 50
"""The index of so many applications is made both ways and compared."""

ROUNDS = 5
MIB = 2**20

REPORT = """
import json, resource, sys, time
from pathlib import Path
began = time.perf_counter()
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import EvidenceFolder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import read_register
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import hash_bytes, parse_time
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.remember import FOLDER, Memory
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
evidence, now = Path(sys.argv[1]), parse_time(sys.argv[2])
register = read_register(json.loads(Path(sys.argv[3]).read_text()))
started, cpu = time.perf_counter(), time.process_time()
folder = EvidenceFolder(evidence, register)
memory = Memory(evidence / FOLDER, folder.catalogue)
report = make_report(folder, make_recent_period(now, 24), now, {}, "", recall=memory.recall)
memory.conclude()
ended, cpu = time.perf_counter(), time.process_time() - cpu
told = {"register_s": started - began, "report_s": ended - started, "cpu_s": cpu, **vars(memory.effort)}
told["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
told["id"], told["rows"] = report.id, len(report.rows)
print(json.dumps(told))
"""


def make_one(evidence: Path, register: Path) -> dict[str, Any]:
    """One report in a process of its own: what it took."""
    argv = [sys.executable, "-c", REPORT, str(evidence), f"{END:%Y-%m-%dT%H:%M:%SZ}", str(register)]
    done = subprocess.run(argv, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    told: dict[str, Any] = json.loads(done.stdout)
    print(f"  {told}", flush=True)
    return told


def measure(folder: Path, applications: int, days: int) -> dict[str, Any]:
    """Cold, then out of the index, then after one more night; the receipts are removed at the end."""
    evidence, register = folder / "evidence", folder / "register.json"
    register.write_text(json.dumps(make_register(applications)))
    has_files = applications <= REAL_RECEIPTS
    count = (write_receipts if has_files else make_index)(evidence, applications, days)
    cold = make_one(evidence, register) if has_files else None
    make_one(evidence, register)  # settles what had just been written
    warm = [make_one(evidence, register) for _round in range(ROUNDS)]
    add_night(evidence, applications, None if has_files else json.loads((evidence / HEADS).read_text()))
    night = make_one(evidence, register)
    again = make_one(evidence, register)
    if has_files:
        shutil.rmtree(evidence / "index")
        assert make_one(evidence, register)["id"] == again["id"], "another report after the index was deleted"
    assert not any(one["rebuilt"] or one["read"] for one in (*warm, night)), "not out of the index"
    shutil.rmtree(evidence)
    return {"applications": applications, "receipts": count, "cold": cold, "warm": warm, "night": night}


def prove(folder: Path, days: int) -> int:
    """An index made from receipts that are read is the one that is made without their files; in letters."""
    register = folder / "register.json"
    register.write_text(json.dumps(make_register(PROVED)))
    write_receipts(folder / "real", PROVED, days)
    make_one(folder / "real", register)
    make_index(folder / "made", PROVED, days)
    return prove_alike(folder / "made", folder / "real", PROVED)


def tell(found: dict[str, Any]) -> str:
    """A table's row."""
    bar_s, bar_mib = BARS.get(found["applications"], (0.0, 0))
    warm_s = statistics.median(one["report_s"] for one in found["warm"])
    peak = max(one["peak_bytes"] for one in found["warm"]) / MIB
    cpu_s = statistics.median(one["cpu_s"] for one in found["warm"])
    is_within = warm_s <= bar_s and peak <= bar_mib
    verdict = f"{'within' if is_within else 'ABOVE'} {bar_s} s and {bar_mib} MiB" if bar_s else "no bar"
    night, cold = found["night"], found["cold"]
    rebuilt = f"{cold['report_s']:.1f} s ({cold['cpu_s']:.1f} s)" if cold else "not measured"
    return (
        f"| {found['applications']} | {found['receipts']} | {warm_s:.2f} s ({cpu_s:.2f} s) | {peak:.0f} MiB | {verdict}"
        f" | {night['report_s']:.2f} s ({night['cpu_s']:.2f} s) | {rebuilt} |"
    )


def main(*sizes: int, days: int = DAYS) -> None:
    """Measures and writes docs/benchmarks/report.*."""
    found = []
    with workshop() as folder:
        letters = prove(folder, days)
    for applications in sizes or tuple(BARS):
        with workshop() as folder:
            found.append(measure(folder, applications, days))
    lines = [
        f"A report of the last 24 hours, made from the evidence of {days} days: a run a day and a check a week for",
        "each application, 50 applications to a server. From the register in memory to the report in memory, each in a",
        "process of its own whose peak is told; the register is read before, the formats are rendered after. The file",
        f"system's cache is warm. Out of the index: the median of {ROUNDS} reports. After a night: one new run for",
        "each application since the last report. Without an index: all receipts are read and the index is made. In",
        "brackets the processor's time: where it is much less than the other, the machine had other work.",
        "",
        "| applications | receipts | out of the index | peak | bar | after a night | without an index |",
        "|---|---|---|---|---|---|---|",
        *map(tell, found),
        "",
        f"Beyond {REAL_RECEIPTS} applications the receipts of {SHAPES} are made in memory, one after the other, and",
        "given to the code that makes the index; the others have the same pasts under their own names. On the disk",
        "lies a name for each receipt, and no content. The time without an",
        "index is therefore told of the smaller city only; it grows with the number of receipts. Before the",
        f"measurement the indexes of {PROVED} applications with {days} days, made this way and from files, were",
        f"compared: the {letters} letters of both are the same.",
    ]
    write_findings("report", "The report", lines, {"days": days, "sizes": found})


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
