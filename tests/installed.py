"""A server as a test that runs on it sees it: the installed command, its records, and the calls of its network."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .office import Answer, Office

STATE, STORE = Path("/var/lib/diskominfo-backup"), Path("/var/backups/diskominfo")
COMMAND = "/usr/local/bin/diskominfo-backup"
SERVICE = "diskominfo-backup-daily.service"


def sh(script: str, *arguments: str, given: str = "", user: str = "root") -> str:
    """What a shell script says; a failure fails the test."""
    argv = ["runuser", "-u", user, "--", "sh", "-euc", script, "sh", *arguments]
    ran = subprocess.run(argv, input=given, check=False, capture_output=True, text=True, cwd="/")
    assert ran.returncode == 0, f"{script}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout.rstrip("\n")


def order(*words: str) -> Answer:
    """Uses the installed command."""
    ran = subprocess.run([COMMAND, *words, "--json", "--quiet"], check=False, capture_output=True, text=True)
    return Answer(ran.returncode, ran.stdout, ran.stderr)


def read_receipts(application: str) -> list[dict[str, Any]]:
    """All of an application, oldest first."""
    return [json.loads(path.read_bytes()) for path in sorted((STATE / "receipts" / application).glob("2*.json"))]


def read_newest(application: str, kind: str) -> dict[str, Any]:
    """The newest receipt of a kind."""
    return [receipt for receipt in read_receipts(application) if receipt["kind"] == kind][-1]


def count_calls() -> dict[str, int]:
    """What this server's kernel counted so far: connections begun and datagrams sent, wherever they went."""
    lines = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines()]
    counts = {
        f"{names[0]}{name}": int(count)
        for names, counts in zip(lines[::2], lines[1::2])
        for name, count in zip(names[1:], counts[1:])
    }
    return {name: counts[name] for name in ("Tcp:ActiveOpens", "Udp:OutDatagrams")}


def find_new(*names: str) -> str:
    """Files of such names that came since the server began, anywhere but where the tests and the backups lie."""
    named = " -o ".join(f"-name '{name}'" for name in names)
    elsewhere = f"find / -xdev \\( -path /opt -o -path {STORE} \\) -prune -o -type f -newer /etc/hostname"
    return sh(f"{elsewhere} \\( {named} \\) -print")


@contextmanager
def altered(application: str, ending: str, change: Callable[[bytes], bytes]) -> Iterator[Path]:
    """The newest run of an application, in which one file was changed and every hash made right again.

    Yields the decompressed file. Afterwards the run is as it was.
    """
    with tempfile.TemporaryDirectory() as name:
        office, kept = Office(Path(name)), Path(name, "kept")
        office.store.symlink_to(STORE)
        office.state.symlink_to(STATE)
        run = office.stored_runs(application)[-1]
        shutil.copytree(run, kept)
        (artifact,) = (path for path in run.glob(f"*{ending}.zst") if path.name.count(".") == ending.count(".") + 1)
        raw = Path(name, "raw")
        raw.write_bytes(change(subprocess.run(["zstd", "-dcq", artifact], check=True, capture_output=True).stdout))
        artifact.unlink()
        subprocess.run(["zstd", "-q", raw, "-o", artifact], check=True)
        office.make_hashes_right(run)
        try:
            yield raw
        finally:
            shutil.rmtree(run)
            shutil.copytree(kept, run)
            office.make_hashes_right(run)
