"""Plays playbooks as a person does: `ansible-playbook` in a process of its own, everything below a temporary folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parents[1]
ANSIBLE_PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")


@dataclass
class Played:
    """How a playbook ended and what it said."""

    status: int
    output: str


@dataclass
class Stage:
    """A copy of the demo's inventory below `root`, so that its var/ is there too."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> Stage:
        """The demo as a fresh clone has it."""
        shutil.copytree(CHECKOUT / "inventories", root / "inventories")
        return cls(root)

    @property
    def sources(self) -> Path:
        return self.root / "var" / "demo"

    @property
    def evidence(self) -> Path:
        return self.root / "var" / "evidence"

    @property
    def host_vars(self) -> Path:
        return self.root / "inventories" / "demo" / "host_vars"

    def play(self, playbook: str, *options: str, inventory: str = "inventories/demo", **variables: str) -> Played:
        """Plays a playbook of the checkout, a file, or one by its full name."""
        file = CHECKOUT / "playbooks" / f"{playbook}.yml"
        argv = [str(ANSIBLE_PLAYBOOK), "-i", str(self.root / inventory), str(file if file.exists() else playbook)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        environment |= {
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "collections"),
            "ANSIBLE_HOME": str(self.root / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(self.root / "ansible" / "local"),
            "ANSIBLE_REMOTE_TMP": str(self.root / "ansible" / "remote"),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            **variables,
        }
        done = subprocess.run(
            [*argv, *options],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=300,
            check=False,
        )
        return Played(done.returncode, done.stdout)

    def read_report(self) -> dict[str, Any]:
        """The newest report."""
        return dict(json.loads((self.evidence / "reports" / "latest" / "report.json").read_bytes()))

    def rows(self) -> dict[str, dict[str, Any]]:
        """Application -> its row in the newest report."""
        return {row["application"]: row for row in self.read_report()["applications"]}

    def statuses(self) -> dict[str, str]:
        return {name: row["status"] for name, row in self.rows().items()}

    def count_reports(self) -> int:
        folder = self.evidence / "reports"
        return len([entry for entry in folder.glob("2*") if entry.is_dir()]) if folder.is_dir() else 0

    def newest_receipt(self, server: str, application: str, kind: str = "run") -> dict[str, Any]:
        folder = self.evidence / "receipts" / server / application
        receipts = [json.loads(path.read_bytes()) for path in sorted(folder.glob("2*.json"))]
        return dict([receipt for receipt in receipts if receipt["kind"] == kind][-1])

    def leftovers(self) -> list[str]:
        """Whatever lies where work is done and should be gone when nobody works."""
        found = []
        for server in (self.root / "var" / "server").glob("*"):
            for folder in (server / "store" / ".partial", server / "store" / ".deleted", server / "state" / "scratch"):
                found += [str(path) for path in folder.rglob("*") if not path.is_dir()]
            found += [str(path) for path in (server / "state" / "locks").glob("*") if path.stat().st_size]
        found += [str(path) for path in (self.root / "var").rglob("*.tmp")]
        return found

    def change_hosts(self, **hosts: dict[str, Any]) -> None:
        """Gives hosts of the demo other variables; they win over those of the group."""
        for host, variables in hosts.items():
            path = self.host_vars / f"{host.replace('_', '-')}.yml"
            path.write_text(path.read_text() + yaml.safe_dump(variables))


SILENT = {
    "ansible_connection": "ssh",
    "ansible_host": "127.0.0.1",
    "ansible_port": 1,
    "ansible_ssh_common_args": "-o ConnectTimeout=2",
}
"""Variables of a host that gives no answer."""
