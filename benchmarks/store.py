"""What a store costs beside the bytes: a run appears, is copied to another place, and old ones are removed."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from measuring.command import ENTRY, ENVIRONMENT, make_command
from measuring.data import SEED, workshop
from measuring.findings import FOLDER, write_findings
from measuring.races import Race, race
from measuring.rounds import Way

COPIED_BYTES, RUNS, RUN_BYTES, KEPT_DAYS, ROUNDS = 400_000_000, 40, 2_000_000, 7, 5
RETENTION = {"daily": KEPT_DAYS, "weekly": 0, "monthly": 0, "yearly": 0}
RESTIC = "export RESTIC_PASSWORD=benchmark RESTIC_REPOSITORY=store RESTIC_CACHE_DIR=cache; restic -q"
BORG = "export BORG_BASE_DIR=$PWD BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_RELOCATED_REPO_ACCESS_IS_OK=yes"
PULL = """
import json, sys
from datetime import datetime, timezone
from pathlib import Path
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import EvidenceFolder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.copy import Puller
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Supervisor
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import Runner
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register, read_server
place, config, *command = sys.argv[1:]
server = read_server(json.loads(Path(config).read_text()))
folder = EvidenceFolder(Path(place, "evidence"), Register((server,)))
for path in Path(config).parent.glob("state/receipts/app/2*.json"):
    folder.catalogue("web").add_bytes(path.read_bytes(), "app")
clock = lambda: datetime.now(timezone.utc)
puller = Puller(folder, server, server.copies[0], Path(place, "state"), Runner("", ""), clock)
failures = [str(receipt.failure) for receipt in puller.pull(command, Supervisor()) if receipt.failure]
raise SystemExit("; ".join(failures) or 0)
"""
OURS = "ours"
COPY_TEXT = "Ours comes through a pipe, is held against its receipt on the way, and is on the disk at the end."


def main(copied: int = COPIED_BYTES, runs: int = RUNS, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/store.*."""
    with workshop() as folder:
        found = {
            "appears": race_commit(folder, rounds),
            "copied": race_copy(folder, copied, rounds),
            "removed": race_prune(folder, runs, rounds),
        }
    texts = {
        "appears": (
            "A run appears",
            "One small file, into a store or repository that exists, with a hash of what is stored.",
        ),
        "copied": ("A run is copied", f"A stored run of {copied / 1e6:.0f} MB to another folder. {COPY_TEXT}"),
        "removed": (
            "Old runs are removed",
            f"{runs} daily runs of {RUN_BYTES / 1e6:.0f} MB, of which {KEPT_DAYS} stay.",
        ),
    }
    lines = []
    for key, told in found.items():
        (FOLDER / f"store-{key}.svg").write_text(told.draw_bars())
        title, text = texts[key]
        lines += ["", f"## {title}", "", text, "", f"![{title}](store-{key}.svg)", "", *told.draw_table(), ""]
        lines += [f"- {OURS} / {name}: {told.ratio(OURS, name):.2f}." for name in told.laps if name != OURS]
    facts = {key: told.describe() for key, told in found.items()}
    write_findings("store", "The store", lines[1:], facts, ("restic", "borg", "rsync"))


def shell(name: str, script: str) -> Way:
    """A script of bash in an empty place."""
    return Way(name, lambda _place: ["bash", "-c", f"set -euo pipefail; {script}"])


def begin_from(way: Way, kept: Path) -> Way:
    """The same in a place that holds a copy of what was prepared."""

    def make(place: Path) -> list[str]:
        shutil.copytree(kept, place, dirs_exist_ok=True, symlinks=True)
        return list(way.make_argv(place))

    return Way(way.name, make)


def prepare(folder: Path, script: str) -> Path:
    """A folder where a script has made a repository."""
    folder.mkdir(parents=True)
    subprocess.run(
        ["bash", "-c", f"set -euo pipefail; {script}"], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True
    )
    return folder


def race_commit(folder: Path, rounds: int) -> Race:
    """A run of one small file."""
    tree = folder / "small"
    tree.mkdir()
    (tree / "index.html").write_text("<p>Selamat datang</p>")
    restic = prepare(folder / "restic-small", f"{RESTIC} init")
    borg = prepare(folder / "borg-small", f"{BORG}; borg init -e none store")
    plain = (
        f"mkdir -p store; tar -C {tree} -cf - . | zstd -q -3 >store/.part; sha256sum store/.part >store/sum;"
        " mv store/.part store/app.tar.zst; sync store/* store"
    )
    ways = [
        Way(OURS, lambda place: make_command("run", place, sources=[{"path": str(tree)}])),
        shell("tar, zstd, sha256sum, mv, sync in the shell", plain),
        begin_from(shell("restic backup", f"{RESTIC} backup {tree}"), restic),
        begin_from(shell("borg create", f"{BORG}; borg create store::app {tree}"), borg),
    ]
    return race(ways, OURS, folder, rounds)


def race_copy(folder: Path, size: int, rounds: int) -> Race:
    """One stored run to another place."""
    kept = folder / "copied"
    (kept / "tree").mkdir(parents=True)
    source = random.Random(SEED)
    with (kept / "tree" / "uploads.bin").open("wb") as stream:
        for _unused in range(size // 1_000_000):
            stream.write(source.randbytes(1_000_000))
    application = {"sources": [{"path": str(kept / "tree")}]}
    subprocess.run(make_command("run", kept, **application), env=ENVIRONMENT, check=True, capture_output=True)
    (run,) = (kept / "store" / "app").iterdir()
    program = kept / "program"
    quoted = f'{sys.executable} -c "{ENTRY}" "$@" --config {kept / "config.json"}'
    program.write_text(f"#!/bin/sh\nPYTHONPATH={ENVIRONMENT['PYTHONPATH']} exec {quoted}\n")
    program.chmod(0o700)

    def pull(place: Path) -> list[str]:
        config = json.loads((kept / "config.json").read_text())
        config["copies"] = [{"type": "directory", "path": str(place / "store")}]
        (kept / "pulled.json").write_text(json.dumps(config))
        return [sys.executable, "-c", PULL, str(place), str(kept / "pulled.json"), str(program)]

    held = "(cd store && sha256sum --quiet -c SHA256SUMS); sync -f store"
    ways = [
        Way(OURS, pull),
        shell("rsync, sha256sum -c, sync", f"rsync -a {run}/ store/; {held}"),
        shell("cp, sha256sum -c, sync", f"cp -a {run} store; {held}"),
        shell("cp, sync", f"cp -a {run} store; sync -f store"),
        shell("restic backup", f"{RESTIC} init; restic -q backup {run}"),
        shell("borg create", f"{BORG}; borg init -e none store; borg create -C none store::app {run}"),
    ]
    return race(ways, OURS, folder, rounds)


def race_prune(folder: Path, runs: int, rounds: int) -> Race:
    """Many runs, of which those of the last days stay."""
    tree, kept = folder / "old" / "tree", folder / "old" / "ours"
    tree.mkdir(parents=True)
    application = {"sources": [{"path": str(tree)}], "retention": RETENTION}
    fill_store(kept, tree, runs, application)
    days = [f"{day:%Y-%m-%d %H:%M:%S}" for day in _list_days(runs)]
    each = f"head -c {RUN_BYTES} /dev/urandom >{tree}/uploads.bin"
    backups = "; ".join(f"{each}; restic -q backup --time '{day}' {tree}" for day in days)
    restic = prepare(folder / "old" / "restic", f"{RESTIC} init; {backups}")
    archives = "; ".join(
        f"{each}; borg create --timestamp '{day.replace(' ', 'T')}' store::app-{number} {tree}"
        for number, day in enumerate(days)
    )
    borg = prepare(folder / "old" / "borg", f"{BORG}; borg init -e none store; {archives}")
    ways = [
        begin_from(Way(OURS, lambda place: make_command("prune", place, **application)), kept),
        begin_from(
            shell(
                "ls, head, rm, sync in the shell", f"cd store/app; ls | head -n -{KEPT_DAYS} | xargs rm -r; sync -f ."
            ),
            kept,
        ),
        begin_from(shell("restic forget --prune", f"{RESTIC} forget --keep-daily {KEPT_DAYS} --prune"), restic),
        begin_from(
            shell("borg prune, compact", f"{BORG}; borg prune --keep-daily {KEPT_DAYS} store; borg compact store"), borg
        ),
    ]
    return race(ways, OURS, folder, rounds)


def _list_days(runs: int) -> Iterator[datetime]:
    """A night each, up to the last, the oldest first."""
    last = datetime.now(timezone.utc).replace(hour=1, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return (last - timedelta(days=ago) for ago in range(runs - 1, -1, -1))


def fill_store(folder: Path, tree: Path, runs: int, application: dict[str, Any]) -> None:
    """A store with a run for each night: one true run, and copies of it under other times."""
    folder.mkdir(parents=True)
    (tree / "uploads.bin").write_bytes(random.Random(SEED).randbytes(RUN_BYTES))
    subprocess.run(make_command("run", folder, **application), env=ENVIRONMENT, check=True, capture_output=True)
    (first,) = (folder / "store" / "app").iterdir()
    records = folder / "state" / "receipts" / "app"
    receipt = json.loads((first / "receipt.json").read_text())
    for number, day in enumerate(_list_days(runs)):
        began = f"{day:%Y-%m-%dT%H:%M:%SZ}"
        identity = f"{day:%Y%m%dT%H%M%SZ}-{number:08x}"
        told = {**receipt, "id": identity, "began": began, "ended": began}
        text = json.dumps(told, indent=1, sort_keys=True) + "\n"
        shutil.copytree(first, first.parent / identity)
        (first.parent / identity / "receipt.json").write_text(text)
        (records / f"{identity}.json").write_text(text)
        os.chmod(records / f"{identity}.json", 0o600)
    shutil.rmtree(first)
    (records / f"{first.name}.json").unlink()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
