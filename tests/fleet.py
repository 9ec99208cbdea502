"""The fleet of a scenario as its tests see it: playbooks from the control node, and the containers from below."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"])
EPHEMERAL = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
SCENARIO = f"backup-{os.environ['MOLECULE_SCENARIO_NAME']}"
PLAY_LIMIT_S = 600
START_LIMIT_S = 300
PODMAN_LIMIT_S = 300


@dataclass(frozen=True)
class Played:
    """How a playbook ended and what it said."""

    status: int
    output: str

    @property
    def changes(self) -> Counter[str]:
        """Every `host item` that a task changed, or would change."""
        found = re.findall(r"^changed: \[(\S+)\](?: => \(item=(.*?)\))?(?: => \{)?\s*$", self.output, re.MULTILINE)
        return Counter(" ".join(filter(None, change)) for change in found)

    @property
    def changed_counts(self) -> dict[str, int]:
        """Host -> how many tasks changed something, as the recap says."""
        found = re.findall(r"^(\S+)\s+: ok=.*changed=(\d+)", self.output, re.MULTILINE)
        return {host: int(count) for host, count in found}


class Fleet:
    """The servers of the scenario and the evidence of their control node."""

    evidence = EPHEMERAL / "evidence"
    copies = EPHEMERAL / "copies"
    inventory = EPHEMERAL / "inventory"
    slowest_s = 0.0
    """How long the longest playbook took: a busy machine needs more time between setting timers and their hour."""

    def play(self, playbook: str, *arguments: str, **variables: Any) -> Played:
        """Runs a playbook of the collection; `variables` reach it by a file, not by its command line."""
        given = EPHEMERAL / "variables.json"
        given.touch(mode=0o600)
        given.write_text(json.dumps({**self._places(), **variables}))
        argv = ["ansible-playbook", "-i", str(self.inventory), "-e", f"@{given}", *arguments]
        argv.append(str(PROJECT / "playbooks" / f"{playbook}.yml"))
        began = time.monotonic()
        ran = subprocess.run(
            argv,
            check=False,
            cwd=PROJECT,
            env={**os.environ, "ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_NOCOLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PLAY_LIMIT_S,
        )
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        print(ran.stdout)
        return Played(ran.returncode, ran.stdout)

    def _places(self) -> dict[str, Any]:
        """The folders of the example's control node, below that of the scenario."""
        return {"backup_evidence": str(self.evidence), "backup_copies": [{"path": str(self.copies)}]}

    def podman(self, word: str, server: str, *arguments: str) -> str:
        """What podman says of a server; a failure fails the test."""
        return subprocess.run(
            ["podman", word, *arguments, f"{SCENARIO}-{server}.kota.example"],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            timeout=PODMAN_LIMIT_S,
        ).stdout

    def start(self, server: str) -> None:
        """Starts a server that was stopped; returns when it answers, which takes until its new address is known."""
        self.podman("start", server)
        deadline = time.monotonic() + START_LIMIT_S
        while not self._answers(server):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{server} does not answer after its start")
            time.sleep(1)

    def _answers(self, server: str) -> bool:
        asked = ["ansible", "-i", str(self.inventory), f"{server}.kota.example", "-m", "ansible.builtin.ping"]
        return (
            subprocess.run(asked, check=False, cwd=PROJECT, capture_output=True, timeout=PLAY_LIMIT_S).returncode == 0
        )

    def ask_mariadb(self, server: str, statements: str) -> str:
        """What the server's MariaDB answers its administrator; the statements are in no command line."""
        return subprocess.run(
            ["podman", "exec", "--interactive", f"{SCENARIO}-{server}.kota.example", "mariadb", "--batch"],
            input=statements,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            timeout=PODMAN_LIMIT_S,
        ).stdout

    @property
    def report(self) -> dict[str, Any]:
        """The newest report."""
        return dict(json.loads((self.evidence / "reports" / "latest" / "report.json").read_text()))

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """Application -> its row of the newest report."""
        return {row["application"]: row for row in self.report["applications"]}

    @property
    def report_id(self) -> str:
        """Which report is the newest; empty while there is none."""
        latest = self.evidence / "reports" / "latest"
        return latest.resolve().name if latest.exists() else ""

    def receipts(self, server: str, application: str) -> list[dict[str, Any]]:
        """Every receipt that came home, oldest first."""
        folder = self.evidence / "receipts" / f"{server}.kota.example" / application
        return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


class Watch:
    """Looks for texts in command lines and environments of all processes of the machine, those of containers too.

    `seen` are the texts that were there, in a look every 10 ms.
    """

    def __init__(self, *sought: str) -> None:
        self.sought = [text.encode() for text in sought]
        self.seen: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        own = str(os.getpid())
        while not self._over.wait(0.01):
            for process in filter(str.isdigit, os.listdir("/proc")):
                for name in ("cmdline", "environ"):
                    try:
                        content = Path("/proc", process, name).read_bytes()
                    except OSError:
                        continue
                    for text in self.sought if process != own else ():
                        if text in content:
                            self.seen.add(text.decode())
